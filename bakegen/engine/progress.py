"""What buildx prints with ``--progress rawjson`` -> what each target is doing: lines in, state out."""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bakegen.engine.lines import Tail, readable
from bakegen.engine.steps import News, Step, StepDone, TargetDone
from bakegen.outcome import BuildState, Failure
from bakegen.plan import Target

_PLACE = re.compile(r"\[(?P<words>[^\]]*)\] (?P<text>.*)\Z", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+/[0-9]+\Z")
_SHOWN = re.compile(r" *([0-9]+) \| (?:>>>|   ) (.*)\Z", re.DOTALL)
_BLAME = re.compile(r"ERROR: target (?P<target>[^:]+): (?P<message>.*)\Z", re.DOTALL)


class Progress:
    """The state of one bake run. ``asked`` are the targets whose results are exported, if ``exported``."""

    def __init__(self, targets: Sequence[Target], asked: Collection[str], *, exported: bool) -> None:
        self.targets = {target.name: target for target in targets}
        self.exported = frozenset(asked) if exported else frozenset[str]()
        self.only = targets[0].name if len(targets) == 1 else None
        self.ancestors = _ancestors(targets)
        self.steps: dict[str, Step] = {}
        self.mine: dict[str, list[Step]] = {name: [] for name in self.targets}
        self.finished: dict[str, TargetDone] = {}
        self.text: deque[str] = deque(maxlen=60)
        self._logs: dict[str, Tail] = {}
        self._origin = 0.0
        self._failed: Step | None = None
        self._waiting: list[Step] = []

    def feed(self, line: str, now: float) -> list[News]:
        """Takes in one line; ``now`` is the reader's clock, in seconds. What is finished by it."""
        record = _record(line)
        if record is None:
            self.text.append(line.rstrip("\n"))
            return []
        news: list[News] = []
        for vertex in record.get("vertexes") or ():
            news += self._vertex(vertex, now)
        for log in record.get("logs") or ():
            self._log(log)
        return news

    def close(self, code: int) -> list[News]:
        """The end of the run, with bake's exit code: what is finished now."""
        news: list[News] = [self._step_done(step) for step in self._waiting]
        self._waiting.clear()
        left = [name for name in self.targets if name not in self.finished]
        done = [name for name in left if code == 0 or (name not in self.exported and self._complete(name))]
        return [*news, *map(self._finish, done)]

    def state(self, name: str) -> BuildState:
        """What came of a target, after the end of the run."""
        if name in self.finished:
            return self.finished[name].state
        failure = self.failure()
        if failure is not None and name in failure[0]:
            return "failed"
        own = self.own(name)
        if any(step.error and not step.canceled for step in own):
            return "failed"
        return "canceled" if any(step.counts and step.began is not None for step in own) else "not run"

    def failure(self) -> tuple[tuple[str, ...], Failure] | None:
        """The targets whose step broke the build first, and how; None where nothing did."""
        excerpt = self._excerpt()
        blamed = next((found for line in self.text if (found := _BLAME.match(line))), None)
        if self._failed is not None:
            step = self._failed
            owners = self.owners(step) or tuple(self.targets)
            name = owners[0]
            log = self._logs.get(step.digest, Tail()).lines()
            platform = step.platforms.get(name) or ", ".join(self.targets[name].platforms)
            return owners, Failure(step.names.get(name, ""), platform, step.error, excerpt, log)
        if blamed is not None and blamed["target"] in self.targets:
            name = blamed["target"]
            platforms = ", ".join(self.targets[name].platforms)
            return (name,), Failure("", platforms, readable(blamed["message"]), excerpt, ())
        complaint = next((line for line in reversed(self.text) if line.startswith("ERROR: ")), None)
        if complaint is not None and self.only is not None:
            return (self.only,), Failure("", "", readable(complaint.removeprefix("ERROR: ")), excerpt, ())
        return None

    def settle(self, dockerfiles: Mapping[str, str]) -> None:
        """Gives the step that broke the build to the target in whose Dockerfile it stands, where that is not one that
        named it: a parent's step may break in its children's solves before its own tells of it.

        ``dockerfiles`` holds the texts by target; the lines that buildx shows of the place are looked for in them.
        """
        if self._failed is None:
            return
        shown = [(int(found[1]), found[2]) for line in self.text if (found := _SHOWN.match(line))]
        named = set(self.owners(self._failed))
        above = named.union(*(self.ancestors[name] for name in named))
        matching = [name for name in self.targets if name in above and _holds(dockerfiles[name], shown)]
        if not matching or named & set(matching):
            return
        owner = matching[0]
        for step in list(self.steps.values()):
            child = next((name for name in step.names if owner in self.ancestors[name]), None)
            if step.error and child is not None and owner not in step.names:
                step.names[owner], step.platforms[owner] = step.names[child], step.platforms[child]
                self.mine[owner].append(step)

    def owners(self, step: Step) -> tuple[str, ...]:
        """The targets in whose Dockerfile a step is written: of those that name it, the ones that stand on no other."""
        return tuple(name for name in step.names if not self.ancestors[name] & step.names.keys())

    def own(self, name: str) -> list[Step]:
        """A target's own steps."""
        return [step for step in self.mine[name] if not self.ancestors[name] & step.names.keys()]

    def running(self) -> dict[str, Step]:
        """The targets at work, and the step that each is at, the one that started last."""
        found: dict[str, Step] = {}
        for step in self.steps.values():
            if step.running:
                for name in self.owners(step):
                    if name not in self.finished and (name not in found or found[name].seen <= step.seen):
                        found[name] = step
        return found

    def counts(self, name: str) -> tuple[int, int]:
        """How many of a target's steps were run and how many were cached."""
        done = [step for step in self.own(name) if step.counts and step.ended is not None and not step.error]
        cached = sum(step.cached for step in done)
        return len(done) - cached, cached

    def seconds(self, name: str) -> float:
        """From a target's first own step's start to its last one's end."""
        own = [step for step in self.own(name) if step.began is not None and step.ended is not None]
        return max((s.ended or 0.0 for s in own), default=0.0) - min((s.began or 0.0 for s in own), default=0.0)

    def _vertex(self, vertex: dict[str, Any], now: float) -> Iterable[News]:
        digest = str(vertex.get("digest", ""))
        step = self.steps.setdefault(digest, Step(digest))
        name = self._name(step, str(vertex.get("name", "")))
        was = step.ended
        began, ended, error = vertex.get("started"), vertex.get("completed"), str(vertex.get("error") or "")
        if began is not None and step.began is None:
            # A step that another build is at, too, is told with that one's start.
            self._origin = self._origin or _seconds(began)
            step.began, step.seen = max(_seconds(began), self._origin), now
        step.cached = step.cached or bool(vertex.get("cached"))
        if error:
            step.error = readable(error)
            step.canceled = "context canceled" in error
            if not step.canceled and self._failed is None and step.names:
                self._failed = step
        if ended is None:
            return ()
        # A step that several targets share is told of once for each; its first end is its end.
        if was is not None:
            return self._flush((name,)) if name else ()
        step.ended = _seconds(ended)
        if not error:
            self._logs.pop(digest, None)
            if step.counts and not step.cached:
                self._waiting.append(step)
        return self._flush(self.owners(step))

    def _name(self, step: Step, text: str) -> str | None:
        """Notes which target names the step, and how."""
        match = _PLACE.match(text)
        words = match["words"].split() if match else []
        name = words[0] if words and words[0] in self.targets else self.only
        label = readable(match["text"] if match else text)
        if name is None or name in step.names or label == "load local bake definitions":
            return name
        step.counts = bool(words) and _NUMBER.match(words[-1]) is not None and not label.startswith("FROM ")
        step.exports = label.startswith("exporting to ")
        rest = [word for word in words if word != name]
        step.names[name] = readable(f"[{' '.join(rest)}] {label}") if rest else label
        platform = next((word for word in rest if "/" in word and not _NUMBER.match(word)), "")
        step.platforms[name] = platform
        self.mine[name].append(step)
        return name

    def _flush(self, touched: Iterable[str]) -> list[News]:
        """Steps whose owner is known by now, then targets that are finished.

        A child's solve may name its parent's step before the parent's own does: until the parents of all who name a
        step are finished, it may be theirs.
        """
        news: list[News] = [
            self._finish(name) for name in touched if name not in self.finished and self._complete(name)
        ]
        still: list[Step] = []
        for step in self._waiting:
            known = all(parent in self.finished for name in self.owners(step) for parent in self._parents(name))
            if known:
                news.insert(0, self._step_done(step))
            else:
                still.append(step)
        self._waiting = still
        return news

    def _parents(self, name: str) -> Iterable[str]:
        return (parent for parent in self.targets[name].parents if parent in self.targets)

    def _step_done(self, step: Step) -> StepDone:
        name = self.owners(step)[0]
        return StepDone(name, step.names[name], step.seconds)

    def _complete(self, name: str) -> bool:
        own = self.own(name)
        if any(step.error for step in own):
            return False
        if name in self.exported:
            return any(step.exports and step.ended is not None for step in own)
        steps = [step for step in own if step.counts]
        target = self.targets[name]
        seen = {step.platforms[name] for step in steps}
        whole = len(target.platforms) == 1 or seen.issuperset(target.platforms)
        return bool(steps) and whole and all(step.ended is not None for step in own)

    def _finish(self, name: str) -> TargetDone:
        run, cached = self.counts(name)
        done = TargetDone(name, "cached" if cached and not run else "built", self.seconds(name), run, cached)
        self.finished[name] = done
        return done

    def _log(self, log: dict[str, Any]) -> None:
        text = base64.b64decode(log.get("data") or "").decode("utf-8", "replace")
        self._logs.setdefault(str(log.get("vertex", "")), Tail()).add(int(log.get("stream", 1)), text)

    def _excerpt(self) -> tuple[str, ...]:
        lines = list(self.text)
        fences = [number for number, line in enumerate(lines) if line.startswith("-----")]
        if len(fences) < 2:
            return ()
        return tuple(readable(line) for line in lines[max(0, fences[0] - 1) : fences[1] + 1] if line.strip("-"))


def _holds(dockerfile: str, shown: Sequence[tuple[int, str]]) -> bool:
    lines = dockerfile.splitlines()
    return bool(shown) and all(
        number <= len(lines) and lines[number - 1].rstrip() == text.rstrip() for number, text in shown if text.strip()
    )


def _record(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _ancestors(targets: Sequence[Target]) -> dict[str, frozenset[str]]:
    parents = {target.name: target.parents for target in targets}
    found: dict[str, frozenset[str]] = {}

    def of(name: str) -> frozenset[str]:
        if name not in found:
            near = [parent for parent in parents[name] if parent in parents]
            found[name] = frozenset(near).union(*(of(parent) for parent in near))
        return found[name]

    for name in parents:
        of(name)
    return found

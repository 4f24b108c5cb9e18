"""What was verified: which content was built and passed its tests, on which platform, when and with what."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

from bakegen.names import DIGEST
from bakegen.outcome import TestReport, TestResult
from bakegen.plan import Plan, Target

KEY_LABEL = "dev.bakegen.key"
"""The label by which an image tells what it was built from; `bakegen build` writes it."""
SCHEMA = 1
Place = tuple[str, str]
State = Literal["tested", "built", "changed since", "not built here"]
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)


class RecordError(ValueError):
    """A text that is no record; the message says where."""


@dataclass(frozen=True, slots=True)
class Verified:
    """One target on one platform.

    ``key`` is the target's key on this platform, ``image`` the engine's id of what was tested (none for what is
    internal: it was built, as part of another), ``tests`` how many tests passed (0: built only), ``unavailable``
    those that lacked an accelerator, ``definitions`` a digest of what the tests were, ``date`` a day in UTC,
    ``docker`` and ``buildx`` versions.
    """

    target: str
    platform: str
    key: str
    image: str | None
    tests: int
    unavailable: tuple[str, ...]
    definitions: str
    date: str
    docker: str
    buildx: str

    @property
    def place(self) -> Place:
        """What the row is about: a target and a platform."""
        return self.target, self.platform


@dataclass(frozen=True, slots=True)
class Seen:
    """An image in the engine: its id, and what it was built from (empty where it does not say)."""

    image: str
    content: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known while images are tested.

    ``contents`` are what targets would be built from now, ``keys`` the same on one platform, ``definitions`` the
    digests of tests, ``seen`` the images that were tested; one that was not there all the time is not among them.
    """

    contents: Mapping[str, str]
    keys: Mapping[Place, str]
    definitions: Mapping[Place, str]
    seen: Mapping[Place, Seen]
    date: str
    docker: str
    buildx: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be recorded; why other images may not; and where tests failed."""

    rows: tuple[Verified, ...]
    refused: tuple[str, ...]
    broken: frozenset[Place]


def judge(plan: Plan, targets: Sequence[Target], report: TestReport, facts: Facts) -> Verdict:
    """What a run of the tests of published ``targets`` proves: of them, and of the internal ones they stand on.

    An image whose tests did not all pass is not recorded, nor one that was built from anything but what is there now.
    """
    rows: dict[Place, Verified] = {}
    refused: list[str] = []
    broken: set[Place] = set()
    came: dict[Place, list[TestResult]] = {}
    for one in report.results:
        came.setdefault((one.target, one.platform), []).append(one)
    for target in targets:
        for platform in target.platforms if target.tags else ():
            place = (target.name, platform)
            results = came.get(place, [])
            if any(one.state in ("failed", "error", "not run") for one in results):
                broken.add(place)
                continue
            seen = facts.seen.get(place)
            if seen is None or seen.content != facts.contents[target.name]:
                refused.append(f"{target.name} {platform} is not recorded: {_why_not(seen)}")
                continue
            passed = sum(one.state == "passed" for one in results)
            lacking = tuple(f"{one.layer}: {one.test}" for one in results if one.state == "unavailable")
            rows[place] = _row_of(facts, place, seen.image, passed, lacking)
            for below in plan.closure([target.name]):
                if not below.tags:
                    inside = (below.name, platform)
                    rows.setdefault(inside, _row_of(facts, inside, None, 0, ()))
    return Verdict(tuple(rows.values()), tuple(refused), frozenset(broken))


def _row_of(facts: Facts, place: Place, image: str | None, tests: int, unavailable: tuple[str, ...]) -> Verified:
    return Verified(
        target=place[0], platform=place[1], key=facts.keys[place], image=image, tests=tests, unavailable=unavailable,
        definitions=facts.definitions[place], date=facts.date, docker=facts.docker, buildx=facts.buildx,
    )  # fmt: skip


def _why_not(seen: Seen | None) -> str:
    mend = "make it anew with bakegen build --load"
    if seen is None:
        return f"its image is not there, or was replaced while it was tested: {mend}"
    if not seen.content:
        return f"its image does not say what it was built from: {mend}"
    return f"its image was built from something else than what is here now: {mend}"


def merge(
    plan: Plan, old: Iterable[Verified], new: Iterable[Verified], broken: Collection[Place]
) -> tuple[Verified, ...]:
    """The old rows with the new ones in their places, sorted.

    Without those whose target or platform the plan no longer has, and without ``broken``: what has failed now is not
    verified, whatever it once was.
    """
    there = {(one.name, platform) for one in plan.targets if one.status != "planned" for platform in one.platforms}
    rows = {row.place: row for row in old if row.place in there and row.place not in broken}
    rows.update((row.place, row) for row in new)
    return tuple(rows[place] for place in sorted(rows))


def state(row: Verified | None, key: str, definitions: str) -> State:
    """What a row says of a target whose key and tests' digest are these now."""
    if row is None:
        return "not built here"
    if row.key != key or (row.tests and row.definitions != definitions):
        return "changed since"
    return "tested" if row.tests else "built"


def write(rows: Iterable[Verified]) -> str:
    """The rows as JSON, one a line, so that two branches' rows merge."""
    lines = [f"    {json.dumps(asdict(row), ensure_ascii=False)}" for row in rows]
    inside = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "schema": {SCHEMA},\n  "images": {inside}\n}}\n'


def read(text: str) -> tuple[Verified, ...]:
    """The rows of a record. Raises RecordError."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordError(f"line {error.lineno}: no JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except (RecursionError, ValueError):
        raise RecordError("no JSON that anyone can read") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise RecordError(f'no record of what was verified: it has no "schema": {SCHEMA}')
    images = document.get("images")
    if not isinstance(images, list):
        raise RecordError('it has no list "images"')
    rows: dict[Place, Verified] = {}
    for number, words in enumerate(images):
        row = _row(words, f"images[{number}]")
        if row.place in rows:
            raise RecordError(f"images[{number}]: {row.target} {row.platform} stands twice: keep one")
        rows[row.place] = row
    return tuple(rows.values())


def _row(words: object, where: str) -> Verified:
    known = {field.name for field in fields(Verified)}
    if not isinstance(words, Mapping) or set(words) != known:
        raise RecordError(f"{where}: a row has {', '.join(sorted(known))}, and nothing else")
    texts = ("target", "platform", "date", "docker", "buildx")
    wrong = [key for key in texts if not isinstance(words[key], str) or not words[key].isprintable()]
    wrong += [key for key in ("key", "definitions") if not _digest(words[key])]
    if words["image"] is not None and not _digest(words["image"]):
        wrong.append("image")
    if type(words["tests"]) is not int or words["tests"] < 0:
        wrong.append("tests")
    names = words["unavailable"]
    if not isinstance(names, list) or not all(isinstance(name, str) and name.isprintable() for name in names):
        wrong.append("unavailable")
    if "date" not in wrong and not _DATE.match(words["date"]):
        wrong.append("date")
    if wrong:
        raise RecordError(f"{where}: not what a row holds: {', '.join(wrong)}")
    return Verified(**{**words, "unavailable": tuple(names)})


def _digest(word: object) -> bool:
    return isinstance(word, str) and DIGEST.match(word) is not None

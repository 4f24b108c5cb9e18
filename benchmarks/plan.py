"""How fast bakegen plans, beside a peer and the bare interpreter, in one run.

    .venv/bin/python benchmarks/plan.py [--quick] [--without-peer] [--json FILE] [--write docs/benchmarks.md]

Both programs run as users run them: the installed console script, a process of its own, standard output thrown away.
What is compared runs in turns (bakegen, peer, floor, bakegen, ...), after one run each that warms caches and byte
code; times are wall-clock medians. The floor is `python -c pass`. Before anything is timed, the plans are counted.

Exit codes: 0 all bounds hold, 1 one does not, 5 something needed is not there or does not plan what it should.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import shapes
from runs import ENVIRONMENT, CannotMeasure, Measured, Subject, in_turns, run_once

PEER = "posit-bakery"
PEER_VERSION = "0.8.0"
BEGIN, END = "<!-- benchmarks/plan.py: begin -->", "<!-- benchmarks/plan.py: end -->"
PLATFORMS = ["linux/amd64", "linux/arm64"]


@dataclass(frozen=True)
class Row:
    """One line of the table; ``holds`` is None when it was not measured."""

    what: str
    ours: str
    peer: str
    floor: str
    ratio: str
    processor: str
    bound: str
    holds: bool | None


@dataclass(frozen=True)
class Counts:
    """What a bake file holds; ``leaf`` is the last target that no other stands on."""

    targets: int
    images: int
    tags: int
    labels: int
    leaf: str


def count(subject: Subject, scratch: Path) -> Counts:
    """What the bake file (JSON) that it prints holds. Raises CannotMeasure when a target misses a platform."""
    run_once(subject, scratch)
    # In a process of its own: what a child shows as its peak starts at what this process once held.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        counts = pool.submit(read, scratch).result()
    if counts is None:
        raise CannotMeasure(f"{' '.join(subject.commands[0])}: not every target has both platforms")
    return counts


def read(file: Path) -> Counts | None:
    """What a bake file in JSON holds, or None when a target misses a platform."""
    targets = json.loads(file.read_bytes())["target"]
    if any(target["platforms"] != PLATFORMS for target in targets.values()):
        return None
    published = [target for target in targets.values() if target.get("tags")]
    tags, labels = (sum(len(target[key]) for target in published) for key in ("tags", "labels"))
    links = [link for target in targets.values() for link in target.get("contexts", {}).values()]
    leaves = targets.keys() - {link.removeprefix("target:") for link in links}
    return Counts(len(targets), len(published), tags, labels, max(leaves))


def expect(what: str, found: object, expected: object) -> None:
    """Raises CannotMeasure when they differ."""
    if found != expected:
        raise CannotMeasure(f"{what}: {found} where {expected} were meant")


@dataclass(frozen=True)
class Bench:
    """The programs, where the projects are, and how often to run."""

    bakegen: str
    peer: str | None
    root: Path
    repeats: int

    def emit(self, folder: Path, *arguments: str) -> Subject:
        return Subject([[self.bakegen, "emit", *arguments]], folder)

    @property
    def floor(self) -> Subject:
        return Subject([[sys.executable, "-c", "pass"]], self.root)

    def counts(self, folder: Path) -> Counts:
        return count(self.emit(folder, "--format", "json"), self.root / "plan.json")


def against_peer(
    bench: Bench, r_count: int, python_count: int, times: float, at_most: float | None, repeats: int
) -> tuple[list[Row], dict[str, Measured]]:
    """The same published images, planned by both."""
    ours, theirs = bench.root / f"ours-{r_count}", bench.root / f"theirs-{r_count}"
    images = shapes.matrix(ours, theirs, r_count, python_count)
    mine = bench.counts(ours)
    expect(f"{ours.name}: images of bakegen", mine.images, images)
    subjects = {"ours": bench.emit(ours)}
    if bench.peer is not None:
        command = [bench.peer, "build", "--plan", "-q", "--matrix-versions", "include", "--context", str(theirs)]
        subjects["peer"] = Subject([command], theirs)
        its = count(subjects["peer"], bench.root / "plan.json")
        found, meant = (its.targets, its.tags, its.labels), (images, mine.tags, mine.labels)
        expect(f"{theirs.name}: images, tags and labels of the peer", found, meant)
    subjects["floor"] = bench.floor
    measured = in_turns(subjects, repeats)
    what = f"`emit`, {images:,} images, {mine.tags:,} tags"
    rows = [single(what, measured, at_most)] if at_most is not None else []
    mine_run, floor = measured["ours"], measured["floor"].wall
    what, bound = f"{what}, and the peer", f"at least {times:g} times faster"
    if "peer" not in measured:
        row = Row(what, seconds(mine_run.wall), "", seconds(floor), "", seconds(mine_run.cpu), bound, None)
    else:
        peer_run = measured["peer"]
        ratio = peer_run.wall / mine_run.wall
        net = (peer_run.wall - floor) / max(mine_run.wall - floor, 1e-9)
        row = Row(
            what,
            seconds(mine_run.wall),
            seconds(peer_run.wall),
            seconds(floor),
            f"{ratio:.1f} (net of the floor {net:.1f})",
            f"{seconds(mine_run.cpu)}, {seconds(peer_run.cpu)}: {peer_run.cpu / mine_run.cpu:.1f}",
            bound,
            ratio >= times,
        )
    return [*rows, row], measured


def growth(bench: Bench) -> tuple[list[Row], dict[str, Measured]]:
    """Ten times the targets: how much more time, and how much memory."""
    small, large = bench.root / "family-1000", bench.root / "family-10000"
    for folder, size in ((small, (8, 4, 5, 5)), (large, (10, 9, 10, 10))):
        targets = shapes.family(folder, *size)
        expect(folder.name, bench.counts(folder).targets, targets)
    measured = in_turns({"1000": bench.emit(small), "10000": bench.emit(large), "floor": bench.floor}, bench.repeats)
    before, after = measured["1000"], measured["10000"]
    ratio, peak = after.wall / before.wall, after.memory
    return [
        Row(
            "`emit`, 1,000 and 10,000 targets",
            f"{seconds(before.wall)}, {seconds(after.wall)}",
            "",
            seconds(measured["floor"].wall),
            f"{ratio:.1f}",
            f"{seconds(before.cpu)}, {seconds(after.cpu)}: {after.cpu / before.cpu:.1f}",
            "grows at most 11 times",
            ratio <= 11,
        ),
        Row("peak memory, 10,000 targets", f"{peak:.0f} MB", "", "", "", "", "under 400 MB", peak < 400),
    ], measured


def sparse(bench: Bench) -> tuple[list[Row], dict[str, Measured]]:
    """A product that nobody can walk."""
    folder = bench.root / "sparse"
    targets = shapes.sparse(folder)
    expect(folder.name, bench.counts(folder).targets, targets)
    measured = in_turns({"ours": bench.emit(folder), "floor": bench.floor}, bench.repeats)
    return [single("`emit`, 1,000 of 10^9 combinations", measured, 1.0)], measured


def leaf(bench: Bench) -> tuple[list[Row], dict[str, Measured]]:
    """One leaf of many, through the pipe and buildx."""
    folder = bench.root / "family-5000"
    targets = shapes.family(folder, 8, 8, 7, 10)
    counts = bench.counts(folder)
    expect(folder.name, counts.targets, targets)
    bake = ["docker", "buildx", "bake", "-f", "-", "--print"]
    subject = Subject([[bench.bakegen, "emit", counts.leaf], bake], folder)
    expect(f"the closure of {counts.leaf}", count(subject, bench.root / "plan.json").targets, 4)
    measured = in_turns({"ours": subject, "floor": bench.floor}, bench.repeats)
    return [single("one leaf of 5,000 targets, `emit` piped into `bake --print`", measured, 0.8)], measured


def single(what: str, measured: Mapping[str, Measured], at_most: float) -> Row:
    """A row about bakegen alone."""
    ours, floor = measured["ours"], measured["floor"]
    bound = f"at most {at_most:.2f} s"
    return Row(what, seconds(ours.wall), "", seconds(floor.wall), "", seconds(ours.cpu), bound, ours.wall <= at_most)


def seconds(value: float) -> str:
    return f"{value:.3f} s" if value < 1 else f"{value:.2f} s"


def ask(*command: str) -> str | None:
    """What a command prints, or None when it cannot be run."""
    try:
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def peer_script() -> str:
    """The peer's console script, in an environment of its own that is made on first use. Raises CannotMeasure."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bakegen/bench"
    folder = cache / f"{PEER}-{PEER_VERSION}-python{sys.version_info.major}.{sys.version_info.minor}"
    script, ready = folder / "bin/bakery", folder / "ready"
    if not ready.exists() or ask(str(script), "--help") is None:
        shutil.rmtree(folder, ignore_errors=True)
        say(f"installing {PEER} {PEER_VERSION} in an environment of its own")
        pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        try:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, stdout=sys.stderr)
            subprocess.run([*pip, f"{PEER}=={PEER_VERSION}"], env=ENVIRONMENT, check=True, stdout=sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            raise CannotMeasure(f"cannot install the peer ({error}); --without-peer measures the rest") from None
        ready.touch()
    return str(script)


def facts(bench: Bench, buildx: str) -> list[str]:
    """The machine, and the versions of all that took part."""
    version = (ask(bench.bakegen, "--version") or "bakegen").removeprefix("bakegen ")
    load = os.getloadavg()[0]
    return [
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the start",
        f"Python {platform.python_version()}, bakegen {version}, "
        + (f"{PEER} {PEER_VERSION} on the same Python" if bench.peer else f"{PEER} not measured"),
        f"buildx {buildx}",
        f"medians of {bench.repeats} runs of each ({max(3, bench.repeats // 2)} of 3,456 images), in turns",
    ]


def table(rows: Sequence[Row]) -> str:
    verdicts = {True: "holds", False: "**broken**", None: "not measured"}
    lines = ["| what | ours | peer | floor | ratio | processor time | bound | verdict |", "|---" * 8 + "|"]
    for row in rows:
        cells = (row.what, row.ours, row.peer, row.floor, row.ratio, row.processor, row.bound, verdicts[row.holds])
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def around(path: Path) -> tuple[str, str]:
    """A file's text up to and from its markers. Raises CannotMeasure when they are not there."""
    try:
        before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    except OSError as error:
        raise CannotMeasure(f"{path}: {error.strerror}") from None
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise CannotMeasure(f"{path}: no {BEGIN} and {END}")
    return before + begin, end + after


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(options: argparse.Namespace) -> int:
    buildx = ask("docker", "buildx", "version")
    if buildx is None:
        raise CannotMeasure('no docker buildx here: scripts/engine start && eval "$(scripts/engine env)"')
    script = Path(sys.executable).with_name("bakegen")
    if not script.exists():
        raise CannotMeasure(f"no {script.name} beside {sys.executable}: install the project in this environment")
    kept = around(options.write) if options.write else ("", "")
    peer = None if options.without_peer else peer_script()
    rows: list[Row] = []
    runs: dict[str, dict[str, Measured]] = {}
    with tempfile.TemporaryDirectory(prefix="bakegen-bench-") as folder:
        bench = Bench(str(script), peer, Path(folder).resolve(), 3 if options.quick else 11)
        told = facts(bench, [*buildx.split(), "", ""][1])
        steps: dict[str, Callable[[], tuple[list[Row], dict[str, Measured]]]] = {
            "216 images": lambda: against_peer(bench, 6, 6, 4, 0.30, bench.repeats),
            "3,456 images": lambda: against_peer(bench, 24, 24, 12, None, max(3, bench.repeats // 2)),
            "1,000 and 10,000 targets": lambda: growth(bench),
            "10^9 combinations": lambda: sparse(bench),
            "one leaf of 5,000": lambda: leaf(bench),
        }
        for name, step in steps.items():
            say(f"{name} ...")
            found, runs[name] = step()
            rows += found
    text = "\n".join([*(f"- {line}" for line in told), "", table(rows)])
    print(text)
    if options.write:
        options.write.write_text(f"{kept[0]}\n{text}\n{kept[1]}", encoding="utf-8")
    if options.json:
        data = {"facts": told, "rows": [asdict(row) for row in rows]}
        data["runs"] = {step: {name: asdict(one)["samples"] for name, one in of.items()} for step, of in runs.items()}
        options.json.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    return 1 if any(row.holds is False for row in rows) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    parser.add_argument("--without-peer", action="store_true", help=f"leave {PEER} out: two bounds are not measured")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every run here")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also put the table between this file's markers")
    try:
        return measure(parser.parse_args())
    except CannotMeasure as error:
        say(f"benchmarks/plan.py: {error}")
        return 5


if __name__ == "__main__":
    sys.exit(main())

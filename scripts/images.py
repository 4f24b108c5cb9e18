"""Builds, tests and records what this machine can: ``python scripts/images.py [BATCH …]``, of scripts/images.toml.

One batch after another: build, load, test, record in stacks/verified.json, and remove those images again that were not
there before; the build cache stays. What fails stops nothing else; the summary tells, and the exit code is 1 then. A
batch that does not build as a whole is built target by target, so that one broken image hides no other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bakegen.engine.references import references
from bakegen.load import load
from bakegen.plan import Plan, Selection, Target, select
from bakegen.resolve import resolve

ROOT = Path(__file__).parents[1]
SETTINGS = "scripts/images.toml"
RECORD = "stacks/verified.json"


@dataclass(frozen=True)
class Batch:
    """Targets that are built, tested and removed together."""

    name: str
    select: tuple[str, ...]
    where: tuple[str, ...]
    platforms: tuple[str, ...]

    def on(self, platforms: Collection[str]) -> Batch:
        """The batch on those of its platforms that are among these."""
        return Batch(self.name, self.select, self.where, tuple(one for one in self.platforms if one in platforms))

    def targets(self, plan: Plan) -> tuple[Target, ...]:
        """What the batch selects, as bakegen build does. Raises NothingSelected."""
        return select(plan, Selection(self.select, self.where, self.platforms))

    def words(self) -> list[str]:
        """The same as words of a command line."""
        conditions = [word for one in self.where for word in ("--where", one)]
        return [*self.select, *conditions, *(word for one in self.platforms for word in ("--platform", one))]


def batches(root: Path) -> tuple[Batch, ...]:
    """What is declared. Raises KeyError or TypeError for anything else than the file's own form."""
    words = tomllib.loads((root / SETTINGS).read_text(encoding="utf-8"))
    return tuple(
        Batch(one["name"], tuple(one["select"]), tuple(one.get("where", ())), tuple(one["platforms"]))
        for one in words["batches"]
    )


def bases(root: Path) -> tuple[str, ...]:
    """The images outside the project that every machine can have."""
    return tuple(tomllib.loads((root / SETTINGS).read_text(encoding="utf-8"))["bases"])


def main() -> int:
    """Run the batches that the command line names, or all, of this repository."""
    return run(ROOT, sys.argv[1:])


def run(root: Path, names: Sequence[str]) -> int:
    """Builds, tests and records the batches of a project; the exit code."""
    declared = {one.name: one for one in batches(root)}
    if unknown := [name for name in names if name not in declared]:
        print(f"no batch {', '.join(unknown)}; there are {', '.join(declared)}", file=sys.stderr)
        return 2
    plan = resolve(load(root))
    can = _platforms()
    said = []
    for whole in [declared[name] for name in names] or declared.values():
        batch = whole.on(can)
        print(f"\n== {batch.name}: {' '.join(batch.words())}", flush=True)
        before = set(_images())
        failed = list(_run(root, plan, batch)) if batch.platforms else []
        ours = {one for target in batch.targets(plan) for one in references(plan, target, os.environ)} - before
        _remove(ours & set(_images()))
        left_out = [one for one in whole.platforms if one not in batch.platforms]
        said.append((batch.name, failed, left_out))
    print()
    for name, failed, left_out in said:
        more = f" (not {', '.join(left_out)}: the builder cannot)" if left_out else ""
        print(f"{name}: {'failed: ' + ', '.join(failed) if failed else 'all passed'}{more}")
    return 1 if any(failed for _, failed, _ in said) else 0


def _run(root: Path, plan: Plan, batch: Batch) -> Iterator[str]:
    """Builds and tests a batch, or, where that does not build as a whole, its targets; those that failed."""
    if _bakegen(root, "build", *batch.words(), "--load"):
        if not _bakegen(root, "test", *batch.words(), "--record", RECORD):
            yield f"tests of {batch.name}"
        return
    for target in batch.targets(plan):
        one = Batch(target.name, (target.name,), (), target.platforms)
        done = _bakegen(root, "build", *one.words(), "--load")
        if not done or (target.tags and not _bakegen(root, "test", *one.words(), "--record", RECORD)):
            yield target.name


def _bakegen(root: Path, *words: str) -> bool:
    command = [str(Path(sys.executable).with_name("bakegen")), *words]
    return subprocess.run(command, cwd=root, check=False).returncode == 0


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def _images() -> Sequence[str]:
    return _docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()


def _remove(names: Iterable[str]) -> None:
    for name in sorted(names):
        _docker("image", "rm", name)


def _platforms() -> Collection[str]:
    """What the builder in use can build."""
    text = _docker("buildx", "inspect", "--bootstrap").replace("*", "")
    return {
        word.strip() for line in text.splitlines() if line.startswith("Platforms:") for word in line[10:].split(",")
    }


if __name__ == "__main__":
    sys.exit(main())

"""Writes the catalogue of the systems that the stacks stand for: ``python scripts/catalogue.py docs/catalogue.md``.

Each system is one file, ``docs/rows/<system>.toml`` (lower-case letters, digits and -)::

    title = "Backend.AI, 2018"                # the heading
    intro = "What the kernels of … were."     # one paragraph: where the rows come from, as a note; may be left out

    [[rows]]
    table = "dl/base-mkl"                     # the table of the source that the row stands in
    row   = "tensorflow-1.12-py36"            # the row, as the source writes it; unique within its table
    then  = "backendai-2018/tensorflow os=ubuntu16.04 tensorflow=1.12"   # the thing itself, as our stacks describe it
    today = ["backendai/tensorflow"]          # what stands for it now; leave it out where nothing does
    note  = "Its tag says gcc 6.3, and it installs 6.4."                 # what a reader must know; `…` is code

``then`` and each of ``today`` are selections, which the page shows as bakegen's command line takes them: a target's
name or ``stack/layer``, and then, parted by spaces, any number of conditions such as ``axis=value``, ``axis=a,b``,
``axis=8.5.*`` or ``axis>=2.5``. They may take several targets. A row has a ``then``, a ``today`` or both. What takes no
target is an error. Status and reason come from the plan (write them in the stack, not in the note), and what was built
and tested from stacks/verified.json.
"""

from __future__ import annotations

import shlex
import sys
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bakegen.cli import recording
from bakegen.errors import BakegenError
from bakegen.load import load
from bakegen.plan import Plan, Selection, Target, select
from bakegen.record import State
from bakegen.render.catalog import NOTHING, Standings, counts_of, status_of
from bakegen.render.markdown import code, plain, prose, table
from bakegen.resolve import resolve

ROOT = Path(__file__).parents[1]
RECORD = "stacks/verified.json"
INTRODUCTION = """\
# The catalogue

Made by `make generate` from [rows/](rows), the stacks and what `make images` recorded. *Then* is the thing itself, as
the stacks describe it, with its status and why; *now* is what stands for it today. Both can be pasted behind
`bakegen list`, or another command that selects. What nobody built here says so.

"""
_TEXTS = ("table", "row", "then", "note")
PLATFORMS = ("linux/amd64", "linux/arm64")


@dataclass(frozen=True)
class Row:
    """One row of a system, and the targets that it stands for."""

    table: str
    row: str
    then: str
    today: tuple[str, ...]
    note: str
    targets_then: tuple[Target, ...]
    targets_today: tuple[Target, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """All of them, each once."""
        return tuple({one.name: one for one in (*self.targets_then, *self.targets_today)}.values())


@dataclass(frozen=True)
class System:
    """A system: what it is called, and its rows."""

    title: str
    intro: str
    rows: tuple[Row, ...]


class RowsError(Exception):
    """What is wrong with the files of rows, a line each."""


def main() -> int:
    """Write the page to the file that the command line names."""
    try:
        text = page(ROOT)
    except (RowsError, BakegenError) as error:
        print(error, file=sys.stderr)
        return 2
    Path(sys.argv[1]).write_text(text, encoding="utf-8")
    return 0


def page(root: Path) -> str:
    """The whole page of the project in ``root``. Raises RowsError with every row that is wrong, and BakegenError."""
    loaded = load(root)
    plan = resolve(loaded)
    found = systems(plan, root / "docs" / "rows")
    targets = tuple({one.name: one for system in found for row in system.rows for one in row.targets}.values())
    standings = recording.standings(root, plan, targets, recording.read(root / RECORD))
    return INTRODUCTION + _summary(found, standings) + "".join(_system(one, standings) for one in found)


def systems(plan: Plan, folder: Path) -> tuple[System, ...]:
    """The systems of a folder of rows. Raises RowsError."""
    problems: list[str] = []
    found = [_read(plan, file, problems) for file in sorted(folder.glob("*.toml"))]
    if problems:
        raise RowsError("\n".join(problems))
    return tuple(one for one in found if one is not None)


def _read(plan: Plan, file: Path, problems: list[str]) -> System | None:
    try:
        words = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{file.name}: no TOML: {error}")
        return None
    problems += [f'{file.name}: unknown key "{key}"' for key in sorted(set(words) - {"title", "intro", "rows"})]
    if not isinstance(words.get("title"), str) or not words.get("rows"):
        problems.append(f"{file.name}: it has a title and [[rows]]")
        return None
    seen: set[tuple[str, str]] = set()
    rows = []
    for number, entry in enumerate(words["rows"]):
        where = f"{file.name}: rows[{number}]"
        problems += [f'{where}: unknown key "{key}"' for key in sorted(set(entry) - {*_TEXTS, "today"})]
        lists = entry.get("today", [])
        if not all(isinstance(entry.get(key, ""), str) for key in _TEXTS) or not (
            isinstance(lists, list) and all(isinstance(one, str) for one in lists)
        ):
            problems.append(f"{where}: {', '.join(_TEXTS)} are text, and today is a list of text")
            continue
        then, today = entry.get("then", ""), tuple(entry.get("today", ()))
        name = (entry.get("table", ""), entry.get("row", ""))
        if not all(name) or not (then or today):
            problems.append(f"{where}: a row has a table, a row, and a then or a today")
            continue
        if name in seen:
            problems.append(f"{where}: {name[0]} {name[1]} stands here already")
        seen.add(name)
        rows.append(
            Row(
                *name,
                then,
                today,
                entry.get("note", ""),
                tuple(_targets(plan, where, [then] if then else [], problems)),
                tuple(_targets(plan, where, today, problems)),
            )
        )
    return System(words["title"], words.get("intro", ""), tuple(rows))


def _targets(plan: Plan, where: str, words: Iterable[str], problems: list[str]) -> Iterable[Target]:
    for word in words:
        pattern, *conditions = word.split()
        try:
            yield from select(plan, Selection((pattern,), tuple(conditions)), everything=True)
        except BakegenError as error:
            problems.append(f'{where}: "{word}": {error}')


def _summary(found: Sequence[System], standings: Standings) -> str:
    head = [
        "system",
        "rows",
        "supported",
        "unsupported",
        "planned",
        "other",
        "now",
        "built",
        "tested amd64",
        "tested arm64",
    ]
    rows = []
    for system in found:
        statuses = [_status(row.targets_then or row.targets_today) for row in system.rows]
        named = [statuses.count(status) for status in ("supported", "unsupported", "planned")]
        tested = [sum(_is(row, standings, {"tested"}, {platform}) for row in system.rows) for platform in PLATFORMS]
        built = sum(_is(row, standings, {"tested", "built"}, set(PLATFORMS)) for row in system.rows)
        now = sum(bool(row.targets_today) or _stands(row.targets_then) for row in system.rows)
        numbers = [len(system.rows), *named, len(statuses) - sum(named), now, built, *tested]
        rows.append([f"[{plain(system.title)}](#{_anchor(system.title)})", *map(str, numbers)])
    note = (
        "\nA row has the status of what it was then, or, where it has no then, of what it is now; *other* are\n"
        "experimental, deprecated, being worked on, or several of these at once. *now* counts the rows that something\n"
        "stands for today, be it the thing itself, where some of it is still supported; *built* and *tested* those of\n"
        "which at least one target was, from what is here now.\n"
    )
    return table(head, rows) + note


def _system(system: System, standings: Standings) -> str:
    parts = [f"\n## {plain(system.title)}\n"]
    if system.intro:
        parts.append(f"\n{prose(system.intro)}\n")
    tables: dict[str, list[Row]] = {}
    for row in system.rows:
        tables.setdefault(row.table, []).append(row)
    for name, rows in tables.items():
        cells = [
            [
                plain(row.row),
                code(pasted(row.then)) if row.then else "",
                _said(row.targets_then),
                ", ".join(code(pasted(one)) for one in row.today),
                _said(row.targets_today),
                counts_of(row.targets, standings),
                prose(row.note),
            ]
            for row in rows
        ]
        head = ["row", "then", "status then", "now", "status now", "verified", "note"]
        parts.append(f"\n### {plain(name)}\n\n{table(head, cells)}")
    return "".join(parts)


def pasted(selection: str) -> str:
    """A selection of a row as bakegen's command line takes it: ``s/a 'v=1*'`` -> ``s/a -w 'v=1*'``."""
    pattern, *conditions = selection.split()
    return " -w ".join([shlex.quote(pattern), *map(shlex.quote, conditions)])


def _stands(targets: Sequence[Target]) -> bool:
    return any(one.status == "supported" for one in targets)


def _status(targets: Sequence[Target]) -> str:
    """The status of targets that all have one; else "several"."""
    found = {one.status for one in targets}
    return found.pop() if len(found) == 1 else "several"


def _said(targets: Sequence[Target]) -> str:
    """The statuses of targets, with the reason where they share it."""
    said = [status_of(one) for one in targets]
    if len(set(said)) <= 1:
        return said[0] if said else ""
    statuses = [one.status for one in targets]
    return ", ".join(f"{statuses.count(status)} {status}" for status in dict.fromkeys(statuses))


def _is(row: Row, standings: Standings, states: set[State], platforms: set[str]) -> bool:
    return any(
        standings.get((one.name, platform), NOTHING).state in states
        for one in row.targets
        for platform in one.platforms
        if platform in platforms
    )


def _anchor(title: str) -> str:
    """The anchor that GitHub makes of a heading."""
    kept = "".join(char for char in title.lower() if char.isalnum() or char in " -_")
    return kept.replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main())

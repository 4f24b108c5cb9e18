"""What `bakegen build` writes on images, and `bakegen test --record` reads there and notes in a file."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bakegen.cli.frame import write_whole
from bakegen.errors import UsageError

if TYPE_CHECKING:
    from bakegen.engine.smoke import Case
    from bakegen.outcome import TestReport
    from bakegen.plan import Plan, Target, Test
    from bakegen.record import Facts, Verdict, Verified
    from bakegen.render.catalog import Standing


@dataclass(frozen=True, slots=True)
class Begun:
    """A record while images are tested: its file, and what was known before the first test."""

    file: Path
    facts: Facts


def keyed(root: Path, closure: Sequence[Target]) -> tuple[Target, ...]:
    """The targets with a label more: the digest of what each is built from. Raises ConfigurationError."""
    from bakegen.keys import contents
    from bakegen.record import KEY_LABEL

    found = contents(root, closure)
    return tuple(replace(one, labels=(*one.labels, (KEY_LABEL, found[one.name]))) for one in closure)


def read(file: Path) -> tuple[Verified, ...]:
    """The rows of a record; none where there is no file yet. Raises UsageError."""
    from bakegen import record

    try:
        return record.read(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise UsageError(f'"{file}" is not UTF-8 (byte {error.start}): save it as UTF-8') from None
    except record.RecordError as error:
        raise UsageError(f'"{file}": {error}') from None
    except OSError as error:
        raise UsageError(f'cannot read "{file}": {error.strerror}') from None


def begin(file: Path, root: Path, plan: Plan, selected: Sequence[Target], todo: Sequence[Case]) -> Begun:
    """What is known before the tests. Raises UsageError for a file that is no record or has no folder."""
    from bakegen import keys
    from bakegen.engine.seen import seen, versions
    from bakegen.record import Facts

    read(file)
    if not file.resolve().parent.is_dir():
        raise UsageError(f'no folder "{file.parent}" for the record')
    closure = plan.closure(target.name for target in selected)
    contents = keys.contents(root, closure)
    places = [(target.name, platform) for target in closure for platform in target.platforms]
    tests: dict[tuple[str, str], list[Test]] = {place: [] for place in places}
    for case in todo:
        tests[case.target, case.platform].append(case.test)
    about = versions(root)
    return Begun(
        file,
        Facts(
            contents=contents,
            keys={(name, platform): keys.on(contents[name], [platform]) for name, platform in places},
            definitions={place: keys.definitions(root, found) for place, found in tests.items()},
            seen={
                (target.name, platform): image
                for target in selected
                for platform in (target.platforms if target.tags else ())
                if (image := seen(root, _reference(plan, target), platform)) is not None
            },
            date=today(os.environ),
            docker=about.docker,
            buildx=about.buildx,
        ),
    )


def end(begun: Begun, root: Path, plan: Plan, selected: Sequence[Target], outcome: TestReport) -> Verdict:
    """Writes what the tests have proven into the record, and says what they have not. Raises ToolFailed."""
    from bakegen import record
    from bakegen.engine.seen import seen

    named = {target.name: _reference(plan, target) for target in selected if target.tags}
    still = {place: one for place, one in begun.facts.seen.items() if seen(root, named[place[0]], place[1]) == one}
    verdict = record.judge(plan, selected, outcome, replace(begun.facts, seen=still))
    # Read again, and only now: another run may have written meanwhile.
    write_whole(begun.file, record.write(record.merge(plan, read(begun.file), verdict.rows, verdict.broken)))
    return verdict


def standings(
    root: Path, plan: Plan, targets: Sequence[Target], rows: Sequence[Verified]
) -> Mapping[tuple[str, str], Standing]:
    """What the rows say of the targets as they are now. Only what has a row is read. Raises ConfigurationError."""
    from bakegen import keys, record
    from bakegen.engine.smoke import cases
    from bakegen.render.catalog import Standing

    there = {one.name: one for one in targets if one.status != "planned"}
    found = {row.place: row for row in rows if row.target in there and row.platform in there[row.target].platforms}
    recorded = [there[name] for name in dict.fromkeys(name for name, _ in found)]
    contents = keys.contents(root, plan.closure(one.name for one in recorded))
    tests: dict[tuple[str, str], list[Test]] = {place: [] for place in found}
    for case in cases(plan, recorded, {})[0]:
        if (case.target, case.platform) in tests:
            tests[case.target, case.platform].append(case.test)
    return {
        place: Standing(
            record.state(row, keys.on(contents[row.target], [row.platform]), keys.definitions(root, tests[place])),
            row.date,
        )
        for place, row in found.items()
    }


def today(environment: Mapping[str, str]) -> str:
    """The day in UTC; that of SOURCE_DATE_EPOCH (reproducible-builds.org) where it is set. Raises UsageError."""
    text = environment.get("SOURCE_DATE_EPOCH", "")
    try:
        return time.strftime("%Y-%m-%d", time.gmtime(int(text) if text else None))
    except (ValueError, OverflowError, OSError):
        raise UsageError(f'SOURCE_DATE_EPOCH="{text}" is no number of seconds') from None


def _reference(plan: Plan, target: Target) -> str:
    from bakegen.engine.references import references

    return references(plan, target, os.environ)[0]

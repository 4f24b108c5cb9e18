"""`bakegen build` and `bakegen test`: the plan, carried out."""

from __future__ import annotations

import os
import sys
import time
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bakegen.cli.emitting import bake_file
from bakegen.cli.frame import (
    PlatformOption,
    ProjectOption,
    SelectArgument,
    StatusOption,
    WhereOption,
    asked_for,
    ends,
    open_project,
    put,
    tell,
    write_whole,
)
from bakegen.errors import ToolFailed, UsageError, counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bakegen.engine.bake import Display, Order
    from bakegen.outcome import BuildResult, TestReport, TestResult
    from bakegen.plan import Target


class TestFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """How test results are written."""

    table = "table"
    json = "json"
    junit = "junit"


@ends
def build(
    select: SelectArgument = None,
    where: WhereOption = None,
    platform: PlatformOption = None,
    status: StatusOption = None,
    load: Annotated[bool, typer.Option("--load", help="Put the images into the engine.")] = False,
    push: Annotated[
        bool, typer.Option("--push", help="Push the images, and write the cache that the project's policy names.")
    ] = False,
    builder: Annotated[
        str | None, typer.Option("--builder", metavar="NAME", help="The builder; the one in use, if not given.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run every step anew.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the results to this file, as JSON.")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Build what is selected and all that it stands on, with buildx.

    Each image says what it was built from: its label dev.bakegen.key holds the digest of that.

    \b
    Examples:
      bakegen build --load
      bakegen build backendai/python --platform linux/arm64
      bakegen build 'backendai/*' --where os=debian12 --push --report built.json
    """
    from bakegen.cli import recording
    from bakegen.engine import bake, beforehand
    from bakegen.engine import builder as builders
    from bakegen.engine.process import interruptible
    from bakegen.plan import narrow, published
    from bakegen.plan import select as choose
    from bakegen.render import report as reports

    if load and push:
        raise UsageError("--load puts the images into the engine and --push into their registries: give one of them")
    loaded, plan = open_project(project)
    selection = asked_for(select, where, platform, status)
    selected = choose(plan, selection)
    closure = narrow(plan, selected, selection.platforms)
    if push and not any(target.tags for target in selected):
        raise UsageError(f"nothing to push: {_some(selected)} publish no tags")
    root = loaded.tree.root
    _refuse(*beforehand.missing_secrets(closure, os.environ, root), *beforehand.bad_prefixes(plan, closure, os.environ))
    with interruptible():
        found = builders.ready(root, builder, [one for target in closure for one in target.platforms])
        _tell_all(beforehand.replaced_prefixes(plan, closure, os.environ))
        order = bake.Order(
            root=root,
            text=bake_file(loaded, plan, selected, recording.keyed(root, closure), write_cache=push),
            closure=closure,
            asked=tuple(target.name for target in published(selected)),
            builder=found,
            named=builder,
            load=load,
            push=push,
            cache=not no_cache,
        )
        results = bake.bake(plan, order, _display(closure), time.monotonic)
    if report is not None:
        write_whole(report, reports.built_json(results))
    put(reports.built(results))
    _judge_build(results)
    tell(_whereabouts(order))


def _test(
    select: SelectArgument = None,
    where: WhereOption = None,
    platform: PlatformOption = None,
    status: StatusOption = None,
    format_: Annotated[TestFormat, typer.Option("--format", help="A table, JSON or JUnit XML.")] = TestFormat.table,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write the results to this file too; .xml is JUnit.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, metavar="N", help="Tests at a time.")] = 1,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Note in this file what was built and tested, beside what it holds."
        ),
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Run the tests of the selected images, and of what they stand on, in containers without a network.

    \b
    Examples:
      bakegen build backendai/c --load && bakegen test backendai/c
      bakegen test --platform linux/arm64 --jobs 2
      bakegen test --format junit > tests.xml
      bakegen test backendai/c --record stacks/verified.json
    """
    from bakegen.cli import recording
    from bakegen.engine import beforehand, smoke
    from bakegen.engine.process import interruptible
    from bakegen.plan import select as choose
    from bakegen.render import report as reports

    loaded, plan = open_project(project)
    selection = asked_for(select, where, platform, status)
    selected = choose(plan, selection)
    _refuse(*beforehand.bad_prefixes(plan, selected, os.environ))
    _tell_all(beforehand.replaced_prefixes(plan, selected, os.environ))
    todo, untested = smoke.cases(plan, selected, os.environ)
    root = loaded.tree.root
    with interruptible():
        begun = recording.begin(record, root, plan, selected, todo) if record is not None else None
        outcome = smoke.smoke(root, todo, untested, jobs, _tell_test)
        verdict = recording.end(begun, root, plan, selected, outcome) if begun is not None else None
    writers = {
        TestFormat.table: reports.tested,
        TestFormat.json: reports.tested_json,
        TestFormat.junit: reports.tested_junit,
    }
    if report is not None:
        kind = TestFormat.junit if report.suffix == ".xml" else TestFormat.json
        write_whole(report, writers[kind](outcome))
    put(writers[format_](outcome))
    _tell_all(verdict.refused if verdict is not None else ())
    _judge_tests(outcome, selected, recorded=verdict is not None and bool(verdict.rows))
    if verdict is not None and verdict.refused:
        raise ToolFailed(f"{counted(len(verdict.refused), 'image')} cannot be recorded as verified")


# ruff takes a function called `test` for one of pytest's.
test = ends(_test)


def _refuse(*problems: str) -> None:
    if problems:
        raise UsageError(*problems)


def _tell_all(lines: Iterable[str]) -> None:
    for line in lines:
        tell(printable(line))


def _judge_build(results: Sequence[BuildResult]) -> None:
    from bakegen.engine.advice import advise
    from bakegen.render import report as reports

    broken = [result.failure for result in results if result.failure is not None]
    for result in results:
        if result.failure is not None and result.failure is broken[0]:
            _tell_all(reports.broken(result.target, result.failure).splitlines())
            break
    failed = [result.target for result in results if result.state == "failed"]
    if failed:
        advice = advise(*(text for one in broken[:1] for text in (one.message, *one.log)))
        raise ToolFailed(f"{_names(failed)} failed: {advice}")


def _judge_tests(outcome: TestReport, selected: Sequence[Target], *, recorded: bool) -> None:
    bad = outcome.count("failed", "error", "not run")
    if bad:
        raise ToolFailed(f"{bad} of {counted(len(outcome.results), 'test')} did not pass")
    if not outcome.count("passed") and not recorded:
        unavailable = outcome.count("unavailable")
        if unavailable:
            which = "the one test needs" if unavailable == 1 else f"all {unavailable} tests need"
            raise ToolFailed(f"nothing was tested: {which} an accelerator that is not available")
        why = "has a test" if any(target.tags for target in selected) else "publishes an image"
        raise ToolFailed(f"nothing was tested: none of {_some(selected)} {why}")


def _display(closure: Sequence[Target]) -> Display:
    from bakegen.engine.display import Lines, Live

    if sys.stderr.isatty() and os.environ.get("TERM") not in (None, "", "dumb"):
        layers = {target.name: target.layer_path for target in closure}
        return Live(sys.stderr, layers, time.monotonic, colour=not os.environ.get("NO_COLOR"))
    return Lines(sys.stderr)


def _whereabouts(order: Order) -> str:
    tagged = {target.name for target in order.closure if target.tags}
    if order.push:
        return "pushed"
    if not tagged.intersection(order.asked):
        return "what was selected publishes no tags: it is in the cache of the builder, for what stands on it"
    if order.exports:
        return "the images are in the engine: bakegen test tries them"
    return f'the results are in the cache of the builder "{order.builder.name}" only: --load or --push brings them out'


def _tell_test(result: TestResult) -> None:
    reason = f": {result.reason}" if result.reason else ""
    tell(printable(f"{result.target} {result.platform} {result.layer}: {result.test}: {result.state}{reason}"))


def _some(targets: Sequence[Target]) -> str:
    return _names([target.name for target in targets])


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

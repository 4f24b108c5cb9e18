"""`bakegen catalog`: what exists, for readers."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from bakegen.cli.emitting import CheckOption, OutputOption
from bakegen.cli.frame import (
    PlatformOption,
    ProjectOption,
    SelectArgument,
    StatusOption,
    WhereOption,
    asked_for,
    check_file,
    ends,
    open_project,
    put,
    tell,
    write_whole,
)
from bakegen.errors import UsageError, counted


class CatalogFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """How the catalogue is written."""

    markdown = "markdown"
    json = "json"


@ends
def catalog(
    select: SelectArgument = None,
    where: WhereOption = None,
    platform: PlatformOption = None,
    status: StatusOption = None,
    format_: Annotated[CatalogFormat, typer.Option("--format", help="A page, or JSON.")] = CatalogFormat.markdown,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Say what was verified, from this file of bakegen test --record."
        ),
    ] = None,
    output: OutputOption = None,
    check: CheckOption = None,
    project: ProjectOption = None,
) -> None:
    """Write the catalogue: every target, its image and tags, its status, and what of it was built and tested.

    \b
    Examples:
      bakegen catalog
      bakegen catalog backendai --record stacks/verified.json -o catalogue.md
      bakegen catalog --record stacks/verified.json --check catalogue.md
    """
    from bakegen.cli import recording
    from bakegen.plan import select as choose
    from bakegen.render import catalog as pages

    if output is not None and check is not None:
        raise UsageError("--output writes a file and --check compares one: give one of them")
    if record is not None and not record.exists():
        raise UsageError(f'no record "{record}": bakegen test --record writes one')
    loaded, plan = open_project(project)
    targets = choose(plan, asked_for(select, where, platform, status), everything=True)
    families = {one.name: pages.Family(one.words.title, one.words.description or "") for one in loaded.stacks}
    standings = None
    if record is not None:
        standings = recording.standings(loaded.tree.root, plan, targets, recording.read(record))
    write = pages.document if format_ is CatalogFormat.json else pages.markdown
    text = write(plan, targets, families, standings)
    if check is not None:
        check_file(check, text, "make it anew with bakegen catalog -o")
    elif output is not None:
        write_whole(output, text)
        tell(f"{output}: {counted(len(targets), 'target')}")
    else:
        put(text)

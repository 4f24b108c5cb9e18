"""`bakegen emit` and `bakegen schema`: generated files, on standard output or written whole."""

from __future__ import annotations

import os
import shlex
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    read_text,
    tell,
    write_whole,
)
from bakegen.errors import UsageError, counted, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakegen.load import Loaded
    from bakegen.plan import Plan, Target


class BakeFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """What a bake file is written in."""

    hcl = "hcl"
    json = "json"


OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write this file, all of it or none.")
]
CheckOption = Annotated[
    Path | None,
    typer.Option("--check", metavar="FILE", help="Compare with this file: exit 4 and a diff if it is stale."),
]


@ends
def emit(
    select: SelectArgument = None,
    where: WhereOption = None,
    platform: PlatformOption = None,
    status: StatusOption = None,
    format_: Annotated[BakeFormat, typer.Option("--format", help="HCL, or the same as JSON.")] = BakeFormat.hcl,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", help="A template in place of the project's or bakegen's."),
    ] = None,
    write_cache: Annotated[
        bool, typer.Option("--write-cache", help="Also write the cache that the project's policy names.")
    ] = False,
    output: OutputOption = None,
    check: CheckOption = None,
    project: ProjectOption = None,
) -> None:
    """Print the bake file of what is selected and all that it stands on.

    \b
    Examples:
      bakegen emit | docker buildx bake -f -
      bakegen emit backendai/python --platform linux/arm64
      bakegen emit -o docker-bake.hcl
      bakegen emit --check docker-bake.hcl
    """
    from bakegen.plan import narrow
    from bakegen.plan import select as choose

    if output is not None and check is not None:
        raise UsageError("--output writes a file and --check compares one: give one of them")
    loaded, plan = open_project(project)
    selection = asked_for(select, where, platform, status)
    selected = choose(plan, selection)
    closure = narrow(plan, selected, selection.platforms)
    text = bake_file(loaded, plan, selected, closure, format_, template, write_cache=write_cache)
    if check is not None:
        check_file(check, text, "make it anew with bakegen emit -o")
    elif output is not None:
        write_whole(output, text)
        tell(f"{printable(str(output))}: {counted(len(closure), 'target')}")
    else:
        if Path().resolve() != loaded.tree.root:
            folder = shlex.quote(str(loaded.tree.root))
            tell(
                printable(
                    f"its paths start at the project's root: bakegen emit … | (cd {folder} && docker buildx bake -f -)"
                )
            )
        _tell_leave(closure, loaded.tree.root, write_cache=write_cache)
        put(text)


def _tell_leave(closure: Sequence[Target], root: Path, *, write_cache: bool) -> None:
    """What buildx will ask leave for, where this environment names files outside the project."""
    named = any(os.environ.get(one.source) for target in closure for one in target.secrets if one.kind == "file-env")
    if named and os.environ.get("BUILDX_BAKE_ENTITLEMENTS_FS") != "0":
        from bakegen.engine.bake import allowances

        for leave in allowances(closure, os.environ, root, writes=write_cache):
            tell(printable(f"outside the project: docker buildx bake -f - --allow {shlex.quote(leave)}"))


def bake_file(
    loaded: Loaded,
    plan: Plan,
    selected: Sequence[Target],
    closure: Sequence[Target],
    format_: BakeFormat = BakeFormat.hcl,
    template: Path | None = None,
    *,
    write_cache: bool = False,
) -> str:
    """The bake file's text."""
    from bakegen.render import hcl
    from bakegen.render.definition import define

    definition = define(plan, selected, closure, write_cache=write_cache)
    if format_ is BakeFormat.json:
        return hcl.render_json(definition)
    if template is not None:
        return hcl.render(definition, read_text(template), str(template))
    if loaded.project.template is not None:
        name = loaded.project.template
        return hcl.render(definition, read_text(loaded.tree.root / name), name)
    return hcl.render(definition, hcl.default_template())


class SchemaName(str, Enum):  # noqa: UP042 - typer reads the values
    """Which file a schema is of."""

    project = "bakegen.toml"
    stack = "stack.toml"
    policy = "policy.toml"


@ends
def schema(
    of: Annotated[SchemaName, typer.Argument(metavar="FILE", help="bakegen.toml, stack.toml or policy.toml.")],
    output: OutputOption = None,
    check: CheckOption = None,
) -> None:
    """Print the JSON Schema of a file, for editors.

    \b
    Examples:
      bakegen schema stack.toml -o schemas/stack.schema.json
      bakegen schema bakegen.toml --check schemas/bakegen.schema.json
    """
    from bakegen.load import json_schema

    if output is not None and check is not None:
        raise UsageError("--output writes a file and --check compares one: give one of them")
    text = json_schema(of.value)
    if check is not None:
        check_file(check, text, f"make it anew with bakegen schema {of.value} -o")
    elif output is not None:
        write_whole(output, text)
        tell(f"{output}: the schema of {of.value}")
    else:
        put(text)

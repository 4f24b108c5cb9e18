"""`bakegen check`, `list`, `plan` and `explain`: what there is, and why."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from bakegen.cli.frame import (
    PlatformOption,
    ProjectOption,
    SelectArgument,
    StatusOption,
    WhereOption,
    asked_for,
    ends,
    open_project,
    placer,
    put,
)
from bakegen.errors import counted


class ListFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """How targets are listed."""

    table = "table"
    json = "json"
    names = "names"
    tags = "tags"
    keys = "keys"


class PlanFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """How a plan is written."""

    json = "json"


@ends
def check(project: ProjectOption = None) -> None:
    """Prove the whole project: every problem with its file and line, or what there is.

    \b
    Examples:
      bakegen check
      bakegen check --project ../images
    """
    from bakegen.engine.needs import buildx_report

    _, plan = open_project(project)
    images = len({target.image for target in plan.targets if target.image is not None})
    tags = sum(len(target.tags) for target in plan.targets)
    stacks = len({target.stack for target in plan.targets})
    counts = ((stacks, "stack"), (len(plan.targets), "target"), (images, "image"), (tags, "tag"))
    put(", ".join(counted(count, word) for count, word in counts) + ": all proven\n")
    put("".join(f"{line}\n" for line in buildx_report(plan)))


@ends
def list_(
    select: SelectArgument = None,
    where: WhereOption = None,
    platform: PlatformOption = None,
    status: StatusOption = None,
    format_: Annotated[
        ListFormat, typer.Option("--format", help="A table, JSON, or a name, tag or content key a line.")
    ] = ListFormat.table,
    project: ProjectOption = None,
) -> None:
    """List targets of every status.

    \b
    Examples:
      bakegen list
      bakegen list 'backendai/*' --where os=debian12 --status supported
      bakegen list --format tags
      bakegen list backendai/c --platform arm64 --format keys
    """
    from bakegen.plan import select as choose
    from bakegen.render import tables

    loaded, plan = open_project(project)
    selection = asked_for(select, where, platform, status)
    targets = choose(plan, selection, everything=True)
    if format_ is ListFormat.keys:
        from bakegen import keys

        found = keys.contents(loaded.tree.root, plan.closure(target.name for target in targets))
        put(tables.keys({one.name: keys.on(found[one.name], one.platforms) for one in targets if one.name in found}))
    elif format_ is ListFormat.names:
        put(tables.names(targets))
    elif format_ is ListFormat.tags:
        put(tables.tags(plan, targets))
    elif format_ is ListFormat.json:
        put(tables.listed_json(plan, targets))
    else:
        put(tables.listed(plan, targets))


@ends
def plan(
    select: SelectArgument = None,
    where: WhereOption = None,
    platform: PlatformOption = None,
    status: StatusOption = None,
    format_: Annotated[PlanFormat, typer.Option("--format", help="JSON; docs/plan.md describes it.")] = PlanFormat.json,  # noqa: ARG001
    project: ProjectOption = None,
) -> None:
    """Print the plan of what is selected and all that it stands on.

    \b
    Examples:
      bakegen plan --format json
      bakegen plan backendai/python | jq '.targets[].tags'
    """
    from bakegen.plan import narrow
    from bakegen.plan import select as choose
    from bakegen.render import dump

    loaded, whole = open_project(project)
    selection = asked_for(select, where, platform, status)
    selected = choose(whole, selection)
    put(dump.render(whole, selected, narrow(whole, selected, selection.platforms), placer(loaded)))


@ends
def explain(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="A target, a tag, or stack/layer with axis=value …")],
    values: Annotated[
        list[str] | None, typer.Argument(metavar="AXIS=VALUE", help="Coordinates.", show_default=False)
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Say why a target is there, or why a combination is not.

    \b
    Examples:
      bakegen explain backendai-c-debian12
      bakegen explain backendai/c:14
      bakegen explain ascend/cann os=ubuntu22.04 python=3.12 cann=8.1.RC1 chip=a3
    """
    from bakegen.render import story

    loaded, whole = open_project(project)
    put(story.explain(whole, what, tuple(values or ()), placer(loaded)))

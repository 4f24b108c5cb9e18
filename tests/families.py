"""Small projects of one stack called ``f``, resolved in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import tomli

from bakegen.errors import ConfigurationError
from bakegen.load import load
from bakegen.plan import Plan, Target
from bakegen.resolve import resolve
from tests.projects import write


def plan_of(
    root: Path,
    stack: str,
    *,
    project: str = "",
    docker: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Plan:
    """The plan. Every layer without a Dockerfile in ``docker`` gets one that says ``FROM base`` and nothing else."""
    text = f'title = "F"\n{stack}'
    written = {"bakegen.toml": project, "stacks/f/stack.toml": text}
    for layer in tomli.loads(text)["layers"]:
        written[f"stacks/f/{layer['name']}/Dockerfile"] = "FROM base\n"
    written |= {f"stacks/f/{layer}/Dockerfile": content for layer, content in (docker or {}).items()}
    write(root, {**written, **(files or {})})
    return resolve(load(root))


def problems_of(root: Path, stack: str, **more: object) -> list[str]:
    """What is wrong with it, without the file and the count."""
    try:
        plan_of(root, stack, **more)  # type: ignore[arg-type]
    except ConfigurationError as error:
        return [str(problem).replace("stacks/f/stack.toml:", "") for problem in error.problems]
    return []


def names(plan: Plan, layer: str = "") -> list[str]:
    """The targets' names without the stack's, of one layer or of all."""
    return [target.name.removeprefix("f-") for target in plan.targets if layer in ("", target.layer)]


def target(plan: Plan, name: str) -> Target:
    """The target of a name without the stack's."""
    return plan.by_name[f"f-{name}"]


def tags(plan: Plan) -> dict[str, str]:
    """The target, without the stack's name, of every published reference."""
    return {plan.reference(tag): one.name.removeprefix("f-") for one in plan.targets for tag in one.tags}


def layer(name: str, parent: str = "x:1", more: str = "") -> str:
    """A layer's TOML."""
    stands_on = parent if parent.startswith("[") else f'"{parent}"'
    return f'\n[[layers]]\nname = "{name}"\nparent = {stands_on}\n{more}\n'


def axis(name: str, *values: str, scheme: str = "") -> str:
    """An axis's TOML; a value that begins with { is a table."""
    listed = ", ".join(value if value.startswith("{") else f'"{value}"' for value in values)
    return f"\n[axes.{name}]\n" + (f'scheme = "{scheme}"\n' if scheme else "") + f"values = [{listed}]\n"

"""What the installed buildx lacks of what a project's bake file asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bakegen.engine.builder import OLDEST, buildx_version, dotted
from bakegen.engine.client import installed
from bakegen.plan import Plan


@dataclass(frozen=True, slots=True)
class _Feature:
    """Something that a bake file may ask for, the buildx that brought it, and what an older one does instead."""

    since: tuple[int, int, int]
    instead: str
    asked: Callable[[Plan], bool]


_FEATURES = (
    _Feature(
        (0, 21, 0),
        "the cache of GitHub Actions is not reached",
        lambda plan: any(cache.type == "gha" for target in plan.targets for cache in target.cache_from),
    ),
    _Feature((0, 24, 0), "variables' types are not checked", lambda plan: bool(plan.targets)),
)


def buildx_report(plan: Plan) -> tuple[str, ...]:
    """Lines for people: the installed buildx, and what it lacks of what this project's bake file asks for."""
    if not installed():
        return ("docker is not installed: emit works, build and test do not",)
    version = buildx_version(Path("/"))
    if version is None:
        return ("buildx is not installed: emit works, build does not",)
    return missing(plan, version)


def missing(plan: Plan, version: tuple[int, int, int]) -> tuple[str, ...]:
    """The same for a given version."""
    name = f"buildx {dotted(version)}"
    if version < OLDEST:
        return (f"{name}: too old, the bake file needs {dotted(OLDEST)} or newer",)
    lacking = [one for one in _FEATURES if version < one.since and one.asked(plan)]
    if not lacking:
        return (f"{name}: has all that the bake file needs",)
    return tuple(f"{name}: {one.instead} (needs {dotted(one.since)})" for one in lacking)

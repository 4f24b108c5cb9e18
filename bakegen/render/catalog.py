"""Plan and record -> the catalogue: what there is, its status, and what of it was built and tested."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bakegen.errors import counted
from bakegen.plan import Plan, Tag, Target
from bakegen.record import Place, State
from bakegen.render.markdown import code, plain, table

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
MOST = 12
"""Of a layer with more targets than this, the values are listed and not the targets."""
_SHOWN = 8
_STATES: tuple[State, ...] = ("tested", "built", "changed since", "not built here")
_FEATURES = "ai.backend.features"
_RUNTIME = "ai.backend.runtime-type"
_MODES = ("batch", "query", "user-input", "tty")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the record says of a target on a platform, and of which day that is (empty where it says nothing)."""

    state: State
    date: str


@dataclass(frozen=True, slots=True)
class Family:
    """A stack's title and description, as its author wrote them."""

    title: str
    description: str


Standings = Mapping[Place, Standing]
NOTHING = Standing("not built here", "")


def markdown(plan: Plan, targets: Sequence[Target], families: Mapping[str, Family], standings: Standings | None) -> str:
    """The catalogue of ``targets`` as a page; without standings it does not speak of what was verified."""
    parts = ["# Catalogue\n\nMade by `bakegen catalog`.\n"]
    for stack, members in _grouped((one.stack, one) for one in targets).items():
        family = families[stack]
        parts.append(f"\n## {plain(family.title)}\n\n")
        if family.description:
            parts.append(f"{plain(family.description)}\n\n")
        parts.append(f"{_counts(members)}\n")
        if modes := _modes(members):
            parts.append(f"\n### Modes of {code(stack)}\n\n{modes}")
        for path, layer in _grouped((one.layer_path, one) for one in members).items():
            parts.append(f"\n### {code(path)}\n\n{_layer(plan, layer, standings)}")
    return "".join(parts)


def document(plan: Plan, targets: Sequence[Target], families: Mapping[str, Family], standings: Standings | None) -> str:
    """The same as JSON: every target, whatever their number."""
    stacks = [
        {
            "name": stack,
            "title": families[stack].title,
            "description": families[stack].description,
            "targets": [_target(plan, one, standings) for one in members],
        }
        for stack, members in _grouped((one.stack, one) for one in targets).items()
    ]
    return json.dumps({"schema": 1, "kind": "catalogue", "stacks": stacks}, ensure_ascii=False, indent=2) + "\n"


def standing_of(target: Target, standings: Standings) -> str:
    """What was verified of a target on all its platforms, in a few words."""
    found = [(platform, standings.get((target.name, platform), NOTHING)) for platform in target.platforms]
    said = [
        f"{one.state} {_short(platform)} {one.date}".rstrip()
        for platform, one in found
        if one.state != "not built here"
    ]
    return ", ".join(said) or "not built here"


def status_of(target: Target) -> str:
    """A target's status, and why."""
    return f"{target.status}: {plain(target.status_reason)}" if target.status_reason else target.status


def _target(plan: Plan, target: Target, standings: Standings | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": target.name,
        "layer": target.layer,
        "title": target.title,
        "coordinates": dict(target.coordinates),
        "image": target.image,
        "tags": [plan.reference(tag) for tag in target.tags],
        "status": target.status,
        "reason": target.status_reason,
        "platforms": list(target.platforms),
    }
    if standings is not None:
        places = {platform: standings.get((target.name, platform), NOTHING) for platform in target.platforms}
        found["verified"] = {
            platform: {"state": one.state, "date": one.date or None} for platform, one in places.items()
        }
    return found


def _layer(plan: Plan, targets: Sequence[Target], standings: Standings | None) -> str:
    repositories = list(dict.fromkeys(_repository(plan, tag) for one in targets for tag in one.tags))
    images = ", ".join(map(code, repositories[:_SHOWN])) + (" …" if len(repositories) > _SHOWN else "")
    said = f"Published as {images}." if images else "Internal: what others stand on."
    axes = list(dict.fromkeys(axis for one in targets for axis, _ in one.coordinates))
    if len(targets) > MOST:
        return f"{said} {counted(len(targets), 'target')}, by status:\n\n{_collapsed(plan, targets, axes, standings)}"
    head = ["title", "tags", *map(plain, axes), "status", "platforms", "verified"]
    rows = [
        [
            plain(one.title),
            " ".join(dict.fromkeys(code(tag.tag) for tag in one.tags)),
            *(plain(dict(one.coordinates).get(axis, "")) for axis in axes),
            status_of(one),
            _platforms(one.platforms),
            "" if standings is None else standing_of(one, standings),
        ]
        for one in targets
    ]
    return f"{said}\n\n{table(head, rows)}"


def _collapsed(plan: Plan, targets: Sequence[Target], axes: Sequence[str], standings: Standings | None) -> str:
    """A row for each status and reason: how many targets, which values they have, and the first one's tag."""
    head = ["status", "targets", *map(plain, axes), "platforms", "a tag", "verified"]
    orders = {axis.name: axis.choices.names for axis in plan.axes if axis.stack == targets[0].stack}
    rows = []
    for status, members in _grouped((status_of(one), one) for one in targets).items():
        values = _grouped(pair for one in members for pair in one.coordinates)
        platforms = dict.fromkeys(platform for one in members for platform in one.platforms)
        tags = [tag.tag for one in members for tag in one.tags[:1]]
        rows.append(
            [
                status,
                str(len(members)),
                *(_listed([name for name in orders[axis] if name in set(values.get(axis, ()))]) for axis in axes),
                _platforms(list(platforms)),
                code(tags[0]) if tags else "",
                "" if standings is None else counts_of(members, standings),
            ]
        )
    return table(head, rows)


def counts_of(targets: Sequence[Target], standings: Standings) -> str:
    """How many targets were verified on each platform: ``tested amd64 3 of 12``."""
    said = []
    places = _grouped((platform, one.name) for one in targets for platform in one.platforms)
    for platform, names in places.items():
        states = [standings.get((name, platform), NOTHING).state for name in names]
        said += [
            f"{state} {_short(platform)} {states.count(state)} of {len(names)}"
            for state in _STATES[:-1]
            if state in states
        ]
    return ", ".join(said) or "not built here"


def _modes(targets: Sequence[Target]) -> str:
    """Backend.AI's table: which images run batches, queries, read what is typed, or are a terminal."""
    rows = []
    published = [one for one in targets if one.tags and _FEATURES in dict(one.labels)]
    for members in _grouped(((one.layer, dict(one.labels)[_FEATURES]), one) for one in published).values():
        words = dict(members[0].labels)
        features = words[_FEATURES].split()
        versions = list(dict.fromkeys(tag.tag for one in members for tag in one.tags if not tag.floating))
        keeps = "O\\*" if words.get(_RUNTIME) == "python" else "O"
        rows.append(
            [
                _listed(list(dict.fromkeys(one.title for one in members)), most=2),
                _listed(list(dict.fromkeys(str(one.image) for one in members)), most=2),
                _listed(versions, most=4),
                *((keeps if mode == "query" else "O") if mode in features else "" for mode in _MODES),
                plain(words.get(_RUNTIME, "")),
            ]
        )
    if not rows:
        return ""
    head = ["title", "image", "versions", "batch", "query", "input hook", "TTY", "runtime"]
    note = "\n\\* Queries share their variables.\n" if any("\\*" in cell for row in rows for cell in row[3:7]) else ""
    return table(head, rows, whole=True) + note


def _counts(targets: Sequence[Target]) -> str:
    states = [one.status for one in targets]
    said = ", ".join(f"{states.count(status)} {status}" for status in dict.fromkeys(states))
    return f"{counted(len(targets), 'target')}: {said}."


def _listed(values: Sequence[str], most: int = _SHOWN) -> str:
    if len(values) <= most:
        return ", ".join(map(plain, values))
    return f"{', '.join(map(plain, values[: most - 1]))} … {plain(values[-1])} ({len(values)})"


def _platforms(platforms: Sequence[str]) -> str:
    return " ".join(map(_short, platforms))


def _short(platform: str) -> str:
    return platform.removeprefix("linux/")


def _repository(plan: Plan, tag: Tag) -> str:
    return plan.reference(tag).removesuffix(f":{tag.tag}")


def _grouped(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, list[_Value]]:
    found: dict[_Key, list[_Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found

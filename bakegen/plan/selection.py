"""What was asked for -> the targets that it takes, and all that these stand on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bakegen.errors import NothingSelected, UsageError, did_you_mean, nearest
from bakegen.matchers import glob, members, take
from bakegen.names import InvalidName, normalise_platform
from bakegen.plan.groups import published
from bakegen.plan.whole import BUILT_BY_DEFAULT, STATUSES, Axis, Plan, Target
from bakegen.versions import VersionError, is_range, parse_range


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for; an empty field asks for everything that is built by default."""

    patterns: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


def select(plan: Plan, selection: Selection, *, everything: bool = False) -> tuple[Target, ...]:
    """The targets that a selection takes, with the platforms it asks for, in the plan's order.

    Without patterns: the project's default, of which internal targets come along with what stands on them. Without
    statuses: those that are built by default; a target that is named in full is taken whatever its status. What is
    planned cannot be built and is not taken. With ``everything``: every target, whatever it is. Raises
    NothingSelected with the nearest names, UsageError for an unknown axis, status or platform.
    """
    patterns = selection.patterns or (("*",) if everything else plan.default)
    platforms = _platforms(selection.platforms)
    statuses = _statuses(selection.statuses) or (STATUSES if everything else BUILT_BY_DEFAULT)
    kept = {target.name for target in plan.targets}
    for condition in selection.where:
        kept &= _where(plan, condition)
    hit = _hits(plan, patterns)
    exact = set() if selection.statuses else set(patterns)
    chosen = [target for target in plan.targets if target.name in hit and target.name in kept]
    alive = [target for target in chosen if target.status in statuses or target.name in exact]
    buildable = alive if everything else [target for target in alive if target.status != "planned"]
    found = tuple(narrowed for target in buildable if (narrowed := _narrow(target, platforms)).platforms)
    if not found:
        raise NothingSelected(_why_nothing(selection, chosen, alive, buildable))
    return found if everything or selection.patterns else published(found)


def _hits(plan: Plan, patterns: Iterable[str]) -> set[str]:
    """The names of the targets that any pattern takes, by target, layer or stack."""
    paths = sorted({target.layer_path for target in plan.targets})
    stacks = sorted({target.stack for target in plan.targets})
    hit: set[str] = set()
    for pattern in patterns:
        layers = set(glob(pattern, paths))
        families = set(glob(pattern, stacks))
        found = set(glob(pattern, list(plan.by_name)))
        found |= {target.name for target in plan.targets if target.layer_path in layers or target.stack in families}
        if not found:
            raise NothingSelected(_nothing(pattern, [*paths, *stacks, *plan.by_name]))
        hit |= found
    return hit


def narrow(plan: Plan, targets: Sequence[Target], platforms: Sequence[str]) -> tuple[Target, ...]:
    """The closure of ``targets``, on ``platforms`` only (all, if empty)."""
    wanted = _platforms(platforms)
    return tuple(_narrow(target, wanted) for target in plan.closure(target.name for target in targets))


def _narrow(target: Target, platforms: tuple[str, ...]) -> Target:
    if not platforms:
        return target
    left = tuple(platform for platform in target.platforms if platform in platforms)
    return target if left == target.platforms else replace(target, platforms=left)


_ARCHES = frozenset(
    {
        "386",
        "amd64",
        "arm",
        "arm64",
        "loong64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "ppc64",
        "ppc64le",
        "riscv64",
        "s390x",
    }
)
_ARCH_ALIASES = frozenset({"aarch64", "armhf", "i386", "x86_64"})


def _platforms(words: Iterable[str]) -> tuple[str, ...]:
    """Platforms as a command line names them: an architecture alone is Linux on it, as lists show it."""
    known = _ARCHES | _ARCH_ALIASES
    parts = [part for word in words for part in word.split(",")]
    try:
        return tuple(normalise_platform(f"linux/{x}" if x.split("/")[0] in known else x) for x in parts)
    except InvalidName as error:
        raise UsageError(str(error)) from None


def _statuses(words: Iterable[str]) -> tuple[str, ...]:
    found = tuple(part for word in words for part in word.split(","))
    for word in found:
        if word not in STATUSES:
            raise UsageError(f'no status "{word}"{did_you_mean(word, STATUSES)}; there are {", ".join(STATUSES)}')
    return found


_CONDITION = re.compile(r"\s*([A-Za-z0-9_-]+)\s*(?:=\s*(?!=)(.+)|((?:[<>!~]|==).*))\Z", re.DOTALL)


def _where(plan: Plan, condition: str) -> set[str]:
    """The targets inside ``axis=matcher`` (``axis>=2.5`` reads as the range it looks like)."""
    match = _CONDITION.match(condition)
    if match is None:
        raise UsageError(f'"{condition}" is no condition: write axis=value, axis=glob, axis=a,b or axis>=1.2,<2')
    name, matcher = match[1], str(match[2] or match[3]).strip()
    axes = [axis for axis in plan.axes if axis.name == name]
    if not axes:
        known = sorted({axis.name for axis in plan.axes})
        raise UsageError(f'no axis "{name}"{did_you_mean(name, known)}; there are {", ".join(known) or "none"}')
    values: dict[str, set[str]] = {axis.stack: set() for axis in axes}
    for pattern in _patterns(matcher, axes):
        taken = [take((pattern,), axis.choices) for axis in axes]
        if not any(one.mask for one in taken):
            fitting = [one for axis, one in zip(axes, taken, strict=True) if _reads(axis, pattern)]
            if not fitting:
                raise UsageError(f'axis "{name}": {taken[0].complaints[0]}')
            raise NothingSelected(f"nothing selected: {fitting[0].complaints[0]}")
        for axis, one in zip(axes, taken, strict=True):
            values[axis.stack].update(axis.choices.names[index] for index in members(one.mask))
    return {
        target.name
        for target in plan.targets
        if any(axis == name and value in values[target.stack] for axis, value in target.coordinates)
    }


def _reads(axis: Axis, pattern: str) -> bool:
    """Whether the pattern is no range, or one that the axis's scheme can read."""
    try:
        return not is_range(pattern) or parse_range(pattern, axis.choices.scheme) is not None
    except VersionError:
        return False


def _patterns(matcher: str, axes: Sequence[Axis]) -> tuple[str, ...]:
    """A range, or a name, holds its commas; else they part a list."""
    if is_range(matcher) or any(matcher in axis.choices.names for axis in axes):
        return (matcher,)
    return tuple(part.strip() for part in matcher.split(","))


def _nothing(pattern: str, names: Sequence[str]) -> str:
    near = nearest(pattern, names, 3)
    hint = f"; nearest: {', '.join(near)}" if near else "; `bakegen list` shows what there is"
    return f'nothing selected: no stack, layer or target matches "{pattern}"{hint}'


def _why_nothing(
    selection: Selection, chosen: Sequence[Target], alive: Sequence[Target], buildable: Sequence[Target]
) -> str:
    if not chosen:
        what = " ".join(selection.patterns) or "the default"
        return f"nothing selected: no target matches {what} and {' and '.join(selection.where)}"
    if not alive:
        found = ", ".join(dict.fromkeys(target.status for target in chosen))
        if selection.statuses:
            return f"nothing selected: what matches is {found}, not {' or '.join(_statuses(selection.statuses))}"
        return f"nothing selected: what matches is {found}; ask for it with --status"
    if not buildable:
        why = f" ({alive[0].status_reason})" if alive[0].status_reason else ""
        return f"nothing selected: what matches is planned and cannot be built yet{why}"
    found = ", ".join(dict.fromkeys(platform for target in buildable for platform in target.platforms))
    return f"nothing selected: what matches is built for {found}"

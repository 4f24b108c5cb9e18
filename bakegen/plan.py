"""What will be built: frozen, hashable data, with lookup and selection; nothing here knows the user's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from bakegen.errors import NothingSelected, UsageError, did_you_mean, nearest
from bakegen.matchers import Choices, glob, take
from bakegen.names import InvalidName, normalise_platform

Pairs = tuple[tuple[str, str], ...]
Status = Literal["supported", "experimental", "deprecated", "wip", "planned", "unsupported"]
STATUSES: tuple[Status, ...] = ("supported", "experimental", "deprecated", "wip", "planned", "unsupported")
BUILT_BY_DEFAULT: tuple[Status, ...] = ("supported", "experimental", "deprecated")


@dataclass(frozen=True, slots=True)
class Origin:
    """The words of the user that something comes from: a file and the path of a key in it."""

    file: str
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A named build context: ``FROM name``, ``COPY --from=name``.

    ``ref`` is a target's name, an image reference, a directory from the project's root or a git URL.
    """

    name: str
    kind: Literal["target", "image", "directory", "git"]
    ref: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One published name: the registry's index in ``Plan.registries``, the repository below its prefix, the tag."""

    registry: int
    repository: str
    tag: str
    floating: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Secret:
    """A BuildKit secret: its id and where the building machine has it. Never its value.

    ``env``: the variable holds the secret; ``file``: a path from the project's root; ``file-env``: the variable
    holds the path, and the secret is left out where it is empty.
    """

    id: str
    kind: Literal["env", "file", "file-env"]
    source: str


@dataclass(frozen=True, slots=True)
class Cache:
    """One cache to read or write: the backend's type and its attributes."""

    type: str
    attributes: Pairs


@dataclass(frozen=True, slots=True)
class Test:
    """A smoke test: a command in a container of the image, and what it must do."""

    name: str
    run: tuple[str, ...]
    script: str | None
    stdin: str | None
    exit_code: int
    stdout_contains: tuple[str, ...]
    stdout_matches: tuple[str, ...]
    stderr_contains: tuple[str, ...]
    stderr_matches: tuple[str, ...]
    stderr_empty: bool
    timeout: int
    needs: str | None
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A port that the image's program listens on."""

    name: str
    port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Target:
    """One bake target: one image for all its platforms, and the reason for its being there."""

    name: str
    stack: str
    layer: str
    coordinates: Pairs
    origin: Origin
    title: str
    status: Status
    status_reason: str | None
    included_by: str | None
    image: str | None
    platforms: tuple[str, ...]
    links: tuple[Link, ...]
    context: str
    dockerfile: str
    stage: str | None
    args: Pairs
    labels: Pairs
    annotations: Pairs
    secrets: tuple[Secret, ...]
    network_args: Pairs
    tags: tuple[Tag, ...]
    tests: tuple[Test, ...]
    services: tuple[Service, ...]
    cache_from: tuple[Cache, ...]
    cache_to: tuple[Cache, ...]

    @property
    def parents(self) -> tuple[str, ...]:
        """Names of the targets that this one builds on, each once, in the order of its links."""
        return tuple(dict.fromkeys(link.ref for link in self.links if link.kind == "target"))

    @property
    def layer_path(self) -> str:
        """``stack/layer``, what a selection's glob is matched with."""
        return f"{self.stack}/{self.layer}"


@dataclass(frozen=True, slots=True)
class Registry:
    """Where images are published: a prefix that ends in ``/`` (or is empty), and the variable that overrides it."""

    variable: str
    prefix: str
    floating: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of a stack: its values, and how they compare."""

    stack: str
    name: str
    role: str | None
    choices: Choices


@dataclass(frozen=True, slots=True)
class Cause:
    """Why combinations are removed: the words of the user, with their reason and source."""

    kind: Literal["rule", "exclude", "value", "layer"]
    origin: Origin
    reason: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Nogood:
    """Values that do not go together: a combination inside every mask (axis, bits of its values) is removed."""

    masks: tuple[tuple[str, int], ...]
    cause: Cause

    def forbids(self, values: Mapping[str, int]) -> bool:
        """Whether the combination (axis -> value's index) is removed; an axis that it lacks decides nothing."""
        return all(axis in values and mask >> values[axis] & 1 for axis, mask in self.masks)


@dataclass(frozen=True, slots=True)
class LayerShape:
    """What a layer was expanded over, and all that removed combinations of it."""

    stack: str
    name: str
    origin: Origin
    parents: tuple[str, ...]
    axes: tuple[str, ...]
    nogoods: tuple[Nogood, ...]


@dataclass(frozen=True, slots=True)
class Attestations:
    """What BuildKit attests: provenance ``none``, ``min`` or ``max``; a software bill of materials or not."""

    provenance: str
    sbom: bool


@dataclass(frozen=True)
class Plan:
    """The immutable resolved whole. ``targets`` are sorted: parents' layers before children's within a stack."""

    targets: tuple[Target, ...]
    registries: tuple[Registry, ...]
    axes: tuple[Axis, ...]
    layers: tuple[LayerShape, ...]
    attestations: Attestations
    default: tuple[str, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Target]:
        """Targets by their names."""
        return {target.name: target for target in self.targets}

    def reference(self, tag: Tag) -> str:
        """The whole image reference of a tag, with its registry's declared prefix."""
        return f"{self.registries[tag.registry].prefix}{tag.repository}:{tag.tag}"

    def closure(self, names: Iterable[str]) -> tuple[Target, ...]:
        """The named targets and all that they build on, in the plan's order."""
        wanted: set[str] = set()
        stack = list(names)
        while stack:
            name = stack.pop()
            if name not in wanted:
                wanted.add(name)
                stack.extend(self.by_name[name].parents)
        return tuple(target for target in self.targets if target.name in wanted)


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for; an empty field asks for everything that is built by default."""

    patterns: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


def select(plan: Plan, selection: Selection, *, everything: bool = False) -> tuple[Target, ...]:
    """The targets that a selection takes, with the platforms it asks for, in the plan's order.

    Without patterns: the project's default. Without statuses: those that are built by default, or with
    ``everything`` all of them; a target that is named in full is taken whatever its status. Raises NothingSelected
    with the nearest names, UsageError for an unknown axis, status or platform.
    """
    patterns = selection.patterns or (("*",) if everything else plan.default)
    platforms = _platforms(selection.platforms)
    statuses = _statuses(selection.statuses) or (STATUSES if everything else BUILT_BY_DEFAULT)
    kept = {target.name for target in plan.targets}
    for condition in selection.where:
        kept &= _where(plan, condition)
    paths = sorted({target.layer_path for target in plan.targets})
    stacks = sorted({target.stack for target in plan.targets})
    hit: set[str] = set()
    exact: set[str] = set()
    for pattern in patterns:
        layers = {*glob(pattern, paths), *(p for p in paths if p.partition("/")[0] in glob(pattern, stacks))}
        names = set(glob(pattern, [target.name for target in plan.targets]))
        found = names | {target.name for target in plan.targets if target.layer_path in layers}
        if not found:
            raise NothingSelected(_nothing(pattern, [*paths, *stacks, *plan.by_name]))
        hit |= found
        if pattern in plan.by_name:
            exact.add(pattern)
    chosen = [target for target in plan.targets if target.name in hit and target.name in kept]
    alive = [
        target for target in chosen if target.status in statuses or (target.name in exact and not selection.statuses)
    ]
    found_targets = [narrowed for target in alive if (narrowed := _narrow(target, platforms)).platforms]
    if not found_targets:
        raise NothingSelected(_why_nothing(selection, chosen, alive))
    return tuple(found_targets)


def narrow(plan: Plan, targets: Sequence[Target], platforms: Sequence[str]) -> tuple[Target, ...]:
    """The closure of ``targets``, on ``platforms`` only (all, if empty)."""
    wanted = _platforms(platforms)
    return tuple(_narrow(target, wanted) for target in plan.closure(target.name for target in targets))


def _narrow(target: Target, platforms: tuple[str, ...]) -> Target:
    if not platforms:
        return target
    left = tuple(platform for platform in target.platforms if platform in platforms)
    return target if left == target.platforms else replace(target, platforms=left)


def _platforms(words: Iterable[str]) -> tuple[str, ...]:
    try:
        return tuple(normalise_platform(part) for word in words for part in word.split(","))
    except InvalidName as error:
        raise UsageError(str(error)) from None


def _statuses(words: Iterable[str]) -> tuple[str, ...]:
    found = tuple(part for word in words for part in word.split(","))
    for word in found:
        if word not in STATUSES:
            raise UsageError(f'no status "{word}"{did_you_mean(word, STATUSES)}; there are {", ".join(STATUSES)}')
    return found


def _where(plan: Plan, condition: str) -> set[str]:
    name, sign, matcher = condition.partition("=")
    if matcher.startswith("=") or name.endswith((">", "<", "!", "~")):
        # axis>=2.5 and axis==2.5 read as the ranges they look like
        end = len(name.rstrip("><!~"))
        name, matcher, sign = name[:end], condition[end:], "="
    name = name.strip()
    if not sign or not name or not matcher:
        raise UsageError(f'"{condition}" is no condition: write axis=value, axis=glob or axis=">=1.2,<2"')
    axes = [axis for axis in plan.axes if axis.name == name]
    if not axes:
        known = sorted({axis.name for axis in plan.axes})
        raise UsageError(f'no axis "{name}"{did_you_mean(name, known)}; there are {", ".join(known)}')
    values: dict[str, set[str]] = {}
    complaints = []
    for axis in axes:
        taken = take((matcher,), axis.choices)
        complaints += taken.complaints
        values[axis.stack] = {one for i, one in enumerate(axis.choices.names) if taken.mask >> i & 1}
    if not any(values.values()):
        raise NothingSelected(f"nothing selected: {complaints[0]}")
    return {
        target.name
        for target in plan.targets
        if any(axis == name and value in values[target.stack] for axis, value in target.coordinates)
    }


def _nothing(pattern: str, names: Sequence[str]) -> str:
    near = nearest(pattern, names, 3)
    hint = f"; nearest: {', '.join(near)}" if near else "; `bakegen list` shows what there is"
    return f'nothing selected: no stack, layer or target matches "{pattern}"{hint}'


def _why_nothing(selection: Selection, chosen: Sequence[Target], alive: Sequence[Target]) -> str:
    if not chosen:
        return f"nothing selected: no target matches {' '.join(selection.patterns) or 'the default'} and all of {', '.join(selection.where)}"
    if not alive:
        found = ", ".join(dict.fromkeys(target.status for target in chosen))
        return f"nothing selected: what matches is {found}; ask for it with --status"
    found = ", ".join(dict.fromkeys(platform for target in alive for platform in target.platforms))
    return f"nothing selected: what matches is built for {found}"

"""What will be built: frozen, hashable data; nothing here knows the user's files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bakegen.matchers import Choices

Pairs = tuple[tuple[str, str], ...]
LinkKind = Literal["target", "image", "directory", "git"]
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
    kind: LinkKind
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
    user: str | None
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

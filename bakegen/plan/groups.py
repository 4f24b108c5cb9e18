"""Names for targets that are built together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bakegen.names import slug
from bakegen.plan.whole import Target

DEFAULT_GROUP = "default"
Kind = Literal["stack", "layer", "image"]
_KINDS: tuple[Kind, ...] = ("stack", "layer", "image")


@dataclass(frozen=True, slots=True)
class Group:
    """The targets of a stack, a layer or an image, and the name that builds them."""

    kind: Kind
    of: str
    name: str
    targets: tuple[Target, ...]

    @property
    def title(self) -> str:
        """What the group is, in words."""
        return f"{self.kind} {self.of}"

    @property
    def members(self) -> tuple[str, ...]:
        """The names of the targets that the group builds: the published ones, or, where none is, all.

        What is internal is built because others link to it; asked for by itself it could not be pushed.
        """
        return tuple(target.name for target in published(self.targets))


def published(targets: Sequence[Target]) -> tuple[Target, ...]:
    """The targets with tags, or, where none has one, all."""
    return tuple(target for target in targets if target.tags) or tuple(targets)


def groups(targets: Iterable[Target]) -> tuple[Group, ...]:
    """A group for each stack, then one for each layer, then one for each image."""
    found: dict[Kind, dict[tuple[str, str], list[Target]]] = {"stack": {}, "layer": {}, "image": {}}
    for target in targets:
        found["stack"].setdefault((target.stack, target.stack), []).append(target)
        found["layer"].setdefault((target.layer_path, f"{target.stack}-{target.layer}"), []).append(target)
        if target.image is not None:
            found["image"].setdefault((target.image, f"image-{slug(target.image)}"), []).append(target)
    return tuple(
        Group(kind, of, name, tuple(members)) for kind in _KINDS for (of, name), members in found[kind].items()
    )


def group_clashes(targets: Sequence[Target]) -> Iterator[tuple[Target, str]]:
    """Groups whose name means something else in a bake file already: a target of each, and what is wrong.

    A group that builds nothing but the target of its name, or what another group of its name builds, is no clash.
    """
    names = {target.name for target in targets}
    meanings: dict[str, Group] = {}
    for group in groups(targets):
        first = meanings.setdefault(group.name, group)
        other = ""
        if group.name == DEFAULT_GROUP:
            other = "what bake builds when nothing is named"
        elif group.name in names and group.members != (group.name,):
            other = "a target"
        elif first.members != group.members:
            other = f"the {first.title}"
        if other:
            yield (
                group.targets[0],
                f'"{group.name}" would stand for the {group.title} and for {other} in the bake file: rename one',
            )

"""Names for targets that are built together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bakegen.names import slug
from bakegen.plan.whole import Target

DEFAULT_GROUP = "default"


@dataclass(frozen=True, slots=True)
class Group:
    """The targets of a stack, a layer or an image, and the name that builds them."""

    name: str
    title: str
    targets: tuple[Target, ...]

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
    stacks: dict[tuple[str, str], list[Target]] = {}
    layers: dict[tuple[str, str], list[Target]] = {}
    images: dict[tuple[str, str], list[Target]] = {}
    for target in targets:
        stacks.setdefault((target.stack, f"stack {target.stack}"), []).append(target)
        layers.setdefault((f"{target.stack}-{target.layer}", f"layer {target.layer_path}"), []).append(target)
        if target.image is not None:
            images.setdefault((f"image-{slug(target.image)}", f"image {target.image}"), []).append(target)
    found = {**stacks, **layers, **images}
    return tuple(Group(name, title, tuple(members)) for (name, title), members in found.items())


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

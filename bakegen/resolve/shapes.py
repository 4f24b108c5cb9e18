"""The layers of a stack: their order, their axes, and the combinations that each is built for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bakegen.errors import near_or_all
from bakegen.expand import Combination, combinations, walk
from bakegen.model import Layer, Parent
from bakegen.plan import Cause, Nogood, Origin
from bakegen.resolve.axes import (
    TO_EXPLAIN,
    Masks,
    Path,
    Scope,
    exclude_nogoods,
    only_nogoods,
    rule_nogoods,
    value_nogoods,
)

_NO_CAUSE = Cause("layer", Origin("", ()), "", None)
_NOTHING = "matches nothing"


@dataclass(frozen=True)
class Choice:
    """One possible parent: the user's words, when it holds, and the layer's shape if it is a layer."""

    words: Parent
    path: Path
    when: Masks
    shape: Shape | None


@dataclass(frozen=True)
class Shape:
    """A layer, what it is built on, what removes combinations of it, and the combinations that are left."""

    words: Layer
    path: Path
    choices: tuple[Choice, ...]
    axes: tuple[str, ...]
    nogoods: tuple[Nogood, ...]
    combinations: tuple[Combination, ...]
    included: Mapping[Combination, int]

    def holds(self, masks: Masks, combination: Combination) -> bool:
        """Whether a combination lies inside masks; it never does where the layer lacks an axis of theirs."""
        axes = self.axes
        return all(axis in axes and mask >> combination[axes.index(axis)] & 1 for axis, mask in masks)

    def covers(self, masks: Masks) -> bool:
        """Whether the layer has all axes of the masks."""
        return all(axis in self.axes for axis, _ in masks)


def shapes(scope: Scope) -> dict[str, Shape]:
    """The shapes of a stack's layers by name, parents before children; without those that are lost."""
    words = scope.loaded.words
    places: dict[str, int] = {}
    for index, layer in enumerate(words.layers):
        if layer.name in places:
            scope.problem(("layers", index, "name"), f'layer "{layer.name}" stands twice')
        places.setdefault(layer.name, index)
    order = list(_order(scope, places))
    before = len(scope.problems)
    values, rules, excludes = (
        list(value_nogoods(scope)),
        list(rule_nogoods(scope)),
        list(exclude_nogoods(scope)),
    )
    lifecycles = [scope.masks(("lifecycle", n, "match"), entry.match) for n, entry in enumerate(words.lifecycle)]
    scope.shaky = bool(scope.broken) or len(scope.problems) > before
    frames: dict[str, Shape] = {}
    for name in order:
        frame = _frame(scope, places[name], frames, [*values, *rules, *excludes])
        if frame is not None:
            frames[name] = frame
    included = _includes(scope, frames, places)
    found: dict[str, Shape] = {}
    for name, frame in frames.items():
        listed = combinations(_sizes(scope, frame.axes), frame.nogoods)
        extra = included.get(name, {})
        if extra:
            there = set(listed)
            extra = {key: value for key, value in extra.items() if key not in there}
        choices = tuple(
            Choice(c.words, c.path, c.when, found[c.shape.words.name] if c.shape else None) for c in frame.choices
        )
        found[name] = Shape(
            frame.words, frame.path, choices, frame.axes, frame.nogoods, tuple(sorted([*listed, *extra])), extra
        )
    if not scope.shaky and not scope.lost:
        _prove_effects(scope, found, values, rules, excludes)
        if _prove_layers(scope, found):
            _prove_values(scope, found)
            _prove_lifecycles(scope, found, lifecycles)
    return found


def _sizes(scope: Scope, axes: Sequence[str]) -> list[tuple[str, int]]:
    return [(axis, len(scope.axes[axis].choices)) for axis in axes]


def _order(scope: Scope, places: Mapping[str, int]) -> Iterator[str]:
    """Layer names, parents and linked layers first, else as they are written. Cycles and unknown names are problems."""
    layers = scope.loaded.words.layers
    state: dict[str, str] = {}

    def edges(index: int) -> Iterator[tuple[Path, str]]:
        layer = layers[index]
        for number, parent in enumerate(layer.parent):
            if parent.layer is not None:
                yield ("layers", index, "parent", number, "layer"), parent.layer
        for name, link in layer.links.items():
            if link.layer is not None:
                yield ("layers", index, "links", name, "layer"), link.layer

    def visit(name: str, trail: tuple[str, ...]) -> Iterator[str]:
        state[name] = "open"
        for path, other in edges(places[name]):
            if other not in places:
                scope.problem(
                    path, f'no layer "{other}"{near_or_all(other, places)}; an image carries a tag or a digest'
                )
                scope.lost.add(name)
            elif state.get(other) == "open":
                circle = [*trail[trail.index(other) :], other] if other in trail else [other, other]
                scope.problem(path, f"layers build on each other in a circle: {' -> '.join(circle)}")
                scope.lost.add(name)
            elif other not in state:
                yield from visit(other, (*trail, other))
        state[name] = "done"
        yield name

    for name in places:
        if name not in state:
            yield from visit(name, (name,))


def _frame(scope: Scope, index: int, frames: Mapping[str, Shape], everywhere: Sequence[Nogood]) -> Shape | None:
    """A shape without its combinations; None for a layer that is lost."""
    words = scope.loaded.words.layers[index]
    path: Path = ("layers", index)
    axes: dict[str, None] = {}
    if words.status in TO_EXPLAIN and words.reason is None:
        scope.problem((*path, "status"), f'layer "{words.name}" is {words.status}: say why with reason = "…"')
    above = [parent.layer for parent in words.parent] + [link.layer for link in words.links.values()]
    if not scope.lost.isdisjoint(above):
        scope.lost.add(words.name)
    for parent in words.parent:
        if parent.layer is not None and parent.layer in frames:
            axes.update(dict.fromkeys(frames[parent.layer].axes))
    for number, axis in enumerate(words.axes):
        if axis not in scope.axes:
            scope.problem((*path, "axes", number), f'unknown axis "{axis}"{near_or_all(axis, scope.axes)}')
        if axis not in scope.axes or axis in scope.broken:
            scope.lost.add(words.name)
        axes[axis] = None
    for number, parent in enumerate(words.parent):
        if (parent.layer is None) == (parent.image is None):
            scope.problem((*path, "parent", number), "a parent is a layer or an image: give one of them")
            scope.lost.add(words.name)
    if words.name in scope.lost:
        return None
    nogoods = [nogood for nogood in everywhere if all(axis in axes for axis, _ in nogood.masks)]
    only = _own_masks(scope, (*path, "only"), words.only, axes, words.name)
    nogoods += only_nogoods(scope, (*path, "only"), words.name, only)
    choices = []
    for number, parent in enumerate(words.parent):
        at: Path = (*path, "parent", number)
        when = _own_masks(scope, (*at, "when"), parent.when, axes, words.name)
        shape = frames.get(parent.layer) if parent.layer is not None else None
        choices.append(Choice(parent, at, when, shape))
        if shape is not None:
            nogoods += [
                Nogood((*when, *nogood.masks), nogood.cause) for nogood in shape.nogoods if nogood.cause.kind == "layer"
            ]
    return Shape(words, path, tuple(choices), tuple(axes), tuple(nogoods), (), {})


def _own_masks(
    scope: Scope, path: Path, matchers: Mapping[str, Sequence[str]], axes: Mapping[str, None], layer: str
) -> Masks:
    before = len(scope.problems)
    for axis in matchers:
        if axis in scope.axes and axis not in axes:
            scope.problem((*path, axis), f'axis "{axis}" is not among the axes of layer "{layer}" ({_list(axes)})')
    masks = scope.masks(path, matchers)
    scope.shaky |= len(scope.problems) > before
    return masks or ()


def _includes(
    scope: Scope, frames: Mapping[str, Shape], places: Mapping[str, int]
) -> dict[str, dict[Combination, int]]:
    """Combinations that includes add, by layer, with the include's number; a child's bring its parents' along."""
    added: dict[str, dict[Combination, int]] = {}
    for index, include in enumerate(scope.loaded.words.include):
        path: Path = ("include", index)
        before = len(scope.problems)
        frame = frames.get(include.layer)
        if include.layer not in places:
            scope.problem((*path, "layer"), f'no layer "{include.layer}"{near_or_all(include.layer, places)}')
        masks = scope.masks((*path, "match"), include.match)
        if frame is not None:
            missing = [axis for axis in frame.axes if axis not in include.match]
            if missing:
                scope.problem(
                    (*path, "match"), f"say what {_list(missing)} is: an include names every axis of its layer"
                )
            for axis in include.match:
                if axis in scope.axes and axis not in frame.axes:
                    scope.problem(
                        (*path, "match", axis), f'axis "{axis}" is not among the axes of layer "{include.layer}"'
                    )
        if len(scope.problems) > before:
            scope.shaky = True
        if masks is None or frame is None or scope.shaky:
            continue
        inside = [Nogood(((axis, scope.axes[axis].everything & ~mask),), _NO_CAUSE) for axis, mask in masks]
        everything = combinations(_sizes(scope, frame.axes), inside)
        removed = [
            one
            for one in everything
            if any(nogood.forbids(dict(zip(frame.axes, one, strict=True))) for nogood in frame.nogoods)
        ]
        if not removed:
            scope.problem((*path, "match"), "adds nothing: everything it names is there already")
        for one in removed:
            _add(frames, frame, one, index, added)
    return added


def _add(
    frames: Mapping[str, Shape],
    frame: Shape,
    one: Combination,
    index: int,
    added: dict[str, dict[Combination, int]],
) -> None:
    """Adds a combination and what it stands on: the parents that hold for it, and linked layers."""
    added.setdefault(frame.words.name, {}).setdefault(one, index)
    parents = [c.shape for c in frame.choices if c.shape is not None and frame.holds(c.when, one)]
    linked = [frames[link.layer] for link in frame.words.links.values() if link.layer is not None]
    for other in (*parents, *linked):
        if all(axis in frame.axes for axis in other.axes):
            projected = tuple(one[frame.axes.index(axis)] for axis in other.axes)
            _add(frames, other, projected, index, added)


def _prove_effects(
    scope: Scope,
    found: Mapping[str, Shape],
    values: Sequence[Nogood],
    rules: Sequence[Nogood],
    excludes: Sequence[Nogood],
) -> None:
    """Every rule and exclude, and every ``only`` of a value, has something to act on."""
    unused = {axis for axis in scope.axes if not any(axis in shape.axes for shape in found.values())}
    for nogood in values:
        (axis, _), (other, _) = nogood.masks
        if unused.isdisjoint((axis, other)) and not any(shape.covers(nogood.masks) for shape in found.values()):
            at = (*nogood.cause.origin.path, other)
            scope.problem(at, f'limits nothing: no layer has both "{axis}" and "{other}" among its axes')
    for what, nogoods in (("exclude", excludes), ("rules", rules)):
        acting: dict[Path, str] = {}
        for nogood in nogoods:
            at = nogood.cause.origin.path
            masks = nogood.masks if what == "exclude" else nogood.masks[:-1]
            able = not unused.isdisjoint(axis for axis, _ in nogood.masks) or any(
                shape.covers(nogood.masks) and _any_inside(scope, shape, masks, values) for shape in found.values()
            )
            if able or acting.get(at) == "":
                acting[at] = ""
            elif any(shape.covers(nogood.masks) for shape in found.values()):
                acting[at] = "no layer has such a combination"
            else:
                axes = ", ".join(f'"{axis}"' for axis, _ in nogood.masks)
                acting.setdefault(at, f"no layer has all of {axes} among its axes")
        for at, why in acting.items():
            if why:
                scope.problem((*at, "match" if what == "exclude" else "when"), f"{_NOTHING}: {why}")


def _prove_lifecycles(scope: Scope, found: Mapping[str, Shape], lifecycles: Sequence[Masks | None]) -> None:
    for index, masks in enumerate(lifecycles):
        if not any(
            masks and shape.covers(masks) and any(shape.holds(masks, one) for one in shape.combinations)
            for shape in found.values()
        ):
            scope.problem(("lifecycle", index, "match"), f"{_NOTHING}: no layer has such a combination")


def _prove_layers(scope: Scope, found: Mapping[str, Shape]) -> bool:
    """Every layer is built for something, and every choice of a parent holds once. Returns whether each layer is."""
    empty: set[str] = set()
    for name, shape in found.items():
        if not shape.combinations:
            if not any(choice.shape and choice.shape.words.name in empty for choice in shape.choices):
                scope.problem(shape.path, f'layer "{name}" is built for nothing: every combination is removed')
            empty.add(name)
            continue
        for choice in shape.choices:
            if choice.when and not any(shape.holds(choice.when, one) for one in shape.combinations):
                scope.problem((*choice.path, "when"), f"{_NOTHING}: the layer has no such combination")
    return not empty


def _prove_values(scope: Scope, found: Mapping[str, Shape]) -> None:
    """Every axis is used, and every value that is not planned is in a combination."""
    used: dict[str, set[int]] = {}
    for shape in found.values():
        for axis, places in zip(shape.axes, zip(*shape.combinations, strict=True), strict=True):
            used.setdefault(axis, set()).update(places)
    for axis, table in scope.axes.items():
        if axis not in used:
            scope.problem(("axes", axis), f'no layer has the axis "{axis}": name it in the axes of one, or take it out')
            continue
        for index, value in enumerate(table.words.values):
            if index not in used[axis] and value.status != "planned":
                scope.problem(
                    ("axes", axis, "values", index),
                    f'no layer has a combination with "{value.name}": rules, excludes and only remove them all; take '
                    "it out, or give it the status planned",
                )


def _any_inside(scope: Scope, shape: Shape, masks: Masks, kept: Sequence[Nogood]) -> bool:
    inside = [Nogood(((axis, scope.axes[axis].everything & ~mask),), _NO_CAUSE) for axis, mask in masks]
    own = [nogood for nogood in shape.nogoods if nogood.cause.kind == "layer"]
    return next(walk(_sizes(scope, shape.axes), [*inside, *own, *kept]), None) is not None


def _list(words: Sequence[str] | Mapping[str, None]) -> str:
    return ", ".join(words) or "it has none"

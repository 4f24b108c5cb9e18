"""The layers of a stack: their order, their axes, and the combinations that each is built for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bakegen.errors import did_you_mean
from bakegen.expand import Combination, combinations, walk
from bakegen.model import Layer, Parent
from bakegen.plan import Cause, Nogood, Origin
from bakegen.resolve.axes import (
    Masks,
    Path,
    Scope,
    exclude_nogoods,
    only_nogoods,
    rule_nogoods,
    value_nogoods,
)

_NO_CAUSE = Cause("layer", Origin("", ()), "", None)


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
        """Whether a combination lies inside masks whose axes the layer has."""
        return all(mask >> combination[self.axes.index(axis)] & 1 for axis, mask in masks)

    def covers(self, masks: Masks) -> bool:
        """Whether the layer has all axes of the masks."""
        return all(axis in self.axes for axis, _ in masks)


def shapes(scope: Scope) -> dict[str, Shape]:
    """The shapes of a stack's layers by name, parents before children."""
    words = scope.loaded.words
    places: dict[str, int] = {}
    for index, layer in enumerate(words.layers):
        if layer.name in places:
            scope.problem(("layers", index, "name"), f'layer "{layer.name}" stands twice')
        places.setdefault(layer.name, index)
    order = list(_order(scope, places))
    if scope.problems:
        return {}
    values, rules, excludes = (
        list(value_nogoods(scope)),
        list(rule_nogoods(scope)),
        list(exclude_nogoods(scope)),
    )
    frames: dict[str, Shape] = {}
    for name in order:
        frame = _frame(scope, places[name], frames, [*values, *rules, *excludes])
        if frame is not None:
            frames[name] = frame
    if scope.problems:
        return {}
    included = _includes(scope, frames)
    found: dict[str, Shape] = {}
    for name, frame in frames.items():
        sizes = _sizes(scope, frame.axes)
        listed = combinations(sizes, frame.nogoods)
        extra = {key: value for key, value in included.get(name, {}).items() if key not in set(listed)}
        choices = tuple(
            Choice(c.words, c.path, c.when, found[c.shape.words.name] if c.shape else None) for c in frame.choices
        )
        found[name] = Shape(
            frame.words, frame.path, choices, frame.axes, frame.nogoods, tuple(sorted([*listed, *extra])), extra
        )
    _prove_effects(scope, found, values, rules, excludes)
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
                    path, f'no layer "{other}"{did_you_mean(other, places)}; an image carries a tag or a digest'
                )
            elif state.get(other) == "open":
                circle = [*trail[trail.index(other) :], other] if other in trail else [other, other]
                scope.problem(path, f"layers build on each other in a circle: {' -> '.join(circle)}")
            elif other not in state:
                yield from visit(other, (*trail, other))
        state[name] = "done"
        yield name

    for name in places:
        if name not in state:
            yield from visit(name, (name,))


def _frame(scope: Scope, index: int, frames: Mapping[str, Shape], everywhere: Sequence[Nogood]) -> Shape | None:
    """A shape without its combinations."""
    words = scope.loaded.words.layers[index]
    path: Path = ("layers", index)
    axes: dict[str, None] = {}
    for parent in words.parent:
        if parent.layer is not None and parent.layer in frames:
            axes.update(dict.fromkeys(frames[parent.layer].axes))
    for number, axis in enumerate(words.axes):
        if axis not in scope.axes:
            scope.problem((*path, "axes", number), f'unknown axis "{axis}"{did_you_mean(axis, scope.axes)}')
            return None
        axes[axis] = None
    nogoods = [nogood for nogood in everywhere if all(axis in axes for axis, _ in nogood.masks)]
    only = _own_masks(scope, (*path, "only"), words.only, axes, words.name)
    nogoods += only_nogoods(scope, (*path, "only"), words.name, only)
    choices = []
    for number, parent in enumerate(words.parent):
        at: Path = (*path, "parent", number)
        if (parent.layer is None) == (parent.image is None):
            scope.problem(at, "a parent is a layer or an image: give one of them")
            continue
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
    for axis in matchers:
        if axis in scope.axes and axis not in axes:
            scope.problem((*path, axis), f'axis "{axis}" is not among the axes of layer "{layer}" ({_list(axes)})')
    return scope.masks(path, matchers) or ()


def _includes(scope: Scope, frames: Mapping[str, Shape]) -> dict[str, dict[Combination, int]]:
    """Combinations that includes add, by layer, with the include's number; a child's bring its parents' along."""
    added: dict[str, dict[Combination, int]] = {}
    for index, include in enumerate(scope.loaded.words.include):
        path: Path = ("include", index)
        frame = frames.get(include.layer)
        if frame is None:
            scope.problem((*path, "layer"), f'no layer "{include.layer}"{did_you_mean(include.layer, frames)}')
            continue
        masks = scope.masks((*path, "match"), include.match)
        missing = [axis for axis in frame.axes if axis not in include.match]
        foreign = [axis for axis in include.match if axis in scope.axes and axis not in frame.axes]
        if missing:
            scope.problem((*path, "match"), f"say what {_list(missing)} is: an include names every axis of its layer")
        for axis in foreign:
            scope.problem((*path, "match", axis), f'axis "{axis}" is not among the axes of layer "{include.layer}"')
        if masks is None or missing or foreign:
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
            _add(frame, one, index, added)
    return added


def _add(frame: Shape, one: Combination, index: int, added: dict[str, dict[Combination, int]]) -> None:
    added.setdefault(frame.words.name, {}).setdefault(one, index)
    for choice in frame.choices:
        if choice.shape is not None and frame.holds(choice.when, one):
            projected = tuple(one[frame.axes.index(axis)] for axis in choice.shape.axes)
            _add(choice.shape, projected, index, added)


def _prove_effects(
    scope: Scope,
    found: Mapping[str, Shape],
    values: Sequence[Nogood],
    rules: Sequence[Nogood],
    excludes: Sequence[Nogood],
) -> None:
    """Every rule, exclude and lifecycle has something to act on, and every layer and value something left."""
    kept = [*values]
    for what, nogoods in (("exclude", excludes), ("rules", rules)):
        acting: dict[Path, bool] = {}
        for nogood in nogoods:
            at = nogood.cause.origin.path
            masks = nogood.masks if what == "exclude" else nogood.masks[:-1]
            able = any(
                shape.covers(nogood.masks) and _any_inside(scope, shape, masks, kept) for shape in found.values()
            )
            acting[at] = acting.get(at, False) or able
        for at, able in acting.items():
            if not able:
                key = "match" if what == "exclude" else "when"
                scope.problem((*at, key), "matches nothing: no layer has such a combination")
    for index, entry in enumerate(scope.loaded.words.lifecycle):
        masks = scope.masks(("lifecycle", index, "match"), entry.match) or ()
        if masks and not any(
            shape.covers(masks) and any(shape.holds(masks, one) for one in shape.combinations)
            for shape in found.values()
        ):
            scope.problem(("lifecycle", index, "match"), "matches nothing: no layer has such a combination")
    for shape in found.values():
        if not shape.combinations:
            scope.problem(shape.path, f'layer "{shape.words.name}" is built for nothing: every combination is removed')


def _any_inside(scope: Scope, shape: Shape, masks: Masks, kept: Sequence[Nogood]) -> bool:
    inside = [Nogood(((axis, scope.axes[axis].everything & ~mask),), _NO_CAUSE) for axis, mask in masks]
    own = [nogood for nogood in shape.nogoods if nogood.cause.kind == "layer"]
    return next(walk(_sizes(scope, shape.axes), [*inside, *own, *kept]), None) is not None


def _list(words: Sequence[str] | Mapping[str, None]) -> str:
    return ", ".join(words) or "it has none"

"""Tag rules that name a scheme: what the axes' roles give it, and what to add where it gives two images one tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bakegen.errors import near_or_all
from bakegen.expand import Combination
from bakegen.model import TagRule
from bakegen.plan import Pairs
from bakegen.resolve.axes import Path, Scope
from bakegen.resolve.binding import Binder
from bakegen.resolve.shapes import Shape
from bakegen.tags import SCHEMES, Part, Scheme, Subject, TagError, listed, write
from bakegen.templates import TemplateError


def renderer(
    scope: Scope, shape: Shape, rule: TagRule, path: Path, limited: Sequence[Combination]
) -> Callable[[Combination], str] | None:
    """A function that writes a combination's tag or raises TemplateError; None, with the problems noted, if none can.

    ``rule`` names a scheme, ``limited`` are the combinations that it is about.
    """
    name = rule.scheme or ""
    scheme = SCHEMES.get(name)
    if scheme is None:
        scope.problem((*path, "scheme"), f'no tag scheme "{name}"{near_or_all(name, SCHEMES)}')
        return None
    before = len(scope.problems)
    _know_options(scope, rule, scheme, path)
    axes = _roles(scope, shape, scheme, path)
    binder = Binder(scope, shape, limited)
    segments = [binder.text((*path, "segments", n), words) for n, words in enumerate(rule.segments)]
    if len(scope.problems) > before:
        return None
    places = [
        (role, axis, layer, shape.axes.index(axis), scope.axes[axis].choices) for role, (axis, layer) in axes.items()
    ]

    def render(one: Combination) -> str:
        parts = {
            role: Part(axis, layer, choices.names[one[place]], choices.versions[one[place]])
            for role, axis, layer, place, choices in places
        }
        written = tuple(text for text in (segment(one) for segment in segments) if text)
        try:
            return write(scheme, scheme.parts(Subject(shape.words.name, parts, written, rule.dev)))
        except TagError as error:
            raise TemplateError(str(error)) from None

    return render


def _know_options(scope: Scope, rule: TagRule, scheme: Scheme[object], path: Path) -> None:
    others = [one.name for one in SCHEMES.values() if one.dev]
    if rule.dev and not scheme.dev:
        scope.problem((*path, "dev"), f'the scheme "{scheme.name}" has no dev; {_has(others)}')
    others = [one.name for one in SCHEMES.values() if one.segments != "none"]
    if rule.segments and scheme.segments == "none":
        scope.problem((*path, "segments"), f'the scheme "{scheme.name}" has no segments; {_has(others)}')


def _has(schemes: Sequence[str]) -> str:
    return f"{', '.join(schemes)} {'has' if len(schemes) == 1 else 'have'}"


def _roles(scope: Scope, shape: Shape, scheme: Scheme[object], path: Path) -> dict[str, tuple[str, str]]:
    """The axis of each role that the scheme looks at, and the layer that adds it; what lacks or is double is noted."""
    products = _products(shape)
    found: dict[str, tuple[str, str]] = {}
    for axis in shape.axes:
        role = scope.axes[axis].words.role
        if role is None or role not in scheme.roles:
            continue
        if role in found:
            scope.problem(
                (*path, "scheme"),
                f'the axes "{found[role][0]}" and "{axis}" both have the role {role}: the scheme "{scheme.name}" '
                "cannot tell which is meant",
            )
        found[role] = (axis, products[axis])
    parts = {role: Part(axis, layer, "", "") for role, (axis, layer) in found.items()}
    for wanted in scheme.needs(parts):
        if not any(role in found for role in wanted):
            scope.problem((*path, "scheme"), _missing(scope, shape, scheme, wanted, tuple(found)))
    return found


def _missing(
    scope: Scope, shape: Shape, scheme: Scheme[object], wanted: tuple[str, ...], found: tuple[str, ...]
) -> str:
    beside = f" beside {listed(found, 'and')}" if found else ""
    need = f'the scheme "{scheme.name}" needs an axis with the role {listed(wanted)}{beside}'
    elsewhere = [axis for axis, table in scope.axes.items() if table.words.role in wanted]
    if elsewhere:
        known = ", ".join(shape.axes) or "it has none"
        return (
            f'{need}: axis "{elsewhere[0]}" has it, but is not among the axes of layer "{shape.words.name}" ({known})'
        )
    bare = [axis for axis in shape.axes if scope.axes[axis].words.role is None]
    if bare:
        return f'{need}: say role = "{wanted[0]}" under {listed(tuple(f"[axes.{axis}]" for axis in bare))}'
    return (
        f'{need}: layer "{shape.words.name}" has no axis that could have it ({", ".join(shape.axes) or "none at all"})'
    )


def _products(shape: Shape) -> dict[str, str]:
    """Each axis and the layer that adds it."""
    found = dict.fromkeys(shape.axes, shape.words.name)
    for choice in shape.choices:
        if choice.shape is not None:
            found.update(_products(choice.shape))
    return found


def apart(rule: TagRule, coordinates: Sequence[Pairs]) -> str:
    """How to tell images apart that have one tag; ``coordinates``: of those that this rule gives it to."""
    scheme = SCHEMES.get(rule.scheme or "")
    if scheme is None or scheme.segments not in {"bare", "keyed"}:
        return "name what tells them apart"
    if len(coordinates) < 2:
        return "name what tells them apart with segments = […]"
    axes = [axis for axis, _ in coordinates[0] if len({dict(one).get(axis) for one in coordinates}) > 1]
    prefixes = {"python": "py"} if scheme.segments == "bare" else {axis: axis for axis in axes} | {"python": "py"}
    wanted = [f"{prefixes.get(axis, '')}{{{axis}}}" for axis in axes]
    segments = ", ".join(f'"{segment}"' for segment in dict.fromkeys([*rule.segments, *wanted]))
    same = listed(tuple(axes), "and")
    return f'the scheme "{scheme.name}" does not tell {same} apart; name them with segments = [{segments}]'

"""Why a target is there, or why a combination is not, in words."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from bakegen.errors import NothingSelected, UsageError, did_you_mean, nearest, printable, short
from bakegen.plan import Axis, LayerShape, Nogood, Origin, Plan, Tag, Target

Place = Callable[[Origin], str]


def explain(plan: Plan, what: str, values: Sequence[str], place: Place) -> str:
    """The story of a target (by name or tag), of a layer's combination (``stack/layer`` and ``axis=value`` …), or of
    a target's name that no combination has.

    Raises NothingSelected with the nearest names, UsageError for coordinates that the layer does not have.
    """
    if values or any(what == f"{shape.stack}/{shape.name}" for shape in plan.layers):
        return _combination(plan, what, values, place)
    target = plan.by_name.get(what) or _tagged(plan, what)
    if target is not None:
        return _target(plan, target, place)
    for shape in plan.layers:
        found = _spelled(plan, shape, what)
        if found is not None:
            return _missing(plan, shape, found, place)
    layers = (f"{one.stack}/{one.name}" for one in plan.layers)
    tags = [name for one in plan.targets for tag in one.tags for name in _names(plan, tag)]
    repository, colon, _ = what.rpartition(":")
    own = [name for name in tags if colon and name.rpartition(":")[0] == repository]
    raise NothingSelected(_nothing(what, own or [*layers, *plan.by_name, *tags], own))


def _nothing(what: str, names: Sequence[str], own: Sequence[str] = ()) -> str:
    """``own``: the tags of the repository that was asked for, which are near whatever they are called."""
    near = nearest(what, names, 3) or own[:3]
    hint = f"nearest: {', '.join(near)}" if near else "`bakegen list` shows what there is"
    return f'no layer, target or tag is called "{short(what)}"; {hint}'


def _tagged(plan: Plan, what: str) -> Target | None:
    for target in plan.targets:
        for tag in target.tags:
            if what in _names(plan, tag):
                return target
    return None


def _names(plan: Plan, tag: Tag) -> tuple[str, str]:
    """A tag as it is asked for: whole, and without its registry."""
    return plan.reference(tag), f"{tag.repository}:{tag.tag}"


def _target(plan: Plan, target: Target, place: Place) -> str:
    lines = [target.name, f"  {target.title}", ""]
    lines += [f"layer      {target.layer_path} ({place(target.origin)})"]
    lines += [f"           {axis} = {value}" for axis, value in target.coordinates]
    lines.append(f"status     {target.status}" + (f": {target.status_reason}" if target.status_reason else ""))
    if target.included_by is not None:
        lines.append(f"included   against the rules: {target.included_by}")
    lines.append(f"platforms  {', '.join(target.platforms)}")
    for link in target.links:
        what = f"{link.ref}" if link.kind == "target" else f"{link.kind} {link.ref}"
        lines.append(f"context    {link.name} <- {what}")
    children = [other.name for other in plan.targets if target.name in other.parents]
    if children:
        more = f" and {len(children) - 5} more" if len(children) > 5 else ""
        lines.append(f"carries    {', '.join(children[:5])}{more}")
    for tag in target.tags:
        floats = ", floating" if tag.floating else ""
        lines.append(f"tag        {plan.reference(tag)} ({place(tag.origin)}{floats})")
    shape = next(one for one in plan.layers if (one.stack, one.name) == (target.stack, target.layer))
    passed = dict.fromkeys(_passed(plan, shape, target))
    if passed and target.included_by is None:
        lines += ["", "it passes:"]
        lines += [f"  {line}" for line in _causes(passed, place)]
    return _text(lines)


def _combination(plan: Plan, what: str, values: Sequence[str], place: Place) -> str:
    paths = {f"{shape.stack}/{shape.name}": shape for shape in plan.layers}
    shape = paths.get(what)
    if shape is None:
        target = plan.by_name.get(what) or _tagged(plan, what)
        if target is None:
            raise NothingSelected(_nothing(what, list(paths)))
        kind = "target" if what == target.name else "tag"
        raise UsageError(
            f'"{what}" is a {kind} and takes no coordinates: these go with stack/layer '
            f"(bakegen explain {target.layer_path} {shlex.join(values)})"
        )
    axes = _axes(plan, shape)
    given: dict[str, int] = {}
    for value in values:
        name, sign, text = value.partition("=")
        if not sign:
            raise UsageError(f'"{short(value)}" is no coordinate: write axis=value')
        axis = axes.get(name)
        if axis is None:
            raise UsageError(
                f'layer "{what}" has no axis "{name}"{did_you_mean(name, axes)}; it has {", ".join(axes) or "none"}'
            )
        if text not in axis.choices.names:
            raise UsageError(
                f'axis "{name}" has no value "{text}"{did_you_mean(text, axis.choices.names)}; '
                f"it has {', '.join(axis.choices.names)}"
            )
        index = axis.choices.names.index(text)
        if given.setdefault(name, index) != index:
            both = f"{axis.choices.names[given[name]]} and {text}"
            raise UsageError(f'axis "{name}" is given twice, as {both}: a combination has one value of it')
    wanted = {name: axes[name].choices.names[index] for name, index in given.items()}
    found = [
        target
        for target in plan.targets
        if (target.stack, target.layer) == (shape.stack, shape.name)
        and all(dict(target.coordinates)[name] == value for name, value in wanted.items())
    ]
    if len(found) == 1:
        return _target(plan, found[0], place)
    if found:
        lines = [f"{what} {_coordinates(wanted)}".rstrip() + f": {len(found)} targets"]
        lines += [f"  {target.name}" for target in found]
        return _text(lines)
    return _missing(plan, shape, given, place)


def _missing(plan: Plan, shape: LayerShape, given: Mapping[str, int], place: Place) -> str:
    axes = _axes(plan, shape)
    spelled = _coordinates({name: axes[name].choices.names[index] for name, index in given.items()})
    lines = [f"{shape.stack}/{shape.name} {spelled}: there is no such target", ""]
    against = [nogood for nogood in shape.nogoods if nogood.forbids(given)]
    if against:
        lines.append("removed by:")
        lines += [f"  {line}" for line in _causes(dict.fromkeys(against), place)]
    else:
        lines.append("no single rule removes it: every combination of the other axes is removed by some rule:")
        lines += [f"  {line}" for line in _causes(dict.fromkeys(_together(axes, shape, given)), place)]
    return _text(lines)


def _together(axes: Mapping[str, Axis], shape: LayerShape, given: Mapping[str, int]) -> list[Nogood]:
    """What takes the last value away from some axis, step by step, once some axes are ``given``.

    Where that takes trying values out, instead: all that is about what is given.
    """
    left = {name: 1 << given[name] if name in given else (1 << len(axis.choices)) - 1 for name, axis in axes.items()}
    steps: list[tuple[Nogood, str]] = []
    moved = True
    while moved and all(left.values()):
        moved = False
        for nogood in shape.nogoods:
            free = [(axis, mask) for axis, mask in nogood.masks if left[axis] & ~mask]
            touched = all(left[axis] & mask for axis, mask in nogood.masks)
            if touched and len(free) == 1:
                axis, mask = free[0]
            elif touched and not free:
                axis, mask = nogood.masks[-1]
            else:
                continue
            left[axis] &= ~mask
            steps.append((nogood, axis))
            moved = True
            if not left[axis]:
                break
    emptied = {axis for axis, values in left.items() if not values}
    if not emptied:
        about = [(n, [mask >> given[axis] & 1 for axis, mask in n.masks if axis in given]) for n in shape.nogoods]
        return [nogood for nogood, held in about if held and all(held)]
    chain = []
    for nogood, axis in reversed(steps):
        if axis in emptied:
            chain.append(nogood)
            emptied |= {other for other, _ in nogood.masks}
    return chain[::-1]


def _causes(nogoods: Mapping[Nogood, None], place: Place) -> Iterator[str]:
    for cause in dict.fromkeys(nogood.cause for nogood in nogoods):
        source = f" [{cause.source}]" if cause.source else ""
        yield f"{cause.kind} ({place(cause.origin)}): {cause.reason}{source}"


def _passed(plan: Plan, shape: LayerShape, target: Target) -> Iterator[Nogood]:
    """The rules whose condition the target meets, and the excludes of several axes that it misses by one."""
    axes = _axes(plan, shape)
    values = {axis: axes[axis].choices.names.index(value) for axis, value in target.coordinates}
    for nogood in shape.nogoods:
        held = [mask >> values[axis] & 1 for axis, mask in nogood.masks]
        met = nogood.cause.kind == "rule" and all(held[:-1])
        missed = nogood.cause.kind == "exclude" and sum(held) == len(held) - 1 > 0
        if met or missed:
            yield nogood


def _spelled(plan: Plan, shape: LayerShape, what: str) -> dict[str, int] | None:
    """The coordinates whose slugs make up a target's name, which need not exist."""
    from bakegen.names import slug

    prefix = f"{shape.stack}-{shape.name}"
    if not what.startswith(prefix):
        return None
    rests: list[tuple[str, dict[str, int]]] = [(what[len(prefix) :], {})]
    for name, axis in _axes(plan, shape).items():
        rests = [
            (rest[len(slug(value)) + 1 :], {**found, name: index})
            for rest, found in rests
            for index, value in enumerate(axis.choices.names)
            if rest.startswith(f"-{slug(value)}")
        ]
    return next((found for rest, found in rests if not rest), None)


def _axes(plan: Plan, shape: LayerShape) -> dict[str, Axis]:
    known = {axis.name: axis for axis in plan.axes if axis.stack == shape.stack}
    return {name: known[name] for name in shape.axes}


def _coordinates(values: Mapping[str, str]) -> str:
    return " ".join(f"{axis}={value}" for axis, value in values.items())


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{printable(line)}\n" for line in lines)

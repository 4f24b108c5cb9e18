"""The axes of a stack as tables, and its rules, excludes and ``only`` as nogoods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bakegen import versions
from bakegen.errors import Problem, did_you_mean
from bakegen.load import LoadedStack, suspicious_fields
from bakegen.matchers import Choices, take
from bakegen.model import Axis, Value
from bakegen.names import InvalidName, normalise_platform, slug
from bakegen.plan import Cause, Nogood, Origin

Path = tuple[str | int, ...]
Masks = tuple[tuple[str, int], ...]
_RESERVED_AXES = ("stack", "layer", "platform")


@dataclass(frozen=True)
class AxisTable:
    """One axis: what matchers ask, its fields by name (a text per value), and what its values are limited to."""

    name: str
    words: Axis
    choices: Choices
    fields: Mapping[str, tuple[str, ...]]
    slugs: tuple[str, ...]
    platforms: tuple[frozenset[str] | None, ...]

    @property
    def everything(self) -> int:
        """The mask of all values."""
        return (1 << len(self.choices)) - 1


@dataclass(frozen=True)
class Scope:
    """A stack on the way to its plan: its words, its axes, and the problems found so far."""

    loaded: LoadedStack
    axes: Mapping[str, AxisTable]
    problems: list[Problem]

    def problem(self, path: Path, message: str) -> None:
        """Note a problem with the words at ``path``."""
        self.problems.append(self.loaded.source.problem(path, message))

    def origin(self, path: Path) -> Origin:
        """The words at ``path`` as an origin."""
        return Origin(self.loaded.source.file, path)

    def masks(self, path: Path, matchers: Mapping[str, Sequence[str]]) -> Masks | None:
        """The matchers of a table as masks; None, with the problems noted, when one of them cannot be taken."""
        found = []
        sound = True
        for axis, patterns in matchers.items():
            table = self.axes.get(axis)
            if table is None:
                self.problem((*path, axis), f'unknown axis "{axis}"{did_you_mean(axis, self.axes)}')
                sound = False
                continue
            taken = take(tuple(patterns), table.choices)
            for complaint in taken.complaints:
                self.problem((*path, axis), complaint)
                sound = False
            found.append((axis, taken.mask))
        return tuple(found) if sound else None


def scope(loaded: LoadedStack, problems: list[Problem]) -> Scope:
    """The axes of a stack, checked: one name a value, versions that their scheme reads, platforms spelt right."""
    axes = {}
    draft = Scope(loaded, axes, problems)
    for name, words in loaded.words.axes.items():
        if name in _RESERVED_AXES:
            draft.problem(("axes", name), f'an axis cannot be called "{name}": the word means something in templates')
        axes[name] = _table(draft, name, words)
    return draft


def _table(draft: Scope, name: str, words: Axis) -> AxisTable:
    path: Path = ("axes", name, "values")
    names = tuple(value.name for value in words.values)
    seen: dict[str, int] = {}
    for index, value in enumerate(words.values):
        if value.name in seen:
            draft.problem((*path, index), f'"{value.name}" stands twice in axis "{name}"')
        seen.setdefault(value.name, index)
        for field, key in suspicious_fields(value):
            draft.problem((*path, index, field), f'unknown key "{field}" (did you mean "{key}"?)')
        if value.status in ("unsupported", "wip", "planned") and value.reason is None:
            draft.problem((*path, index), f'"{value.name}" is {value.status}: say why with reason = "…"')
    compared = tuple(value.version or value.name for value in words.values)
    scheme = words.scheme or versions.infer(compared)
    if scheme != "text":
        for index, version in enumerate(compared):
            try:
                versions.key(version, scheme)
            except versions.VersionError as error:
                draft.problem((*path, index), str(error))
    platforms = tuple(_platforms(draft, (*path, index), value) for index, value in enumerate(words.values))
    choices = Choices(name, scheme, names, compared)
    return AxisTable(name, words, choices, _fields(words.values), tuple(map(slug, names)), platforms)


def _fields(values: Sequence[Value]) -> dict[str, tuple[str, ...]]:
    fields = {
        "name": tuple(value.name for value in values),
        "version": tuple(value.version or value.name for value in values),
    }
    extras = [value.__pydantic_extra__ or {} for value in values]
    for field in sorted({field for extra in extras for field in extra}):
        fields[field] = tuple(extra.get(field, value.name) for value, extra in zip(values, extras, strict=True))
    return fields


def _platforms(draft: Scope, path: Path, value: Value) -> frozenset[str] | None:
    if value.platforms is None:
        return None
    return frozenset(platforms(draft, (*path, "platforms"), value.platforms))


def platforms(draft: Scope, path: Path, words: Sequence[str]) -> tuple[str, ...]:
    """Platforms in the user's order, each in its one spelling; what is no platform, or stands twice, is a problem."""
    found: dict[str, None] = {}
    for index, word in enumerate(words):
        try:
            platform = normalise_platform(word)
        except InvalidName as error:
            draft.problem((*path, index), str(error))
            continue
        if platform in found:
            draft.problem((*path, index), f'"{word}" is "{platform}", which stands here already')
        found[platform] = None
    return tuple(found)


def value_nogoods(draft: Scope) -> Iterator[Nogood]:
    """What each value's ``only`` removes."""
    for name, table in draft.axes.items():
        for index, value in enumerate(table.words.values):
            path: Path = ("axes", name, "values", index, "only")
            for axis, patterns in value.only.items():
                if axis == name:
                    draft.problem((*path, axis), f'"{value.name}" cannot limit its own axis')
                    continue
                masks = draft.masks(path, {axis: patterns})
                if masks is None:
                    continue
                reason = f'{name} "{value.name}" combines only with {axis} {_or(patterns)}'
                cause = Cause("value", draft.origin(path), value.reason or reason, value.source)
                yield Nogood(((name, 1 << index), (axis, draft.axes[axis].everything & ~masks[0][1])), cause)


def rule_nogoods(draft: Scope) -> Iterator[Nogood]:
    """What the stack's rules remove: each thing required, by itself."""
    for index, rule in enumerate(draft.loaded.words.rules):
        path: Path = ("rules", index)
        when = draft.masks((*path, "when"), rule.when)
        require = draft.masks((*path, "require"), rule.require)
        if when is None or require is None:
            continue
        for axis, mask in require:
            if axis in dict(when):
                draft.problem((*path, "require", axis), f'"{axis}" stands in when: what it must be is said there')
                continue
            cause = Cause("rule", draft.origin(path), rule.reason, rule.source)
            yield Nogood((*when, (axis, draft.axes[axis].everything & ~mask)), cause)


def exclude_nogoods(draft: Scope) -> Iterator[Nogood]:
    """What the stack's excludes remove."""
    for index, exclude in enumerate(draft.loaded.words.exclude):
        path: Path = ("exclude", index)
        masks = draft.masks((*path, "match"), exclude.match)
        if masks is not None:
            yield Nogood(masks, Cause("exclude", draft.origin(path), exclude.reason, exclude.source))


def only_nogoods(
    draft: Scope, path: Path, layer: str, masks: Masks, when: Masks = (), kind: Literal["layer"] = "layer"
) -> Iterator[Nogood]:
    """What a layer's ``only`` removes; with ``when``, from a child that is built on the layer where that holds."""
    for axis, mask in masks:
        table = draft.axes[axis]
        names = [table.choices.names[i] for i in range(len(table.choices)) if mask >> i & 1]
        reason = f'layer "{layer}" exists only for {axis} {_or(names)}'
        cause = Cause(kind, draft.origin(path), reason, None)
        yield Nogood((*when, (axis, table.everything & ~mask)), cause)


def _or(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]

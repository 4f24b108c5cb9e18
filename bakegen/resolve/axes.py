"""The axes of a stack as tables, and its rules, excludes and ``only`` as nogoods."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bakegen import labels, versions
from bakegen.errors import Problem, near_or_all
from bakegen.load import LoadedStack, suspicious_fields
from bakegen.matchers import Choices, take
from bakegen.model import Axis, Value
from bakegen.names import InvalidName, normalise_platform, slug
from bakegen.plan import Cause, Nogood, Origin, Pairs

Path = tuple[str | int, ...]
Masks = tuple[tuple[str, int], ...]
_RESERVED_AXES = ("stack", "layer", "platform")
TO_EXPLAIN = ("unsupported", "wip", "planned")


@dataclass(frozen=True)
class AxisTable:
    """One axis: what matchers ask, its fields by name (a text per value), and what its values are limited to."""

    name: str
    words: Axis
    choices: Choices
    fields: Mapping[str, tuple[str | None, ...]]
    slugs: tuple[str, ...]
    platforms: tuple[frozenset[str] | None, ...]

    @property
    def everything(self) -> int:
        """The mask of all values."""
        return (1 << len(self.choices)) - 1


@dataclass
class Scope:
    """A stack on the way to its plan: its words, its axes, and the problems found so far.

    What cannot be trusted is kept too, so that one mistake does not show as several: ``broken`` axes, ``lost`` layers
    (unknown parents or axes, and what stands on such), ``shaky`` combinations (a rule that cannot be read), and
    ``unsure`` platforms.
    """

    loaded: LoadedStack
    axes: Mapping[str, AxisTable]
    problems: list[Problem]
    platforms: tuple[str, ...] | None = None
    broken: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    shaky: bool = False
    unsure: bool = False

    def problem(self, path: Path, message: str) -> None:
        """Note a problem with the words at ``path``."""
        self.problems.append(self.loaded.source.problem(path, message))

    def origin(self, path: Path) -> Origin:
        """The words at ``path`` as an origin."""
        return Origin(self.loaded.source.file, path)

    def masks(self, path: Path, matchers: Mapping[str, Sequence[str]]) -> Masks | None:
        """The matchers of a table as masks; None, with the problems noted, when one of them cannot be taken.

        A matcher on a broken axis cannot be taken either, but the problem is the axis's.
        """
        found = []
        sound = True
        for axis, patterns in matchers.items():
            table = self.axes.get(axis)
            if table is None:
                self.problem((*path, axis), f'unknown axis "{axis}"{near_or_all(axis, self.axes)}')
                sound = False
                continue
            if axis in self.broken:
                sound = False
                continue
            taken = take(tuple(patterns), table.choices)
            for complaint in taken.complaints:
                self.problem((*path, axis), complaint)
                sound = False
            found.append((axis, taken.mask))
        return tuple(found) if sound else None


def joined(folder: str, path: str) -> str:
    """``path``, relative to ``folder``, from the project's root, in one spelling."""
    return posixpath.normpath(posixpath.join(folder, path))


def spelled(coordinates: Pairs) -> str:
    """Coordinates as people write them."""
    return " ".join(f"{axis}={value}" for axis, value in coordinates)


def scope(loaded: LoadedStack, problems: list[Problem]) -> Scope:
    """The axes of a stack, checked: one name a value, versions that their scheme reads, platforms spelt right."""
    axes: dict[str, AxisTable] = {}
    draft = Scope(loaded, axes, problems)
    if loaded.words.platforms is not None:
        draft.platforms = platforms(draft, ("platforms",), loaded.words.platforms)
        draft.unsure = len(draft.platforms) < len(loaded.words.platforms)
    for name, words in loaded.words.axes.items():
        limits = tuple(
            _limits(draft, ("axes", name, "values", index), value) for index, value in enumerate(words.values)
        )
        before = len(problems)
        if name in _RESERVED_AXES:
            draft.problem(("axes", name), f'an axis cannot be called "{name}": the word means something in templates')
        axes[name] = _table(draft, name, words, limits)
        if len(problems) > before:
            draft.broken.add(name)
    return draft


def _table(draft: Scope, name: str, words: Axis, limits: tuple[frozenset[str] | None, ...]) -> AxisTable:
    path: Path = ("axes", name, "values")
    names = tuple(value.name for value in words.values)
    slugs = tuple(map(slug, names))
    first: dict[str, int] = {}
    for index, value in enumerate(words.values):
        other = first.setdefault(slugs[index], index)
        if names[other] == value.name and other != index:
            draft.problem((*path, index), f'"{value.name}" stands twice in axis "{name}" {_there(draft, path, other)}')
        elif other != index:
            draft.problem(
                (*path, index),
                f'"{value.name}" and "{names[other]}" {_there(draft, path, other)} are both "{slugs[index]}" in the '
                "names of targets, which hold letters, digits, - and _ only",
            )
        for key, near in suspicious_fields(value):
            draft.problem((*path, index, key), f'unknown key "{key}" (did you mean "{near}"?)')
    compared = tuple(value.version or value.name for value in words.values)
    scheme = words.scheme or versions.infer(compared)
    if scheme != "text":
        for index, version in enumerate(compared):
            try:
                versions.key(version, scheme)
            except versions.VersionError as error:
                draft.problem((*path, index), str(error))
    return AxisTable(name, words, Choices(name, scheme, names, compared), _fields(words.values), slugs, limits)


def _there(draft: Scope, path: Path, index: int) -> str:
    there = draft.loaded.source.problem((*path, index), "")
    return f"({there.file}:{there.line})"


def _fields(values: Sequence[Value]) -> dict[str, tuple[str | None, ...]]:
    """The fields of an axis's values.

    A value that is only a name stands for any field of it, and so does one that is planned; a table says what it has.
    """

    def default(value: Value) -> str | None:
        bare = value.model_fields_set == {"name"} and not value.__pydantic_extra__
        return value.name if bare or value.status == "planned" else None

    fields: dict[str, tuple[str | None, ...]] = {
        "name": tuple(value.name for value in values),
        "version": tuple(value.version or value.name for value in values),
    }
    extras = [value.__pydantic_extra__ or {} for value in values]
    for key in sorted({key for extra in extras for key in extra}):
        fields[key] = tuple(extra.get(key, default(value)) for value, extra in zip(values, extras, strict=True))
    return fields


def _limits(draft: Scope, path: Path, value: Value) -> frozenset[str] | None:
    """The platforms that a value is limited to; what else is wrong with it, but leaves the axis usable, is noted."""
    for key, text in (value.__pydantic_extra__ or {}).items():
        if labels.holds_secret(text):
            draft.problem((*path, key), "looks like a secret, and a stack is no place for one: give it under secrets")
    if value.status in TO_EXPLAIN and value.reason is None:
        draft.problem(path, f'"{value.name}" is {value.status}: say why with reason = "…"')
    if value.platforms is None:
        return None
    found = platforms(draft, (*path, "platforms"), value.platforms)
    draft.unsure |= len(found) < len(value.platforms)
    return frozenset(found)


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
            same = "stands here twice" if word == platform else f'is "{platform}", which stands here already'
            draft.problem((*path, index), f'"{word}" {same}')
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

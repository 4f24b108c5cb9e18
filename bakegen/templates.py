"""The strings of the stack language that hold ``{axis}``, ``{axis.field}``, ``{stack}``, ``{layer}`` and filters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bakegen.errors import near_or_all
from bakegen.names import slug
from bakegen.versions import components

_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_INSIDE = re.compile(r"\s*([A-Za-z0-9_-]+)(?:\.([A-Za-z0-9_-]+))?((?:\s*\|\s*[A-Za-z0-9_-]+)*)\s*\Z")
_OPENEULER = re.compile(r"(?:openeuler-?)?([0-9]{2})\.(0[1-9]|1[0-2])(-lts)?(-sp[1-9][0-9]*)?\Z")


class TemplateError(ValueError):
    """A string that is no template, or one that has no meaning where it stands; the message says why."""


@dataclass(frozen=True, slots=True)
class Hole:
    """``{name.field|filter}``."""

    name: str
    field: str | None
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template bound to the axes of a layer: literal text, and tables of text by the index of an axis's value."""

    parts: tuple[str | tuple[int, tuple[str, ...]], ...]

    def __call__(self, combination: Sequence[int]) -> str:
        """The text for one combination (indexes of values, in the order of the layer's axes), in Unicode's NFC."""
        parts = self.parts
        if len(parts) == 1:
            part = parts[0]
            return part if isinstance(part, str) else part[1][combination[part[0]]]
        text = "".join([part if isinstance(part, str) else part[1][combination[part[0]]] for part in parts])
        return text if text.isascii() else unicodedata.normalize("NFC", text)

    @property
    def constant(self) -> bool:
        """Whether the text is the same for every combination."""
        return all(isinstance(part, str) for part in self.parts)


def parse(text: str) -> tuple[str | Hole, ...]:
    """The literal parts and holes of ``text``; ``{{`` and ``}}`` are literal braces. Raises TemplateError."""
    parts: list[str | Hole] = []
    literal = ""
    end = 0
    for match in _HOLE.finditer(text):
        literal += text[end : match.start()]
        end = match.end()
        token = match[0]
        if token in ("{{", "}}"):
            literal += token[0]
        elif match[1] is None:
            raise TemplateError(f'"{token}" stands alone: write "{token}{token}" for the character itself')
        else:
            inside = _INSIDE.match(match[1])
            if inside is None:
                raise TemplateError(
                    f'"{token}" is no name: write {{axis}}, {{axis.field}} or {{axis|filter}}, or double the braces'
                )
            if literal:
                parts.append(literal)
                literal = ""
            filters = tuple(part.strip() for part in inside[3].split("|")[1:])
            parts.append(Hole(inside[1], inside[2], filters))
    literal += text[end:]
    if literal or not parts:
        parts.append(literal)
    return tuple(parts)


def bind(
    text: str,
    constants: Mapping[str, str],
    axes: Sequence[str],
    fields: Mapping[str, Mapping[str, Sequence[str | None]]],
    reach: Mapping[str, Collection[int]] | None = None,
) -> Compiled:
    """``text`` bound to a layer: ``constants`` (stack, layer), its axes in order, and each axis's fields.

    ``fields[axis][field]`` holds the text of each of the axis's values, by index, None where the value lacks the field;
    the field ``name`` stands for the axis itself. ``reach``: the values of each axis, by index, that the text will be
    asked for; the others may lack the field, and a filter may refuse them. Raises TemplateError for an unknown name,
    field or filter, for a field that a value lacks, and for a filter that a value refuses.
    """
    parts: list[str | tuple[int, tuple[str, ...]]] = []
    for part in parse(text):
        if isinstance(part, str):
            parts.append(unicodedata.normalize("NFC", part))
            continue
        for name in part.filters:
            if name not in FILTERS:
                raise TemplateError(f'unknown filter "{name}"{near_or_all(name, FILTERS)}')
        if part.name in constants:
            if part.field is not None:
                raise TemplateError(f'"{part.name}" has no fields')
            parts.append(_filtered(constants[part.name], part.filters))
            continue
        if part.name not in axes:
            raise TemplateError(_unknown_axis(part.name, constants, axes, fields))
        tables = fields[part.name]
        field = part.field or "name"
        if field not in tables:
            raise TemplateError(f'no value of axis "{part.name}" has a field "{field}"{near_or_all(field, tables)}')
        reached = range(len(tables[field])) if reach is None else reach[part.name]
        table: list[str] = []
        for index, value in enumerate(tables[field]):
            if index in reached and value is None:
                lacking = tables["name"][index]
                raise TemplateError(f'the value "{lacking}" of axis "{part.name}" has no field "{field}": give it one')
            table.append(
                unicodedata.normalize("NFC", _filtered(value, part.filters)) if index in reached and value else ""
            )
        parts.append((axes.index(part.name), tuple(table)))
    if all(isinstance(part, str) for part in parts):
        return Compiled((unicodedata.normalize("NFC", "".join(str(part) for part in parts)),))
    return Compiled(tuple(parts))


def _unknown_axis(name: str, constants: Mapping[str, str], axes: Sequence[str], fields: Mapping[str, object]) -> str:
    if name in fields:
        return f'axis "{name}" is not among this layer\'s axes ({", ".join(axes) or "it has none"})'
    return f'unknown axis "{name}"{near_or_all(name, [*axes, *constants])}; for the braces themselves double them'


def _filtered(text: str, filters: Sequence[str]) -> str:
    for name in filters:
        text = FILTERS[name](text)
    return text


def _major(text: str) -> str:
    numbers = components(text)
    if not numbers:
        raise TemplateError(f'filter "major" needs a version, not "{text}"')
    return numbers[0]


def _minor(text: str) -> str:
    numbers = components(text)
    if len(numbers) < 2:
        raise TemplateError(f'filter "minor" needs a version with two numbers, not "{text}"')
    return ".".join(numbers[:2])


def _openeuler(text: str) -> str:
    if _OPENEULER.match(text.lower()) is None:
        raise TemplateError(f'filter "oe" needs an openEuler version such as "24.03-lts-sp3", not "{text}"')
    return openeuler_short(text)


def openeuler_short(text: str) -> str:
    """openEuler's short form of a release, as EulerPublisher makes it: ``24.03-lts-sp3`` -> ``oe2403sp3``.

    A long-term release without its ``-lts`` is refused: what ``24.03`` stands for moves with every service pack.
    Raises TemplateError.
    """
    match = _OPENEULER.match(text.lower())
    if match is None:
        raise TemplateError(f'"{text}" is no openEuler release, such as "24.03-lts-sp3"')
    year, month, lts, pack = match.groups("")
    if not lts and not pack and month == "03" and int(year) % 2 == 0:
        raise TemplateError(f'"{text}" is a moving name: write the release, such as "{text}-lts" or "{text}-lts-sp1"')
    return f"oe{year}{month}{pack.lstrip('-') or lts.lstrip('-')}"


FILTERS: Mapping[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "nodot": lambda text: text.replace(".", ""),
    "dash": lambda text: text.replace(".", "-"),
    "slug": slug,
    "major": _major,
    "minor": _minor,
    "oe": _openeuler,
}
"""``lower`` and ``upper`` case; ``nodot`` 3.11 -> 311; ``dash`` 3.11 -> 3-11; ``slug`` what a target's name may hold;
``major`` 8.5.1 -> 8; ``minor`` 8.5.1 -> 8.5; ``oe`` openEuler's short form, 24.03-lts-sp3 -> oe2403sp3."""

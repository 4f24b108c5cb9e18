"""Backend.AI's tags of kernel images: a version, then platform tags: ``3.6-py36-cuda9``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bakegen import versions
from bakegen.tags.scheme import Part, Scheme, Software, Subject, TagError

_LEGAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_PLATFORM_TAG = re.compile(r"([a-zA-Z_]+)([0-9]+(?:\.[0-9]+)*[a-z0-9]*)?\Z")
_VERSIONED = ("application", "framework", "language", "sdk")
_ORDER = ("framework", "language", "sdk", "accelerator")


@dataclass(frozen=True, slots=True)
class Backendai:
    """What a kernel image's tag says: a version, then keys with a version each, which may be empty (``srv``)."""

    version: str
    platform: tuple[Software, ...] = ()


def _needs(parts: Mapping[str, Part]) -> tuple[tuple[str, ...], ...]:
    return () if any(role in parts for role in _VERSIONED) else (_VERSIONED,)


def _parts(subject: Subject) -> Backendai:
    parts = subject.parts
    first = next(role for role in _VERSIONED if role in parts)
    version = parts[first].name
    if "-" in version:
        raise TagError(f'"{version}" is no version in a tag of the scheme "backendai": a dash ends it')
    tags = [_called(parts[role]) for role in _ORDER if role in parts and role != first]
    tags += [*subject.segments, *([_called(parts["os"])] if "os" in parts else [])]
    return Backendai(version, tuple(map(_platform_tag, tags)))


def _called(part: Part) -> str:
    """A value as it is called where that is a platform tag, else after its axis; an axis python gives ``py311``."""
    if _PLATFORM_TAG.match(part.name):
        return part.name
    return f"py{part.name.replace('.', '')}" if part.axis == "python" else f"{part.axis}{part.name}"


def _platform_tag(text: str) -> Software:
    match = _PLATFORM_TAG.match(text)
    if match is None:
        raise TagError(f'"{text}" is no platform tag: letters, then a version or nothing, such as "py311" or "srv"')
    return Software(match[1], match[2] or "")


def _spell(parts: Backendai) -> str:
    return "-".join([parts.version, *(f"{one.name}{one.version}" for one in parts.platform)])


def _parse(tag: str) -> Backendai:
    """A tag's parts by the platform's own grammar (``ImageRef`` and ``PlatformTagSet`` of its manager)."""
    if not _LEGAL.match(tag):
        raise TagError("Backend.AI's tags hold letters, digits, . _ and -, and start and end with a letter or digit")
    version, *rest = tag.split("-")
    platform: dict[str, Software] = {}
    for one in map(_platform_tag, rest):
        other = platform.setdefault(one.name, one)
        if other is not one:
            both = f'"{other.name}{other.version}" and "{one.name}{one.version}"'
            raise TagError(f'the platform tag "{one.name}" stands twice, in {both}')
    return Backendai(version, tuple(platform.values()))


def incomparable(parts: Backendai) -> tuple[str, ...]:
    """The versions that the platform cannot compare: where two such images differ, ``packaging`` raises."""
    found = [parts.version, *(one.version for one in parts.platform if one.version)]
    return tuple(text for text in found if not _comparable(text))


def _comparable(text: str) -> bool:
    try:
        versions.key(text, "pep440")
    except versions.VersionError:
        return False
    return True


def _kind(_: Backendai) -> str:
    return "kernel"


def _liberties(_: Backendai) -> str:
    return ""


def _shown(parts: Backendai) -> Mapping[str, Any]:
    return {**asdict(parts), "incomparable": incomparable(parts)}


BACKENDAI = Scheme(
    name="backendai",
    roles=("application", "framework", "language", "sdk", "accelerator", "os"),
    dev=False,
    segments="keyed",
    needs=_needs,
    parts=_parts,
    spell=_spell,
    parse=_parse,
    kind=_kind,
    liberties=_liberties,
    shown=_shown,
)

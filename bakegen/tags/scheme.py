"""What a named tag scheme is, and what it writes a tag about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

P = TypeVar("P")


class TagError(ValueError):
    """A tag that a scheme cannot write or read; the message says what is wrong, and what to do where that is known."""


@dataclass(frozen=True, slots=True)
class Part:
    """What an image has of one role: the axis, the layer that adds it, and the value's name and version."""

    axis: str
    layer: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Subject:
    """An image that a tag is written about: its layer, its parts by role, and what the tag rule adds."""

    layer: str
    parts: Mapping[str, Part]
    segments: tuple[str, ...] = ()
    dev: bool = False


@dataclass(frozen=True, slots=True)
class Software:
    """A product and its version, as they stand in a tag."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Scheme(Generic[P]):
    """A named tag scheme; ``P`` is what a tag of it says.

    ``roles``: those it looks at. ``needs``: of those, groups of which one must be there, given what is there.
    ``dev``: whether it has tags of development images. ``segments``: which a tag rule may add, namely none, some of its
    ``own``, any text (``bare``), or any that starts with letters (``keyed``). ``parts``, ``spell`` and ``parse`` raise
    TagError; ``kind`` names what a tag is of, ``liberties`` says what keeps it from being one of the specification's
    (empty: nothing), ``shown`` gives the parts for JSON.
    """

    name: str
    roles: tuple[str, ...]
    dev: bool
    segments: Literal["none", "own", "bare", "keyed"]
    needs: Callable[[Mapping[str, Part]], tuple[tuple[str, ...], ...]]
    parts: Callable[[Subject], P]
    spell: Callable[[P], str]
    parse: Callable[[str], P]
    kind: Callable[[P], str]
    liberties: Callable[[P], str]
    shown: Callable[[P], Mapping[str, Any]]


def fitting(part: Part, grammar: str, what: str) -> str:
    """The name of a part's value, which must be of a grammar; ``what`` says which. Raises TagError."""
    if not re.fullmatch(grammar, part.name):
        raise TagError(f'the value "{part.name}" of axis "{part.axis}" is no {what}')
    return part.name


def listed(words: tuple[str, ...], last: str = "or") -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    return ", ".join(words[:-1]) + f" {last} {words[-1]}" if len(words) > 1 else words[0]

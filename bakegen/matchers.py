"""Matchers: a name, a glob, a list or a version range, and the values of an axis that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bakegen import versions
from bakegen.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Choices:
    """What a matcher is asked about: the values of one axis, and the scheme that their versions compare by."""

    axis: str
    scheme: str
    names: tuple[str, ...]
    versions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Taken:
    """The indexes of the values that a matcher takes, as a bit mask, and why parts of it take none."""

    mask: int
    complaints: tuple[str, ...]


@lru_cache(maxsize=65536)
def take(patterns: tuple[str, ...], choices: Choices) -> Taken:
    """The values of ``choices`` that any of ``patterns`` takes; every pattern that takes none is complained of."""
    mask = 0
    complaints = []
    for pattern in patterns:
        try:
            one = _take_one(pattern, choices)
        except versions.VersionError as error:
            complaints.append(str(error))
            continue
        if not one:
            known = ", ".join(choices.names[:6]) + (", …" if len(choices) > 6 else "")
            complaints.append(
                f'"{pattern}" matches no value of axis "{choices.axis}" ({known}){did_you_mean(pattern, choices.names)}'
            )
        mask |= one
    return Taken(mask, tuple(complaints))


def _take_one(pattern: str, choices: Choices) -> int:
    if pattern in choices.names:
        return 1 << choices.names.index(pattern)
    if versions.is_range(pattern):
        wanted = versions.parse_range(pattern, choices.scheme)
        compared = choices.names if choices.scheme == "text" else choices.versions
        return _mask(wanted.contains(version) for version in compared)
    if any(char in pattern for char in "*?["):
        matches = re.compile(_glob(pattern)).match
        return _mask(matches(name) is not None for name in choices.names)
    return 0


def _mask(hits: Iterable[bool]) -> int:
    mask = 0
    for index, hit in enumerate(hits):
        if hit:
            mask |= 1 << index
    return mask


def _glob(pattern: str) -> str:
    import fnmatch

    return fnmatch.translate(pattern)


def glob(pattern: str, names: Sequence[str]) -> list[str]:
    """The names that a shell pattern (``*``, ``?``, ``[…]``; case counts) takes."""
    if not any(char in pattern for char in "*?["):
        return [name for name in names if name == pattern]
    matches = re.compile(_glob(pattern)).match
    return [name for name in names if matches(name)]


def members(mask: int) -> list[int]:
    """The indexes in a bit mask, ascending."""
    found = []
    index = 0
    while mask:
        if mask & 1:
            found.append(index)
        mask >>= 1
        index += 1
    return found

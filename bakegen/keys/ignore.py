"""What a .dockerignore keeps out of a build context.

The rules are those of BuildKit's own reader and matcher (github.com/moby/patternmatcher and its ignorefile, and
tonistiigi/fsutil's filter, which walks the context with them); the engine tests hold this room against a real one.
"""

from __future__ import annotations

import posixpath
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_BOM = "\ufeff"
_PLAIN = frozenset(".+()|{}$")
_SPACE = " \t\n\v\f\r\x85\xa0"


class IgnoreError(ValueError):
    """Lines that BuildKit refuses: their numbers, from 1, and what is wrong with each."""

    def __init__(self, *problems: tuple[int, str]) -> None:
        super().__init__("\n".join(message for _, message in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: what it matches with, and whether it is an exception (``!``) to those before it."""

    exception: bool
    kind: Literal["exact", "prefix", "suffix", "regex"]
    text: str

    def matches(self, path: str) -> bool:
        """Whether the path itself matches; what lies in a matched folder is the walk's business."""
        if self.kind == "exact":
            return path == self.text
        if self.kind == "prefix":
            return path.startswith(self.text)
        if self.kind == "suffix":
            return path.endswith(self.text) or (self.text[:1] == "/" and path == self.text[1:])
        return _compiled(self.text).fullmatch(path) is not None


def patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of a .dockerignore, in order. Raises IgnoreError with every line that BuildKit refuses to read."""
    found: list[Pattern] = []
    wrong: list[tuple[int, str]] = []
    for number, line in enumerate(text.removeprefix(_BOM).split("\n"), 1):
        words = line.strip(_SPACE)
        if line.startswith("#") or not words:
            continue
        try:
            found.append(_pattern(words))
        except ValueError as error:
            wrong.append((number, str(error)))
    if wrong:
        raise IgnoreError(*wrong)
    return tuple(found)


def _pattern(line: str) -> Pattern:
    """One line, without white space around it. Raises ValueError."""
    exception = line.startswith("!")
    words = line[1:].strip(_SPACE) if exception else line
    cleaned = _clean(words) if words else ""
    if len(cleaned) > 1 and cleaned.startswith("/"):
        cleaned = cleaned[1:]
    if not exception and cleaned.startswith("!"):
        exception, cleaned = True, cleaned[1:]
    if not cleaned or (exception and cleaned == "/"):
        raise ValueError('"!" alone is no exception: write the pattern after it')
    if not _well_formed(cleaned):
        raise ValueError(f'"{words}" is no pattern: a [ is not closed, a range is not whole or \\ ends it')
    return _read(exception, cleaned, words)


def excluded(rules: Sequence[Pattern], path: str, above: Sequence[bool]) -> tuple[bool, tuple[bool, ...]]:
    """Whether a path is kept out, and which rules hold for it and so for all in it.

    ``above`` is what this said of the folder that it lies in, empty at the top.
    """
    out = False
    held = []
    for number, rule in enumerate(rules):
        match = bool(above) and above[number]
        if not match and rule.exception == out:
            match = rule.matches(path)
        held.append(match)
        if match:
            out = not rule.exception
    return out, tuple(held)


def _clean(path: str) -> str:
    """The path as Go's filepath.Clean writes it; Python's keeps two slashes at the start."""
    return posixpath.normpath(re.sub("/+", "/", path))


def _well_formed(pattern: str) -> bool:
    """Whether Go's filepath.Match can read the pattern."""
    chars = iter(pattern)
    for char in chars:
        if char == "\\" and next(chars, None) is None:
            return False
        if char == "[" and not _class(chars):
            return False
    return True


def _class(chars: Iterator[str]) -> bool:
    """Whether the characters after a ``[`` are a class; they are used up to its end."""
    char = next(chars, None)
    if char == "^":
        char = next(chars, None)
    ranges = 0
    while char != "]" or not ranges:
        if char == "\\":
            char = next(chars, None)
        elif char in ("-", "]"):
            return False
        if char is None:
            return False
        char = next(chars, None)
        if char == "-":
            char = next(chars, None)
            if char in ("-", "]"):
                return False
            if char == "\\":
                char = next(chars, None)
            if char is None:
                return False
            char = next(chars, None)
        ranges += 1
    return True


def _read(exception: bool, pattern: str, words: str) -> Pattern:
    regex = []
    kind: Literal["exact", "prefix", "suffix", "regex"] = "exact"
    place = 0
    while place < len(pattern):
        first = place == 0
        char, place = pattern[place], place + 1
        if char == "*" and pattern[place : place + 1] == "*":
            place += 2 if pattern[place + 1 : place + 2] == "/" else 1
            if place >= len(pattern):
                if kind != "exact":
                    regex.append(".*")
                kind = "prefix" if kind == "exact" else "regex"
            else:
                regex.append("(.*/)?")
                kind = "regex"
            if first:
                kind = "suffix"
        elif char in "*?":
            regex.append("[^/]*" if char == "*" else "[^/]")
            kind = "regex"
        elif char in _PLAIN:
            regex.append(f"\\{char}")
        elif char == "\\":
            escaped = pattern[place]
            if escaped.isalnum() or not escaped.isascii():
                raise ValueError(f'"{words}" is no pattern: \\ stands before "{escaped}", which needs none')
            regex.append(f"\\{escaped}")
            place += 1
            kind = "regex"
        else:
            regex.append(char)
            kind = "regex" if char in "[]" else kind
    if kind == "regex":
        text = "".join(regex)
        try:
            _compiled(text)
        except (re.error, FutureWarning):
            raise ValueError(f'"{words}" is a pattern that is read in more than one way: write it simpler') from None
        return Pattern(exception, kind, text)
    # A pattern of one kind is what is left of it without its `**`.
    return Pattern(exception, kind, {"exact": pattern, "prefix": pattern[:-2], "suffix": pattern[2:]}[kind])


@lru_cache(maxsize=4096)
def _compiled(text: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return re.compile(text, re.ASCII)

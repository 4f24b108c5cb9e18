"""Where each key and value of a TOML document stands: a walk over text that tomli has already accepted."""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass

Path = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_MULTI_BASIC = re.compile(r'"""(?:[^\\"]|\\[\s\S]|"(?!""))*"{3,5}')
_MULTI_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'{3,5}")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SIMPLE_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Span:
    """Where a key stands (line, from 1) and how its value is written."""

    line: int
    raw: str


def spans(text: str) -> dict[Path, Span]:
    """Every key and array element of a valid TOML document, by its path, for any spelling of the same keys.

    A table's own header counts as its position; a table that several headers and dotted keys extend has that of
    the first; what is nested too deep for Python's stack has that of what it stands in. Raises ValueError where the
    text is no TOML that tomli would accept.
    """
    walk = _Walk(text)
    with suppress(RecursionError):
        walk.document()
    return walk.found


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Span] = {}
        self.lengths: dict[Path, int] = {}
        self.newlines = [index for index, char in enumerate(text) if char == "\n"]

    def document(self) -> None:
        prefix: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            start = self.at
            if self.text.startswith("[[", self.at):
                self.at += 2
                prefix = self.header(self.key(), start, array=True)
                self.expect("]]")
            elif self.text[self.at] == "[":
                self.at += 1
                prefix = self.header(self.key(), start, array=False)
                self.expect("]")
            else:
                self.pair(prefix)
            self.skip(_BLANK)

    def header(self, keys: list[str], start: int, *, array: bool) -> Path:
        path: Path = ()
        for index, key in enumerate(keys):
            path += (key,)
            self.note(path, start, self.at)
            last = index == len(keys) - 1
            if last and array:
                self.lengths[path] = self.lengths.get(path, 0) + 1
            if path in self.lengths:
                path += (self.lengths[path] - 1,)
                self.note(path, start, self.at)
        return path

    def pair(self, prefix: Path) -> None:
        start = self.at
        path = prefix
        for key in self.key():
            path += (key,)
            self.note(path, start, start)
        self.expect("=")
        self.skip(_SPACE)
        begin = self.at
        self.value(path)
        self.found[path] = Span(self.line(start), self.text[begin : self.at].rstrip())

    def value(self, path: Path) -> None:
        text, at = self.text, self.at
        if text.startswith('"""', at):
            self.take(_MULTI_BASIC)
        elif text.startswith("'''", at):
            self.take(_MULTI_LITERAL)
        elif text.startswith('"', at):
            self.take(_BASIC)
        elif text.startswith("'", at):
            self.take(_LITERAL)
        elif text.startswith("[", at):
            self.array(path)
        elif text.startswith("{", at):
            self.inline_table(path)
        else:
            self.take(_SCALAR)

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self.skip(_BLANK)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            begin = self.at
            self.value((*path, index))
            self.note((*path, index), begin, self.at, begin)
            index += 1
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1

    def inline_table(self, path: Path) -> None:
        self.at += 1
        while True:
            self.skip(_BLANK)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self.pair(path)
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1

    def key(self) -> list[str]:
        parts = []
        while True:
            self.skip(_SPACE)
            if self.text.startswith('"', self.at):
                parts.append(_ESCAPE.sub(_unescape, self.take(_BASIC)[1:-1]))
            elif self.text.startswith("'", self.at):
                parts.append(self.take(_LITERAL)[1:-1])
            else:
                parts.append(self.take(_BARE_KEY))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def note(self, path: Path, start: int, end: int, begin: int | None = None) -> None:
        if path not in self.found:
            raw = "" if begin is None else self.text[begin:end].rstrip()
            self.found[path] = Span(self.line(start), raw)

    def line(self, offset: int) -> int:
        return bisect_right(self.newlines, offset - 1) + 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None or match.end() == self.at:
            raise ValueError(f"no TOML at line {self.line(self.at)}")
        self.at = match.end()
        return match[0]

    def expect(self, token: str) -> None:
        self.skip(_SPACE)
        if not self.text.startswith(token, self.at):
            raise ValueError(f"no TOML at line {self.line(self.at)}: expected {token}")
        self.at += len(token)


def _unescape(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    return chr(int(digits, 16)) if digits else _SIMPLE_ESCAPES.get(match[4], match[4])

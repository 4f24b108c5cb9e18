"""The same data as TOML in many spellings, each value with the line on which it is written."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

from bakegen.load.positions import Path

Choose = Callable[[int], int]
"""A number from 0 to below the one given."""

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_LITERAL = re.compile(r"[^'\x00-\x08\x0a-\x1f\x7f]*\Z")


class Writer:
    """Writes a document; ``lines`` holds the line of every scalar by its path."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.text = ""
        self.lines: dict[Path, int] = {}

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def document(self, data: dict[str, Any]) -> str:
        self.table((), data, ())
        return self.text

    def table(self, path: Path, data: dict[str, Any], header: tuple[str, ...]) -> None:
        """Pairs first, then the tables that have headers of their own."""
        later: list[tuple[tuple[str, ...], Path, Any]] = []
        for key, value in data.items():
            own = (*header, key)
            tables = isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
            if (tables or isinstance(value, dict)) and self.choose(2):
                later.append((own, (*path, key), value))
            elif isinstance(value, dict) and value and self.choose(2):
                self.dotted(path, (key,), value)
            else:
                self.pair((*path, key), (key,), value)
                self.text += self.end()
        for own, at, value in later:
            for number, item in enumerate(value if isinstance(value, list) else [value]):
                opening, closing = ("[[", "]]") if isinstance(value, list) else ("[", "]")
                self.text += f"{self.space()}{opening}{self.keys(own)}{closing}{self.end()}"
                self.table((*at, number) if isinstance(value, list) else at, item, own)

    def dotted(self, path: Path, keys: tuple[str, ...], data: dict[str, Any]) -> None:
        for key, value in data.items():
            if isinstance(value, dict) and value and self.choose(2):
                self.dotted(path, (*keys, key), value)
            else:
                self.pair((*path, *keys, key), (*keys, key), value)
                self.text += self.end()

    def pair(self, path: Path, keys: tuple[str, ...], value: object) -> None:
        self.text += f"{self.space()}{self.keys(keys)}={self.space()}"
        self.value(path, value)

    def value(self, path: Path, value: object) -> None:
        if isinstance(value, list):
            self.items(path, value)
        elif isinstance(value, dict):
            self.inline(path, value)
        else:
            self.lines[path] = self.line
            self.text += self.scalar(value)

    def items(self, path: Path, value: list[Any]) -> None:
        self.text += "["
        for number, item in enumerate(value):
            self.text += ("," if number else "") + self.blank()
            self.value((*path, number), item)
        self.text += ("," if value and self.choose(2) else "") + self.blank() + "]"

    def inline(self, path: Path, value: dict[str, Any]) -> None:
        self.text += "{"
        for number, (key, item) in enumerate(value.items()):
            self.text += ("," if number else "") + self.blank()
            self.pair((*path, key), (key,), item)
        self.text += ("," if value and self.choose(2) else "") + self.blank() + "}"

    def scalar(self, value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, float) and not math.isfinite(value):
            return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
        if isinstance(value, dt.date | dt.time):
            return value.isoformat()
        return repr(value)

    def string(self, value: str) -> str:
        form = self.choose(4)
        if form == 1 and _LITERAL.match(value):
            return f"'{value}'"
        if form == 2 and _LITERAL.match(value):
            return f"'''{value}'''"
        if form == 3:
            return f'"""{self.escaped(value)}"""'
        return f'"{self.escaped(value)}"'

    def escaped(self, value: str) -> str:
        return "".join(
            f"\\U{ord(char):08x}" if not char.isprintable() or char in '"\\' or self.choose(8) == 0 else char
            for char in value
        )

    def keys(self, keys: tuple[str, ...]) -> str:
        return f"{self.space()}.{self.space()}".join(map(self.key, keys))

    def key(self, key: str) -> str:
        form = self.choose(3)
        if form == 0 and _BARE.match(key):
            return key
        if form == 1 and _LITERAL.match(key):
            return f"'{key}'"
        return f'"{self.escaped(key)}"'

    def space(self) -> str:
        return ("", " ", "\t ")[self.choose(3)]

    def end(self) -> str:
        return ("\n", "\n\n", " # a = [ { \"'''\n", "\r\n")[self.choose(4)]

    def blank(self) -> str:
        return ("", " ", "\n", "\n  # ]}\n\t", "\r\n")[self.choose(5)]

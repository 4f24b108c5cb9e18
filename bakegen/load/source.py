"""A file of the user's as text, and where its keys stand: what every message about it is made from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bakegen.errors import Problem
from bakegen.load.positions import Path, Span, spans

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True)
class Source:
    """One TOML file: its path as the user would type it from the project's root, and its text."""

    file: str
    text: str

    @cached_property
    def _spans(self) -> Mapping[Path, Span]:
        found = spans(self.text)
        if self.text.isascii() and "\\" not in self.text:
            return found
        # The data's keys are in Unicode's composed form, whatever the file's are.
        return {tuple(map(_composed, path)): span for path, span in found.items()} | found

    def span(self, path: Path) -> Span | None:
        """Where ``path`` is written, or its nearest written ancestor; None for the document itself."""
        for length in range(len(path), 0, -1):
            found = self._spans.get(path[:length])
            if found is not None:
                return found
        return None

    def line(self, path: Path) -> int:
        """The line (from 1) of ``path`` or its nearest written ancestor; 0 for the document itself."""
        span = self.span(path)
        return span.line if span else 0

    def raw(self, path: Path) -> str:
        """How the value of ``path`` is written, or nothing when it is not written by itself."""
        span = self._spans.get(path)
        return span.raw if span else ""

    def problem(self, path: Path, message: str) -> Problem:
        """A problem with the value or key at ``path``."""
        written = path
        while written and written not in self._spans:
            written = written[:-1]
        return Problem(self.file, self.line(path), dotted(written), message)


def _composed(part: str | int) -> str | int:
    return unicodedata.normalize("NFC", part) if isinstance(part, str) else part


def dotted(path: Path) -> str:
    """A path as people write it: ``layers[1].args."odd key"``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _PLAIN_KEY.match(part) else '"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"'
            text += f".{name}" if text else name
    return text

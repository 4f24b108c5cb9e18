"""The project's files as they are on disk: what a path is, and nothing outside the project's root."""

from __future__ import annotations

import stat
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal["file", "directory", "other", "missing", "outside"]


class Tree:
    """Read-only sight of one project, by paths relative to its root (POSIX separators). Each file is read once."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.kind = cache(self._kind)
        self.text = cache(self._text)

    def _kind(self, path: str) -> Kind:
        try:
            real = (self.root / path).resolve()
            if real != self.root and self.root not in real.parents:
                return "outside"
            mode = real.stat().st_mode
        except FileNotFoundError:
            return "missing"
        except (OSError, RuntimeError, ValueError):
            return "other"
        if stat.S_ISDIR(mode):
            return "directory"
        return "file" if stat.S_ISREG(mode) else "other"

    def _text(self, path: str) -> str:
        """The file's text. Raises OSError, or UnicodeDecodeError when it is not UTF-8."""
        return (self.root / path).read_bytes().decode("utf-8-sig")

    def names(self, path: str) -> tuple[str, ...]:
        """The names inside a directory, sorted; none when it is no directory."""
        try:
            return tuple(sorted(entry.name for entry in (self.root / path).iterdir()))
        except OSError:
            return ()

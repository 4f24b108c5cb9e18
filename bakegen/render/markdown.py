"""Text of other people -> Markdown that shows it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bakegen.errors import printable

# What GitHub's dialect takes for markup inside a line, and what it makes a link of without any markup.
_MARKS = re.compile(r"([\\`*_\[\]|~#$]|://|www\.)", re.IGNORECASE)
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def plain(text: str) -> str:
    """``text`` on one line, with everything escaped that Markdown or HTML would read as more than text."""
    return _MARKS.sub(_escaped, printable(" ".join(text.split()))).translate(_HTML)


def _escaped(match: re.Match[str]) -> str:
    word = match[1]
    if len(word) == 1:
        return f"\\{word}"
    # A dot or a colon that is escaped ends the address.
    return word.replace(":", "\\:").replace(".", "\\.")


def code(text: str) -> str:
    """``text`` as code, where it can be shown so inside a table; else plain."""
    return f"`{text}`" if re.fullmatch(r"[\w./:+@ =,'*<>!~^-]+", text, re.ASCII) else plain(text)


def prose(text: str) -> str:
    """``text`` in which backticks may stand around code, and nothing else is markup."""
    pieces = re.split(r"`([^`]+)`", " ".join(text.split()))
    return "".join(code(piece) if place % 2 else _kept(piece) for place, piece in enumerate(pieces))


def _kept(text: str) -> str:
    """`plain` with the blanks at both ends, which part the text from what stands beside it."""
    return " " * text.startswith(" ") + plain(text) + " " * (text.endswith(" ") and text != " ")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, whole: bool = False) -> str:
    """A table of cells that are Markdown already; empty columns are left out, but of a ``whole``."""
    kept = [place for place in range(len(head)) if whole or any(row[place] for row in rows)]
    lines = [[head[place] for place in kept], ["---"] * len(kept), *([row[place] for place in kept] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)

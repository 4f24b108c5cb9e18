"""Lines that programs print, made fit for a terminal and a report."""

from __future__ import annotations

import re
from collections import deque

from bakegen.errors import printable

LONGEST = 4096
TAIL = 20
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def readable(text: str) -> str:
    """A line of a program's output as a terminal may show it: no escape sequences, what a carriage return left."""
    text = _ESCAPE.sub("", text).rstrip("\r").rsplit("\r", 1)[-1].expandtabs(4)
    return printable(text[:LONGEST])


class Tail:
    """The last lines that a program printed on its two streams, 1 and 2."""

    def __init__(self) -> None:
        self._lines: dict[int, deque[tuple[int, str]]] = {1: deque(maxlen=TAIL), 2: deque(maxlen=TAIL)}
        self._rest = {1: "", 2: ""}
        self._heard = 0

    def add(self, stream: int, text: str) -> None:
        """Takes in what came on a stream."""
        *lines, rest = (self._rest[stream] + text).split("\n")
        self._rest[stream] = rest[-LONGEST:]
        for line in lines:
            self._heard += 1
            self._lines[stream].append((self._heard, readable(line)))

    def lines(self) -> tuple[str, ...]:
        """At most ``TAIL`` lines, as they came.

        Standard error gets half of them even where much standard output came after it: BuildKit tells of the streams
        independently, and what went wrong is mostly on standard error.
        """
        out, err = (
            [*self._lines[stream], *([(self._heard + stream, readable(rest))] if (rest := self._rest[stream]) else [])]
            for stream in (1, 2)
        )
        errors = err[-max(TAIL // 2, TAIL - len(out)) :]
        return tuple(line for _, line in sorted(errors + out[len(out) - min(len(out), TAIL - len(errors)) :]))

"""How a running build is shown: a line a target on a terminal, a line an event elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TextIO
from unicodedata import combining, east_asian_width

from bakegen.engine.progress import Progress
from bakegen.engine.steps import News, StepDone, TargetDone
from bakegen.errors import counted, printable

_SLOW = 0.5
_REFRESH = 0.2
_LONGEST = 120
_COLOURS = {"built": "32", "cached": "36"}


class Lines:
    """A line for each finished target, and for each step that took a while."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.lock = nullcontext()

    def show(self, progress: Progress, news: Sequence[News]) -> None:
        """Writes what is finished."""
        for one in news:
            if isinstance(one, TargetDone):
                self.stream.write(f"{told(one)} [{len(progress.finished)}/{len(progress.targets)}]\n")
            elif one.seconds >= _SLOW:
                self.stream.write(f"{one.target}: {clipped(one.name, _LONGEST)} ({span(one.seconds)})\n")
        if news:
            self.stream.flush()

    def end(self) -> None:
        """Nothing is left to write."""


class Live:
    """A line for each running target, drawn anew in place; finished ones scroll up."""

    def __init__(self, stream: TextIO, layers: dict[str, str], clock: Callable[[], float], *, colour: bool) -> None:
        self.stream = stream
        self.layers = layers
        self.clock = clock
        self.colour = colour
        self.progress: Progress | None = None
        self.began = clock()
        self.drawn = 0
        self.fresh: list[str] = []
        self.lock = threading.RLock()
        self.over = threading.Event()
        self.ticker = threading.Thread(target=self._tick, daemon=True)
        self.ticker.start()

    def show(self, progress: Progress, news: Sequence[News]) -> None:
        """Takes note; what is seen follows within a fraction of a second."""
        with self.lock:
            self.progress = progress
            for one in news:
                if isinstance(one, TargetDone):
                    self.fresh.append(self._paint(told(one), _COLOURS.get(one.state, "")))
                elif isinstance(one, StepDone) and one.seconds >= _SLOW:
                    self.fresh.append(f"  {one.target}: {clipped(one.name, _LONGEST)} ({span(one.seconds)})")

    def end(self) -> None:
        """Clears the running lines and leaves the finished ones."""
        self.over.set()
        self.ticker.join()
        self.progress = None
        self.draw()

    def _tick(self) -> None:
        while not self.over.wait(_REFRESH):
            with self.lock:
                self.draw()

    def _rows(self, progress: Progress) -> list[str]:
        now = self.clock()
        size = self._size()
        rows = []
        for name, step in progress.running().items():
            run, cached = progress.counts(name)
            done = f"{run} run, {cached} cached"
            rows.append(f"{name}  {self.layers.get(name, '')}  {done}  {span(now - step.seen)}  {step.names[name]}")
        # A row that is wrapped, or out of sight, could not be drawn over.
        room = max(1, size.lines - 3)
        if len(rows) > room:
            rows = [*rows[: room - 1], f"… and {len(rows) - room + 1} more"]
        whole = f"{len(progress.finished)} of {len(progress.targets)} targets, {span(now - self.began)}"
        width = size.columns - 1
        return [*(clipped(row, width) for row in rows), self._paint(clipped(whole, width), "1")]

    def draw(self) -> None:
        """Draws what is seen anew."""
        rows = self._rows(self.progress) if self.progress is not None else []
        up = f"\x1b[{self.drawn}F" if self.drawn else ""
        self.stream.write(up + "\x1b[J" + "".join(f"{line}\n" for line in (*self.fresh, *rows)))
        self.stream.flush()
        self.fresh = []
        self.drawn = len(rows)

    def _size(self) -> os.terminal_size:
        try:
            found = os.get_terminal_size(self.stream.fileno())
        except (OSError, ValueError):
            return os.terminal_size((80, 24))
        return os.terminal_size((found.columns or 80, found.lines or 24))

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def told(done: TargetDone) -> str:
    """A finished target in a line."""
    steps = f"{counted(done.run, 'step')} run, {done.cached} cached"
    return f"{done.target}: {done.state} in {span(done.seconds)} ({steps})"


def span(seconds: float) -> str:
    """A time for people: ``0.4s``, ``12s``, ``3m05s``, ``1h02m``."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def clipped(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells of a terminal, where wide characters take two and combining ones none."""
    text = printable(text)
    cells = [0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text]
    if sum(cells) <= width:
        return text
    used = 0
    for place, cell in enumerate(cells):
        used += cell
        if used > width - 1:
            return text[:place] + "…" * min(1, width)
    return ""

"""Every error bakegen raises on purpose, its exit code, and how a problem prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process's exit status says; 0 is success and 1 is a bug in bakegen (a traceback)."""

    BUG = 1
    CONFIGURATION = 2
    NOTHING_SELECTED = 3
    STALE = 4
    TOOL_FAILED = 5
    INTERRUPTED = 130


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing that is wrong with the input: where it stands and what to do about it.

    ``file`` is a path as the user would type it from the project's root, ``line`` counts from 1 (0: the whole
    file), ``where`` is the dotted path of the key (``layers[1].args``) or empty.
    """

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        file = printable(at_the_start(self.file))
        place = f"{file}:{self.line}" if self.line else file
        parts = [place, printable(self.where), printable(self.message)]
        return ": ".join(part for part in parts if part)


class BakegenError(Exception):
    """Something the user can mend; ``exit_code`` is what the process ends with.

    Each argument is one line of the message. What a line quotes from files and the command line cannot break it, nor
    steer the terminal or the log that it is shown in.
    """

    exit_code: ExitCode = ExitCode.CONFIGURATION

    def __init__(self, *lines: str) -> None:
        self.lines = tuple(map(printable, lines))
        super().__init__(*self.lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class ConfigurationError(BakegenError):
    """The input is wrong: all its problems, sorted, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__(*map(str, self.problems), counted(len(self.problems), "problem"))

    def report(self) -> str:
        """The problems, one a line, and a count."""
        return str(self)


class UsageError(BakegenError):
    """The command line asks for something that cannot be."""


class NothingSelected(BakegenError):
    """A selection that no target answers."""

    exit_code = ExitCode.NOTHING_SELECTED


class StaleFile(BakegenError):
    """A generated file on disk differs from what would be generated now; ``diff`` is a unified diff."""

    exit_code = ExitCode.STALE

    def __init__(self, message: str, diff: str) -> None:
        super().__init__(message)
        self.diff = diff


class ToolFailed(BakegenError):
    """A tool that bakegen runs (docker, buildx, a smoke test) failed or is missing."""

    exit_code = ExitCode.TOOL_FAILED


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A suffix such as `` (did you mean "chip"?)``, or nothing when no candidate is near."""
    near = nearest(word, candidates, 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def near_or_all(word: str, candidates: Iterable[str]) -> str:
    """The suffix of `did_you_mean`, or, where no candidate is near, one such as ``; there are a, b, c``."""
    known = list(candidates)
    near = did_you_mean(word, known)
    if near or not known:
        return near or "; there is none"
    return f"; there {'is' if len(known) == 1 else 'are'} {', '.join(known[:8])}{', …' if len(known) > 8 else ''}"


def nearest(word: str, candidates: Iterable[str], most: int) -> Sequence[str]:
    """The candidates most like ``word``, best first, at most ``most``."""
    import difflib

    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), candidate)
    return [folded[name] for name in difflib.get_close_matches(word.casefold(), list(folded), most, 0.55)]


def counted(count: int, word: str) -> str:
    """``1 step``, ``2 steps``: a number and what it counts."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def at_the_start(file: str) -> str:
    """A path as it is written at the start of a line, where a CI would take two colons for a command to it."""
    return f"./{file}" if file.lstrip().startswith(("::", "##[")) else file


def short(text: str, most: int = 60) -> str:
    """The beginning of a text that somebody gave: more of it helps nobody."""
    return text if len(text) <= most else f"{text[:most]}…"


def printable(text: str) -> str:
    """``text`` on one line, with control characters and line separators escaped, safe for a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)

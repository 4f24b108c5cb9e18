"""Labels written into a Dockerfile's own text, which otherwise stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bakegen.dockerfile.labelled import Place, describe
from bakegen.dockerfile.words import MOST_BYTES, DockerfileError

_PLAIN_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*\Z")
_CONTINUATION = re.compile(r"[\\`][ \t]*(\r*)\Z")


def add_labels(text: str, labels: Mapping[str, str], target: str | None = None) -> str:
    """The Dockerfile with ``labels`` on the stage ``target`` (None: the last one).

    A label that the stage writes is changed where it stands; the others get a LABEL each, behind the stage's last
    instruction; one that already has its value is left alone. Directives, comments, the style of line ends and a byte
    order mark stay. Raises DockerfileError for what `describe` refuses, and for a key or value that no LABEL can hold.
    """
    for key, value in labels.items():
        if not key or any(char in "\n\r\0" for char in key + value):
            raise DockerfileError(f'"{key}": a LABEL holds no line break and needs a name', 0)
    found = describe(text, target)
    escape = found.dockerfile.escape
    has = {label.key: label for label in found.labels}
    changed = {key: value for key, value in labels.items() if key not in has or has[key].value != value}
    places: dict[Place, str] = {}
    added: list[str] = []
    for key, value in changed.items():
        pair = f"{_written_key(key, escape)}={_quoted(value, escape)}"
        place = has[key].place if key in has else None
        if place is None:
            added.append(f"LABEL {pair}")
        else:
            places[place] = pair
    # A byte order mark may stay where it is: no LABEL stands on the first line.
    lines = text.split("\n")
    if added:
        item = found.of_stage(found.stages[0])[-1]
        _insert(lines, added, item.last, open_ended=item.open_ended, ends=_line_end(lines))
    # From the end, so that the places before stay where they are.
    for place in sorted(places, key=lambda one: (one.line, one.column), reverse=True):
        before, after = lines[place.line - 1][: place.column], lines[place.last_line - 1][place.last_column :]
        lines[place.line - 1 : place.last_line] = [f"{before}{places[place]}{after}"]
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_BYTES // 4 and len(line.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise DockerfileError(f"the line would have more than {MOST_BYTES} bytes", number)
    return "\n".join(lines)


def _insert(lines: list[str], added: list[str], last: int, *, open_ended: bool, ends: str) -> None:
    """Puts lines behind line ``last``, whose instruction no longer goes on if it did."""
    if open_ended:
        lines[last - 1] = _CONTINUATION.sub(r"\1", lines[last - 1])
    if last == len(lines):
        lines[last - 1] = lines[last - 1].rstrip("\r") + ends
        lines.append("")
    lines[last:last] = [line + ends for line in added]


def _line_end(lines: list[str]) -> str:
    """What stands before the line feed: a carriage return where most lines have one."""
    return "\r" if sum(line.endswith("\r") for line in lines) * 2 > len(lines) - 1 else ""


def _written_key(key: str, escape: str) -> str:
    return key if _PLAIN_KEY.match(key) else _quoted(key, escape)


def _quoted(value: str, escape: str) -> str:
    """A value in double quotes (Dockerfile reference, LABEL; BuildKit's shell lexer)."""
    return '"' + "".join(f"{escape}{char}" if char in ('"', "$", escape) else char for char in value) + '"'

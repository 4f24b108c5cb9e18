"""A Dockerfile's text as instructions: directives, comments, continuations, flags and here-documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bakegen.dockerfile.words import MOST_BYTES, SPACE, DockerfileError, Lexer, TooDeep

_MAY_BE_JSON = {"add", "cmd", "copy", "entrypoint", "run", "shell", "volume"}
_ONE_STRING = {"cmd", "entrypoint", "maintainer", "run", "shell", "stopsignal", "user", "workdir"}
BLANKS = re.compile(r"[\t\v\f\r ]+")
_DIRECTIVE = re.compile(rf"#[{SPACE}]*([a-zA-Z][a-zA-Z0-9]*)[ \t\f]*=[ \t\f]*([^\n]+?)[ \t\f\r]*\Z")
_CHECK_OPTION = re.compile(r"\s*(?:skip\s*=|experimental\s*=|error\s*=\s*(?i:true|false|[01tf])\s*\Z)")
_CONTINUED = {char: re.compile(rf"(?<!{re.escape(char)}){re.escape(char)}[ \t]*\Z") for char in "\\`"}
_WORD = {
    char: re.compile(rf"""(?>{e}.|'[^']*+'?|"(?>{e}.|[^"{e}])*+"?|[^{SPACE}'"{e}])++""", re.DOTALL)
    for char, e in (("\\", r"\\"), ("`", "`"))
}
_FLAG_PIECE = re.compile(
    rf"""'((?:\\.|[^'\\])*+)(?:'|\\?\Z)|"((?:\\.|[^"\\])*+)(?:"|\\?\Z)|\\(.?)|([^{SPACE}'"\\]+)""", re.DOTALL
)
_HEREDOC = re.compile(r"[0-9]*<<(-?)[ \t\r\f]*([^<]*)\Z")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in lower case; its ``text`` on one line, with its here-documents behind it.

    ``last`` is its last line, ``places`` the (offset in ``text``, line, column) of its parts, and ``open_ended`` says
    that the file ends in its continuation.
    """

    name: str
    flags: tuple[str, ...]
    rest: str
    words: tuple[str, ...]
    is_json: bool
    line: int
    text: str
    last: int = 0
    places: tuple[tuple[int, int, int], ...] = ()
    open_ended: bool = False


def instructions_of(text: str) -> tuple[str | None, str, list[Instruction]]:
    """The frontend asked for, the escape character and the instructions."""
    lines = text.removeprefix("\ufeff").split("\n")
    below_shebang = lines[1:] if lines[0].startswith("#!") else lines
    syntax = next((value.split(" ")[0] for key, value, _ in _directives(below_shebang) if key == "syntax"), None)
    check = next((value for key, value, _ in _directives(below_shebang) if key == "check"), None)
    if check is not None and not all(_CHECK_OPTION.match(option) for option in check.split(";")):
        raise DockerfileError(f'the parser directive check has an option that BuildKit does not know: "{check}"', 1)
    escape = "\\"
    for key, value, number in _directives(line.lstrip(SPACE) for line in lines):
        if key == "escape" and value not in _CONTINUED:
            raise DockerfileError(f'the escape character is \\ or `, not "{value}"', number)
        escape = value if key == "escape" else escape
    instructions: list[Instruction] = []
    numbered = _numbered(lines)
    for first, line in numbered:
        bare = line.lstrip(SPACE)
        whole, continued = _cut(bare, escape)
        if whole.startswith("#") or not (whole or continued):
            continue
        parts, size, last = [whole], len(whole), first
        places = [(0, first, len(line) - len(bare))]
        while continued and (following := next(numbered, None)):
            if following[1].lstrip(SPACE)[:1] not in ("", "#"):
                part, continued = _cut(following[1], escape)
                last = following[0]
                parts.append(part)
                places.append((size, last, 0))
                size += len(part)
        item = instruction_from("".join(parts), escape, first)
        body = [item.text]
        for end, strips_tabs in _heredocs(item, escape):
            for number, line_of_body in numbered:
                body.append(line_of_body)
                if (line_of_body.lstrip("\t") if strips_tabs else line_of_body) == end:
                    last = number
                    break
            else:
                raise DockerfileError(f'the here-document "{end}" is not ended', first)
        instructions.append(
            replace(item, text="\n".join(body), last=last, places=tuple(places), open_ended=bool(continued))
        )
    return syntax, escape, instructions


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_BYTES // 4 and len(line.encode("utf-8", "surrogatepass")) > MOST_BYTES:
            raise DockerfileError(f"the line has more than {MOST_BYTES} bytes", number)
        yield number, line.rstrip("\r")


def _directives(lines: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """The parser directives: comments ``key=value`` of a known key, before anything else."""
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        match = _DIRECTIVE.match(line)
        if match is None or (key := match[1].lower()) not in {"check", "escape", "syntax"}:
            return
        if key in seen:
            raise DockerfileError(f"the parser directive {key} stands here twice", number)
        seen.add(key)
        yield key, match[2], number


def _cut(line: str, escape: str) -> tuple[str, bool]:
    """A line without its continuation character, and whether it had one."""
    match = _CONTINUED[escape].search(line)
    return (line[: match.start()], True) if match else (line, False)


def instruction_from(text: str, escape: str, line: int) -> Instruction:
    head, *tail = BLANKS.split(text.strip(SPACE), maxsplit=1)
    name = head.lower()
    flags, rest = _flags(tail[0] if tail else "")
    entries = _json(rest, line) if name in _MAY_BE_JSON else None
    if entries is not None:
        words = entries
    elif name in {"arg", "env", "label"}:
        words = _WORD[escape].findall(rest)
    else:
        words = [] if not rest else [rest] if name in _ONE_STRING else BLANKS.split(rest)
    return Instruction(name, flags, rest, tuple(words), entries is not None, line, text)


def label_spans(item: Instruction, escape: str) -> list[tuple[int, int]]:
    """Where in the ``text`` of an ENV or LABEL its pairs stand; the older form ``name all the rest`` is one pair."""
    end = len(item.text.rstrip(SPACE))
    start = end - len(item.rest)
    if "=" not in item.words[0]:
        return [(start, end)]
    return [(start + match.start(), start + match.end()) for match in _WORD[escape].finditer(item.rest)]


def _flags(text: str) -> tuple[tuple[str, ...], str]:
    """The ``--flags`` at the front without their quotes, and what follows; ``--`` alone ends them."""
    flags: list[str] = []
    rest = text.strip(SPACE)
    while rest.startswith("--"):
        at, word = 0, ""
        while piece := _FLAG_PIECE.match(rest, at):
            at = piece.end()
            quoted = piece[1] or piece[2] or ""
            word += re.sub(r"(?s)\\(.)", r"\1", quoted) + (piece[3] or piece[4] or "")
        rest = rest[at:].lstrip(SPACE)
        if word == "--":
            break
        flags.append(word)
    return tuple(flags), rest


def _json(text: str, line: int) -> list[str] | None:
    """The strings of a JSON array, or None where the text is none and so is for the shell."""
    if not text.startswith("["):
        return None
    try:
        entries = json.loads(text)
    except RecursionError:
        entries = [None]
    except ValueError:
        return None
    if not all(isinstance(entry, str) for entry in entries):
        raise DockerfileError("the JSON form takes strings only", line)
    return list(entries)


def _heredocs(item: Instruction, escape: str) -> list[tuple[str, bool]]:
    """The here-documents that an instruction opens: the line that ends each, and whether tabs before it count.

    Only ADD, COPY and RUN open any, also behind ONBUILD. The words are told apart with ``\\`` whatever the escape
    directive says, and a line whose quotes are not closed opens none.
    """
    carrier = item
    if item.name == "onbuild" and item.words:
        if item.words[0].lower() == "onbuild":
            raise DockerfileError("ONBUILD ONBUILD is not allowed", item.line)
        carrier = instruction_from(item.rest, escape, item.line)
    if carrier.name not in {"add", "copy", "run"} or "<<" not in item.text:
        return []
    try:
        words = Lexer(item.text, {}, "\\", item.line, keep=True, raw=True).words()
    except TooDeep:
        raise
    except DockerfileError:
        return []
    return [found for word in words if (found := heredoc_of(word, item.line))]


def heredoc_of(word: str, line: int) -> tuple[str, bool] | None:
    match = _HEREDOC.match(word)
    ends = Lexer(match[2], {}, "\\", line, keep=True).words() if match and match[2] else []
    return (ends[0], bool(match and match[1])) if len(ends) == 1 else None

"""The shell-like words of a Dockerfile: quotes, escapes and substitutions, as BuildKit expands them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MOST_BYTES = 65535  # of a line, which is BuildKit's limit, and of a value, which keeps a chain of ARGs from exploding
_MOST_NESTED = 50
# Unicode's White_Space, as Go has it: str.strip() and \s take U+001C to U+001F for blanks too.
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SPACES = re.compile(f"[{SPACE}]+")
_SPECIAL = re.compile(r"""[\\`$'"]""")
_PLAIN = re.compile(r"""[^\\`$'"<}/]+""")
_MARKER = re.compile(r"<(?:<[ \t\r]*)?")


class DockerfileError(ValueError):
    """Why BuildKit would refuse the Dockerfile; ``line`` counts from 1, 0 is the whole file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class TooDeep(DockerfileError):
    """Substitutions nested deeper than anybody writes them."""


def expand(
    word: str,
    variables: Mapping[str, str],
    *,
    escape: str = "\\",
    line: int = 0,
    strict: bool = True,
    keep: bool = False,
) -> str:
    """``word`` without its quotes and escapes and with its variables replaced, as BuildKit does for FROM, ARG and ENV.

    An unset variable is empty, or stays as written when ``keep``. Unless ``strict``, ``${X:?}`` is no error.
    Raises DockerfileError. Forms: Dockerfile reference, "Environment replacement".
    """
    if not _SPECIAL.search(word):
        return word
    return Lexer(word, variables, escape, line, strict=strict, keep=keep).joined()


class Lexer:
    """One pass over a word or a line: quotes, escapes and substitutions."""

    def __init__(
        self,
        text: str,
        variables: Mapping[str, str],
        escape: str,
        line: int,
        *,
        strict: bool = True,
        keep: bool = False,
        raw: bool = False,
    ) -> None:
        self.text, self.variables, self.escape, self.line = text, variables, escape, line
        self.strict, self.keep, self.raw_quotes, self.raw_escapes = strict, keep, raw, raw
        self.at = self.depth = self.size = 0

    def words(self) -> list[str]:
        """The words between the blanks that are neither quoted nor escaped."""
        words: list[list[str]] = [[]]
        for text, splits in self.pieces():
            first, *more = _SPACES.split(text) if splits else [text]
            words[-1].append(first)
            words += [[word] for word in more]
        return [word for word in map("".join, words) if word]

    def joined(self, stop: str = "", *, raw_escapes: bool = False) -> str:
        before, self.raw_escapes = self.raw_escapes, raw_escapes
        text = "".join(text for text, _ in self.pieces(stop))
        self.raw_escapes = before
        return text

    def pieces(self, stop: str = "") -> list[tuple[str, bool]]:
        """The text up to ``stop``, or all of it, in pieces that blanks split or do not."""
        pieces: list[tuple[str, bool]] = []
        while char := self.text[self.at : self.at + 1]:
            if char == stop:
                self.at += 1
                return pieces
            if char == "$":
                pieces.append((self.substitution(), True))
            elif char in "'\"":
                pieces.append((self.quoted(char), False))
            elif char == "<":  # blanks behind << belong to the here-document's word
                marker = _MARKER.match(self.text, self.at)
                pieces.append((marker[0] if marker else char, False))
                self.at += len(pieces[-1][0])
            elif char == self.escape:
                escaped = self.text[self.at + 1 : self.at + 2]
                pieces.append(((char if self.raw_escapes else "") + escaped, False))
                self.at += 2
            else:
                plain = _PLAIN.match(self.text, self.at)
                pieces.append((plain[0] if plain else char, True))
                self.at += len(pieces[-1][0])
        if stop:
            raise self.error(f'"{stop}" is missing')
        return pieces

    def error(self, message: str) -> DockerfileError:
        return DockerfileError(f'{message} in "{self.text[:80]}"', self.line)

    def quoted(self, quote: str) -> str:
        kept = quote if self.raw_quotes else ""
        parts = [kept]
        self.at += 1
        while (char := self.text[self.at : self.at + 1]) != quote:
            if not char:
                raise self.error(f"a quote ({quote}) is not closed")
            if char == "$" and quote == '"':
                parts.append(self.substitution())
                continue
            self.at += 1
            if char == self.escape and quote == '"':
                parts.append(char if self.raw_escapes else "")
                if self.text[self.at : self.at + 1] in ('"', "$", self.escape):
                    char = self.text[self.at]
                    self.at += 1
            parts.append(char)
        self.at += 1
        return "".join([*parts, kept])

    def substitution(self) -> str:
        """What ``$name`` or ``${name…}`` stands for."""
        if self.depth == _MOST_NESTED:
            raise TooDeep(f"substitutions are nested more than {_MOST_NESTED} deep", self.line)
        self.depth += 1
        self.at += 1
        result = self.braced() if self.text.startswith("{", self.at) else self.plain()
        self.depth -= 1
        self.size += len(result)
        if self.size > MOST_BYTES:
            raise DockerfileError(
                f"a value has more than {MOST_BYTES} characters when its variables are replaced", self.line
            )
        return result

    def plain(self) -> str:
        name = self.name()
        return self.variables.get(name, f"${name}" if self.keep else "") if name else "$"

    def name(self) -> str:
        """A variable's name: letters, digits and _, or a number, or one of the shell's special parameters."""
        start = self.at
        while (char := self.text[self.at : self.at + 1]) and (char == "_" or char.isalpha() or char.isdecimal()):
            if self.text[start].isdecimal() and not char.isdecimal():
                break
            self.at += 1
        if self.at == start and self.text[start : start + 1] in set("@*#?-$!"):
            self.at += 1
        return self.text[start : self.at]

    def braced(self) -> str:
        self.at += 1
        if self.text[self.at : self.at + 1] in ("", "{", "}", ":"):
            raise self.error("a substitution has no name")
        name = self.name()
        value = self.variables.get(name)
        operator = self.text[self.at : self.at + 1]
        self.at += 1
        if operator == "}":
            return value if value is not None else f"${{{name}}}" if self.keep else ""
        if operator == "/":
            return self.replaced(name, value)
        or_empty = ":" if operator == ":" else ""
        if or_empty:
            operator = self.text[self.at : self.at + 1]
            self.at += 1
        if operator not in tuple("-+?" if or_empty else "-+?#%"):
            raise self.error(f'"{or_empty}{operator}" is no operator that BuildKit knows')
        word = self.joined("}", raw_escapes=operator in "#%")
        if value is None and self.keep:
            return f"${{{name}{or_empty}{operator}{word}}}"
        if operator in "#%":
            greedy = word.startswith(operator)
            return _trimmed(value or "", self.glob(word[greedy:]), greedy=greedy, from_end=operator == "%")
        missing = value is None or (or_empty and not value)
        if operator == "?" and missing and self.strict:
            raise DockerfileError(f"{name}: {word or 'must be set'}", self.line)
        if operator == "+":
            return "" if missing else word
        return (word if operator == "-" else "") if missing else str(value)

    def replaced(self, name: str, value: str | None) -> str:
        everywhere = self.text.startswith("/", self.at)
        self.at += everywhere
        pattern = self.joined("/", raw_escapes=True)
        new = self.joined("}", raw_escapes=True)
        if value is None and self.keep:
            return f"${{{name}/{pattern}/{new}}}"
        return _substituted(value or "", self.glob(pattern), new, everywhere=everywhere)

    def glob(self, pattern: str) -> list[str]:
        """A shell pattern's tokens as regular expressions; ``*`` stays itself."""
        tokens: list[str] = []
        chars = iter(pattern)
        for char in chars:
            if char == "\\":
                escaped = next(chars, "")
                if escaped not in tuple("*?\\}/"):
                    raise self.error(f'"\\{escaped}" is no escape in a pattern')
                tokens.append(re.escape(escaped))
            else:
                tokens.append({"*": "*", "?": "."}.get(char) or re.escape(char))
        return tokens


def _found(value: str, glob: Sequence[str], start: int, *, greedy: bool, anchored: bool) -> tuple[int, int] | None:
    """Where the pattern first matches, and the longest or shortest match there; without backtracking."""
    fragments: list[list[str]] = [[]]
    for token in glob:
        if token == "*":  # noqa: S105 - a token of a pattern
            fragments.append([])
        else:
            fragments[-1].append(token)
    compiled = [re.compile("".join(fragment), re.DOTALL) for fragment in fragments]
    match = compiled[0].match(value, start) if anchored else compiled[0].search(value, start)
    begin = match.start() if match else 0
    for number, fragment in enumerate(compiled[1:], 1):
        if match is None:
            return None
        after = match.end()
        if greedy and number == len(compiled) - 1:
            places = range(len(value) - len(fragments[-1]), after - 1, -1)
            match = next((m for place in places if (m := fragment.match(value, place))), None)
        else:
            match = fragment.search(value, after)
    return (begin, match.end()) if match else None


def _trimmed(value: str, glob: Sequence[str], *, greedy: bool, from_end: bool) -> str:
    if from_end:
        return _trimmed(value[::-1], glob[::-1], greedy=greedy, from_end=False)[::-1]
    found = _found(value, glob, 0, greedy=greedy, anchored=True)
    return value[found[1] :] if found else value


def _substituted(value: str, glob: Sequence[str], new: str, *, everywhere: bool) -> str:
    parts: list[str] = []
    end = at = 0
    while at <= len(value) and (found := _found(value, glob, at, greedy=True, anchored=False)):
        parts.append(value[end : found[0]])
        if found[1] > end or found[0] == 0:  # nothing is put in for an empty match right behind another match
            parts.append(new)
        end, at = found[1], max(found[1], at + 1)
        if not everywhere or len(parts) * (len(new) + 1) > 4 * MOST_BYTES:
            break
    return "".join([*parts, value[end:]])

"""What a Dockerfile declares, and what building one of its stages reaches, as BuildKit's own frontend reads it.

The Python packages that split a Dockerfile into instructions are wrong about here-documents, or stop before the scope
of ARG, ``--mount`` and what a target reaches, so this room reads the text itself. Where the Dockerfile reference is
silent, BuildKit's behaviour is the rule: the engine tests hold this room against a real one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from bakegen.errors import did_you_mean
from bakegen.names import InvalidName, normalise_platform, parse_reference

_PROXIES = [f"{kind}_PROXY" for kind in ("ALL", "FTP", "HTTP", "HTTPS", "NO")]
# Dockerfile reference, "Predefined ARGs" and "BuildKit built-in build args". BUILDKIT_SBOM_SCAN_CONTEXT and _STAGE are
# not among them: BuildKit ignores both unless the Dockerfile declares them.
PREDEFINED_ARGS: frozenset[str] = frozenset(
    [*_PROXIES, *map(str.lower, _PROXIES), "SOURCE_DATE_EPOCH"]
    + [f"BUILDKIT_{name}" for name in ("BUILD_NAME", "CACHE_MOUNT_NS", "CONTEXT_KEEP_GIT_DIR", "DOCKERFILE_CHECK")]
    + [f"BUILDKIT_{name}" for name in ("GIT_ADVICE", "INLINE_CACHE", "MULTI_PLATFORM", "SANDBOX_HOSTNAME", "SYNTAX")]
)
_PLATFORM_PARTS = ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
PLATFORM_ARGS: frozenset[str] = frozenset(
    ["TARGETSTAGE", *(side + part for side in ("BUILD", "TARGET") for part in _PLATFORM_PARTS)]
)

# Instruction: the fewest arguments it takes, and its flags; "=" takes a value, "*" takes values again and again.
_FORMS: dict[str, tuple[int, str]] = {
    "add": (2, "chown= chmod= checksum= exclude* link keep-git-dir unpack"),
    "arg": (1, ""),
    "cmd": (0, ""),
    "copy": (2, "from= chown= chmod= exclude* link parents"),
    "entrypoint": (0, ""),
    "env": (1, ""),
    "expose": (1, ""),
    "from": (1, "platform="),
    "healthcheck": (1, "interval= timeout= start-period= start-interval= retries="),
    "label": (1, ""),
    "maintainer": (1, ""),
    "onbuild": (1, ""),
    "run": (0, "mount* network= security= device*"),
    "shell": (1, ""),
    "stopsignal": (1, ""),
    "user": (1, ""),
    "volume": (1, ""),
    "workdir": (1, ""),
}
_NO_CONTEXT = {"scratch", "context"}  # stages of these names are never replaced by a named context
_MAY_BE_JSON = {"add", "cmd", "copy", "entrypoint", "run", "shell", "volume"}
_ONE_STRING = {"cmd", "entrypoint", "maintainer", "run", "shell", "stopsignal", "user", "workdir"}
_MOUNT_TYPES = {"bind", "cache", "secret", "ssh", "tmpfs"}
_MOUNT_SWITCHES = {"readonly", "ro", "readwrite", "rw", "required"}
_MOUNT_NAMES = {"id", "source", "src", "target", "dst", "destination"}  # from which a secret has its id
_MOUNT_KEYS = _MOUNT_SWITCHES | _MOUNT_NAMES | {"type", "from", "sharing", "size", "mode", "uid", "gid", "env"}
_MOST_BYTES = 65535  # of a line, which is BuildKit's limit, and of a value, which keeps a chain of ARGs from exploding
_MOST_NESTED = 50

# Unicode's White_Space, as Go has it: str.strip() and \s take U+001C to U+001F for blanks too.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_SPACES = re.compile(f"[{_SPACE}]+")
_BLANKS = re.compile(r"[\t\v\f\r ]+")
_DIRECTIVE = re.compile(rf"#[{_SPACE}]*([a-zA-Z][a-zA-Z0-9]*)[ \t\f]*=[ \t\f]*([^\n]+?)[ \t\f\r]*\Z")
_CHECK_OPTION = re.compile(r"\s*(?:skip\s*=|experimental\s*=|error\s*=\s*(?i:true|false|[01tf])\s*\Z)")
_CONTINUED = {char: re.compile(rf"(?<!{re.escape(char)}){re.escape(char)}[ \t]*\Z") for char in "\\`"}
_WORD = {
    char: re.compile(rf"""(?>{e}.|'[^']*+'?|"(?>{e}.|[^"{e}])*+"?|[^{_SPACE}'"{e}])++""", re.DOTALL)
    for char, e in (("\\", r"\\"), ("`", "`"))
}
_FLAG_PIECE = re.compile(
    rf"""'((?:\\.|[^'\\])*+)(?:'|\\?\Z)|"((?:\\.|[^"\\])*+)(?:"|\\?\Z)|\\(.?)|([^{_SPACE}'"\\]+)""", re.DOTALL
)
_MARKER = re.compile(r"<(?:<[ \t\r]*)?")
_HEREDOC = re.compile(r"[0-9]*<<(-?)[ \t\r\f]*([^<]*)\Z")
_SPECIAL = re.compile(r"""[\\`$'"]""")
_PLAIN = re.compile(r"""[^\\`$'"<}/]+""")
_CSV = r"""(?:"(?:[^"]|"")*+"|[^",]*+)"""
_CSV_LINE = re.compile(rf"{_CSV}(?:,{_CSV})*+")
_CSV_FIELD = re.compile(rf"(?:\A|,)({_CSV})")
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*\Z")
_INDEX = re.compile(r"[+-]?[0-9]{1,18}\Z")


class DockerfileError(ValueError):
    """Why BuildKit would refuse the Dockerfile; ``line`` counts from 1, 0 is the whole file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _TooDeep(DockerfileError):
    """Substitutions nested deeper than anybody writes them."""


@dataclass(frozen=True, slots=True)
class Arg:
    """One name that an ARG declares; the default as written, quotes and all."""

    name: str
    default: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Use:
    """A name that stands where a stage, a named context or an image may stand.

    ``how`` is "FROM", "COPY --from" or "RUN --mount from".
    """

    name: str
    line: int
    how: str


@dataclass(frozen=True, slots=True)
class Step:
    """An ARG, ENV, LABEL, ONBUILD, COPY --from or RUN --mount, in the order in which a stage's steps act."""

    kind: str
    line: int
    pairs: tuple[tuple[str, str | None], ...] = ()
    use: Use | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One FROM and what follows it, as written: no variable is expanded. The name is in lower case, as BuildKit has it.

    ``labels`` are without quotes; ``secrets`` are the ids of the secret mounts.
    """

    name: str | None
    index: int
    base: Use
    platform: str | None
    args: tuple[Arg, ...]
    uses: tuple[Use, ...]
    line: int
    labels: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...]
    steps: tuple[Step, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole Dockerfile; ``syntax`` is the frontend image that it asks for."""

    escape: str
    syntax: str | None
    global_args: tuple[Arg, ...]
    stages: tuple[Stage, ...]

    def declared_args(self) -> frozenset[str]:
        """Every name that an ARG declares, before the first FROM or in a stage."""
        return frozenset(arg.name for args in (self.global_args, *(s.args for s in self.stages)) for arg in args)


@dataclass(frozen=True, slots=True)
class Needs:
    """What building one target reaches.

    ``names`` are neither a stage nor ``scratch``; those that a named context satisfies are among them.
    ``used_contexts`` are the given keys that take effect. ``args`` are what the reached stages and the global scope
    declare. ``replaced`` are those of the reached ``stages`` whose place a named context takes, so that nothing in
    them is run, although what they copy from is still loaded.
    """

    names: tuple[Use, ...]
    used_contexts: frozenset[str]
    args: frozenset[str]
    secrets: tuple[str, ...]
    ssh: tuple[str, ...]
    stages: tuple[int, ...]
    replaced: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Instruction:
    """One instruction: its name in lower case; its ``text`` on one line, with its here-documents behind it."""

    name: str
    flags: tuple[str, ...]
    rest: str
    words: tuple[str, ...]
    is_json: bool
    line: int
    text: str


def parse(text: str) -> Dockerfile:
    """The stages and declarations of a Dockerfile's text.

    Raises DockerfileError for a text from which BuildKit builds no target at all. Rules: the Dockerfile reference.
    """
    syntax, escape, instructions = _read(text)
    global_args: list[Arg] = []
    opened: list[tuple[_Instruction, list[Step]]] = []
    for item in instructions:
        steps = _steps(item, escape)
        if item.name == "from":
            opened.append((item, []))
        elif opened:
            opened[-1][1].extend(steps)
        elif item.name == "arg":
            global_args += _args(steps)
        else:
            raise DockerfileError(f"{item.name.upper()} stands before the first FROM, where only ARG may", item.line)
    if not opened:
        raise DockerfileError("the Dockerfile has no FROM", 0)
    stages = tuple(_stage(index, item, steps, escape) for index, (item, steps) in enumerate(opened))
    named = {stage.name: stage.index for stage in stages if stage.name}
    graph = {s.index: [i for use in s.uses if (i := _stage_index(use, named, stages)) is not None] for s in stages}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        line = stages[error.args[1][0]].line
        raise DockerfileError("stages take files from one another in a circle, or one from itself", line) from None
    return Dockerfile(escape, syntax, tuple(global_args), stages)


def needs(
    dockerfile: Dockerfile,
    args: Mapping[str, str],
    target: str | None,
    contexts: Collection[str],
    *,
    platform: str = "linux/amd64",
    build_platform: str = "linux/amd64",
) -> Needs:
    """What building the stage ``target`` (None: the last one) reaches with these build arguments and named contexts.

    TARGETPLATFORM and its parts come from ``platform``, BUILDPLATFORM and its parts from ``build_platform``. What the
    ENV and ONBUILD of a base image say is not known here: what only they could set counts as unset. A named context
    replaces the stage of its name, and an image when its key is the image's ``context_key``.
    Raises InvalidName for a platform that is none, and DockerfileError for an unknown target, an empty base, a name
    that no image can have, a stage used before it is built, and what BuildKit refuses to expand in a reached stage.
    """
    stages, escape = dockerfile.stages, dockerfile.escape
    named = {stage.name: stage.index for stage in stages if stage.name}
    final = len(stages) - 1 if target is None else named.get(target.lower())
    if final is None:
        known = f"the stages are {', '.join(named)}" if named else "no stage has a name"
        raise DockerfileError(f'no stage is called "{target}"{did_you_mean(str(target), named)}: {known}', 0)
    scope = _global_scope(dockerfile, args, target, normalise_platform(platform), normalise_platform(build_platform))
    bases, parents = _bases(dockerfile, scope)
    given = frozenset(contexts)
    replaced = {s.index for s in stages if s.name and s.name not in _NO_CONTEXT and context_key(s.name) in given}
    steps = {stage.index: stage.steps for stage in stages}
    reached: set[int] = set()
    waiting = [final]
    while waiting:
        index = waiting.pop()
        if index in reached:
            continue
        reached.add(index)
        parent = None if index in replaced else parents[index]
        if parent is not None:
            steps[index] = _triggered(stages[parent], stages[index].line) + stages[index].steps
            waiting.append(parent)
        uses = [step.use for step in steps[index] if step.use]
        waiting += [i for use in uses if (i := _stage_index(use, named, stages)) is not None]
    acting = reached - replaced
    walk = _Walk(args, scope, escape)
    names: list[Use] = []
    for stage in stages:
        index = stage.index
        found = [bases[index]] if parents[index] is None and index not in replaced else []
        for use in (step.use for step in steps[index] if step.use):
            other = _stage_index(use, named, stages)
            if other is None:
                found.append(use)
            elif other >= index and index in acting and other not in replaced:
                raise DockerfileError(f'{use.how}: "{use.name}" is no stage before this one', use.line)
        for use in found:
            if use.name != "scratch" and not context_key(use.name):
                raise DockerfileError(f'{use.how}: "{use.name}" is neither a stage nor a possible image', use.line)
        names += [use for use in found if index in reached and use.name != "scratch"]
        if index in acting:
            walk.stage(index, parents[index], steps[index], is_scratch=bases[index].name == "scratch")
    shadowed = sorted(reached & replaced)
    wanted = {context_key(name) for name in [*(use.name for use in names), *(stages[i].name or "" for i in shadowed)]}
    return Needs(
        names=tuple(names),
        used_contexts=given & wanted,
        args=frozenset(walk.args).union(arg.name for arg in dockerfile.global_args),
        secrets=tuple(dict.fromkeys(walk.secrets)),
        ssh=tuple(dict.fromkeys(walk.ssh)),
        stages=tuple(sorted(reached)),
        replaced=tuple(shadowed),
    )


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
    return _Lexer(word, variables, escape, line, strict=strict, keep=keep).joined()


def context_key(name: str) -> str:
    """The key under which BuildKit looks for a named context in the place of the image or stage ``name``.

    That is the name without the default registry, ``library/`` and ``:latest``, but with its digest; empty for a name
    that no image can have. A bake file's keys are taken as they stand, so any other spelling is without effect.
    """
    try:
        reference = parse_reference(name)
    except InvalidName:
        try:
            reference = parse_reference(f"{name}:latest")
        except InvalidName:
            return ""
    repository = reference.repository.removeprefix("index.docker.io/").removeprefix("docker.io/")
    if repository.count("/") == 1:
        repository = repository.removeprefix("library/")
    tag = f":{reference.tag}" if reference.tag and (reference.tag != "latest" or reference.digest) else ""
    return f"{repository}{tag}{'@' if reference.digest else ''}{reference.digest or ''}"


class _Lexer:
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
            raise _TooDeep(f"substitutions are nested more than {_MOST_NESTED} deep", self.line)
        self.depth += 1
        self.at += 1
        result = self.braced() if self.text.startswith("{", self.at) else self.plain()
        self.depth -= 1
        self.size += len(result)
        if self.size > _MOST_BYTES:
            raise DockerfileError(
                f"a value has more than {_MOST_BYTES} characters when its variables are replaced", self.line
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
        if not everywhere or len(parts) * (len(new) + 1) > 4 * _MOST_BYTES:
            break
    return "".join([*parts, value[end:]])


def _read(text: str) -> tuple[str | None, str, list[_Instruction]]:
    """The frontend asked for, the escape character and the instructions."""
    lines = text.removeprefix("\ufeff").split("\n")
    below_shebang = lines[1:] if lines[0].startswith("#!") else lines
    syntax = next((value.split(" ")[0] for key, value, _ in _directives(below_shebang) if key == "syntax"), None)
    check = next((value for key, value, _ in _directives(below_shebang) if key == "check"), None)
    if check is not None and not all(_CHECK_OPTION.match(option) for option in check.split(";")):
        raise DockerfileError(f'the parser directive check has an option that BuildKit does not know: "{check}"', 1)
    escape = "\\"
    for key, value, number in _directives(line.lstrip(_SPACE) for line in lines):
        if key == "escape" and value not in _CONTINUED:
            raise DockerfileError(f'the escape character is \\ or `, not "{value}"', number)
        escape = value if key == "escape" else escape
    instructions: list[_Instruction] = []
    numbered = _numbered(lines)
    for first, line in numbered:
        whole, continued = _cut(line.lstrip(_SPACE), escape)
        if whole.startswith("#") or not (whole or continued):
            continue
        parts = [whole]
        while continued and (following := next(numbered, None)):
            if following[1].lstrip(_SPACE)[:1] not in ("", "#"):
                part, continued = _cut(following[1], escape)
                parts.append(part)
        item = _instruction("".join(parts), escape, first)
        body = [item.text]
        for end, strips_tabs in _heredocs(item, escape):
            for _, line_of_body in numbered:
                body.append(line_of_body)
                if (line_of_body.lstrip("\t") if strips_tabs else line_of_body) == end:
                    break
            else:
                raise DockerfileError(f'the here-document "{end}" is not ended', first)
        instructions.append(replace(item, text="\n".join(body)) if len(body) > 1 else item)
    return syntax, escape, instructions


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        if len(line) > _MOST_BYTES // 4 and len(line.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
            raise DockerfileError(f"the line has more than {_MOST_BYTES} bytes", number)
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


def _instruction(text: str, escape: str, line: int) -> _Instruction:
    head, *tail = _BLANKS.split(text.strip(_SPACE), maxsplit=1)
    name = head.lower()
    flags, rest = _flags(tail[0] if tail else "")
    entries = _json(rest, line) if name in _MAY_BE_JSON else None
    if entries is not None:
        words = entries
    elif name in {"arg", "env", "label"}:
        words = _WORD[escape].findall(rest)
    else:
        words = [] if not rest else [rest] if name in _ONE_STRING else _BLANKS.split(rest)
    return _Instruction(name, flags, rest, tuple(words), entries is not None, line, text)


def _flags(text: str) -> tuple[tuple[str, ...], str]:
    """The ``--flags`` at the front without their quotes, and what follows; ``--`` alone ends them."""
    flags: list[str] = []
    rest = text.strip(_SPACE)
    while rest.startswith("--"):
        at, word = 0, ""
        while piece := _FLAG_PIECE.match(rest, at):
            at = piece.end()
            quoted = piece[1] or piece[2] or ""
            word += re.sub(r"(?s)\\(.)", r"\1", quoted) + (piece[3] or piece[4] or "")
        rest = rest[at:].lstrip(_SPACE)
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


def _heredocs(item: _Instruction, escape: str) -> list[tuple[str, bool]]:
    """The here-documents that an instruction opens: the line that ends each, and whether tabs before it count.

    Only ADD, COPY and RUN open any, also behind ONBUILD. The words are told apart with ``\\`` whatever the escape
    directive says, and a line whose quotes are not closed opens none.
    """
    carrier = item
    if item.name == "onbuild" and item.words:
        if item.words[0].lower() == "onbuild":
            raise DockerfileError("ONBUILD ONBUILD is not allowed", item.line)
        carrier = _instruction(item.rest, escape, item.line)
    if carrier.name not in {"add", "copy", "run"} or "<<" not in item.text:
        return []
    try:
        words = _Lexer(item.text, {}, "\\", item.line, keep=True, raw=True).words()
    except _TooDeep:
        raise
    except DockerfileError:
        return []
    return [found for word in words if (found := _heredoc(word, item.line))]


def _heredoc(word: str, line: int) -> tuple[str, bool] | None:
    match = _HEREDOC.match(word)
    ends = _Lexer(match[2], {}, "\\", line, keep=True).words() if match and match[2] else []
    return (ends[0], bool(match and match[1])) if len(ends) == 1 else None


def _flag_values(item: _Instruction) -> dict[str, list[str]]:
    known = {flag.rstrip("=*"): flag[-1] for flag in _FORMS[item.name][1].split()}
    values: dict[str, list[str]] = {}
    for flag in item.flags:
        key, given, value = flag[2:].partition("=")
        if key not in known:
            raise DockerfileError(f'{item.name.upper()} has no flag "--{key}"{did_you_mean(key, known)}', item.line)
        if key in values and known[key] != "*":
            raise DockerfileError(f"--{key} is given twice", item.line)
        if known[key] in "=*" and not given:
            raise DockerfileError(f"--{key} needs a value", item.line)
        if known[key] not in "=*" and given and value.lower() not in {"true", "false"}:
            raise DockerfileError(f"--{key} is true or false", item.line)
        values.setdefault(key, []).append(value)
    return values


def _steps(item: _Instruction, escape: str) -> list[Step]:  # noqa: C901 - one case an instruction
    """What one instruction does to its stage; its form is checked on the way."""
    name, words, line = item.name, item.words, item.line
    if name not in _FORMS:
        raise DockerfileError(f'"{name}" is no instruction{did_you_mean(name, _FORMS)}', line)
    if len(words) < (least := _FORMS[name][0]):
        raise DockerfileError(f"{name.upper()} needs {least} argument{'s' if least > 1 else ''} or more", line)
    flags = {} if name in {"arg", "stopsignal"} else _flag_values(item)  # whose flags BuildKit never looks at
    match name:
        case "arg":
            pairs = [(key, value if given else None) for key, given, value in (word.partition("=") for word in words)]
            if not all(key for key, _ in pairs):
                raise DockerfileError("ARG has a blank name", line)
            return [Step("ARG", line, tuple(pairs))]
        case "env" | "label":
            return [Step(name.upper(), line, tuple(_pairs(item)))]
        case "copy" | "add":
            if _heredoc(words[-1], line):
                raise DockerfileError(f"{name.upper()} cannot write into a here-document", line)
            source = flags.get("from", [""])[0]
            if source and expand(source, {}, escape=escape, line=line) != source:
                raise DockerfileError("COPY --from takes no variables: name a stage FROM the variable instead", line)
            return [Step("COPY", line, use=Use(source, line, "COPY --from"))] if source else []
        case "run":
            return [_mount(mount, line) for mount in flags.get("mount", [])]
        case "onbuild":
            if words[0].upper() in {"FROM", "MAINTAINER"}:
                raise DockerfileError(f"ONBUILD {words[0].upper()} is not allowed", line)
            trigger = _instruction(item.rest, escape, line)
            if trigger.name in {"env", "label"} and trigger.words:
                _pairs(trigger)
            return [Step("ONBUILD", line, ((re.sub(rf"(?i)\A[{_SPACE}]*ONBUILD[{_SPACE}]*", "", item.text), None),))]
        case "healthcheck":
            kind, more = words[0].upper(), len(words) > 1
            if (kind, more) not in {("NONE", False), ("CMD", True)}:
                raise DockerfileError("HEALTHCHECK is followed by NONE alone, or by CMD and a command", line)
        case "shell" if not item.is_json:
            raise DockerfileError("SHELL takes the JSON form only", line)
        case "volume" if not all(word.strip(_SPACE) for word in words):
            raise DockerfileError("VOLUME has a blank path", line)
        case "from" if len(words) != 1 and not (len(words) == 3 and words[1].casefold() == "as"):
            raise DockerfileError("FROM is followed by one name, or by a name, AS and the stage's name", line)
        case "from" if len(words) == 3 and not (_STAGE_NAME.match(words[2].lower()) and context_key(words[2].lower())):
            raise DockerfileError(f'"{words[2]}" is no name for a stage', line)
    return []


def _pairs(item: _Instruction) -> list[tuple[str, str]]:
    """The names and values of ENV or LABEL with their quotes: ``name=value …``, or the older ``name all the rest``."""
    if "=" not in item.words[0]:
        name, *value = _BLANKS.split(item.rest, maxsplit=1)
        if not value:
            raise DockerfileError(f"{item.name.upper()} needs a name and a value", item.line)
        return [(name, value[0])]
    pairs = [word.partition("=") for word in item.words]
    if not all(name and given for name, given, _ in pairs):
        raise DockerfileError(f"{item.name.upper()} takes name=value with no blanks around the equals sign", item.line)
    return [(name, value) for name, _, value in pairs]


def _mount(text: str, line: int) -> Step:
    """One ``--mount``: comma-separated (RFC 4180), of which ``from`` alone is read before variables are known."""
    if not text or not _CSV_LINE.fullmatch(text):
        raise DockerfileError("--mount is no list of comma-separated key=value", line)
    fields = [match[1] for match in _CSV_FIELD.finditer(text)]
    values = [value[1:-1].replace('""', '"') if value.startswith('"') else value for value in fields]
    pairs = [(key.lower(), value if given else None) for key, given, value in (v.partition("=") for v in values)]
    source = [value for key, value in pairs if key == "from" and value]
    if any(re.search(r"\$.", value) for value in source):
        raise DockerfileError("--mount takes no variables in from: name a stage FROM the variable instead", line)
    return Step("MOUNT", line, tuple(pairs), Use(source[-1], line, "RUN --mount from") if source else None)


def _stage(index: int, item: _Instruction, steps: Sequence[Step], escape: str) -> Stage:
    mounts = [dict(step.pairs) for step in steps if step.kind == "MOUNT"]
    labels = [(key, value or "") for step in steps if step.kind == "LABEL" for key, value in step.pairs]
    return Stage(
        name=item.words[2].lower() if len(item.words) == 3 else None,
        index=index,
        base=Use(item.words[0], item.line, "FROM"),
        platform=_flag_values(item).get("platform", [""])[0] or None,
        args=tuple(_args(steps)),
        uses=tuple(step.use for step in steps if step.use),
        line=item.line,
        labels=tuple((_unquoted(key, escape), _unquoted(value, escape)) for key, value in labels),
        secrets=tuple(dict.fromkeys(_mount_id(m) for m in mounts if (m.get("type") or "").lower() == "secret")),
        steps=tuple(steps),
    )


def _args(steps: Iterable[Step]) -> list[Arg]:
    return [Arg(name, default, s.line) for s in steps if s.kind == "ARG" for name, default in s.pairs]


def _unquoted(text: str, escape: str) -> str:
    """``text`` without quotes but with its variables as written; all of it as written where its quotes are wrong."""
    try:
        return expand(text, {}, escape=escape, keep=True)
    except DockerfileError:
        return text


def _mount_id(mount: Mapping[str, str | None]) -> str:
    """A secret's id: ``id`` or ``source``, else the last part of the target (Dockerfile reference, RUN --mount)."""
    target = mount.get("target") or mount.get("dst") or mount.get("destination") or ""
    return mount.get("source") or mount.get("src") or mount.get("id") or target.rstrip("/").rpartition("/")[2]


def _stage_index(use: Use, named: Mapping[str, int], stages: Sequence[Stage]) -> int | None:
    """The stage that a COPY or a mount takes from: the last of that name in any case; COPY also by number."""
    if use.how != "COPY --from" or not _INDEX.match(use.name):
        return named.get(use.name.lower())
    if not 0 <= int(use.name) < len(stages):
        raise DockerfileError(f"COPY --from={use.name}: stages are numbered from 0 to {len(stages) - 1}", use.line)
    return int(use.name)


def _global_scope(
    dockerfile: Dockerfile, args: Mapping[str, str], target: str | None, platform: str, build_platform: str
) -> dict[str, str]:
    """The variables that FROM sees: those of the platforms, and the global ARGs."""
    scope = {"TARGETSTAGE": target or dockerfile.stages[-1].name or "default"}
    for side, whole in (("BUILD", build_platform), ("TARGET", platform)):
        system, arch, variant = (*whole.split("/"), "")[:3]
        parts = zip(_PLATFORM_PARTS, (whole, system, "", arch, variant), strict=True)
        scope |= {side + part: value for part, value in parts}
    scope = {name: args.get(name, value) for name, value in scope.items()}
    for arg in dockerfile.global_args:
        value = args.get(arg.name)
        if value is None and arg.default is not None:
            value = expand(arg.default, scope, escape=dockerfile.escape, line=arg.line)
        if value is not None:
            scope[arg.name] = value
    return scope


def _bases(dockerfile: Dockerfile, scope: Mapping[str, str]) -> tuple[list[Use], list[int | None]]:
    """Each stage's base with its variables replaced, and the earlier stage that it is, by its exact name."""
    bases: list[Use] = []
    parents: list[int | None] = []
    named: dict[str, int] = {}
    for stage in dockerfile.stages:
        base = expand(stage.base.name, scope, escape=dockerfile.escape, line=stage.line)
        if not base:
            raise DockerfileError(f'FROM: "{stage.base.name}" is empty with these arguments', stage.line)
        if stage.platform and not expand(stage.platform, scope, escape=dockerfile.escape, line=stage.line):
            raise DockerfileError(f'FROM --platform: "{stage.platform}" is empty with these arguments', stage.line)
        bases.append(Use(base, stage.line, "FROM"))
        parents.append(named.get(base))
        if stage.name:
            named[stage.name] = stage.index
    return bases, parents


def _triggered(parent: Stage, line: int) -> tuple[Step, ...]:
    """The steps that a stage's ONBUILDs put at the front of a stage made from it, all at the line of its FROM."""
    steps: list[Step] = []
    for text in (step.pairs[0][0] for step in parent.steps if step.kind == "ONBUILD"):
        try:
            _, escape, instructions = _read(text)
            found = [step for item in instructions for step in _steps(item, escape)]
        except DockerfileError as error:
            raise DockerfileError(f"ONBUILD of the base: {error}", line) from None
        steps += [replace(s, line=line, use=s.use and replace(s.use, line=line)) for s in found]
    return tuple(steps)


class _Walk:
    """Acts out the steps of the reached stages, in order, for what they declare."""

    def __init__(self, given: Mapping[str, str], scope: Mapping[str, str], escape: str) -> None:
        self.given, self.scope, self.escape = given, scope, escape
        self.args: list[str] = []
        self.secrets: list[str] = []
        self.ssh: list[str] = []
        self.variables: dict[int | None, dict[str, str]] = {}
        self.is_known: dict[int | None, bool] = {}

    def stage(self, index: int, parent: int | None, steps: Sequence[Step], *, is_scratch: bool) -> None:
        variables = dict(self.variables.get(parent, {}))
        strict = self.is_known.get(parent, is_scratch and parent is None)
        for step in steps:
            self.step(step, variables, strict=strict)
        self.variables[index], self.is_known[index] = variables, strict

    def step(self, step: Step, variables: dict[str, str], *, strict: bool) -> None:
        def value(text: str) -> str:
            return expand(text, variables, escape=self.escape, line=step.line, strict=strict)

        if step.kind == "ARG":
            for name, default in step.pairs:
                self.args.append(name)
                given = self.given.get(name)
                if given is None:
                    given = self.scope.get(name) if default is None else value(default)
                if given is not None:
                    variables[name] = given
        elif step.kind in {"ENV", "LABEL"}:
            pairs = {value(key): value(text or "") for key, text in step.pairs}
            variables.update(pairs if step.kind == "ENV" else {})
        elif step.kind == "MOUNT":
            self.mount({key: text and value(text) for key, text in step.pairs}, step.line, is_known=strict)

    def mount(self, mount: Mapping[str, str | None], line: int, *, is_known: bool) -> None:
        kind = (mount.get("type") or "").lower() if "type" in mount else "bind"
        wrong = [key for key, text in mount.items() if key not in (_MOUNT_SWITCHES if text is None else _MOUNT_KEYS)]
        if wrong:
            raise DockerfileError(f'--mount: "{wrong[0]}" is no key{did_you_mean(wrong[0], _MOUNT_KEYS)}', line)
        if kind not in _MOUNT_TYPES and (kind or is_known):
            raise DockerfileError(f'--mount: "{kind}" is no type{did_you_mean(kind, _MOUNT_TYPES)}', line)
        source = mount.get("source") or mount.get("src")
        if kind == "secret" and (mount.get("from") or (mount.get("id") and source)):
            raise DockerfileError("--mount=type=secret takes no from, and no source beside an id", line)
        if kind == "secret" and not _mount_id(mount) and (is_known or not mount.keys() & _MOUNT_NAMES):
            raise DockerfileError("--mount=type=secret needs an id or a target", line)
        if kind == "secret":
            self.secrets.append(_mount_id(mount))
        elif kind == "ssh" and source:
            raise DockerfileError("--mount=type=ssh takes no source", line)
        elif kind == "ssh":
            self.ssh.append(mount.get("id") or "default")

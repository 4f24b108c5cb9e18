"""What a Dockerfile declares: its stages, arguments, labels and the names it takes files from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from bakegen.dockerfile.text import BLANKS, Instruction, heredoc_of, instruction_from, instructions_of
from bakegen.dockerfile.words import SPACE, DockerfileError, expand
from bakegen.errors import did_you_mean
from bakegen.names import InvalidName, parse_reference

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
_CSV = r"""(?:"(?:[^"]|"")*+"|[^",]*+)"""
_CSV_LINE = re.compile(rf"{_CSV}(?:,{_CSV})*+")
_CSV_FIELD = re.compile(rf"(?:\A|,)({_CSV})")
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*\Z")
_INDEX = re.compile(r"[+-]?[0-9]{1,18}\Z")


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


def parse(text: str) -> Dockerfile:
    """The stages and declarations of a Dockerfile's text.

    Raises DockerfileError for a text from which BuildKit builds no target at all. Rules: the Dockerfile reference.
    """
    syntax, escape, instructions = instructions_of(text)
    global_args: list[Arg] = []
    opened: list[tuple[Instruction, list[Step]]] = []
    for item in instructions:
        steps = steps_of(item, escape)
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
    graph = {s.index: [i for use in s.uses if (i := stage_index(use, named, stages)) is not None] for s in stages}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        line = stages[error.args[1][0]].line
        raise DockerfileError("stages take files from one another in a circle, or one from itself", line) from None
    return Dockerfile(escape, syntax, tuple(global_args), stages)


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


def _flag_values(item: Instruction) -> dict[str, list[str]]:
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


def steps_of(item: Instruction, escape: str) -> list[Step]:  # noqa: C901 - one case an instruction
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
            if heredoc_of(words[-1], line):
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
            trigger = instruction_from(item.rest, escape, line)
            if trigger.name in {"env", "label"} and trigger.words:
                _pairs(trigger)
            return [Step("ONBUILD", line, ((re.sub(rf"(?i)\A[{SPACE}]*ONBUILD[{SPACE}]*", "", item.text), None),))]
        case "healthcheck":
            kind, more = words[0].upper(), len(words) > 1
            if (kind, more) not in {("NONE", False), ("CMD", True)}:
                raise DockerfileError("HEALTHCHECK is followed by NONE alone, or by CMD and a command", line)
        case "shell" if not item.is_json:
            raise DockerfileError("SHELL takes the JSON form only", line)
        case "volume" if not all(word.strip(SPACE) for word in words):
            raise DockerfileError("VOLUME has a blank path", line)
        case "from" if len(words) != 1 and not (len(words) == 3 and words[1].casefold() == "as"):
            raise DockerfileError("FROM is followed by one name, or by a name, AS and the stage's name", line)
        case "from" if len(words) == 3 and not (_STAGE_NAME.match(words[2].lower()) and context_key(words[2].lower())):
            raise DockerfileError(f'"{words[2]}" is no name for a stage', line)
    return []


def _pairs(item: Instruction) -> list[tuple[str, str]]:
    """The names and values of ENV or LABEL with their quotes: ``name=value …``, or the older ``name all the rest``."""
    if "=" not in item.words[0]:
        name, *value = BLANKS.split(item.rest, maxsplit=1)
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


def _stage(index: int, item: Instruction, steps: Sequence[Step], escape: str) -> Stage:
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
        secrets=tuple(dict.fromkeys(mount_id(m) for m in mounts if (m.get("type") or "").lower() == "secret")),
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


def mount_id(mount: Mapping[str, str | None]) -> str:
    """A secret's id: ``id`` or ``source``, else the last part of the target (Dockerfile reference, RUN --mount)."""
    target = mount.get("target") or mount.get("dst") or mount.get("destination") or ""
    return mount.get("source") or mount.get("src") or mount.get("id") or target.rstrip("/").rpartition("/")[2]


def stage_index(use: Use, named: Mapping[str, int], stages: Sequence[Stage]) -> int | None:
    """The stage that a COPY or a mount takes from: the last of that name in any case; COPY also by number."""
    if use.how != "COPY --from" or not _INDEX.match(use.name):
        return named.get(use.name.lower())
    if not 0 <= int(use.name) < len(stages):
        raise DockerfileError(f"COPY --from={use.name}: stages are numbered from 0 to {len(stages) - 1}", use.line)
    return int(use.name)

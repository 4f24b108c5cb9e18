"""One Dockerfile's text, rewritten to stand in another: stages renamed, contexts replaced, arguments made defaults.

Only the instructions that have to change are touched; every other line stays as it is written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bakegen.dockerfile import Dockerfile, Use, context_key, expand, parse
from bakegen.dockerfile.declared import stage_index
from bakegen.dockerfile.text import Instruction, heredoc_of, instructions_of

_DIRECTIVE = re.compile(r"#!|#\s*(?:syntax|escape|check)\s*=", re.IGNORECASE)
_MADE = re.compile(r"# Made by bakegen from .*\. Change that, not this\.\Z")
_COPY = re.compile(r"(\s*COPY)(?=\s)", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@", re.IGNORECASE)
_TOKEN = re.compile(r"\*|\?|\[\^?[^\]]*\]|[^*?\[]+")


class NotStandalone(ValueError):
    """Something that only bake can give to a build; the message says what."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What becomes of a Dockerfile.

    ``stages``: the new names of the stages that are kept, by their index, empty for one that needs none; ``bases``:
    what each FROM of something outside says with its variables replaced, by its line; ``contexts``: what stands in the
    place of a named context, by its key; ``args``: values that become defaults; ``files``: the stage that holds the
    files of the build context, None for the context itself.
    """

    stages: Mapping[int, str]
    bases: Mapping[int, str]
    contexts: Mapping[str, str]
    args: Mapping[str, str]
    files: str | None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The stages' text, the ARGs that stand before them (name, how it is written), and the images that they name."""

    text: str
    globals: tuple[tuple[str, str], ...]
    images: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Work:
    parsed: Dockerfile
    wanted: Wanted
    images: set[str]

    def source(self, name: str, line: int, how: str) -> str:
        """What stands for a name in a COPY --from or a mount's from."""
        named = {stage.name: stage.index for stage in self.parsed.stages if stage.name}
        index = stage_index(Use(name, line, how), named, self.parsed.stages)
        if index is not None:
            return self.wanted.stages[index]
        found = self.wanted.contexts.get(context_key(name), name)
        self.images.add(found)
        return found


def rewrite(text: str, wanted: Wanted) -> Rewritten:
    """A Dockerfile's stages as ``wanted`` has them. Raises NotStandalone, DockerfileError."""
    work = _Work(parse(text), wanted, set())
    body = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    heads: list[tuple[str, str]] = []
    lines: list[str] = []
    stage, begin = -1, 0
    for item in instructions_of(text)[2]:
        before, own, begin = body[begin : item.line - 1], "\n".join(body[item.line - 1 : item.last]), item.last
        stage += item.name == "from"
        if stage < 0 or stage in wanted.stages:
            lines += [line for line in before if not (_DIRECTIVE.match(line.strip()) or _MADE.match(line))]
        if stage < 0:
            heads += [(word.partition("=")[0], word) for word in _defaults(item, wanted.args, work.parsed.escape)]
        elif stage in wanted.stages:
            lines.append(_instruction(work, stage, item, own))
    return Rewritten("\n".join(lines).strip("\n") + "\n", tuple(heads), frozenset(work.images))


def _instruction(work: _Work, stage: int, item: Instruction, own: str) -> str:
    match item.name:
        case "from":
            return _from(work, stage, item)
        case "arg" if work.wanted.args.keys() & {word.partition("=")[0] for word in item.words}:
            return f"ARG {' '.join(_defaults(item, work.wanted.args, work.parsed.escape))}"
        case "onbuild" if work.wanted.files is not None or "--" in item.rest:
            told = "an ONBUILD of an internal parent, or one that takes files"
            raise NotStandalone(f"line {item.line}: {told}: write its step into the children, or publish the parent")
        case "copy" | "add":
            return _copy(work, item, own)
        case "run":
            return _run(work, item, own)
    return own


def _from(work: _Work, index: int, item: Instruction) -> str:
    stages, wanted = work.parsed.stages, work.wanted
    base = stages[index].base.name
    outside = wanted.bases.get(item.line)
    if outside is not None:
        replaced = wanted.contexts.get(context_key(outside))
        work.images.add(replaced or outside)
        base = replaced or base
    elif base != "scratch":
        # A name with variables is another stage's: it is kept as it is written, and so must that stage's name be.
        earlier = [one.index for one in stages[:index] if one.name == base and one.index in wanted.stages]
        renamed = any(one.name and wanted.stages.get(one.index) not in (None, one.name) for one in stages[:index])
        if not earlier and renamed:
            raise NotStandalone(f"line {item.line}: FROM {base}, and two stages have the same name")
        base = wanted.stages[earlier[-1]] if earlier else base
    platform = next((f"{flag} " for flag in item.flags if flag.startswith("--platform=")), "")
    name = wanted.stages[index]
    return f"FROM {platform}{base}{f' AS {name}' if name else ''}"


def _copy(work: _Work, item: Instruction, own: str) -> str:
    given = next((flag.removeprefix("--from=") for flag in item.flags if flag.startswith("--from=")), "")
    if given:
        return _swapped(own, f"--from={given}", f"--from={work.source(given, item.line, 'COPY --from')}", item.line)
    local = len(list(_local(item)))
    if work.wanted.files is None or not local:
        return own
    if item.name == "add" or local < len(item.words) - 1:
        raise NotStandalone(
            f"line {item.line}: files of a context of its own, by ADD or beside a here-document: COPY them alone"
        )
    return _COPY.sub(rf"\1 --from={work.wanted.files}", own, count=1)


def _run(work: _Work, item: Instruction, own: str) -> str:
    for flag in item.flags:
        if not flag.startswith("--mount="):
            continue
        pairs = [pair.partition("=") for pair in flag.removeprefix("--mount=").split(",")]
        keys = {key.lower(): value for key, _, value in pairs}
        if keys.get("from"):
            new = work.source(keys["from"], item.line, "RUN --mount from")
            words = [f"from={new}" if key.lower() == "from" else f"{key}{sign}{value}" for key, sign, value in pairs]
        elif keys.get("type", "bind") == "bind" and work.wanted.files is not None:
            words = [*("".join(pair) for pair in pairs), f"from={work.wanted.files}"]
        else:
            continue
        own = _swapped(own, flag, f"--mount={','.join(words)}", item.line)
    return own


def _swapped(own: str, old: str, new: str, line: int) -> str:
    """Flags come first, so that the first place where one is written is its own."""
    if old not in own:
        raise NotStandalone(f"line {line}: write {old} without quotes, so that it can be rewritten")
    return own.replace(old, new, 1)


def _defaults(item: Instruction, args: Mapping[str, str], escape: str) -> Iterator[str]:
    """The words of an ARG with the given values as defaults."""
    for word in item.words:
        name = word.partition("=")[0]
        if name not in args:
            yield word
            continue
        value = args[name]
        if any(not char.isprintable() for char in value):
            raise NotStandalone(f'line {item.line}: the argument "{name}" holds a control character')
        quoted = "".join(f"{escape}{char}" if char in ('"', "$", escape) else char for char in value)
        yield f'{name}="{quoted}"'


def _local(item: Instruction) -> Iterator[str]:
    """The sources of a COPY or ADD that are files of the build context."""
    for word in item.words[:-1]:
        if not heredoc_of(word, item.line) and not (item.name == "add" and _REMOTE.match(word)):
            yield word


def sources_of(text: str, stages: frozenset[int], args: Mapping[str, str]) -> tuple[re.Pattern[str], ...]:
    """What of the build context these stages take: patterns that match the paths of whole files.

    Wildcards are those of COPY (Go's filepath.Match), and a class stands for any character; behind a variable that is
    not among ``args`` is anything. Raises DockerfileError.
    """
    parsed = parse(text)
    found: list[str] = []
    stage = -1
    for item in instructions_of(text)[2]:
        stage += item.name == "from"
        if stage not in stages:
            continue
        if item.name in {"copy", "add"} and not any(flag.startswith("--from=") for flag in item.flags):
            found += [_pattern(word, args, parsed.escape) for word in _local(item)]
        for flag in item.flags if item.name == "run" else ():
            keys = dict(pair.partition("=")[::2] for pair in flag.removeprefix("--mount=").split(","))
            if flag.startswith("--mount=") and keys.get("type", "bind") == "bind" and not keys.get("from"):
                found.append(_pattern(keys.get("source", keys.get("src", "")), args, parsed.escape))
    return tuple(re.compile(rf"(?:{pattern})(?:/.*)?", re.DOTALL) for pattern in dict.fromkeys(found))


def _pattern(word: str, args: Mapping[str, str], escape: str) -> str:
    whole = expand(word, args, escape=escape, keep=True, strict=False)
    known, unknown, _ = whole.partition("$")
    known, escaped, _ = known.partition("\\")
    path = posixpath.normpath(f"/{known}").lstrip("/")
    if unknown or escaped:
        start = f"{path}/" if known.endswith("/") and path else path
        return f"{re.escape(start)}.*"
    return "".join(_regex(token) for token in _TOKEN.findall(path)) if path else ".*"


def _regex(token: str) -> str:
    if token == "*":  # noqa: S105 - a token of a pattern
        return "[^/]*"
    return "[^/]" if token[0] in "?[" else re.escape(token)

"""A target as one Dockerfile that needs nothing but the files beside it: no arguments, no named contexts, no bake.

Arguments become defaults, published parents their references, and internal parents stages in front of the target's
own. One thing differs from a build by bake: the ARGs of such a parent are known to the steps that stand on it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bakegen import labels
from bakegen.dockerfile import (
    PREDEFINED_ARGS,
    Dockerfile,
    DockerfileError,
    context_key,
    needs,
    parse,
)
from bakegen.dockerfile.edit import add_labels
from bakegen.plan import Link, Plan, Target
from bakegen.render.rewriting import NotStandalone, Wanted, rewrite, sources_of

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class Sources:
    """The project's files: Dockerfiles' texts by their paths, what each context sends, by its folder and Dockerfile,
    and what each folder sends that is a named context.

    These paths start at the project's root, those of the files that are sent at the folder.
    """

    texts: Mapping[str, str]
    contexts: Mapping[tuple[str, str], tuple[str, ...]]
    folders: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Standalone:
    """The Dockerfile, and the files that it copies: (path beside it, path from the project's root), sorted."""

    text: str
    files: tuple[tuple[str, str], ...]


@dataclass
class _Sheet:
    """What has been written so far: names of stages and folders that are taken, global ARGs, stages, files."""

    names: set[str]
    globals: dict[str, str] = field(default_factory=dict)
    syntax: str | None = None
    escape: str = ""
    blocks: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)
    last: str = ""

    def name(self, text: str) -> str:
        """A name for a stage or a folder that nothing else has."""
        usual = _NOT_IN_A_NAME.sub("-", text.lower()).lstrip("0123456789_.-") or "stage"
        found, number = usual, 1
        while found in self.names:
            number += 1
            found = f"{usual}-{number}"
        self.names.add(found)
        return found

    def folder(self, usual: str, files: Mapping[str, str]) -> str:
        """Puts files into a folder of their own, and adds the stage that holds them; its name."""
        stage = self.name(usual)
        self.files |= {f"{stage}/{path}": source for path, source in files.items()}
        self.blocks.append(f"FROM scratch AS {stage}\nCOPY {stage}/ /\n")
        return stage


def standalone(plan: Plan, target: Target, references: Mapping[str, str], sources: Sources) -> Standalone:
    """The Dockerfile of ``target`` by itself. ``references``: what each published target is called, by its name.

    Raises NotStandalone.
    """
    try:
        own = _copied(target, sources)
        sheet = _Sheet({"scratch", "context", *(path.partition("/")[0] for path in own)})
        stages: dict[str, str] = {}
        for one in (*_inlined(plan, target, references), target):
            stages[one.name] = _write(sheet, one, references, stages, sources, last=one is target)
        text = add_labels(_text(sheet, target, stages[target.name]), _labels(target))
        _prove(text, target, sheet.images)
    except DockerfileError as error:
        raise NotStandalone(f"its Dockerfile cannot be rewritten: {error}") from None
    return Standalone(text, tuple(sorted(sheet.files.items())))


def _labels(target: Target) -> dict[str, str]:
    return {key: value for key, value in sorted(target.labels) if key != labels.REVISION}


def _inlined(plan: Plan, target: Target, references: Mapping[str, str]) -> tuple[Target, ...]:
    """The internal targets that it stands on, parents first."""
    found: dict[str, Target] = {}

    def visit(one: Target) -> None:
        for name in one.parents:
            if name not in references and name not in found:
                visit(plan.by_name[name])
                found[name] = plan.by_name[name]

    visit(target)
    return tuple(found.values())


def _reached(target: Target, parsed: Dockerfile) -> tuple[frozenset[int], dict[int, set[str]]]:
    """The stages that building it reaches on any platform, and what their FROMs say of what is outside, by line."""
    contexts = [link.name for link in target.links]
    stages: set[int] = set()
    bases: dict[int, set[str]] = {}
    for platform in target.platforms:
        found = needs(parsed, dict(target.args), target.stage, contexts, platform=platform)
        stages |= set(found.stages)
        for use in found.names:
            if use.how == "FROM":
                bases.setdefault(use.line, set()).add(use.name)
        if found.ssh:
            raise NotStandalone(f"{target.dockerfile} mounts an SSH agent, and nobody gives it one")
    keys = {context_key(link) for link in contexts}
    for line, names in bases.items():
        if len(names) > 1 and any(context_key(name) in keys for name in names):
            raise NotStandalone(f"{target.dockerfile}:{line} names a context on some platforms only")
    return frozenset(stages), bases


def _taken(target: Target, sources: Sources) -> tuple[re.Pattern[str], ...]:
    text = sources.texts[target.dockerfile]
    reached, _ = _reached(target, parse(text))
    return sources_of(text, reached, dict(target.args))


def _copied(target: Target, sources: Sources) -> Mapping[str, str]:
    """The files of its context that a target's Dockerfile takes: paths there, and in the project."""
    taken = _taken(target, sources)
    files = [
        path
        for path in sources.contexts[target.context, target.dockerfile]
        if any(one.fullmatch(path) for one in taken)
    ]
    return {path: posixpath.join(target.context, path) for path in files}


def _write(
    sheet: _Sheet,
    target: Target,
    references: Mapping[str, str],
    made: Mapping[str, str],
    sources: Sources,
    *,
    last: bool,
) -> str:
    """Adds the stages of a target; the name of the one that is its image."""
    text = sources.texts[target.dockerfile]
    parsed = parse(text)
    reached, bases = _reached(target, parsed)
    _refuse(target, parsed, reached)
    contexts = {context_key(link.name): _place(sheet, link, references, made, sources) for link in target.links}
    copied = _copied(target, sources)
    # What its steps would take of the other parents' files keeps its own apart from those, and so does a file that
    # would mean something else beside the Dockerfile.
    mixed = any(one.fullmatch(path) for one in _taken(target, sources) for path in sheet.files)
    meant = {"Dockerfile", "Dockerfile.dockerignore", ".dockerignore"} - {_beside(target)}
    files = None
    if copied and (not last or mixed or meant & copied.keys()):
        files = sheet.folder(f"{target.layer}-files", copied)
    else:
        sheet.files |= {path: source for path, source in copied.items() if path != "Dockerfile"}
    if sheet.escape not in ("", parsed.escape) or (parsed.syntax and sheet.syntax not in (None, parsed.syntax)):
        told = "has other parser directives than what it is put together with"
        mend = "let all of them have the same lines `# syntax=` and `# escape=`, or publish the parent"
        raise NotStandalone(f"{target.dockerfile} {told}: {mend}")
    sheet.escape, sheet.syntax = parsed.escape, sheet.syntax or parsed.syntax
    named = {stage.name: stage.index for stage in parsed.stages if stage.name}
    final = named[target.stage.lower()] if target.stage else len(parsed.stages) - 1
    stages: dict[int, str] = {}
    for stage in parsed.stages:
        usual = target.layer if stage.index == final else f"{target.layer}-{stage.index}"
        if stage.index in reached:
            nameless = last and stage.name is None and stage.index == max(reached)
            stages[stage.index] = "" if nameless else sheet.name(stage.name or usual)
    try:
        chosen = {line: min(names) for line, names in bases.items()}
        done = rewrite(text, Wanted(stages, chosen, contexts, dict(target.args), files))
    except NotStandalone as error:
        raise NotStandalone(f"{target.dockerfile}: {error}") from None
    for name, words in done.globals:
        if sheet.globals.setdefault(name, words) != words:
            raise NotStandalone(
                f'{target.dockerfile}: ARG "{name}" before the first FROM means something else elsewhere'
            )
    sheet.blocks.append(done.text)
    sheet.images |= done.images.union(*bases.values())
    sheet.last = stages[max(stages)]
    return stages[final]


def _beside(target: Target) -> str:
    """Its Dockerfile's path from its context."""
    return posixpath.relpath(f"/{target.dockerfile}", f"/{target.context}")


def _refuse(target: Target, parsed: Dockerfile, reached: frozenset[int]) -> None:
    """What a build without bake is never given."""
    for secret in target.secrets:
        if secret.kind != "file-env":
            raise NotStandalone(f'layer "{target.layer}" needs the secret "{secret.id}", and nobody gives it one')
    for stage in parsed.stages:
        for step in stage.steps if stage.index in reached else ():
            pairs = dict(step.pairs) if step.kind == "MOUNT" else {}
            if pairs.get("type") == "secret" and "required" in pairs and pairs["required"] != "false":
                raise NotStandalone(f"{target.dockerfile}:{step.line} requires a secret, and nobody gives it one")
    for name, _ in target.args:
        if name in PREDEFINED_ARGS and name not in parsed.declared_args():
            raise NotStandalone(f'{target.dockerfile} declares no ARG "{name}", so that its value cannot stand there')


def _place(sheet: _Sheet, link: Link, references: Mapping[str, str], made: Mapping[str, str], sources: Sources) -> str:
    """What stands in a context's place: an image or a stage."""
    if link.kind == "target":
        return references.get(link.ref) or made[link.ref]
    if link.kind == "image":
        return link.ref
    if link.kind == "git":
        raise NotStandalone(f'the context "{link.name}" is a git repository, and nobody gives it one')
    return sheet.folder(
        f"{link.name}-files", {path: posixpath.join(link.ref, path) for path in sources.folders[link.ref]}
    )


def _text(sheet: _Sheet, target: Target, last: str) -> str:
    head = [f"# syntax={sheet.syntax}"] if sheet.syntax else []
    head += [f"# escape={sheet.escape}"] if sheet.escape != "\\" else []
    head.append(f"# Made by bakegen from {target.origin.file}. Change that, not this.")
    head += [f"ARG {words}" for _, words in sorted(sheet.globals.items())]
    # Without a target, what is built is the last stage.
    tail = [] if sheet.last == last else [f"FROM {last}\n"]
    return "\n".join(("\n".join(head) + "\n", *sheet.blocks, *tail))


def _prove(text: str, target: Target, images: set[str]) -> None:
    """That nothing is named which is neither a stage nor an image that was meant."""
    for platform in target.platforms:
        for use in needs(parse(text), {}, None, (), platform=platform).names:
            if use.name not in images:
                raise NotStandalone(f'{target.dockerfile}: "{use.name}" is left over')

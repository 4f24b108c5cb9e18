"""The labels that a Dockerfile gives its image, with the place where each is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bakegen.dockerfile.declared import Dockerfile, Step, parse
from bakegen.dockerfile.reach import triggered
from bakegen.dockerfile.text import Instruction, instructions_of, label_spans
from bakegen.dockerfile.words import SPACE, DockerfileError, expand
from bakegen.errors import did_you_mean

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pair is written: from a line (from 1) and column (from 0) up to another, without its end."""

    line: int
    column: int
    last_line: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Label:
    """A label that the image has, and the line that gives it.

    ``value`` is None where it hangs on what only the base image or the build's arguments say. ``place`` is None for
    one that comes from an earlier stage.
    """

    key: str
    value: str | None
    line: int
    place: Place | None


@dataclass(frozen=True, slots=True)
class Described:
    """What a Dockerfile says of the image of one stage.

    ``starts`` are the places of the FROMs among the instructions. ``stages`` are that stage and those it is made from,
    the nearest first; ``base`` is the image under all of them, empty where only the build's arguments tell.
    """

    dockerfile: Dockerfile
    instructions: tuple[Instruction, ...]
    starts: tuple[int, ...]
    stages: tuple[int, ...]
    base: str
    base_line: int
    labels: tuple[Label, ...]

    def values(self) -> dict[str, str]:
        """The labels whose values are known."""
        return {label.key: label.value for label in self.labels if label.value is not None}

    def of_stage(self, index: int) -> tuple[Instruction, ...]:
        """The instructions of one stage, its FROM first."""
        end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.instructions)
        return self.instructions[self.starts[index] : end]


def describe(text: str, target: str | None = None) -> Described:
    """What a Dockerfile says of the stage ``target`` (None: the last one), by its ARGs' own defaults.

    Raises DockerfileError for a text that BuildKit refuses, one with the marks of a merge in it, and an unknown stage.
    Rules: the Dockerfile reference; labels of an earlier stage count where the stage is made FROM it.
    """
    conflict = _CONFLICT.search(text)
    if conflict is not None:
        line = text.count("\n", 0, conflict.start()) + 1
        raise DockerfileError("the mark of an unsolved merge: take one of the two versions", line)
    dockerfile = parse(text)
    _, _, instructions = instructions_of(text)
    stages = dockerfile.stages
    named = {stage.name: stage.index for stage in stages if stage.name}
    final = len(stages) - 1 if target is None else named.get(target.lower())
    if final is None:
        raise DockerfileError(f'no stage is called "{target}"{did_you_mean(str(target), map(str, named))}', 0)
    scope = _global_scope(dockerfile)
    parents = _parents(dockerfile, scope)
    stage: int | None = final
    made_from: list[int] = []
    while stage is not None:
        made_from.append(stage)
        stage = parents[stage]
    first = stages[made_from[-1]]
    base = _known(first.base.name, scope, dockerfile.escape, first.line) or ""
    starts = tuple(number for number, item in enumerate(instructions) if item.name == "from")
    found = Described(dockerfile, tuple(instructions), starts, tuple(made_from), base, first.line, ())
    return replace(found, labels=_labels(found, scope))


def _labels(found: Described, scope: Mapping[str, str]) -> tuple[Label, ...]:
    """Acts out the ARGs, ENVs and LABELs of the line of stages, from the base up."""
    escape = found.dockerfile.escape
    variables: dict[str, str] = {}
    labels: dict[str, Label] = {}
    stages = [found.dockerfile.stages[index] for index in reversed(found.stages)]
    for number, stage in enumerate(stages):
        inherited = triggered(stages[number - 1], stage.line) if number else ()
        for step in inherited:
            _act(step, variables, scope, labels, escape, ())
        items = [item for item in found.of_stage(stage.index) if item.name == "label"]
        places = iter(label_places(item, escape) for item in items)
        for step in stage.steps:
            written = next(places) if step.kind == "LABEL" else ()
            own = written if number == len(stages) - 1 else ()
            _act(step, variables, scope, labels, escape, own, [place.line for place in written])
    return tuple(labels.values())


def _act(
    step: Step,
    variables: dict[str, str],
    scope: Mapping[str, str],
    labels: dict[str, Label],
    escape: str,
    places: Sequence[Place],
    lines: Sequence[int] = (),
) -> None:
    if step.kind == "ARG":
        for name, default in step.pairs:
            value = scope.get(name) if default is None else _known(default, variables, escape, step.line)
            _set(variables, name, value, keep=default is None)
    elif step.kind == "ENV":
        found = [(_known(key, variables, escape, step.line), text or "") for key, text in step.pairs]
        new = [(key, _known(text, variables, escape, step.line)) for key, text in found if key is not None]
        for name, new_value in new:
            _set(variables, name, new_value, keep=False)
    elif step.kind == "LABEL":
        for number, (key_text, text) in enumerate(step.pairs):
            key = _known(key_text, variables, escape, step.line)
            if key is not None:
                line = lines[number] if lines else step.line
                value = _known(text or "", variables, escape, step.line)
                labels.pop(key, None)
                labels[key] = Label(key, value, line, places[number] if places else None)


def _set(variables: dict[str, str], name: str, value: str | None, *, keep: bool) -> None:
    if value is not None:
        variables[name] = value
    elif not keep:
        variables.pop(name, None)


def label_places(item: Instruction, escape: str) -> tuple[Place, ...]:
    """Where each pair of a LABEL is written."""
    found = []
    for start, end in label_spans(item, escape):
        line, column = _at(item, start)
        last_line, last = _at(item, end - 1)
        found.append(Place(line, column, last_line, last + 1))
    return tuple(found)


def _at(item: Instruction, offset: int) -> tuple[int, int]:
    begin, line, column = next(place for place in reversed(item.places) if place[0] <= offset)
    return line, column + offset - begin


class _Asked(dict[str, str]):
    """Variables that notice when one is asked for that is not among them."""

    missed = False

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.missed |= key not in self
        return super().get(key, default)


def _known(word: str, variables: Mapping[str, str], escape: str, line: int) -> str | None:
    """``word`` with its variables replaced, or None where one of them is not known here."""
    if "$" not in word:
        return expand(word, {}, escape=escape, line=line)
    asked = _Asked(variables)
    value = expand(word, asked, escape=escape, line=line, strict=False)
    return None if asked.missed else value


def _global_scope(dockerfile: Dockerfile) -> dict[str, str]:
    scope: dict[str, str] = {}
    for arg in dockerfile.global_args:
        value = None if arg.default is None else _known(arg.default, scope, dockerfile.escape, arg.line)
        _set(scope, arg.name, value, keep=False)
    return scope


def _parents(dockerfile: Dockerfile, scope: Mapping[str, str]) -> list[int | None]:
    """The earlier stage that each stage is made from: the last of exactly that name."""
    named: dict[str, int] = {}
    parents: list[int | None] = []
    for stage in dockerfile.stages:
        base = _known(stage.base.name, scope, dockerfile.escape, stage.line)
        parents.append(named.get(base) if base else None)
        if stage.name:
            named[stage.name] = stage.index
    return parents


def blank_continuations(text: str, instructions: Sequence[Instruction]) -> tuple[int, ...]:
    """The lines that are empty inside a continued instruction: BuildKit will refuse them one day."""
    lines = text.removeprefix("\ufeff").split("\n")
    found: list[int] = []
    for item in instructions:
        numbers = [line for _, line, _ in item.places]
        for before, after in pairwise(numbers):
            found += [number for number in range(before + 1, after) if not lines[number - 1].strip(SPACE)]
    return tuple(found)

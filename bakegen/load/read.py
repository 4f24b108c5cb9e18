"""TOML -> models: the only reader of TOML. Every refusal of the models becomes a Problem with file and line."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import tomli
from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from bakegen.errors import ConfigurationError, Problem, UsageError, printable
from bakegen.load.composed import complaints, composed
from bakegen.load.refusals import problems as refusals
from bakegen.load.source import Source
from bakegen.load.tree import Tree
from bakegen.lock import Lock
from bakegen.model import MODELS, Project, Stack, Words
from bakegen.names import IDENTIFIER

PROJECT_FILE = "bakegen.toml"
STACK_FILE = "stack.toml"
LOCK_FILE = "bakegen.lock"
_Model = TypeVar("_Model", bound=Words)


@dataclass(frozen=True)
class LoadedStack:
    """One family: its name (the folder's), the folder from the project's root, the words and where they stand."""

    name: str
    folder: str
    words: Stack
    source: Source


@dataclass(frozen=True)
class Loaded:
    """A whole project as the user wrote it.

    ``problems``: what is wrong with stacks that could not be read. ``resolve`` reports it together with what it finds
    in the others, so that one family's mistake hides none of another's.
    """

    tree: Tree
    project: Project
    source: Source
    stacks: tuple[LoadedStack, ...]
    lock: Lock
    problems: tuple[Problem, ...] = ()


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds a bakegen.toml. Raises UsageError when there is none."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise UsageError(
        f'no {PROJECT_FILE} in "{printable(str(start))}" or above: make one where the project starts (an empty file '
        "will do), or name the folder with --project"
    )


def load(root: Path) -> Loaded:
    """The project in ``root``. Raises ConfigurationError when bakegen.toml or bakegen.lock is wrong, with every
    problem of every file; stacks that are wrong are left out, and their problems noted.
    """
    tree = Tree(root)
    problems: list[Problem] = []
    source, project = _read(tree, PROJECT_FILE, Project, problems)
    lock: Lock | None = Lock()
    if tree.kind(LOCK_FILE) != "missing":
        _, lock = _read(tree, LOCK_FILE, Lock, problems)
    noted: list[Problem] = []
    stacks = tuple(_read_stacks(tree, source, project or Project(), noted))
    if project is None or lock is None:
        # Where the stacks are is not known when bakegen.toml cannot be read: the usual folder may well be missing.
        raise ConfigurationError([*problems, *(one for one in noted if project or one.file != PROJECT_FILE)])
    return Loaded(tree, project, source, stacks, lock, tuple(noted))


def _read_stacks(tree: Tree, source: Source, project: Project, problems: list[Problem]) -> Iterator[LoadedStack]:
    top = posixpath.normpath(project.stacks)
    kind = tree.kind(top)
    if kind == "outside" or posixpath.isabs(top):
        problems.append(source.problem(("stacks",), f'"{top}" lies outside the project'))
        return
    if kind != "directory":
        problems.append(
            source.problem(("stacks",), f'no folder "{top}": make one, with a {STACK_FILE} in a folder per family')
        )
        return
    found = False
    for name in tree.names(top):
        folder = name if top == "." else f"{top}/{name}"
        file = f"{folder}/{STACK_FILE}"
        if tree.kind(folder) in ("file", "other", "missing") or tree.kind(file) == "missing":
            continue
        found = True
        if not IDENTIFIER.match(name):
            problems.append(
                Problem(
                    file,
                    0,
                    "",
                    f'"{name}" is no name for a stack: lower-case letters and digits, with - and _ '
                    "between them; rename the folder",
                )
            )
            continue
        stack_source, words = _read(tree, file, Stack, problems)
        if words is not None:
            yield LoadedStack(name, folder, words, stack_source)
    if not found:
        problems.append(source.problem(("stacks",), f'no {STACK_FILE} in any folder of "{top}"'))


def _read(tree: Tree, file: str, model: type[_Model], problems: list[Problem]) -> tuple[Source, _Model | None]:
    empty = Source(file, "")
    if tree.kind(file) == "outside":
        problems.append(Problem(file, 0, "", "lies outside the project: a symbolic link leads there"))
        return empty, None
    try:
        text = tree.text(file)
    except UnicodeDecodeError as error:
        problems.append(Problem(file, 0, "", f"is not UTF-8 (byte {error.start}): save it as UTF-8"))
        return empty, None
    except OSError as error:
        problems.append(Problem(file, 0, "", f"cannot be read: {error.strerror}"))
        return empty, None
    source = Source(file, text.replace("\r\n", "\n"))
    return source, validated(source, model, problems)


def validated(source: Source, model: type[_Model], problems: list[Problem]) -> _Model | None:
    """What a file says, as ``model``; None, with what is wrong noted in ``problems``, where it cannot be read."""
    file = source.file
    try:
        data = tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        problems.append(Problem(file, error.lineno, "", f"no TOML: {error.msg[:1].lower()}{error.msg[1:]}"))
        return None
    except RecursionError:
        problems.append(Problem(file, 0, "", "no TOML that anyone can read: nested too deep"))
        return None
    except ValueError:
        problems.append(Problem(file, 0, "", "no TOML that anyone can read: a number has thousands of digits"))
        return None
    wrong, data = _composed(source, data)
    if wrong:
        problems += wrong
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += refusals(source, model, data, error.errors(include_url=False))
        return None


def _composed(source: Source, data: dict[str, Any]) -> tuple[list[Problem], dict[str, Any]]:
    if source.text.isascii() and "\\" not in source.text:
        return [], data
    wrong = [source.problem(path, message) for path, message in complaints(data)]
    return wrong, data if wrong else composed(data)


def json_schema(file: str) -> str:
    """The JSON Schema (draft 2020-12) of ``bakegen.toml``, ``stack.toml`` or ``policy.toml``, as text."""
    schema = MODELS[file].model_json_schema(by_alias=True, schema_generator=_Schema)
    return json.dumps({"$schema": _Schema.schema_dialect, **schema}, ensure_ascii=False, indent=2) + "\n"


class _Schema(GenerateJsonSchema):
    """Without titles made from field names and without defaults: they say nothing that the description does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the base class asks
        return False

"""TOML -> models: the only reader of TOML. Every refusal of the models becomes a Problem with file and line."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import tomli
from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from bakegen.errors import ConfigurationError, Problem, UsageError, did_you_mean, nearest
from bakegen.load.positions import Path as KeyPath
from bakegen.load.source import Source
from bakegen.load.tree import Tree
from bakegen.lock import Lock
from bakegen.model import MODELS, Project, Stack, Value, Words
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
    """A whole project as the user wrote it."""

    tree: Tree
    project: Project
    source: Source
    stacks: tuple[LoadedStack, ...]
    lock: Lock


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` that holds a bakegen.toml. Raises UsageError when there is none."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise UsageError(
        f'no {PROJECT_FILE} in "{start}" or above: make one where the project starts (an empty file will do), '
        "or name the folder with --project"
    )


def load(root: Path) -> Loaded:
    """The project in ``root``. Raises ConfigurationError with every problem of every file."""
    tree = Tree(root)
    problems: list[Problem] = []
    source, project = _read(tree, PROJECT_FILE, Project, problems)
    lock = Lock()
    if tree.kind(LOCK_FILE) != "missing":
        _, read_lock = _read(tree, LOCK_FILE, Lock, problems)
        lock = read_lock or lock
    stacks = list(_read_stacks(tree, source, project, problems)) if project else []
    if problems or project is None:
        raise ConfigurationError(problems)
    return Loaded(tree, project, source, tuple(stacks), lock)


def _read_stacks(tree: Tree, source: Source, project: Project, problems: list[Problem]) -> Iterator[LoadedStack]:
    top = project.stacks.rstrip("/") or "."
    kind = tree.kind(top)
    if kind == "outside":
        problems.append(source.problem(("stacks",), f'"{top}" is outside the project'))
        return
    if kind != "directory":
        problems.append(
            source.problem(("stacks",), f'no folder "{top}": make one with a {STACK_FILE} per family in it')
        )
        return
    found = False
    for name in tree.names(top):
        folder = name if top == "." else f"{top}/{name}"
        file = f"{folder}/{STACK_FILE}"
        if tree.kind(file) == "missing":
            continue
        found = True
        if not IDENTIFIER.match(name):
            problems.append(
                Problem(file, 0, "", f'"{name}" is no name for a stack: lower-case letters, digits, - and _ inside')
            )
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
    try:
        data = tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        problems.append(Problem(file, error.lineno, "", f"no TOML: {error.msg[:1].lower()}{error.msg[1:]}"))
        return source, None
    except RecursionError:
        problems.append(Problem(file, 0, "", "no TOML that anyone can read: nested too deep"))
        return source, None
    try:
        return source, model.model_validate(data)
    except ValidationError as error:
        problems.extend(_problem(source, model, data, dict(detail)) for detail in error.errors(include_url=False))
        return source, None


def _problem(source: Source, model: type[Words], data: Mapping[str, Any], detail: dict[str, Any]) -> Problem:
    path: KeyPath = tuple(part for part in detail["loc"] if part != "[key]")
    kind = detail["type"]
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        at = source.problem(path[:-1], "").where
        message = f'unknown key "{last}"{did_you_mean(last, _keys(model, path[:-1]))}'
        return Problem(source.file, source.line(path), at, message)
    if kind == "missing":
        return source.problem(path[:-1], f'"{last}" is missing')
    value = detail.get("input")
    if kind == "string_type" and isinstance(value, bool | int | float):
        raw = source.raw(path) or str(value).lower()
        what = "a boolean" if isinstance(value, bool) else "a number"
        return source.problem(path, f'{raw} is {what}, not text: write "{raw}"')
    if kind == "string_type" and hasattr(value, "isoformat"):
        raw = source.raw(path)
        return source.problem(path, f'{raw} is a date, not text: write "{raw}"')
    message = _message(kind, value, detail.get("ctx", {}), detail["msg"])
    if _model_at(model, path[:-1]) is Value:
        message += did_you_mean(last, _aliases(Value))
    return source.problem(path, message)


def _message(kind: str, value: object, context: Mapping[str, Any], fallback: str) -> str:
    if kind == "literal_error":
        allowed = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        return f'"{value}" is none of {", ".join(allowed)}{did_you_mean(str(value), allowed)}'
    if kind == "string_pattern_mismatch":
        return f'"{value}" is no name: lower-case letters and digits, with - and _ between them'
    if kind in _MESSAGES:
        return _MESSAGES[kind]
    return fallback[:1].lower() + fallback[1:]


_MESSAGES = {
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "list_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
}


def _keys(model: type[Words], path: KeyPath) -> list[str]:
    found = _model_at(model, path)
    return _aliases(found) if found else []


def _aliases(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model of the table at ``path``, found from the annotations."""
    at: Any = model
    for part in path:
        if isinstance(at, type) and issubclass(at, BaseModel):
            field = next((f for n, f in at.model_fields.items() if (f.alias or n) == part), None)
            at = _plain(field.annotation) if field else None
        elif get_origin(at) is list:
            at = _plain(get_args(at)[0])
        elif get_origin(at) is dict:
            at = _plain(get_args(at)[1])
        else:
            return None
    return at if isinstance(at, type) and issubclass(at, BaseModel) else None


def _plain(annotation: Any) -> Any:
    """An annotation without ``Annotated`` and ``| None``."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) is types.UnionType:
        return _plain(next(arg for arg in get_args(annotation) if arg is not type(None)))
    return annotation


def suspicious_fields(value: Value) -> Iterator[tuple[str, str]]:
    """Free fields of an axis's value that look like a misspelt key: (field, key)."""
    known = _aliases(Value)
    for field in value.__pydantic_extra__ or {}:
        near = nearest(field, known, 1)
        if near and _distance(field, near[0]) <= 2 and len(field) >= 4:
            yield field, near[0]


def _distance(a: str, b: str) -> int:
    """Edit distance with transpositions, for two short words."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def json_schema(file: str) -> str:
    """The JSON Schema (draft 2020-12) of ``bakegen.toml`` or ``stack.toml``, as text."""
    schema = MODELS[file].model_json_schema(by_alias=True, schema_generator=_Schema)
    return json.dumps({"$schema": _Schema.schema_dialect, **schema}, ensure_ascii=False, indent=2) + "\n"


class _Schema(GenerateJsonSchema):
    """Without titles made from field names and without defaults: they say nothing that the description does not."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002, PLR6301 - the base class asks
        return False

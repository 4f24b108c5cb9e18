"""What the models refuse, in the user's words: each refusal becomes a Problem with file and line."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bakegen.errors import Problem, did_you_mean, nearest
from bakegen.load.positions import Path
from bakegen.load.source import Source
from bakegen.model import Value, Words

_SHOWN = 60  # characters of a wrong value; more of it helps nobody
_MAY_BE_TEXT = {"model_type", "model_attributes_type", "dict_type"}
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


def problems(
    source: Source, model: type[Words], data: Mapping[str, Any], errors: Sequence[ErrorDetails]
) -> list[Problem]:
    """The refusals of ``model`` for ``data`` as problems; a misspelt key that is missing elsewhere counts once."""
    found = []
    for error in errors:
        path: Path = error["loc"][:-1] if error["loc"][-1:] == ("[key]",) else error["loc"]
        if error["type"] != "missing":
            found.append(_problem(source, model, path, error))
            continue
        table = _table_at(data, path[:-1])
        misspelt = _misspelt(model, path, table)
        if misspelt is None:
            found.append(source.problem(path[:-1], f'"{path[-1]}" is missing'))
        elif _model_at(model, path[:-1]) is Value:
            found.append(_unknown(source, model, (*path[:-1], misspelt)))
    return found


def _misspelt(model: type[Words], path: Path, table: Mapping[str, Any]) -> str | None:
    """The unknown key of a table that is meant to be the missing one at ``path``."""
    known = _keys(model, path[:-1])
    near = (key for key in table if key not in known and list(nearest(key, known, 1)) == [path[-1]])
    return next(near, None)


def _unknown(source: Source, model: type[Words], path: Path) -> Problem:
    key = str(path[-1])
    at = source.problem(path[:-1], "").where
    return Problem(
        source.file, source.line(path), at, f'unknown key "{key}"{did_you_mean(key, _keys(model, path[:-1]))}'
    )


def _problem(source: Source, model: type[Words], path: Path, error: ErrorDetails) -> Problem:
    kind, value = error["type"], error.get("input")
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return _unknown(source, model, path)
    found = _model_at(model, path)
    text_too = kind == "string_type" or (kind in _MAY_BE_TEXT and found is not None and found.may_be_text)
    if text_too and isinstance(value, bool | int | float):
        raw = _raw(source, path)
        return source.problem(
            path, f'{raw} is {"a boolean" if isinstance(value, bool) else "a number"}, not text: write "{raw}"'
        )
    if text_too and hasattr(value, "isoformat"):
        raw = _raw(source, path)
        return source.problem(path, f'{raw} is a date, not text: write "{raw}"')
    message = _message(kind, value, error.get("ctx", {}), error["msg"], _raw(source, path))
    if text_too and kind != "string_type":
        message = "must be text or a table"
    if len(path) > 1 and _model_at(model, path[:-1]) is Value and last not in _aliases(Value):
        message += did_you_mean(last, _aliases(Value))
    return source.problem(path, message)


def _raw(source: Source, path: Path) -> str:
    """How the value at ``path`` is written, or that of the shorter spelling which stands for it."""
    span = source.span(path)
    return _cut(span.raw) if span else ""


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _message(kind: str, value: object, context: Mapping[str, Any], fallback: str, raw: str) -> str:
    shown = f'"{_cut(value)}"' if isinstance(value, str) else raw
    if kind == "literal_error":
        allowed = [word.strip("' ") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = did_you_mean(value, allowed) if isinstance(value, str) else ""
        return f"{shown} is none of {', '.join(allowed)}{near}"
    if kind == "string_pattern_mismatch" and "sha256" in context["pattern"]:
        return f'{shown} is no digest: write "sha256:" and 64 hexadecimal digits'
    if kind == "string_pattern_mismatch" and "A-Z" in context["pattern"]:
        return f'{shown} is no user: write a name or an id, with a group or without, such as "1000:1000"'
    if kind == "string_pattern_mismatch":
        return f"{shown} is no name: lower-case letters and digits, with - and _ between them"
    if kind == "list_type" and isinstance(value, str):
        return f"must be a list: write [{raw}]"
    if kind in ("int_type", "bool_type") and isinstance(value, str):
        return f"{_MESSAGES[kind]}, without quotes"
    if kind == "greater_than_equal":
        return f"must be {context['ge']} or more, not {raw}"
    if kind == "less_than_equal":
        return f"must be {context['le']} or less, not {raw}"
    if kind == "value_error":
        return str(context["error"])
    return _MESSAGES.get(kind) or fallback[:1].lower() + fallback[1:]


def _keys(model: type[Words], path: Path) -> list[str]:
    found = _model_at(model, path)
    return _aliases(found) if found else []


def _aliases(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(model: type[Words], path: Path) -> type[Words] | None:
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
    return at if isinstance(at, type) and issubclass(at, Words) else None


def _table_at(data: Any, path: Path) -> Mapping[str, Any]:
    """The table at ``path``; one item may stand for a list of one."""
    for part in path:
        if not (part == 0 and isinstance(data, dict)):
            data = data[part]
    return data if isinstance(data, dict) else {}


def _plain(annotation: Any) -> Any:
    """An annotation without ``Annotated`` and ``| None``."""
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    if get_origin(annotation) in (types.UnionType, Union):
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

"""The bake file: HCL through a template that users may replace, or the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from bakegen.errors import ConfigurationError, Problem
from bakegen.render.definition import Definition, Expression, Prefixed, Value, quoted

TEMPLATE = "docker-bake.hcl.tmpl"
_WIDTH = 96


class Hcl(str):
    """Text that is HCL already; every other text is quoted on its way out of a template."""

    __slots__ = ()


def default_template() -> str:
    """The template that bakegen ships: beside this module in an installed package, else in the checkout's root."""
    beside = Path(__file__).with_name(TEMPLATE)
    return (beside if beside.is_file() else Path(__file__).parents[2] / TEMPLATE).read_text(encoding="utf-8")


def render(definition: Definition, template: str, name: str = TEMPLATE) -> str:
    """The bake file's text.

    The template sees ``comment`` (lines), ``variables``, ``groups`` and ``targets``; whatever it writes out is quoted
    as an HCL string, unless it is HCL already (an attribute's ``hcl``) or passed through the filter ``comment``.
    Raises ConfigurationError, with the template's line, when the template is wrong.
    """
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is HCL, and finalize quotes all of it
    )
    environment.filters["comment"] = comment
    try:
        return environment.from_string(template).render(_view(definition))
    except TemplateSyntaxError as error:
        raise ConfigurationError([Problem(name, error.lineno, "", str(error.message))]) from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise ConfigurationError([Problem(name, _line(error), "", f"{type(error).__name__}: {error}")]) from None


def comment(text: object) -> Hcl:
    """``text`` on one line, to stand behind ``#``."""
    return Hcl("".join(char if char.isprintable() else " " for char in str(text)))


def _finalize(value: object) -> object:
    if isinstance(value, Hcl):
        return value
    return quoted(value) if isinstance(value, str) else hcl(value)


def _line(error: BaseException) -> int:
    found = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _view(definition: Definition) -> dict[str, Any]:
    return {
        "comment": definition.comment,
        "variables": definition.variables,
        "groups": definition.groups,
        "targets": [
            {
                "name": block.name,
                "comment": block.comment,
                "attributes": _attributes(block.attributes),
                "values": dict(block.attributes),
            }
            for block in definition.targets
        ],
    }


def _attributes(attributes: tuple[tuple[str, Value], ...]) -> list[dict[str, Hcl]]:
    """Names padded to one width within a run of one-line values, as ``hclfmt`` writes them."""
    written = [(name, hcl(value, "  ")) for name, value in attributes]
    found: list[dict[str, Hcl]] = []
    run: list[tuple[str, str]] = []

    def close() -> None:
        width = max((len(name) for name, _ in run), default=0)
        found.extend({"name": Hcl(name.ljust(width)), "hcl": Hcl(text)} for name, text in run)
        run.clear()

    for name, text in written:
        if "\n" in text:
            close()
            found.append({"name": Hcl(name), "hcl": Hcl(text)})
        else:
            run.append((name, text))
    close()
    return found


@lru_cache(maxsize=16384)
def _quoted(text: str) -> str:
    return quoted(text)


def hcl(value: object, indent: str = "") -> str:
    """A value as HCL; tables, and lists that are long, take a line an item."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Expression):
        return value.hcl
    if isinstance(value, Prefixed):
        return f'"${{{value.variable}}}{_quoted(value.text)[1:]}'
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        keys = [(_quoted(key), hcl(item, indent + "  ")) for key, item in value.items()]
        width = max(len(key) for key, _ in keys)
        return "{\n" + "".join([f"{indent}  {key:<{width}} = {text}\n" for key, text in keys]) + indent + "}"
    if isinstance(value, list | tuple):
        items = [hcl(item, indent + "  ") for item in value]
        if len(items) < 2 or sum(map(len, items)) + 2 * len(items) + len(indent) < _WIDTH:
            return f"[{', '.join(items)}]"
        return "[\n" + "".join([f"{indent}  {item},\n" for item in items]) + indent + "]"
    raise TypeError(f"no HCL for {type(value).__name__}")


def render_json(definition: Definition) -> str:
    """The same bake file as JSON, whose strings bake reads as templates too."""
    document = {
        "//": list(definition.comment),
        "variable": {
            one.name: {"type": "string", "default": _template(one.default), "description": _template(one.description)}
            for one in definition.variables
        },
        "group": {
            one.name: {"description": _template(one.description), "targets": list(one.targets)}
            for one in definition.groups
        },
        "target": {
            block.name: {name: _json(value) for name, value in block.attributes} for block in definition.targets
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _template(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _json(value: object) -> object:
    if isinstance(value, str):
        return _template(value)
    if isinstance(value, Expression):
        return f"${{{value.hcl}}}"
    if isinstance(value, Prefixed):
        return f"${{{value.variable}}}{_template(value.text)}"
    if isinstance(value, Mapping):
        return {_template(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    raise TypeError(f"no JSON for {type(value).__name__}")

"""The bake file: HCL through a template that users may replace, or the same as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bakegen.errors import ConfigurationError, Problem
from bakegen.render.definition import Block, Definition, Expression, Group, Prefixed, Value, quoted

TEMPLATE = "docker-bake.hcl.tmpl"
_WIDTH = 96


class Hcl(str):
    """Text that is HCL already; every other text is quoted on its way out of a template."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a target as a template sees it: its name, padded as its neighbours are, and its value."""

    name: Hcl
    hcl: Hcl


class Sight:
    """A group or a target as a template sees it; what a template does not ask for is not made."""

    def __init__(self, block: Group | Block) -> None:
        self.name = block.name
        self.comment = block.comment if isinstance(block, Block) else block.description
        self._attributes = block.attributes if isinstance(block, Block) else _group(block)

    @property
    def values(self) -> dict[str, Value]:
        """The attributes' values, by name, before they are HCL."""
        return dict(self._attributes)

    @property
    def attributes(self) -> list[Attribute]:
        """The attributes, in the order they are written."""
        return [Attribute(Hcl(name), Hcl(text)) for name, text in _aligned(self._attributes)]

    @property
    def body(self) -> Hcl:
        """All attributes, a line or more each."""
        return Hcl("\n".join([f"  {name} = {text}" for name, text in _aligned(self._attributes)]))


def _group(group: Group) -> tuple[tuple[str, Value], ...]:
    return ("description", group.description), ("targets", group.targets)


def default_template() -> str:
    """The template that bakegen ships: beside this module in an installed package, else in the checkout's root."""
    beside = Path(__file__).with_name(TEMPLATE)
    return (beside if beside.is_file() else Path(__file__).parents[2] / TEMPLATE).read_text(encoding="utf-8")


def render(definition: Definition, template: str, name: str = TEMPLATE) -> str:
    """The bake file's text.

    The template sees ``comment`` (lines), ``variables``, ``groups`` and ``targets``; whatever it writes out is quoted
    as an HCL string, unless it is HCL already (the ``body`` of a group or target, the ``name`` and ``hcl`` of its
    attributes) or passed through the filter ``comment``. Raises ConfigurationError, with the template's line, when
    the template is wrong.
    """
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["comment"] = comment
    view = {
        "comment": definition.comment,
        "variables": definition.variables,
        "groups": [Sight(group) for group in definition.groups],
        "targets": [Sight(block) for block in definition.targets],
    }
    try:
        return environment.from_string(template).render(view)
    except TemplateSyntaxError as error:
        raise ConfigurationError([Problem(name, error.lineno, "", str(error.message))]) from None
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise ConfigurationError([Problem(name, _line(error), "", f"{type(error).__name__}: {error}")]) from None


def comment(text: object) -> Hcl:
    """``text`` on one line, to stand behind ``#``."""
    return Hcl("".join(char if char.isprintable() else " " for char in str(text)))


def _finalize(value: object) -> object:
    return value if isinstance(value, Hcl) else hcl(value)


def _line(error: BaseException) -> int:
    found = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _aligned(attributes: tuple[tuple[str, Value], ...]) -> list[tuple[str, str]]:
    """Names padded to one width within a run of one-line values, as ``hclfmt`` writes them, and the values."""
    found: list[tuple[str, str]] = []
    run: list[tuple[str, str]] = []
    width = 0
    for name, value in (*attributes, ("", None)):
        text = "\n" if value is None else hcl(value, "  ")
        if "\n" not in text:
            run.append((name, text))
            width = max(width, len(name))
            continue
        found += [(one.ljust(width), words) for one, words in run]
        run.clear()
        width = 0
        if value is not None:
            found.append((name, text))
    return found


@lru_cache(maxsize=16384)
def _quoted(text: str) -> str:
    return quoted(text)


def hcl(value: object, indent: str = "") -> str:
    """A value as HCL; tables, and lists that are long, take a line an item."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Prefixed):
        return f'"${{{value.variable}}}{_quoted(value.text)[1:]}'
    if isinstance(value, Expression):
        return value.hcl
    inner = indent + "  "
    if isinstance(value, dict):
        if not value:
            return "{}"
        keys = [_quoted(key) for key in value]
        width = max(map(len, keys))
        lines = [
            f"{inner}{key.ljust(width)} = {hcl(item, inner)}\n" for key, item in zip(keys, value.values(), strict=True)
        ]
        return "{\n" + "".join(lines) + indent + "}"
    if isinstance(value, list | tuple):
        items = [hcl(item, inner) for item in value]
        line = f"[{', '.join(items)}]"
        if len(items) < 2 or len(line) + len(indent) < _WIDTH:
            return line
        return f"[\n{inner}" + f",\n{inner}".join(items) + f",\n{indent}]"
    raise TypeError(_refusal(value))


def _refusal(value: object) -> str:
    from jinja2 import Undefined

    # An undefined name says itself what it lacks, as soon as it is made text.
    return str(value) if isinstance(value, Undefined) else f"no HCL for {type(value).__name__}"


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
    """``text`` as a JSON string that bake reads as itself.

    Bake reads strings of JSON as templates, but with slips of its own: it does not know ``$${`` behind a carriage
    return, and drops a byte order mark at the start. A template that is one HCL string has none of them.
    """
    if "${" in text or "%{" in text or text.startswith("\ufeff"):
        return f"${{{quoted(text)}}}"
    return text


def _json(value: object) -> object:
    if isinstance(value, str):
        return _template(value)
    if isinstance(value, Expression):
        return f"${{{value.hcl}}}"
    if isinstance(value, Prefixed):
        plain = _template(value.text) == value.text
        return f"${{{value.variable}}}{value.text}" if plain else f"${{{hcl(value)}}}"
    if isinstance(value, dict):
        return {_template(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    raise TypeError(f"no JSON for {type(value).__name__}")

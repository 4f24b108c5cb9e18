"""Writes the language reference from the models: ``python scripts/language.py docs/language.md``."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bakegen import model
from bakegen.model.words import LayerOrImage, OneOrMany, Short
from bakegen.templates import FILTERS

INTRODUCTION = """\
# The language

Generated from the models by `make generate`. Editors check the files as you type with the JSON Schemas in
[schemas/](../schemas).

Keys are written in kebab-case; an unknown key is an error. Whatever looks like a number but names something is text:
`"3.10"`, never `3.10`.

## Templates

A key marked *template* may hold:

| written | means |
|---|---|
| `{axis}` | the name of the axis's value |
| `{axis.field}` | a field of the value; a table that lacks it is an error, a value that is only a name stands for it |
| `{stack}`, `{layer}` | the names of the stack (its folder) and of the layer |
| `{axis\\|filter}` | the same through a filter; several are applied from left to right |
| `{{` and `}}` | a brace |

| filter | `8.5.RC1` or `24.03-lts-sp3` becomes |
|---|---|
"""

MATCHERS = """
## Statuses

Values, layers and, by `[[lifecycle]]`, combinations have a status. A target has the most severe one of its values
and its layer, unless an entry of the lifecycle gives it another.

| status | means | built where nothing is asked for |
|---|---|---|
| `supported` | what it says | yes |
| `experimental` | may change or go | yes |
| `deprecated` | will go | yes |
| `unsupported` | can be built, by whoever asks for it | no |
| `wip` | is being worked on | no |
| `planned` | does not exist yet: nothing of it is proven or built | never |

`--status` selects by status; a target that is named in full is built whatever its status, unless it is planned. Only
what is built by default owns floating tags. Whatever is not supported, experimental or deprecated says why.

## Labels

Every image has the labels `org.opencontainers.image.title`, `description`, `version` (its first tag) and `revision`
(the value of `BAKEGEN_REVISION` where the build runs), and never its parent's. Those of the project and the stack are
written for each layer anew; a layer's own are its children's too.

## Matchers

`only`, `when`, `require` and `match` are tables from axes to matchers. A matcher is a name, a glob (`*`, `?`, `[…]`), a
version range in the axis's scheme, or a list of those, of which one must hold. A matcher that matches nothing is an
error.

| written | takes |
|---|---|
| `"3.11"` | the value of that name |
| `"debian*"` | every value whose name matches |
| `">=2.5,<2.9"` | versions in the range; also `>`, `<=`, `==`, `!=`, `~=` |
| `"8.5.*"` | 8.5 and every version that starts so |
| `["3.11", ">=3.13"]` | what any of them takes |

A range compares by the scheme's order and nothing else: `<2.9` takes `2.9rc1` too.

| scheme | versions |
|---|---|
| `semver` | SemVer 2.0.0; a partial version is filled with zeros |
| `pep440` | Python's versions, PEP 440 |
| `cann` | Huawei's CANN: `8.2.RC1.alpha003` < `8.2.RC1` < `8.5.0` < `9.0.0-beta.1` < `9.0.0` |
| `calendar` | `24.04`, `22.03-lts-sp3`, `2026.08.03` |
| `text` | no order: `==` and `!=` only |
"""

EXAMPLES = {"oe": "24.03-lts-sp3", "lower": "8.5.RC1", "upper": "lts", "slug": "8.5.RC1"}
TABLES: tuple[tuple[str, type[model.Words]], ...] = (
    ("bakegen.toml", model.Project),
    ("[[registries]]", model.Registry),
    ("[cache]", model.Cache),
    ("[attest]", model.Attest),
    ("[network]", model.Network),
    ("stack.toml", model.Stack),
    ("[axes.NAME]", model.Axis),
    ("[[axes.NAME.values]]", model.Value),
    ("[[rules]]", model.Rule),
    ("[[exclude]]", model.Exclude),
    ("[[include]]", model.Include),
    ("[[lifecycle]]", model.Lifecycle),
    ("[[layers]]", model.Layer),
    ("parent = { … }", model.Parent),
    ("links.NAME = { … }", model.Link),
    ("secrets = [{ … }]", model.Secret),
    ("tags = [{ … }]", model.TagRule),
    ("[[layers.tests]]", model.Test),
    ("[[layers.services]]", model.Service),
    ("policy.toml", model.Policy),
    ("[paths]", model.PolicyPaths),
)


def main() -> None:
    """Write the page to the file that the command line names."""
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for name, apply in FILTERS.items():
        example = EXAMPLES.get(name, "8.5.1")
        parts.append(f"| `{name}` | `{example}` -> `{apply(example)}` |\n")
    parts.append(MATCHERS)
    for heading, table in TABLES:
        parts.append(f"\n{'#' * (2 if heading.endswith('.toml') else 3)} `{heading}`\n\n{table.__doc__}\n\n")
        parts.append("| key | value | if not given | |\n|---|---|---|---|\n")
        parts += [_row(field) for field in table.model_fields.values()]
        if table is model.Value:
            parts.append("| any other key | text | | A field of your own, for templates: `{axis.key}`. |\n")
    return "".join(parts)


def _row(field: FieldInfo) -> str:
    default = "" if field.is_required() or field.default in (None, PydanticUndefined) else _literal(field.default)
    required = "**required**" if field.is_required() else default
    return f"| `{field.alias}` | {_kind(field.annotation, field.metadata)} | {required} | {field.description} |\n"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`' if value else ""
    if isinstance(value, list) and value:
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return f"`{value}`" if isinstance(value, int) else ""


def _kind(annotation: Any, metadata: list[Any]) -> str:
    while hasattr(annotation, "__metadata__"):
        metadata = [*metadata, *annotation.__metadata__]
        annotation = annotation.__origin__
    short = any(isinstance(item, (Short, LayerOrImage)) for item in metadata)
    origin = get_origin(annotation)
    if origin in {types.UnionType, Union}:
        return _kind(next(arg for arg in get_args(annotation) if arg is not type(None)), metadata)
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in get_args(annotation))
    if origin is list:
        inside = _kind(get_args(annotation)[0], [])
        one = any(isinstance(item, OneOrMany) for item in metadata)
        return f"{inside}, or a list of them" if one else f"list of {inside}"
    if origin is dict:
        inside = _kind(get_args(annotation)[1], [])
        return "matchers" if inside == "text, or a list of them" else f"table of {inside}"
    if isinstance(annotation, type) and issubclass(annotation, model.Words):
        return "text or table" if short else "table"
    if any(item is model.TEMPLATE for item in metadata):
        return "*template*"
    return {str: "text", int: "whole number", bool: "`true` or `false`"}.get(annotation, "text")


if __name__ == "__main__":
    main()

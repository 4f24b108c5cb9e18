"""What every table of the user's files has in common, and the words that stand for tables."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bakegen.names import IDENTIFIER

Status = Literal["supported", "experimental", "deprecated", "wip", "planned", "unsupported"]
Role = Literal["os", "sdk", "framework", "application", "language", "accelerator"]
SchemeName = Literal["semver", "pep440", "cann", "calendar", "text"]
Text = Annotated[str, Field(min_length=1)]
TEMPLATE = "template"
"""Marks text that may hold ``{axis}`` and the like, for the language reference."""
Template = Annotated[str, TEMPLATE]
Pattern = Annotated[str, Field(min_length=1), TEMPLATE]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[_-]+[a-z0-9]+)*$")]


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


class Words(BaseModel):
    """A table of the user's: kebab-case keys, unknown keys refused, nothing coerced, never changed after."""

    may_be_text: ClassVar[bool] = False
    """Whether a string may stand in the table's place."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=_kebab,
        populate_by_name=False,
        use_attribute_docstrings=False,
        hide_input_in_errors=True,
    )


class Short:
    """A string stands for the table ``{ key = string }``, in TOML and in the JSON Schema."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        key = self.key
        return core_schema.no_info_before_validator_function(
            lambda value: {key: value} if isinstance(value, str) else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class LayerOrImage:
    """A string stands for a layer when it is a bare name, else for an image: an image carries a tag or a digest."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: {"layer" if IDENTIFIER.match(value) else "image": value} if isinstance(value, str) else value,
            handler(source),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class OneOrMany:
    """One item stands for a list that ends in it, in TOML and in the JSON Schema."""

    def __init__(self, *before: str) -> None:
        self.before = before

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        before = self.before
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list) else [*before, value], handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


Matcher = Annotated[list[Text], Field(min_length=1), OneOrMany()]
Matchers = dict[str, Matcher]

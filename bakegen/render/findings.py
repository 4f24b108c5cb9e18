"""Findings -> text for people, JSON for programs, SARIF for code hosts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from bakegen import __version__
from bakegen.errors import at_the_start, printable
from bakegen.findings import Finding

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def text(findings: Iterable[Finding]) -> str:
    """A line a finding, sorted: ``file:line: rule: message; mend (source)``."""
    return "".join(f"{_line(one)}\n" for one in sorted(set(findings)))


def as_json(findings: Iterable[Finding]) -> str:
    """The findings as a JSON array of objects with Finding's fields, sorted."""
    return json.dumps([_row(one) for one in sorted(set(findings))], indent=2) + "\n"


def as_sarif(findings: Iterable[Finding], rules: Mapping[str, str] | None = None) -> str:
    """The findings as a SARIF 2.1.0 log of one run, sorted.

    ``rules``: what each rule is about; a rule that is not among them is described by its name. Paths are written as
    relative URI references, with absolute ones as ``file:`` URIs (SARIF 2.1.0, 3.4.3).
    """
    found = sorted(set(findings))
    told = rules or {}
    named = sorted({*told, *(one.rule for one in found)})
    sources = {one.rule: one.source or one.mend for one in reversed(found)}
    driver = {
        "name": "bakegen",
        "version": __version__,
        "rules": [_descriptor(rule, told.get(rule, rule.replace("-", " ")), sources.get(rule, "")) for rule in named],
    }
    run = {"tool": {"driver": driver}, "results": [_result(one, named.index(one.rule)) for one in found]}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _line(one: Finding) -> str:
    file = at_the_start(one.file)
    place = f"{file}:{one.line}" if one.line else file
    mend = f"; {one.mend}" if one.mend else ""
    source = f" ({one.source})" if one.source else ""
    return printable(f"{place}: {one.rule}: {one.message}{mend}{source}")


def _row(one: Finding) -> dict[str, str | int]:
    return {
        "file": printable(one.file),
        "line": one.line,
        "rule": one.rule,
        "message": printable(one.message),
        "mend": printable(one.mend),
        "source": one.source,
    }


def _descriptor(rule: str, about: str, source: str) -> dict[str, Any]:
    return {
        "id": rule,
        "shortDescription": {"text": about},
        "fullDescription": {"text": about},
        "help": {"text": printable(source) or about},
    }


def _result(one: Finding, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(one.file)}}
    if one.line:
        place["region"] = {"startLine": one.line}
    message = f"{one.message}; {one.mend}" if one.mend else one.message
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": printable(message)},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    path = PurePath(file)
    return f"file://{quote(os.fsencode(path))}" if path.is_absolute() else quote(os.fsencode(path.as_posix()))

"""Rows -> text for people, names for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bakegen.errors import printable
from bakegen.plan import Plan, Target


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns under a heading; control characters are escaped."""
    cells = [tuple(head), *(tuple(printable(cell) for cell in row) for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join(lines) + "\n"


def listed(plan: Plan, targets: Sequence[Target]) -> str:
    """A row a target: its name, status, platforms and tags."""
    rows = []
    for target in targets:
        tags = [plan.reference(tag) for tag in target.tags]
        more = f" (+{len(tags) - 1})" if len(tags) > 1 else ""
        platforms = " ".join(platform.removeprefix("linux/") for platform in target.platforms)
        rows.append((target.name, target.status, platforms, (tags[0] + more) if tags else "-"))
    return table(("TARGET", "STATUS", "PLATFORMS", "TAGS"), rows)


def names(targets: Sequence[Target]) -> str:
    """A target's name a line."""
    return "".join(f"{target.name}\n" for target in targets)


def tags(plan: Plan, targets: Sequence[Target]) -> str:
    """A published reference a line."""
    return "".join(f"{plan.reference(tag)}\n" for target in targets for tag in target.tags)


def keys(found: Mapping[str, str]) -> str:
    """A target's content key and its name a line, as checksum programs write them."""
    return "".join(f"{key}  {name}\n" for name, key in found.items())


def listed_json(plan: Plan, targets: Sequence[Target]) -> str:
    """The same as ``listed`` for programs, with coordinates."""
    rows: list[dict[str, Any]] = [
        {
            "name": target.name,
            "stack": target.stack,
            "layer": target.layer,
            "coordinates": dict(target.coordinates),
            "status": target.status,
            "platforms": list(target.platforms),
            "tags": [plan.reference(tag) for tag in target.tags],
        }
        for target in targets
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"

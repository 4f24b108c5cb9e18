"""What a TOML file says, in Unicode's composed form (NFC): bake composes every string itself, and so must the plan."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from bakegen.load.positions import Path


def composed(data: Any) -> Any:
    """``data`` with all its keys and texts composed; of two keys that become one, the later one is kept."""
    if isinstance(data, str):
        return data if data.isascii() else unicodedata.normalize("NFC", data)
    if isinstance(data, dict):
        return {composed(key): composed(value) for key, value in data.items()}
    if isinstance(data, list):
        return [composed(item) for item in data]
    return data


def complaints(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Why text cannot be composed: keys that become one, and marks that would melt into what stands before them."""
    if isinstance(data, str):
        if data and not data.isascii() and unicodedata.combining(data[0]):
            yield path, "begins with a combining mark, which belongs to a letter before it"
    elif isinstance(data, dict):
        seen: dict[str, str] = {}
        for key, value in data.items():
            if seen.setdefault(composed(key), key) != key:
                yield (*path, key), "stands here twice: the two keys are one text in different Unicode forms"
            yield from complaints(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from complaints(item, (*path, index))

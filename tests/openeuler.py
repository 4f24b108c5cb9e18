"""openEuler's AI images as its repository has them, rebuilt from a table: every meta.yml, and a Dockerfile each."""

from __future__ import annotations

import csv
from pathlib import Path

from bakegen.meta import Tree

TABLES = Path(__file__).parent / "tables"
Row = dict[str, str]

ELSEWHERE = {
    "AI/executorch/1.0.0-torch2.9.0-python3.11-oe2403sp2/24.03-lts-sp2/Dockerfile",
    "AI/mlflow/3.1.0/24.03-lts-sp1/Dockerfile",
    *(f"AI/opea/{name}/1.0/24.03-LTS/Dockerfile" for name in ("finetuning", "speecht5", "tts", "whisper")),
}
"""Dockerfiles that are there, and that an entry names wrongly."""


def rows(table: str) -> list[Row]:
    """A table's rows, by its columns' names."""
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def folder_of(row: Row) -> str:
    """The image's folder."""
    return row["meta_path"].removesuffix("/meta.yml")


def meta_of(entries: list[Row]) -> str:
    """A meta.yml that says what the rows do, in their order."""
    lines = []
    for row in entries:
        lines.append(f"{row['tag']}:\n  path: {row['dockerfile_path']}\n")
        if row["arch"]:
            lines.append(f"  arch: {row['arch']}\n")
    return "".join(lines)


def by_image() -> dict[str, list[Row]]:
    """The rows of each image, by its folder."""
    found: dict[str, list[Row]] = {}
    for row in rows("openeuler-ai-meta.tsv"):
        found.setdefault(folder_of(row), []).append(row)
    return found


def ai_tree(bases: dict[str, str] | None = None) -> Tree:
    """The whole tree. ``bases``: the FROM of single Dockerfiles, by their paths; the others stand on nothing."""
    images = by_image()
    texts = {f"{folder}/meta.yml": meta_of(entries) for folder, entries in images.items()}
    listed = "".join(f"  {entries[0]['image']}: {folder[3:]}\n" for folder, entries in images.items())
    texts["AI/image-list.yml"] = f"images:\n{listed}"
    there = {
        f"{folder}/{row['dockerfile_path']}"
        for folder, all_ in images.items()
        for row in all_
        if row["exists"] == "yes"
    }
    for path in there | ELSEWHERE:
        texts[path] = f"FROM {(bases or {}).get(path, 'scratch')}\n"
    return Tree(frozenset(texts), texts)

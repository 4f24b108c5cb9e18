"""An image's meta.yml -> a stack.toml that has the same tags for the same platforms, from the same Dockerfiles."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bakegen.dockerfile.labelled import describe
from bakegen.errors import Problem, printable
from bakegen.labels import OCI
from bakegen.meta.publisher import DEPTH
from bakegen.meta.reading import ARCHES, Entry
from bakegen.meta.tree import Image, Tree
from bakegen.templates import FILTERS, TemplateError


@dataclass(frozen=True, slots=True)
class _Row:
    """One tag: the folder of its Dockerfile in two parts, and the platforms."""

    tag: str
    version: str
    system: str
    platforms: tuple[str, ...]


def problems(tree: Tree, image: Image) -> tuple[Problem, ...]:
    """Why an image cannot be imported: what its meta.yml says wrongly, and entries without a Dockerfile."""
    found = [Problem(one.file, one.line, "", f"{one.message}; {one.mend}") for one in image.findings]
    for entry in image.entries:
        whole = posixpath.join(image.folder, entry.path)
        if whole not in tree.files and whole not in tree.linked:
            found.append(Problem(image.file, entry.path_line, "", f'"{entry.tag}" leads to no file: {entry.path}'))
        elif not entry.path.isprintable():
            found.append(
                Problem(image.file, entry.path_line, "", f'the path of "{entry.tag}" cannot be written in TOML')
            )
        elif len(entry.path.split("/")) != DEPTH or posixpath.basename(entry.path) != "Dockerfile":
            told = f'the path of "{entry.tag}" is not <version>/<os>/Dockerfile'
            found.append(Problem(image.file, entry.path_line, "", told))
    if not image.entries and not found:
        found.append(Problem(image.file, 0, "", "declares no tags"))
    return tuple(found)


def words(tree: Tree, image: Image) -> Mapping[str, str]:
    """The title and the description that all of an image's Dockerfiles give their images, where there are such.

    Raises DockerfileError.
    """
    found: list[dict[str, str]] = []
    for entry in image.entries:
        file = posixpath.join(image.folder, entry.path)
        found.append(describe(tree.texts.get(tree.linked.get(file, file), "FROM scratch\n")).values())
    return {
        name: value
        for name in ("title", "description")
        if (value := found[0].get(f"{OCI}{name}", "").strip()) and value.isprintable()
        if all(labels.get(f"{OCI}{name}", "").strip() == value for labels in found)
    }


def stack(image: Image, said: Mapping[str, str] | None = None) -> str:
    """The stack.toml of an image without problems. ``said``: the title and description of its images.

    Tags that are what their folders say, ``<version>-oe<os>``, become the axes ``version`` and ``os``. The rest (other
    tags, several on one Dockerfile, platforms that follow from neither axis) is listed as it is, on an axis of its own.
    """
    rows = [_row(entry) for entry in image.entries]
    regular = _factored([row for row in rows if _usual(row)])
    rest = [row for row in rows if row not in regular]
    platforms = sorted({platform for row in rows for platform in row.platforms})
    parts = [
        f"# Made by bakegen from {printable(image.file)}.",
        f"title = {_text(image.name)}",
        f"platforms = {_list(platforms)}",
        "",
    ]
    parts += [*_axes(regular, platforms), *_rest_axis(rest, platforms)]
    if regular:
        parts += _layer("image", image.name, ["os", "version"], "{version}/{os}", "{version}-{os|oe}", said or {})
    if rest:
        parts += _layer("rest", image.name, ["release"], "{release.folder}", "{release}", said or {})
    return "\n".join(parts).rstrip("\n") + "\n"


def _row(entry: Entry) -> _Row:
    version, system, _ = entry.path.split("/")
    return _Row(entry.tag, version, system, tuple(sorted(ARCHES[arch] for arch in set(entry.arches))))


def _usual(row: _Row) -> bool:
    """Whether the tag is what its folder says."""
    try:
        return row.tag == f"{row.version}-{FILTERS['oe'](row.system)}"
    except TemplateError:
        return False


def _factored(rows: list[_Row]) -> list[_Row]:
    """Those rows whose platforms are what their version and their system have in common."""
    while True:
        versions, systems = _by(rows, "version"), _by(rows, "system")
        kept = [row for row in rows if set(row.platforms) == versions[row.version] & systems[row.system]]
        if len(kept) == len(rows):
            return kept
        rows = kept


def _by(rows: Sequence[_Row], field: str) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(getattr(row, field), set()).update(row.platforms)
    return found


def _axes(rows: Sequence[_Row], platforms: Sequence[str]) -> list[str]:
    if not rows:
        return []
    systems = list(dict.fromkeys(row.system for row in rows))
    lines = ["[axes.os]", 'role = "os"', "values = ["]
    for system, found in _by(rows, "system").items():
        lines.append(f"  {{ name = {_text(system)}{_platforms(found, platforms)} }},")
    lines += ["]", "", "[axes.version]", "values = ["]
    for version, found in _by(rows, "version").items():
        there = [row.system for row in rows if row.version == version]
        only = "" if len(there) == len(systems) else f", only = {{ os = {_list(there)} }}"
        lines.append(f"  {{ name = {_text(version)}{only}{_platforms(found, platforms)} }},")
    return [*lines, "]", ""]


def _rest_axis(rows: Sequence[_Row], platforms: Sequence[str]) -> list[str]:
    lines = ["[axes.release]", "values = ["] if rows else []
    for row in rows:
        folder = _text(f"{row.version}/{row.system}")
        lines.append(f"  {{ name = {_text(row.tag)}, folder = {folder}{_platforms(set(row.platforms), platforms)} }},")
    return [*lines, "]", ""] if rows else []


def _layer(name: str, image: str, axes: Sequence[str], context: str, tag: str, said: Mapping[str, str]) -> list[str]:
    return [
        "[[layers]]",
        f"name = {_text(name)}",
        *(f"{key} = {_text(text.replace('{', '{{').replace('}', '}}'))}" for key, text in said.items()),
        f"axes = {_list(axes)}",
        f"context = {_text(context)}",
        f"image = {_text(image)}",
        f"tags = [{_text(tag)}]",
        "",
    ]


def _platforms(found: set[str], every: Sequence[str]) -> str:
    return "" if found == set(every) else f", platforms = {_list(sorted(found))}"


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, words))}]"


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, and DEL is one more that has to be escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

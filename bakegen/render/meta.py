"""The plan as the tree of files that openEuler publishes from: meta.yml, Dockerfiles, image-list.yml, README.md.

EulerPublisher publishes one tag for each Dockerfile, so that a tag is a folder here. What it cannot be told is a
problem; tags that float are not declared, since it moves ``latest`` by a rule of its own and no other tag at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bakegen.labels import OCI
from bakegen.plan import Origin, Plan, Tag, Target
from bakegen.render.markdown import plain, table
from bakegen.render.rewriting import NotStandalone
from bakegen.render.standalone import Sources, Standalone, standalone

_TAGS_HEADING = "Supported tags and respective Dockerfile links"
_COLUMNS = ("Tag", "Currently", "Architectures")
_HEAD = ("names", "dashes")
"""What a table begins with before its rows."""
_LINKED = re.compile(r"\[(.*?)(?<!\\)\]\(")
_ESCAPED = re.compile(r"\\([^A-Za-z0-9\s])")


@dataclass(frozen=True, slots=True)
class Declared:
    """One tag of one image: its folder ``version/os``, its architectures by EulerPublisher's names, and its target.

    ``arches`` is empty where they are the ones that EulerPublisher builds anyway; ``repository`` is the image's whole
    name, with the registry's prefix.
    """

    image: str
    repository: str
    tag: str
    folder: str
    arches: tuple[str, ...]
    target: Target

    @property
    def path(self) -> str:
        """The Dockerfile's path from the image's folder, as meta.yml names it."""
        return f"{self.folder}/Dockerfile"


@dataclass(frozen=True, slots=True)
class Outline:
    """What is declared, sorted; every published target's reference by its name; the floating tags left out, by image;
    and what is wrong (where it is written, what)."""

    declared: tuple[Declared, ...]
    references: Mapping[str, str]
    floating: Mapping[str, tuple[tuple[str, str], ...]]
    problems: tuple[tuple[Origin, str], ...]


def outline(
    plan: Plan,
    targets: Sequence[Target],
    prefix: str,
    folders: Mapping[str, str],
    arches: Mapping[str, str],
    both: Sequence[str],
) -> Outline:
    """The tags of the targets, as those of images in one namespace.

    ``prefix`` stands in the place of the registry's; ``folders`` is ``version/os`` for each tag that names an openEuler
    release; ``arches`` are EulerPublisher's names by platform, ``both`` those that it builds where none is named.
    """
    problems: list[tuple[Origin, str]] = []
    declared: list[Declared] = []
    floating: dict[str, dict[tuple[str, str], None]] = {}
    namespaces: dict[str, Tag] = {}
    for target in targets:
        unknown = [platform for platform in target.platforms if platform not in arches]
        if target.tags and unknown:
            told = f"{target.name}: EulerPublisher does not build {', '.join(unknown)}; it builds {', '.join(arches)}"
            problems.append((Origin(target.origin.file, (*target.origin.path, "platforms")), told))
        names = tuple(arches[platform] for platform in target.platforms if platform in arches)
        shown = () if sorted(names) == sorted(both) else names
        fixed = 0
        for tag in {(one.repository, one.tag): one for one in target.tags}.values():
            namespace, _, image = f"{prefix}{tag.repository}".rpartition("/")
            namespaces.setdefault(namespace, tag)
            if tag.floating:
                floating.setdefault(image, {})[tag.tag, target.name] = None
            elif tag.tag not in folders:
                told = f'"{tag.tag}" ({target.name}) names no openEuler release: end it in one, such as -oe2403sp3'
                problems.append((tag.origin, told))
            else:
                fixed += 1
                declared.append(Declared(image, f"{prefix}{tag.repository}", tag.tag, folders[tag.tag], shown, target))
        if target.tags and not fixed and all(tag.floating for tag in target.tags):
            problems.append((target.tags[0].origin, f"{target.name} has floating tags only, which cannot be declared"))
    if len(namespaces) > 1:
        (one, first), (two, second) = list(namespaces.items())[:2]
        told = f'images go into one namespace: "{one}" ({first.repository}) and "{two}" ({second.repository}) are two'
        problems.append((second.origin, told))
    problems += _clashes(declared)
    found = tuple(sorted(declared, key=lambda one: (one.image, one.tag)))
    return Outline(
        found, _references(plan, prefix), {key: tuple(sorted(v)) for key, v in floating.items()}, tuple(problems)
    )


def _clashes(declared: Sequence[Declared]) -> list[tuple[Origin, str]]:
    owners: dict[tuple[str, str], Declared] = {}
    problems = []
    for one in declared:
        first = owners.setdefault((one.image, one.path), one)
        if first is not one and first.tag != one.tag:
            told = f'"{first.tag}" and "{one.tag}" would be one folder, {one.image}/{one.folder}'
            problems.append((one.target.origin, told))
    return problems


def _references(plan: Plan, prefix: str) -> Mapping[str, str]:
    """The first tag that does not float of each target that has one, by its name."""
    found: dict[str, str] = {}
    for target in plan.targets:
        for tag in target.tags:
            if not tag.floating:
                found.setdefault(target.name, f"{prefix}{tag.repository}:{tag.tag}")
    return found


def recipes(
    plan: Plan, declared: Sequence[Declared], references: Mapping[str, str], sources: Sources
) -> tuple[Mapping[str, Standalone], tuple[tuple[Origin, str], ...]]:
    """The Dockerfile of each target that is declared, by its name, and why there is none for some (where, what)."""
    found: dict[str, Standalone] = {}
    problems = []
    for target in {one.target.name: one.target for one in declared}.values():
        try:
            found[target.name] = standalone(plan, target, references, sources)
        except NotStandalone as error:
            problems.append((target.origin, f"{target.name} cannot stand alone: {error}"))
    return found, tuple(problems)


def wanted(declared: Sequence[Declared]) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """What one image's meta.yml has to say of these: each tag's path and architectures."""
    return {one.tag: (one.path, one.arches) for one in declared}


def image_list(there: str, listed: Sequence[str], images: Mapping[str, str]) -> str:
    """An image-list.yml that has ``images`` (folders below the scene, by name).

    What is ``there`` stays as it is, and what is not ``listed`` in it is added at its end.
    """
    missing = [image for image in sorted(images) if image not in listed]
    if not missing:
        return there
    indents = [len(line) - len(line.lstrip(" ")) for line in there.splitlines() if line.strip() and line[0] == " "]
    indent = " " * min(indents, default=2)
    head = there if there.strip() else "images:\n"
    return head + ("" if head.endswith("\n") else "\n") + "".join(f"{indent}{one}: {images[one]}\n" for one in missing)


def readme(image: str, declared: Sequence[Declared], there: str = "", base: str = "") -> str:
    """The README.md of an image, pushed to registries as its description: sections as openEuler's images have them.

    In one that is ``there`` only the rows of these tags are written, in its table: the others' stay. ``base``: what
    links to Dockerfiles start with. Raises ValueError where there is no place for the table.
    """
    rows = _rows(declared, base)
    if not there:
        return _new_readme(image, declared[0], table(_COLUMNS, list(rows.values()), whole=True))
    lines = there.splitlines()
    heading = next((n for n, line in enumerate(lines) if _is_heading(line)), None)
    if heading is None:
        raise ValueError(f'it has no heading "# {_TAGS_HEADING}" to write the tags under')
    begin = next((n for n in range(heading + 1, len(lines)) if lines[n].lstrip().startswith(("|", "#"))), len(lines))
    end = begin
    while end < len(lines) and lines[end].lstrip().startswith("|"):
        end += 1
    gap = [""] if begin == end else []
    return "\n".join([*lines[:begin], *_table(lines[begin:end], rows), *gap, *lines[end:]]) + "\n"


def _table(there: Sequence[str], rows: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """The lines of a table with these rows, by their tags, each where it is already or at the end."""
    if len(there) < len(_HEAD):
        return table(_COLUMNS, list(rows.values()), whole=True).splitlines()
    columns = len(_cells(there[0]))
    ours = {tag: f"| {' | '.join([*row, *[''] * columns][:columns])} |" for tag, row in rows.items()}
    lines = []
    for line in there[len(_HEAD) :]:
        link = _LINKED.match(_cells(line)[0])
        name = _ESCAPED.sub(r"\1", (link[1] if link else _cells(line)[0]).strip("`"))
        lines.append(ours.pop(name, line) if name in rows else line)
    return [*there[: len(_HEAD)], *lines, *ours.values()]


def _cells(line: str) -> Sequence[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))]


def _is_heading(line: str) -> bool:
    return line.startswith("#") and line.strip("# \t").casefold() == _TAGS_HEADING.casefold()


def _rows(declared: Sequence[Declared], base: str) -> Mapping[str, tuple[str, str, str]]:
    rows = {}
    for one in sorted(declared, key=lambda one: one.tag):
        version, _, system = one.folder.rpartition("/")
        platforms = ", ".join(platform.removeprefix("linux/") for platform in one.target.platforms)
        holds = plain(f"{one.image} {version} on openEuler {system.upper()}")
        rows[one.tag] = (f"[{plain(one.tag)}]({base}{one.path})", holds, platforms)
    return rows


def _new_readme(image: str, first: Declared, tags: str) -> str:
    words = dict(first.target.labels)
    title = plain(words.get(f"{OCI}title", first.target.title))
    description = plain(words.get(f"{OCI}description", ""))
    source = words.get(f"{OCI}source", "")
    where = f" from <{source}>" if re.fullmatch(r"https://[A-Za-z0-9./~%#?=&+:@_-]+", source) else ""
    return (
        f"# Quick reference\n\n- {title}.\n- Made by bakegen{where}.\n- Where to get help: the openEuler community.\n\n"
        f"# {plain(image)} | openEuler\n\n{description or title}\n\n"
        f"# {_TAGS_HEADING}\n\n{tags}\n"
        f"# Usage\n\n```\ndocker run --rm -it {first.repository}:{first.tag}\n```\n\n"
        "# Question and answering\n\nOpen an issue where this image's Dockerfiles are kept.\n"
    )

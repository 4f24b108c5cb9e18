"""The tree of files that openEuler publishes from: gathered, compared, written."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bakegen.cli.frame import check_file, replace_file, write_whole
from bakegen.errors import ConfigurationError, Problem, StaleFile, ToolFailed, UsageError, counted

if TYPE_CHECKING:
    from bakegen.load import Loaded
    from bakegen.meta import Entry, Image, Tree
    from bakegen.plan import Plan, Target
    from bakegen.render.meta import Declared, Outline
    from bakegen.render.standalone import Sources, Standalone


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is to hold: a text, or another file's bytes."""

    text: str | None = None
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class Emitted:
    """The files, in the order in which they are written, what is told of them, and how much it is."""

    files: Mapping[str, Content]
    talk: tuple[str, ...]
    images: int
    tags: int


def emitted(
    loaded: Loaded, plan: Plan, selected: Sequence[Target], output: Path, scene: str, prefix: str | None, url: str
) -> Emitted:
    """The tree for the selected targets; of what is in ``output`` already, image lists and readmes are kept.

    ``url``: where the tree can be read, for links; empty for links inside it.

    Raises ConfigurationError for what EulerPublisher cannot be told, UsageError for files there that cannot be kept.
    """
    from bakegen import meta
    from bakegen.cli.frame import placer
    from bakegen.render import meta as render

    folders = {}
    for target in selected:
        for tag in target.tags:
            found = meta.named(tag.tag)
            if found is not None:
                folders[tag.tag] = f"{found.version}/{found.release}"
    start = plan.registries[0].prefix if prefix is None else prefix
    arches = {platform: arch for arch, platform in meta.ARCHES.items()}
    outline = render.outline(plan, selected, start, folders, arches, meta.BOTH)
    place = placer(loaded)
    recipes, refused = render.recipes(plan, outline.declared, outline.references, _sources(loaded, plan, selected))
    if outline.problems or refused:
        told = [(*place(origin).rpartition(":"), message) for origin, message in (*outline.problems, *refused)]
        raise ConfigurationError(Problem(file, int(line), "", message) for file, _, line, message in told)
    if not outline.declared:
        raise UsageError("nothing of what is selected publishes a tag that names an openEuler release")
    images: dict[str, list[Declared]] = {}
    for one in outline.declared:
        images.setdefault(one.image, []).append(one)
    list_text, places = _list(output, scene, list(images))
    files: dict[str, Content] = {}
    talk: list[str] = []
    for image, declared in images.items():
        files |= _recipes(loaded, f"{scene}/{places[image]}", declared, recipes)
    for image, declared in images.items():
        folder = f"{scene}/{places[image]}"
        text = render.meta_yml(declared)
        talk += _talk(folder, image, text, declared, outline)
        talk += _gone(output / folder / "meta.yml", folder, text)
        base = f"{url}{folder}/" if url else ""
        files[f"{folder}/README.md"] = Content(_readme(output / folder / "README.md", image, declared, base))
        files[f"{folder}/meta.yml"] = Content(text)
    files[f"{scene}/image-list.yml"] = Content(list_text)
    return Emitted(files, tuple(talk), len(images), len(outline.declared))


def _sources(loaded: Loaded, plan: Plan, selected: Sequence[Target]) -> Sources:
    from bakegen.keys import Contexts
    from bakegen.render.standalone import Sources

    closure = plan.closure(target.name for target in selected)
    folders = Contexts(loaded.tree.root)
    links = sorted({link.ref for target in closure for link in target.links if link.kind == "directory"})
    contexts = sorted({(target.context, target.dockerfile) for target in closure})
    sources = Sources(
        texts={file: loaded.tree.text(file) for _, file in contexts},
        contexts={(folder, file): folders.sent(folder, file) for folder, file in contexts},
        folders={folder: folders.sent(folder) for folder in links},
    )
    if folders.problems:
        raise ConfigurationError(folders.problems)
    return sources


def _recipes(
    loaded: Loaded, folder: str, declared: Iterable[Declared], recipes: Mapping[str, Standalone]
) -> Mapping[str, Content]:
    files: dict[str, Content] = {}
    problems = []
    for one in declared:
        recipe = recipes[one.target.name]
        for path, source in recipe.files:
            real = loaded.tree.root / source
            if real.is_symlink() or not real.is_file():
                problems.append(Problem(source, 0, "", "is no regular file, which is all that is copied"))
            files[f"{folder}/{one.folder}/{path}"] = Content(source=real)
        files[f"{folder}/{one.path}"] = Content(recipe.text)
    if problems:
        raise ConfigurationError(problems)
    return files


def _list(output: Path, scene: str, images: Sequence[str]) -> tuple[str, Mapping[str, str]]:
    """The scene's image list, and each image's folder in it: where the list that is there says, or its name."""
    from bakegen.meta import read_images
    from bakegen.render.meta import image_list

    file = output / scene / "image-list.yml"
    there = _read(file)
    listed, findings = read_images(str(file), there) if there.strip() else ((), ())
    known = {one.name: one.path.rstrip("/") for one in listed}
    places = {image: known.get(image, image) for image in images}
    text = image_list(there, list(known), places)
    after, more = read_images(str(file), text)
    if findings or more or {one.name: one.path.rstrip("/") for one in after} != known | places:
        why = next((one.message for one in (*findings, *more)), "its images are not its last lines")
        raise UsageError(f'cannot add images to "{file}": {why}')
    odd = [path for path in places.values() if posixpath.normpath(path) != path or path.startswith(("/", ".."))]
    if odd:
        raise UsageError(f'"{file}" leads to "{odd[0]}", which is no folder below the scene')
    return text, places


def _readme(file: Path, image: str, declared: Sequence[Declared], base: str) -> str:
    from bakegen.render.meta import readme

    try:
        return readme(image, declared, _read(file), base)
    except ValueError as error:
        raise UsageError(f'cannot keep "{file}": {error}') from None


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise UsageError(f'"{file}" is not UTF-8') from None
    except OSError as error:
        raise ToolFailed(f'cannot read "{file}": {error.strerror}') from None


def _talk(folder: str, image: str, text: str, declared: Sequence[Declared], outline: Outline) -> Iterator[str]:
    """Which image EulerPublisher makes ``latest``, where that is not what the plan says, and what it cannot be told."""
    from bakegen.meta import read_meta, resolve

    entries, _ = read_meta(folder, text)
    claims = []
    for one in declared:
        resolved = resolve(entries, one.path)
        # What meta.yml is for: that this comes out of it.
        assert (resolved.tag, resolved.platforms) == (one.tag, tuple(sorted(one.target.platforms))), one
        claims += [one] if resolved.latest else []
    floating = outline.floating.get(image, ())
    owner = next((target for tag, target in floating if tag == "latest"), None)
    tags = ", ".join(one.tag for one in claims[:3]) + (" …" if len(claims) > 3 else "")
    last = ", whichever is pushed last" if len(claims) > 1 else ""
    if owner is None:
        yield f"{folder}: EulerPublisher also moves latest, to {tags}{last}"
    elif [one.target.name for one in claims] != [owner]:
        yield f"{folder}: EulerPublisher moves latest to {tags}{last}; the plan gives it to {owner}"
    others = sorted({tag for tag, _ in floating} - {"latest"})
    if others:
        yield f"{folder}: not declared, because EulerPublisher moves no tag but latest: {', '.join(others)}"


def _gone(file: Path, folder: str, text: str) -> Iterator[str]:
    """Tags that the meta.yml there declares and the plan does not: openEuler takes no published image down."""
    from bakegen.meta import read_meta

    def tags(content: str) -> set[str]:
        entries: tuple[Entry, ...] = read_meta(folder, content)[0]
        return {entry.tag for entry in entries}

    there = _read(file)
    gone = sorted(tags(there) - tags(text)) if there else []
    if gone:
        yield f"{folder}: no longer declared, their Dockerfiles are left there: {', '.join(gone)}"


def imported(output: Path, root: Path, tree: Tree, image: Image, text: str) -> Mapping[str, Content]:
    """A project with the image's stack, and copies of the folders that its Dockerfiles are in."""
    folder = f"stacks/{image.name}"
    places = {posixpath.dirname(entry.path) for entry in image.entries}
    files = {
        f"{folder}/{path.removeprefix(f'{image.folder}/')}": Content(source=root / path)
        for path in sorted(tree.files)
        if any(path.startswith(f"{image.folder}/{place}/") for place in places)
    }
    if not (output / "bakegen.toml").exists():
        files["bakegen.toml"] = Content('[[registries]]\nprefix = "openeuler/"\n')
    return files | {f"{folder}/stack.toml": Content(text)}


def compare(output: Path, files: Mapping[str, Content]) -> None:
    """Raises StaleFile when a file is missing or differs, with all the diffs."""
    stale: list[str] = []
    diffs = []
    for name, content in files.items():
        path = output / name
        try:
            if content.text is not None:
                check_file(path, content.text, "make it anew with bakegen meta emit -o")
            elif content.source is not None and (not path.is_file() or path.read_bytes() != _bytes(content.source)):
                stale.append(str(path))
        except StaleFile as error:
            stale.append(str(path))
            diffs.append(error.diff)
        except OSError as error:
            raise ToolFailed(f'cannot read "{path}": {error.strerror}') from None
    if stale:
        some = ", ".join(stale[:3]) + (f" and {len(stale) - 3} more" if len(stale) > 3 else "")
        are = "is" if len(stale) == 1 else "are"
        raise StaleFile(f"{counted(len(stale), 'file')} {are} stale or missing: {some}", "".join(diffs))


def write(output: Path, files: Mapping[str, Content]) -> None:
    """Writes the files in their order, each all or none; a file that names others comes after these."""
    for name, content in files.items():
        path = output / name
        data = None if content.source is None else _bytes(content.source)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if data is not None and content.source is not None:
                replace_file(path, data, 0o755 if os.access(content.source, os.X_OK) else 0o644)
        except OSError as error:
            raise ToolFailed(f'cannot write "{path}": {error.strerror}') from None
        if content.text is not None:
            write_whole(path, content.text)


def _bytes(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise ToolFailed(f'cannot read "{source}": {error.strerror}') from None

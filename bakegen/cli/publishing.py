"""The tree of files that openEuler publishes from: gathered, compared, written."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bakegen.cli.frame import check_file, replace_file, write_whole
from bakegen.errors import ConfigurationError, Problem, StaleFile, ToolFailed, UsageError, counted

if TYPE_CHECKING:
    from bakegen.load import Loaded
    from bakegen.meta import Image, Tree
    from bakegen.plan import Plan, Target
    from bakegen.render.meta import Declared, Outline
    from bakegen.render.standalone import Sources, Standalone

PROJECT = '[[registries]]\nprefix = "openeuler/"\n'
"""The bakegen.toml of a project that openEuler's images are imported into."""


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
    """The tree for the selected targets; to what others wrote in ``output`` already their tags are added.

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
    _published(outline.declared[0].repository.rpartition("/")[0], start)
    images: dict[str, list[Declared]] = {}
    for one in outline.declared:
        images.setdefault(one.image, []).append(one)
    list_text, places = _list(output, scene, list(images))
    files: dict[str, Content] = {}
    talk: list[str] = []
    problems: list[Problem] = []
    for image, declared in images.items():
        files |= _recipes(loaded, f"{scene}/{places[image]}", declared, recipes)
    for image, declared in images.items():
        folder = f"{scene}/{places[image]}"
        there = _read(output, f"{folder}/meta.yml")
        text, wrong = meta.merged(str(output / folder / "meta.yml"), there, render.wanted(declared))
        if wrong:
            problems += wrong
            continue
        talk += _talk(folder, image, text, declared, outline)
        talk += _others(f"{folder}/meta.yml", there, _tags_of(plan, image))
        base = f"{url}{folder}/" if url else ""
        files[f"{folder}/README.md"] = Content(_readme(output, f"{folder}/README.md", image, declared, base))
        files[f"{folder}/meta.yml"] = Content(text)
    if problems:
        raise ConfigurationError(problems)
    files[f"{scene}/image-list.yml"] = Content(list_text)
    return Emitted(files, tuple(talk), len(images), len(outline.declared))


def _published(namespace: str, prefix: str) -> None:
    """Raises UsageError where the images have names by which nobody else finds them."""
    from bakegen.meta import local_namespace

    if not namespace:
        raise UsageError("published images have a name before their own: give it, such as --prefix openeuler/")
    if local_namespace(namespace):
        below = namespace.removeprefix(prefix.rstrip("/")).strip("/")
        example = "docker.io/" if below else "openeuler/"
        told = f'"{namespace}/" is a registry that only one machine or network reaches'
        raise UsageError(f"{told}: say where the images are published, such as --prefix {example}")


def _tags_of(plan: Plan, image: str) -> frozenset[str]:
    """The tags that the whole plan has of an image, selected or not."""
    return frozenset(
        tag.tag
        for target in plan.targets
        for tag in target.tags
        if not tag.floating and posixpath.basename(tag.repository) == image
    )


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
    there = _read(output, f"{scene}/image-list.yml")
    listed, findings = read_images(str(file), there) if there.strip() else ((), ())
    known = {one.name: one.path.rstrip("/") for one in listed}
    places = {image: known.get(image, image) for image in images}
    text = image_list(there, list(known), places)
    after, more = read_images(str(file), text)
    if findings or more or {one.name: one.path.rstrip("/") for one in after} != known | places:
        why = next((one.message for one in (*findings, *more)), "its images are not its last lines")
        raise UsageError(f'cannot add images to "{file}": {why}')
    odd = [path for path in places.values() if posixpath.normpath(path) != path or path[:1] in ("/", ".")]
    if odd:
        raise UsageError(f'"{file}" leads to "{odd[0]}", which is no folder below the scene')
    return text, places


def _readme(output: Path, name: str, image: str, declared: Sequence[Declared], base: str) -> str:
    from bakegen.render.meta import readme

    try:
        return readme(image, declared, _read(output, name), base)
    except ValueError as error:
        raise UsageError(f'cannot keep "{output / name}": {error}') from None


def _read(output: Path, name: str) -> str:
    """The text of a file in the tree that is there; empty where there is none."""
    file = _place(output, name)
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise UsageError(f'"{file}" is not UTF-8') from None
    except OSError as error:
        raise ToolFailed(f'cannot read "{file}": {error.strerror}') from None


def _place(output: Path, name: str) -> Path:
    """Where a file of the tree stands: below ``output`` by folders, and by no symbolic link, which may lead anywhere.

    Raises UsageError.
    """
    if output.exists() and not output.is_dir():
        raise UsageError(f'"{output}" is a file: -o names a folder')
    parts = name.split("/")
    for n in range(1, len(parts) + 1):
        one = output.joinpath(*parts[:n])
        if one.is_symlink():
            raise UsageError(
                f'"{one}" is a symbolic link, and nothing is written through one: put a folder or file there'
            )
        if n < len(parts) and one.exists() and not one.is_dir():
            raise UsageError(f'"{one}" is a file, and a folder is to be there: remove it')
        if n == len(parts) and one.exists() and not one.is_file():
            raise UsageError(f'"{one}" is no regular file, and a file is to be there: remove it')
    return output.joinpath(*parts)


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
    if not claims:
        if owner is not None:
            yield f"{folder}: EulerPublisher moves latest to none of these; the plan gives it to {owner}"
    elif owner is None:
        yield f"{folder}: EulerPublisher also moves latest, to {tags}{last}"
    elif [one.target.name for one in claims] != [owner]:
        yield f"{folder}: EulerPublisher moves latest to {tags}{last}; the plan gives it to {owner}"
    others = sorted({tag for tag, _ in floating} - {"latest"})
    if others:
        yield f"{folder}: not declared, because EulerPublisher moves no tag but latest: {', '.join(others)}"


def _others(file: str, there: str, tags: Collection[str]) -> Iterator[str]:
    """Tags that the meta.yml there declares and the project does not: openEuler takes no published image down."""
    from bakegen.meta import read_meta

    others = [entry.tag for entry in read_meta(file, there)[0] if entry.tag not in tags] if there else []
    if others:
        some = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        stay = "stays" if len(others) == 1 else "stay"
        yield f"{file}: {counted(len(others), 'tag')} that the project does not declare {stay}: {some}"


def imported(output: Path, root: Path, tree: Tree, image: Image, text: str) -> tuple[Mapping[str, Content], str]:
    """A project with the image's stack, and copies of the folders that its Dockerfiles are in; and what is told of it.

    Raises UsageError where other files than these are there already.
    """
    folder = f"stacks/{image.name}"
    places = {posixpath.dirname(entry.path) for entry in image.entries}
    real = {path: path for path in tree.files} | dict(tree.linked)
    files = {
        f"{folder}/{path.removeprefix(f'{image.folder}/')}": Content(source=root / real[path])
        for path in sorted(real)
        if any(path.startswith(f"{image.folder}/{place}/") for place in places)
    }
    files[f"{folder}/stack.toml"] = Content(text)
    other = [
        name for name, content in files.items() if _place(output, name).exists() and not _same(output, name, content)
    ]
    if other:
        some = f'"{output / other[-1]}"' + (f" and {counted(len(other) - 1, 'more file')}" if len(other) > 1 else "")
        raise UsageError(f"{some} would be overwritten: remove what is there, or give another -o")
    if not _place(output, "bakegen.toml").exists():
        return {"bakegen.toml": Content(PROJECT), **files}, ""
    return files, _prefix(output)


def _same(output: Path, name: str, content: Content) -> bool:
    wanted = _bytes(content.source) if content.source is not None else (content.text or "").encode()
    return _bytes(_place(output, name)) == wanted


def _prefix(output: Path) -> str:
    """What is told where the project that is there publishes elsewhere than openEuler."""
    from bakegen.load import load

    registries = load(output.resolve()).project.registries
    prefix = registries[0].prefix if registries else ""
    if prefix == "openeuler/":
        return ""
    return (
        f'{output / "bakegen.toml"}: stays as it is: images are named after its registry, "{prefix}", not "openeuler/"'
    )


def compare(output: Path, files: Mapping[str, Content], remake: str) -> None:
    """Raises StaleFile when a file is missing or differs, with all the diffs; ``remake``: what mends it."""
    stale: list[str] = []
    diffs = []
    for name, content in files.items():
        path = _place(output, name)
        try:
            if not path.is_file():
                stale.append(str(path))
            elif content.text is not None:
                check_file(path, content.text, "")
            elif content.source is not None and path.read_bytes() != _bytes(content.source):
                stale.append(str(path))
        except StaleFile as error:
            stale.append(str(path))
            diffs.append(error.diff)
        except OSError as error:
            raise ToolFailed(f'cannot read "{path}": {error.strerror}') from None
    if stale:
        some = ", ".join(stale[:10]) + (f" and {len(stale) - 10} more" if len(stale) > 10 else "")
        are = "is" if len(stale) == 1 else "are"
        told = f"{counted(len(stale), 'file')} {are} stale or missing: {some}; make them anew with {remake}"
        raise StaleFile(told, "".join(diffs))


def write(output: Path, files: Mapping[str, Content]) -> None:
    """Writes the files in their order, each all or none; a file that names others comes after these."""
    for name in files:
        _place(output, name)
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

"""A tree of openEuler images as it stands on disk: read once, and pure data from then on."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bakegen.errors import UsageError, printable
from bakegen.findings import Finding
from bakegen.meta.publisher import DEPTH, image_of
from bakegen.meta.reading import Entry, Listed, read_images, read_meta

META, IMAGES = "meta.yml", "image-list.yml"
RECIPES = ("Dockerfile", "Distrofile")
"""What a path of a meta.yml ends in; Distroless images have the second."""
_READ = {META, IMAGES, *RECIPES}
_LIMIT = 1 << 20


@dataclass(frozen=True)
class Tree:
    """The files below a repository's root, by their paths from there, and the texts of those that decide something.

    ``unread``: what cannot be read, with the reason. ``linked``: the files behind a folder that is a symbolic link, as
    they are reached through it, and where each one is. ``astray``: the links that lead out of the tree, or nowhere.
    """

    files: frozenset[str]
    texts: Mapping[str, str]
    unread: tuple[Finding, ...] = ()
    linked: Mapping[str, str] = field(default_factory=dict)
    astray: frozenset[str] = frozenset()

    @cached_property
    def by_case(self) -> Mapping[str, str]:
        """Files by their paths in lower case."""
        return {path.lower(): path for path in sorted(self.files, reverse=True)}

    @cached_property
    def recipes(self) -> Mapping[str, tuple[str, ...]]:
        """The Dockerfiles, by the folder that is EulerPublisher's depth above them, as paths from there."""
        found: dict[str, tuple[str, ...]] = {}
        for path in sorted(self.files):
            parts = path.split("/")
            if parts[-1] in RECIPES and len(parts) >= DEPTH:
                folder = "/".join(parts[:-DEPTH])
                found[folder] = (*found.get(folder, ()), "/".join(parts[-DEPTH:]))
        return found

    @cached_property
    def scenes(self) -> Mapping[str, tuple[tuple[Listed, ...], tuple[Finding, ...]]]:
        """The image lists, by the scene's folder."""
        return {
            posixpath.dirname(path): read_images(path, text)
            for path, text in sorted(self.texts.items())
            if posixpath.basename(path) == IMAGES
        }

    @cached_property
    def images(self) -> tuple[Image, ...]:
        """Every folder with a meta.yml, sorted; a file of that name that a Dockerfile may copy makes none."""
        folders = {posixpath.dirname(path) for path in self.texts if posixpath.basename(path) == META}
        return tuple(
            _image(self, folder)
            for folder in sorted(folders, key=lambda folder: posixpath.join(folder, META).split("/"))
            if not self._is_context(folder, folders)
        )

    def _is_context(self, folder: str, folders: Collection[str]) -> bool:
        """Whether it is one of an image's version folders, which hold Dockerfiles, or lies in one."""
        parts = folder.split("/") if folder else []
        above = {n: "/".join(parts[:n]) for n in range(len(parts))}
        return any(
            recipe.startswith(f"{parts[n]}/")
            for n, image in above.items()
            if image in folders
            for recipe in self.recipes.get(image, ())
        )


@dataclass(frozen=True)
class Image:
    """One image's folder: its meta.yml's entries, the scene it is in, and what EulerPublisher calls the repository.

    ``scene`` is the first folder of the path, where EulerPublisher looks for the image list, or empty. ``name`` is
    the folder's own name where the list does not lead back to this folder.
    """

    folder: str
    file: str
    scene: str
    name: str
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


def _image(tree: Tree, folder: str) -> Image:
    file = posixpath.join(folder, META)
    scene = folder.partition("/")[0] if "/" in folder else ""
    listed = tree.scenes.get(scene, ((), ()))[0]
    found = image_of(listed, scene, file)
    named = next((one.name for one in listed if posixpath.join(scene, one.path.rstrip("/")) == folder), None)
    name = found[0] if found and found[1] == folder else named or posixpath.basename(folder)
    entries, findings = read_meta(file, tree.texts[file])
    return Image(folder, file, scene, name, entries, findings)


def recipes(tree: Tree, folder: str) -> Sequence[str]:
    """The paths, from an image's folder, of all Dockerfiles at EulerPublisher's depth below it, sorted."""
    return tree.recipes.get(folder, ())


def root_of(path: Path) -> Path:
    """The repository's root that a folder of images belongs to.

    That is the folder above the scene, where an image list is; for an image without a scene the one above the image.
    """
    whole = path.resolve()
    for folder in (whole, *whole.parents):
        if (folder / IMAGES).is_file() and folder.parent != folder:
            return folder.parent
    return whole.parent if (whole / META).is_file() and whole.parent != whole else whole


def read(root: Path, asked: Sequence[str] = ("",)) -> Tree:
    """The tree below ``root``: the ``asked`` folders, and, for what they stand on, every scene.

    Symbolic links are followed to files inside it, and to folders to see what files are there; hidden folders are left
    out. Raises UsageError where ``root`` is no folder.
    """
    if not root.is_dir():
        raise UsageError(f'no folder "{printable(str(root))}"')
    top = root.resolve()
    wanted = {path.partition("/")[0] for path in asked}
    files: set[str] = set()
    texts: dict[str, str] = {}
    unread: list[Finding] = []
    linked: dict[str, str] = {}
    astray: set[str] = set()

    def note(path: str, message: str, mend: str = "") -> None:
        unread.append(Finding(path, 0, "unreadable", message, mend))

    def closed(error: OSError) -> None:
        note(Path(str(error.filename)).relative_to(top).as_posix(), f"cannot be read: {error.strerror}")

    for folder, folders, names in os.walk(top, onerror=closed):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if Path(folder) == top and "" not in wanted:
            folders[:] = [name for name in folders if name in wanted or (top / name / IMAGES).is_file()]
        for name in folders:
            path = Path(folder, name).relative_to(top).as_posix()
            if name in (META, IMAGES):
                note(path, "is a folder, where a file is meant", "make it a file")
            if Path(folder, name).is_symlink():
                behind = _behind(top, Path(folder, name))
                linked |= {posixpath.join(path, file): real for file, real in (behind or {}).items()}
                astray |= {path} if behind is None else set()
        for name in sorted(names):
            place = Path(folder, name)
            path = place.relative_to(top).as_posix()
            if place.is_symlink() and not _inside(top, place):
                astray.add(path)
                if name in (META, IMAGES):
                    note(path, "is a link that leads out of the tree or nowhere", "put the file itself there")
                continue
            files.add(path)
            if name in _READ:
                try:
                    texts[path] = _text(place)
                except UnicodeDecodeError as error:
                    note(path, f"is not UTF-8 (byte {error.start})", "save it as UTF-8")
                except OSError as error:
                    note(path, f"cannot be read: {error.strerror}")
    return Tree(frozenset(files), texts, tuple(unread), linked, frozenset(astray))


def _behind(top: Path, link: Path) -> Mapping[str, str] | None:
    """The files of the folder that a link leads to, by their paths from it, and where they are; None for one astray.

    Links in there are not followed further, and one to a folder that it lies in, which has no end, has no files.
    """
    try:
        real = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    if top != real and top not in real.parents:
        return None
    if real in link.parent.resolve().parents or real == link.parent.resolve():
        return {}
    return {
        Path(folder, name).relative_to(real).as_posix(): Path(folder, name).relative_to(top).as_posix()
        for folder, _, names in os.walk(real)
        for name in names
        if not Path(folder, name).is_symlink()
    }


def _inside(top: Path, place: Path) -> bool:
    try:
        real = place.resolve()
    except (OSError, RuntimeError):
        return False
    return top in real.parents and real.is_file()


def _text(place: Path) -> str:
    if not place.is_file():
        raise OSError(0, "is no regular file")
    if place.stat().st_size > _LIMIT:
        raise OSError(0, "is larger than a mebibyte")
    return place.read_bytes().decode("utf-8-sig")

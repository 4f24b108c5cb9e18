"""What is wrong with a tree of openEuler images: its meta.yml files, image lists, Dockerfiles, and how they agree."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bakegen.errors import counted, did_you_mean
from bakegen.findings import Finding
from bakegen.meta.ancestry import Published, based
from bakegen.meta.bases import directory_release, named
from bakegen.meta.publisher import DEPTH, Resolved, image_of, resolve, version_of
from bakegen.meta.reading import Entry
from bakegen.meta.tree import IMAGES, META, RECIPES, Image, Tree, recipes

_LAYOUT = "EulerPublisher takes the path as it stands from the folder of meta.yml"


def lint(tree: Tree, below: Collection[str] = ("",), namespace: str = "openeuler/") -> tuple[Finding, ...]:
    """All findings about files below the folders ``below`` (paths from the tree's root), sorted.

    ``namespace``: what the names of this tree's published images start with, to know a base that is declared here.
    """
    published = Published.of(tree, namespace)
    found = [*tree.unread]
    for listing in tree.scenes.values():
        found += listing[1]
    for scene, (listed, _) in tree.scenes.items():
        found += _lists(tree, scene, [(one.name, one.path, one.line) for one in listed])
    for image in tree.images:
        found += image.findings
        for number, entry in enumerate(image.entries):
            found += _entry(tree, image, number, entry)
            found += based(tree, published, image, entry)
        found += _undeclared(tree, image)
        found += _latest(tree, image)
        found += _place(tree, image)
    return tuple(sorted({one for one in found if any(_is_below(one.file, folder) for folder in below)}))


def _is_below(file: str, folder: str) -> bool:
    return not folder or file == folder or file.startswith(f"{folder}/")


@dataclass(frozen=True, slots=True)
class _Way:
    """How an entry's path leads to a file, or does not: the rule that it breaks, and the path as it should be."""

    rule: str
    right: str


def _way(tree: Tree, image: Image, path: str) -> _Way:
    whole = posixpath.join(image.folder, path)
    if whole in tree.files or whole in tree.linked:
        return _Way("", path)
    parts = image.folder.split("/")
    for first in range(len(parts)):
        from_here = path.removeprefix("/".join(parts[first:]) + "/")
        if from_here != path and from_here.count("/") == DEPTH - 1:
            return _Way("root-relative-path", from_here)
    other = tree.by_case.get(whole.lower())
    if other is not None:
        return _Way("case-mismatch", other[len(whole) - len(path) :])
    return _Way("dangling-path", path)


def _entry(tree: Tree, image: Image, number: int, entry: Entry) -> Iterator[Finding]:
    def finding(rule: str, message: str, mend: str, line: int = entry.line) -> Finding:
        return Finding(image.file, line, rule, message, mend)

    way = _way(tree, image, entry.path)
    if way.rule == "root-relative-path":
        message = f'the path of "{entry.tag}" starts above the image, and {_LAYOUT}: the tag is never produced'
        yield finding(way.rule, message, f"write {way.right}", entry.path_line)
    elif way.rule == "case-mismatch":
        message = f'the path of "{entry.tag}" is spelled {entry.path}, the file {way.right}: the tag is never produced'
        yield finding(way.rule, message, "give both the same case", entry.path_line)
    elif way.rule == "dangling-path":
        told = _nowhere(tree, image.folder, entry.path)
        yield finding(way.rule, f'"{entry.tag}" {told}', "mend the path, or remove the tag", entry.path_line)
    parts = way.right.split("/")
    shaped = len(parts) == DEPTH and parts[2] in RECIPES and posixpath.normpath(way.right) == way.right
    if not shaped or not all(parts) or ".." in parts:
        message = f'the path of "{entry.tag}" is not <version>/<os>/Dockerfile, from which EulerPublisher makes nothing'
        yield finding("path-shape", message, "move the Dockerfile there", entry.path_line)
        return
    yield from _agreement(image.file, entry, parts[0], parts[1])
    earlier = next((one for one in image.entries[:number] if one.path == entry.path), None)
    if earlier is not None:
        message = f'"{entry.tag}" is never produced: "{earlier.tag}" has the same path, and the first key wins'
        yield finding("shadowed-key", message, "give each tag a Dockerfile of its own", entry.path_line)
    elif not way.rule:
        yield from _produced(tree, image, entry)


def _nowhere(tree: Tree, folder: str, path: str) -> str:
    """Why a path that an entry names is none of the image's files."""
    whole = posixpath.normpath(posixpath.join(folder, path))
    if path.startswith("/") or not f"{whole}/".startswith(f"{folder}/" if folder else ""):
        return f"leads to {path}, which lies outside the image"
    parts = whole.split("/")
    link = next((one for n in range(len(parts)) if (one := "/".join(parts[: n + 1])) in tree.astray), None)
    if link is not None:
        return f"leads to {path}, where {link} is a link that leads out of the tree or nowhere"
    return f"leads to no file: there is no {path}{did_you_mean(path, recipes(tree, folder))}"


def _agreement(file: str, entry: Entry, version: str, system: str) -> Iterator[Finding]:
    """Whether the tag is what its path says: ``<version>-oe<os>``."""
    words = named(entry.tag)
    if words is None:
        message = f'"{entry.tag}" does not end in an openEuler version, such as -oe2403sp3 or -oe2403lts'
        yield Finding(file, entry.line, "os-suffix", message, "rename the tag", "oEEP-0014")
        return
    if words.version != version:
        message = f'"{entry.tag}" is version {words.version}, its path says {version}'
        yield Finding(file, entry.line, "version-mismatch", message, "let both say the same")
    release = directory_release(system)
    if release is None or release != words.release:
        message = f'"{entry.tag}" is openEuler {words.release}, its path says {system}'
        yield Finding(file, entry.line, "os-mismatch", message, "let both say the same")


def _produced(tree: Tree, image: Image, entry: Entry) -> Iterator[Finding]:
    """Whether EulerPublisher, starting from the Dockerfile, comes back to this meta.yml."""
    listed = tree.scenes.get(image.scene, ((), ()))[0]
    found = image_of(listed, image.scene, posixpath.join(image.folder, entry.path)) if listed else None
    if found is not None and found[1] != image.folder:
        message = f'"{entry.tag}" is never produced: {image.scene}/{IMAGES} leads from its Dockerfile to {found[1]}'
        mend = "put this image first in the list, or rename a folder"
        yield Finding(image.file, entry.line, "never-produced", message, mend)


def _resolved(tree: Tree, image: Image) -> Iterator[tuple[str, Resolved]]:
    for path in recipes(tree, image.folder):
        yield path, resolve(image.entries, path)


def _undeclared(tree: Tree, image: Image) -> Iterator[Finding]:
    for path, resolved in _resolved(tree, image):
        if not resolved.declared:
            message = f'no entry of {META} names this file: EulerPublisher makes up the tag "{resolved.tag}"'
            yield Finding(posixpath.join(image.folder, path), 0, "invented-tag", message, "declare its tag")


def _latest(tree: Tree, image: Image) -> Iterator[Finding]:
    claims = [(path, resolved) for path, resolved in _resolved(tree, image) if resolved.latest]
    if len(claims) < 2:
        return
    unread = [entry for entry in image.entries if version_of(entry.tag) is None]
    some = ", ".join(f'"{resolved.tag}"' for _, resolved in claims[:3]) + (" …" if len(claims) > 3 else "")
    if unread:
        line = unread[0].line
        what = unread[0].tag.partition("-")[0]
        why = f'"{what}" is no PEP 440 version, which makes every tag of the file the latest'
        if any(entry.tag[:1].isdigit() for entry in unread):
            mend = "begin each tag with such a version, or push the one that is to be latest last"
        else:
            # oEEP-0014 wants the name there, so that no other tag can be asked for.
            mend = "push the one that is to be latest last, or leave this out with --ignore latest-claims"
    else:
        line = next((one.line for one in image.entries if one.tag == claims[-1][1].tag), 0)
        why = "before their first dash none of their versions is higher"
        mend = "push the one that is to be latest last, or keep one of them"
    message = f"{counted(len(claims), 'Dockerfile')} claim latest, {some}: {why}; whichever is pushed last has it"
    yield Finding(image.file, line, "latest-claims", message, mend)


def _place(tree: Tree, image: Image) -> Iterator[Finding]:
    """Whether the scene's image list leads to this image."""
    if not image.scene:
        return
    file = f"{image.scene}/{IMAGES}"
    path = image.folder.removeprefix(f"{image.scene}/")
    if image.scene not in tree.scenes:
        message = f"the scene has no {IMAGES}: EulerPublisher takes {image.scene} for the image"
        yield Finding(image.file, 0, "image-list", message, f"make {file}")
        return
    listed = tree.scenes[image.scene][0]
    if not any(one.path.rstrip("/") == path for one in listed) and not tree.scenes[image.scene][1]:
        message = f"{file} lacks this image: EulerPublisher stops at its files"
        yield Finding(image.file, 0, "image-list", message, f"add `{image.name}: {path}`")


def _lists(tree: Tree, scene: str, listed: Sequence[tuple[str, str, int]]) -> Iterator[Finding]:
    """What is wrong with the entries of one image list."""
    file = posixpath.join(scene, IMAGES)
    folders = [image.folder for image in tree.images if image.scene == scene]
    for number, (name, path, line) in enumerate(listed):
        whole = posixpath.join(scene, path.rstrip("/"))
        if path.endswith("/"):
            yield Finding(file, line, "image-list", f'"{path}" ends in a slash: it matches no file', "leave it out")
        elif whole not in folders:
            known = [folder.removeprefix(f"{scene}/") for folder in folders]
            if path.startswith(f"{scene}/"):
                message, mend = f'"{path}" starts with the scene, which is put in front again', "leave that out"
            else:
                message = f'"{name}" leads to {path}, where no {META} is{did_you_mean(path, known)}'
                mend = f"mend the path, or add a {META}"
            yield Finding(file, line, "image-list", message, mend)
        first = next((one for one in listed[:number] if one[1].rstrip("/") == path.rstrip("/")), None)
        if first is not None:
            message = f'"{name}" is never reached: "{first[0]}" has the same path'
            yield Finding(file, line, "image-list", message, "keep one of them")

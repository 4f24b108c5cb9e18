"""Which files of a tree are Dockerfiles, and what is found in all of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bakegen.findings import Finding
from bakegen.labels import backendai
from bakegen.lint.around import beside
from bakegen.lint.image import Image, read

_NAME = re.compile(r"(?:Dockerfile|Containerfile)(?:\..+)?\Z|.+\.Dockerfile\Z", re.IGNORECASE | re.DOTALL)
# Backups, what a merge left behind, and templates, from which no image is built.
_NO_DOCKERFILE = (
    "~",
    ".bak",
    ".dockerignore",
    ".in",
    ".j2",
    ".jinja",
    ".orig",
    ".rej",
    ".swp",
    ".template",
    ".tmpl",
)


@dataclass(frozen=True, slots=True)
class Linted:
    """How many Dockerfiles were found, how many of them bear no label of Backend.AI's, and the findings, sorted."""

    files: int
    unlabelled: int
    findings: tuple[Finding, ...]


def is_dockerfile(name: str) -> bool:
    """Whether a file is a Dockerfile by its name: Dockerfile, Dockerfile.TAG, NAME.Dockerfile or Containerfile."""
    return _NAME.match(name) is not None and not name.lower().endswith(_NO_DOCKERFILE)


def lint(paths: Sequence[Path]) -> Linted:
    """What is wrong in Dockerfiles and in folders of them. A file that is named is read whatever it is called.

    A build's context is the folder of its Dockerfile. Nothing is read that lies outside of the folders: not through
    symbolic links either.
    """
    findings: set[Finding] = set()

    def unreadable(error: OSError) -> None:
        findings.add(Finding(str(error.filename), 0, "unreadable", f"it cannot be read: {error.strerror}"))

    files = {found for path in paths for found in _files(path, unreadable)}
    unlabelled: set[str] = set()
    for file, top in sorted(files):
        image, found = _read(file, top)
        findings.update(found)
        if image is not None:
            findings.update(beside(file, image))
            if not any(backendai.concerns(key) for key in image.lines):
                unlabelled.add(file)
    return Linted(len({file for file, _ in files}), len(unlabelled), tuple(sorted(findings)))


def _files(path: Path, unreadable: Callable[[OSError], None]) -> Iterator[tuple[str, str]]:
    """Paths as the user would type them, each with the folder that it may not lead out of."""
    if not path.is_dir():
        yield os.path.normpath(path), str(path.resolve().parent)
        return
    for folder, folders, names in os.walk(path, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if is_dockerfile(name):
                yield os.path.normpath(os.path.join(folder, name)), str(path.resolve())  # noqa: PTH118


def _read(file: str, top: str) -> tuple[Image | None, tuple[Finding, ...]]:
    """The image of a Dockerfile, None where it makes none or cannot be read, and what is wrong with the file itself."""
    path = Path(file)

    def refused(rule: str, message: str, mend: str = "") -> tuple[None, tuple[Finding, ...]]:
        return None, (Finding(file, 0, rule, message, mend),)

    try:
        if not path.resolve().is_relative_to(top):
            return refused("outside", "a symbolic link leads out of the folder", "put the file itself here")
        if not path.is_file():
            return refused("unreadable", "it is no file")
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return refused("unreadable", f"it is not UTF-8 (byte {error.start})", "save it as UTF-8")
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else "its symbolic links go in a circle"
        return refused("unreadable", f"it cannot be read: {why}")
    return read(file, text)

"""What EulerPublisher, openEuler's own tool, makes of a Dockerfile and the meta.yml above it.

It starts from a changed Dockerfile and looks meta.yml up backwards, so that what comes of it is not always what
meta.yml says. These are its rules (format.py and update.py of openeuler/eulerpublisher), kept with their oddities.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from bakegen.meta.reading import ARCHES, Entry, Listed

DEPTH = 3
"""Components of a Dockerfile's path below the image's folder: version, operating system, the file."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is published for one Dockerfile: the tag, whether meta.yml declares it, whether ``latest`` is moved there,
    and the architectures by EulerPublisher's names."""

    tag: str
    declared: bool
    latest: bool
    arches: tuple[str, ...]

    @property
    def platforms(self) -> tuple[str, ...]:
        """The platforms, sorted; an architecture that EulerPublisher does not know has none."""
        return tuple(sorted(ARCHES[arch] for arch in self.arches if arch in ARCHES))


def resolve(entries: Sequence[Entry], path: str) -> Resolved:
    """What EulerPublisher publishes for the Dockerfile at ``path`` (from the image's folder).

    The first entry with exactly this path gives the tag and the architectures; where there is none, a tag is invented.
    Raises ValueError for a path that is not version/os/file, where EulerPublisher stops.
    """
    parts = path.split("/")
    if len(parts) != DEPTH:
        raise ValueError(f'"{path}" is not <version>/<os>/Dockerfile: EulerPublisher stops')
    first = next((entry for entry in entries if entry.path == path), None)
    tag = first.tag if first else invented(parts[0], parts[1])
    arches = first.arches if first else Entry("", "", "", 0, 0, 0).arches
    return Resolved(tag, first is not None, latest(tag, [entry.tag for entry in entries]), arches)


def invented(version: str, system: str) -> str:
    """The tag that is made up for a Dockerfile that no entry names: whatever is no digit becomes a dot."""
    return re.sub(r"\D", ".", version) + f"-oe{short(system)}"


def short(system: str) -> str:
    """openEuler's version as tags spell it, 24.03-lts-sp3 as 2403sp3; by EulerPublisher's rule, which knows no case."""
    text = system.replace("lts", "") if "-sp" in system else system
    return text.replace(".", "").replace("-", "")


def version_of(tag: str) -> Version | None:
    """What of a tag decides on ``latest``: the text before its first dash as a PEP 440 version; None if it is none."""
    try:
        return Version(tag.partition("-")[0])
    except InvalidVersion:
        return None


def latest(tag: str, tags: Iterable[str]) -> bool:
    """Whether publishing ``tag`` also moves ``latest`` to it, where meta.yml declares ``tags``.

    No version is higher, or one of them cannot be read as PEP 440: then every tag of the file is the latest.
    """
    versions = [version_of(one) for one in (tag, *tags)]
    known = [version for version in versions if version is not None]
    return len(known) < len(versions) or known[0] == max(known)


def image_of(images: Sequence[Listed], scene: str, file: str) -> tuple[str, str] | None:
    """The repository and the folder that a file (its path from the repository's root) belongs to, or None.

    The first image of the list all of whose path's parts are among the file's, in any order and anywhere.
    """
    parts = file.split("/")
    for image in images:
        if all(part in parts for part in image.path.split("/")):
            return image.name, posixpath.join(scene, image.path.rstrip("/"))
    return None

"""The builder that a build would use: whether it answers, and what it can do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bakegen.engine.advice import EMULATE
from bakegen.engine.client import docker
from bakegen.errors import ToolFailed, printable
from bakegen.names import InvalidName, normalise_platform

_VERSION = re.compile(r"\bv?(\d+)\.(\d+)(?:\.(\d+))?")
OLDEST: tuple[int, int, int] = (0, 13, 0)


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder that answers: its name, its driver, the platforms of its nodes, and the version of buildx."""

    name: str
    driver: str
    platforms: frozenset[str]
    buildx: tuple[int, int, int]

    @property
    def loads(self) -> bool:
        """Whether what it builds is in the engine at once, without being asked to."""
        return self.driver == "docker"


def buildx_version(root: Path) -> tuple[int, int, int] | None:
    """The installed buildx's version; None without buildx. Raises ToolFailed when there is no docker client."""
    said = docker(root, "buildx", "version")
    return parse_version(said.stdout.decode("utf-8", "replace")) if said.code == 0 else None


def parse_version(text: str) -> tuple[int, int, int] | None:
    """``github.com/docker/buildx v0.17.1 257815a6`` or ``… 0.29.1+ds1 …`` as numbers; None where there is none."""
    match = _VERSION.search(text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def ready(root: Path, name: str | None, platforms: Iterable[str]) -> Builder:
    """The builder ``name`` (None: the one in use), started if it has to be.

    Raises ToolFailed, in a sentence that says what to do, when docker or buildx is missing or too old, nothing
    answers, there is no such builder, or it cannot build one of ``platforms``.
    """
    version = buildx_version(root)
    if version is None:
        raise ToolFailed("buildx is not installed: install the docker-buildx plugin (bakegen emit works without it)")
    if version < OLDEST:
        raise ToolFailed(f"buildx {dotted(version)} is too old: install {dotted(OLDEST)} or newer")
    said = docker(root, "buildx", "inspect", "--bootstrap", *([name] if name is not None else []))
    text = said.stdout.decode("utf-8", "replace")
    fields = [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in text.splitlines())]
    errors = [value for key, value in fields if key == "Error"]
    if said.code != 0 and said.complaint.startswith("no builder "):
        raise ToolFailed(f"{printable(said.complaint)}: docker buildx ls shows what there is")
    if said.code != 0 or errors:
        raise ToolFailed(f"the builder does not answer: {printable(errors[0] if errors else said.complaint)}")
    found = Builder(
        next((value for key, value in fields if key == "Name"), ""),
        next((value for key, value in fields if key == "Driver"), ""),
        frozenset(one for key, value in fields if key == "Platforms" for one in _platforms(value)),
        version,
    )
    lacking = [platform for platform in dict.fromkeys(platforms) if platform not in found.platforms]
    if lacking:
        raise ToolFailed(
            f'the builder "{found.name}" cannot build {", ".join(lacking)}: {EMULATE}, '
            f"add a node that can, or ask for {', '.join(sorted(found.platforms))} with --platform"
        )
    return found


def dotted(version: tuple[int, int, int]) -> str:
    """A version as people write it, without a patch number of 0."""
    major, minor, patch = version
    return f"{major}.{minor}.{patch}" if patch else f"{major}.{minor}"


def _platforms(text: str) -> Iterable[str]:
    for word in text.replace("*", "").split(","):
        try:
            yield normalise_platform(word.strip())
        except InvalidName:
            continue

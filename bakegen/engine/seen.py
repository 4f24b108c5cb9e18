"""What the engine says of images, and of itself."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

from bakegen.engine.builder import buildx_version
from bakegen.engine.client import docker
from bakegen.engine.lines import readable
from bakegen.errors import ToolFailed, printable
from bakegen.record import KEY_LABEL, Seen


@dataclass(frozen=True, slots=True)
class Versions:
    """Of the engine and of buildx."""

    docker: str
    buildx: str


def seen(root: Path, reference: str, platform: str) -> Seen | None:
    """The image that a container of this reference and platform is made of; None where there is none.

    Asked of a container that never runs: every engine tells then which image of several platforms it takes.
    """
    name = f"bakegen-look-{uuid.uuid4().hex[:12]}"
    try:
        made = docker(
            root, "create", "--name", name, "--pull", "never", "--platform", platform, "--entrypoint", "/", reference
        )
        if made.code != 0:
            return None
        said = docker(root, "container", "inspect", name)
    finally:
        docker(root, "rm", "--force", "--volumes", name)
    if said.code != 0:
        raise ToolFailed(f"docker container inspect failed: {readable(said.complaint)}")
    about = json.loads(said.stdout)[0]
    return Seen(about["Image"], (about["Config"].get("Labels") or {}).get(KEY_LABEL, ""))


def versions(root: Path) -> Versions:
    """The versions of the engine and of buildx. Raises ToolFailed when the engine does not answer."""
    said = docker(root, "version", "--format", "{{.Server.Version}}")
    if said.code != 0:
        raise ToolFailed(f"the Docker engine does not answer: {readable(said.complaint)}")
    found = buildx_version(root)
    buildx = ".".join(map(str, found)) if found else "none"
    return Versions(printable(said.stdout.decode("utf-8", "replace").strip()), buildx)

"""How big images are: the bytes of their compressed layers where the engine or the registry tells, by platform."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bakegen.engine.client import docker
from bakegen.names import normalise_platform

Sizes = tuple[tuple[str, int], ...]


def loaded_sizes(root: Path, reference: str, platforms: Sequence[str]) -> Sizes:
    """The sizes of an image that is in the engine, as the engine counts them."""
    found = []
    for platform in platforms:
        said = docker(root, "image", "inspect", "--platform", platform, "--format", "{{.Size}}", reference)
        if said.code != 0 and len(platforms) == 1:
            # Docker before 28.1 knows no --platform here.
            said = docker(root, "image", "inspect", "--format", "{{.Size}}", reference)
        text = said.stdout.strip()
        if said.code == 0 and text.isdigit():
            found.append((platform, int(text)))
    return tuple(found)


def pushed_sizes(root: Path, reference: str, platforms: Sequence[str], builder: str | None) -> Sizes:
    """The sizes of an image in its registry: what a pull of each platform fetches."""
    top = _manifest(root, reference, builder)
    if "layers" in top:
        return tuple((platform, _weight(top)) for platform in platforms[:1])
    repository = reference.rsplit(":", 1)[0]
    found = {}
    for entry in top.get("manifests", ()):
        about = entry.get("platform", {})
        parts = [about.get("os", ""), about.get("architecture", ""), about.get("variant", "")]
        name = "/".join(part for part in parts if part)
        if name.startswith("unknown/") or name.count("/") == 0:
            continue
        platform = normalise_platform(name)
        if platform in platforms:
            found[platform] = _weight(_manifest(root, f"{repository}@{entry['digest']}", builder))
    return tuple((platform, found[platform]) for platform in platforms if found.get(platform))


def _manifest(root: Path, reference: str, builder: str | None) -> dict[str, Any]:
    chosen = ["--builder", builder] if builder is not None else []
    said = docker(root, "buildx", "imagetools", "inspect", *chosen, "--raw", reference)
    try:
        found = json.loads(said.stdout) if said.code == 0 else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _weight(manifest: dict[str, Any]) -> int:
    return sum(int(layer["size"]) for layer in manifest.get("layers", ()))

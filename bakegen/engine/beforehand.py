"""What the environment must hold before anything is built: secrets, and prefixes that override a registry's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from bakegen.engine.references import overriding
from bakegen.names import REGISTRY_PREFIX
from bakegen.plan import Plan, Secret, Target


def missing_secrets(targets: Sequence[Target], environment: Mapping[str, str], root: Path) -> tuple[str, ...]:
    """Why builds would go without their secrets: a line for each secret that is not there.

    A build does not fail for the lack of one: what the Dockerfile mounts is empty then.
    """
    users: dict[Secret, dict[str, None]] = {}
    for target in targets:
        for secret in target.secrets:
            users.setdefault(secret, {})[target.layer_path] = None
    return tuple(
        f'secret "{secret.id}" of {_layers(list(layers))}: {why}'
        for secret, layers in users.items()
        if (why := _lacking(secret, environment, root))
    )


def bad_prefixes(plan: Plan, targets: Sequence[Target], environment: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each variable that names of ``targets`` would start with, and that holds no registry's prefix."""
    return tuple(
        f'{variable}={value} is no prefix of image names, such as "registry.example:5000/ai/"{_mend(value)}'
        for variable, value, _ in overriding(plan, targets, environment)
        if not REGISTRY_PREFIX.match(value)
    )


def replaced_prefixes(plan: Plan, targets: Sequence[Target], environment: Mapping[str, str]) -> Iterator[str]:
    """A line for each variable that gives names of ``targets`` another prefix than the project declares."""
    for variable, value, declared in overriding(plan, targets, environment):
        if value != declared:
            yield f'{variable}={value} replaces the prefix "{declared}"'


def _lacking(secret: Secret, environment: Mapping[str, str], root: Path) -> str:
    if secret.kind == "env":
        return "" if secret.source in environment else f"the variable {secret.source} is not set"
    if secret.kind == "file":
        what = _what(root / secret.source)
        why = "does not exist" if what == "nothing" else "is a folder"
        return "" if what == "file" else f"the file {secret.source} {why}"
    path = environment.get(secret.source, "")
    return f"{secret.source} names no file: {path}" if path and _what(root / path) != "file" else ""


def _what(path: Path) -> Literal["file", "folder", "nothing"]:
    """What is there; a pipe is as good as a file."""
    try:
        if not path.exists():
            return "nothing"
    except OSError:
        return "nothing"
    return "folder" if path.is_dir() else "file"


def _layers(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"layer{'' if len(paths) == 1 else 's'} {', '.join(paths[:3])}{more}"


def _mend(value: str) -> str:
    return ": it ends in /" if REGISTRY_PREFIX.match(f"{value}/") else ""

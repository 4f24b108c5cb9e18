"""Projects on disk for tests: written from their files' texts, loaded, resolved, emitted in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bakegen.load import Loaded, load
from bakegen.plan import Origin, Plan, Selection, narrow, select
from bakegen.render import dump, hcl
from bakegen.render.definition import Definition, define
from bakegen.resolve import resolve

Document = dict[str, Any]


def write(root: Path, files: Mapping[str, str]) -> Path:
    """The files of a project, by path from ``root``; a bakegen.toml is made where there is none."""
    for name, text in {"bakegen.toml": "", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return root


def project(root: Path, stack: str, files: Mapping[str, str] | None = None) -> tuple[Loaded, Plan]:
    """A project of one stack called ``s``; the folder ``a`` is there for its layers, with a Dockerfile FROM base."""
    write(root, {"stacks/s/stack.toml": stack, "stacks/s/a/Dockerfile": "FROM base\n", **(files or {})})
    return opened(root)


def opened(root: Path) -> tuple[Loaded, Plan]:
    """A project that is on disk, and its plan."""
    loaded = load(root)
    return loaded, resolve(loaded)


def defined(plan: Plan, *patterns: str, write_cache: bool = False, platforms: Sequence[str] = ()) -> Definition:
    """The bake file's content for a selection."""
    selected = select(plan, Selection(patterns, platforms=tuple(platforms)))
    return define(plan, selected, narrow(plan, selected, platforms), write_cache=write_cache)


def emitted(plan: Plan, *patterns: str, write_cache: bool = False, platforms: Sequence[str] = ()) -> str:
    """The bake file for a selection."""
    return hcl.render(defined(plan, *patterns, write_cache=write_cache, platforms=platforms), hcl.default_template())


def placer(loaded: Loaded) -> Callable[[Origin], str]:
    """A function from an origin to its ``file:line``."""
    sources = {stack.source.file: stack.source for stack in loaded.stacks}
    return lambda origin: f"{origin.file}:{sources[origin.file].line(origin.path)}"


def dumped(
    loaded: Loaded, plan: Plan, *patterns: str, platforms: Sequence[str] = (), statuses: Sequence[str] = ()
) -> Document:
    """What ``bakegen plan --format json`` prints for a selection."""
    selected = select(plan, Selection(patterns, platforms=tuple(platforms), statuses=tuple(statuses)))
    document: Document = json.loads(dump.render(plan, selected, narrow(plan, selected, platforms), placer(loaded)))
    return document

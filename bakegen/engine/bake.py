"""Runs a bake file with buildx, through python-on-whales, and tells what came of each target."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bakegen.engine.client import streaming_client
from bakegen.engine.process import Child, interruptible, passing_on
from bakegen.engine.progress import News, Progress, readable
from bakegen.engine.references import references
from bakegen.engine.sizes import loaded_sizes, pushed_sizes
from bakegen.errors import ToolFailed
from bakegen.outcome import BuildResult, Failure
from bakegen.plan import Plan, Target

if TYPE_CHECKING:
    from python_on_whales import DockerClient


class Display(Protocol):
    """Shows a build while it runs."""

    def show(self, progress: Progress, news: Sequence[News]) -> None:
        """Something has changed."""

    def end(self) -> None:
        """Nothing more will come."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to build and how: ``text`` is the bake file, ``closure`` the targets in it, ``asked`` those it is run for.

    ``loads``: the builder puts its results into the engine without being asked to.
    """

    root: Path
    text: str
    closure: tuple[Target, ...]
    asked: tuple[str, ...]
    builder: str | None
    load: bool
    push: bool
    cache: bool
    loads: bool


def bake(plan: Plan, order: Order, display: Display, clock: Callable[[], float]) -> tuple[BuildResult, ...]:
    """Builds, and tells what came of each target of the closure.

    A failed build is a result, not an error. Raises ToolFailed when buildx did not even begin, KeyboardInterrupt
    when the user or the system wanted it to end; the build has ended and its temporary files are gone by then.
    """
    exported = order.load or order.push or order.loads
    progress = Progress(order.closure, order.asked, exported=exported)
    with tempfile.TemporaryDirectory(prefix="bakegen-") as folder:
        there = Path(folder)
        (there / "docker-bake.hcl").write_text(order.text, encoding="utf-8")
        child = Child(there / "pid")
        try:
            with passing_on(child):
                code = _run(order, there, progress, display, clock)
        finally:
            display.end()
        metadata = _metadata(there / "metadata.json")
    broken = progress.failure()
    if code != 0 and broken is None:
        said = [readable(line) for line in progress.text if line.strip()]
        raise ToolFailed(f"buildx failed: {said[-1].removeprefix('ERROR: ') if said else f'exit code {code}'}")
    with interruptible():
        return tuple(_result(plan, order, progress, target, metadata, broken) for target in order.closure)


def allowances(targets: Sequence[Target], environment: Mapping[str, str], root: Path) -> tuple[str, ...]:
    """The files outside the project that a build reads, as ``--allow`` names them."""
    paths = {
        value
        for target in targets
        for secret in target.secrets
        if secret.kind == "file-env" and (value := environment.get(secret.source))
    }
    outside = (path for path in sorted(paths) if not (root / path).resolve().is_relative_to(root))
    return tuple(f"fs.read={path}" for path in outside)


def _run(
    order: Order, there: Path, progress: Progress, display: Display, clock: Callable[[], float]
) -> int:
    from python_on_whales.exceptions import DockerException

    docker = streaming_client(order.root, there / "pid")
    code = 0
    try:
        for line in _lines(docker, order, there):
            display.show(progress, progress.feed(line, clock()))
    except DockerException as error:
        code = error.return_code
    display.show(progress, progress.close(code))
    return code


def _lines(docker: DockerClient, order: Order, there: Path) -> Any:
    # python-on-whales' bake has no parameter for --allow; what it appends as targets is read by buildx wherever it
    # stands, so this is the one place where flags that it lacks are given.
    flags = [word for one in allowances(order.closure, os.environ, order.root) for word in ("--allow", one)]
    return docker.buildx.bake(
        [*flags, *order.asked],
        builder=order.builder,
        files=[there / "docker-bake.hcl"],
        load=order.load,
        push=order.push,
        cache=order.cache,
        progress="rawjson",  # type: ignore[arg-type]
        metadata_file=there / "metadata.json",
        stream_logs=True,
    )


def _metadata(path: Path) -> dict[str, Any]:
    # Written only when nothing failed.
    return json.loads(path.read_bytes()) if path.is_file() else {}


def _result(
    plan: Plan,
    order: Order,
    progress: Progress,
    target: Target,
    metadata: Mapping[str, Any],
    broken: tuple[tuple[str, ...], Failure] | None,
) -> BuildResult:
    state = progress.state(target.name)
    tags = references(plan, target, os.environ)
    done = state in ("built", "cached") and target.name in order.asked
    sizes: tuple[tuple[str, int], ...] = ()
    if done and tags and order.push:
        sizes = pushed_sizes(order.root, tags[0], target.platforms, order.builder)
    elif done and tags and (order.load or order.loads):
        sizes = loaded_sizes(order.root, tags[0], target.platforms)
    run, cached = progress.counts(target.name)
    return BuildResult(
        target=target.name,
        state=state,
        seconds=progress.seconds(target.name),
        sizes=sizes,
        tags=tags,
        digest=metadata.get(target.name, {}).get("containerimage.digest"),
        steps_run=run,
        steps_cached=cached,
        failure=broken[1] if broken is not None and target.name in broken[0] else None,
    )


def names(asked: Collection[Target]) -> tuple[str, ...]:
    """What bake is asked for: the published targets, or, where none is, all."""
    return tuple(target.name for target in asked if target.tags) or tuple(target.name for target in asked)

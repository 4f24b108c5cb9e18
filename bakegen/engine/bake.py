"""Runs a bake file with buildx, through python-on-whales, and tells what came of each target."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from bakegen.engine.builder import Builder
from bakegen.engine.client import streaming_client
from bakegen.engine.lines import readable
from bakegen.engine.process import Child, interruptible, passing_on
from bakegen.engine.progress import Progress
from bakegen.engine.references import references
from bakegen.engine.sizes import loaded_sizes, pushed_sizes
from bakegen.engine.steps import News
from bakegen.errors import ToolFailed
from bakegen.outcome import BuildResult, Failure
from bakegen.plan import Plan, Target

if TYPE_CHECKING:
    from python_on_whales import DockerClient

# The first buildx that asks for --allow; older ones do not know the word.
_ALLOWING = (0, 19, 0)


class Display(Protocol):
    """Shows a build while it runs. Who changes the progress that is shown holds ``lock`` meanwhile."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Keeps the display from looking."""

    def show(self, progress: Progress, news: Sequence[News]) -> None:
        """Something has changed."""

    def end(self) -> None:
        """Nothing more will come."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to build and how: ``text`` is the bake file, ``closure`` the targets in it, ``asked`` those it is run for.

    ``builder`` is the one that will do it, ``named`` the one that was asked for by name.
    """

    root: Path
    text: str
    closure: tuple[Target, ...]
    asked: tuple[str, ...]
    builder: Builder
    named: str | None
    load: bool
    push: bool
    cache: bool

    @property
    def exports(self) -> bool:
        """Whether results leave the builder's cache."""
        return self.load or self.push or self.builder.loads


def bake(plan: Plan, order: Order, display: Display, clock: Callable[[], float]) -> tuple[BuildResult, ...]:
    """Builds, and tells what came of each target of the closure.

    A failed build is a result, not an error. Raises ToolFailed when buildx did not even begin, KeyboardInterrupt
    when the user or the system wanted it to end; the build has ended and its temporary files are gone by then.
    """
    progress = Progress(order.closure, order.asked, exported=order.exports)
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
    if code != 0:
        progress.settle({target.name: _text(order.root / target.dockerfile) for target in order.closure})
    broken = progress.failure()
    if code != 0 and broken is None:
        said = [readable(line) for line in progress.text if line.strip()]
        raise ToolFailed(f"buildx failed: {said[-1].removeprefix('ERROR: ') if said else f'exit code {code}'}")
    with interruptible():
        return tuple(_result(plan, order, progress, target, metadata, broken) for target in order.closure)


def allowances(targets: Sequence[Target], environment: Mapping[str, str], root: Path, *, writes: bool) -> list[str]:
    """What a build reads (and ``writes``) outside the project, as ``--allow`` names it, each once, sorted."""
    reads = {environment.get(s.source, "") for target in targets for s in target.secrets if s.kind == "file-env"}
    kept = {value for target in targets for one in target.cache_from for key, value in one.attributes if key == "src"}
    made = {value for target in targets for one in target.cache_to for key, value in one.attributes if key == "dest"}
    found = {f"fs.read={path}" for path in reads | kept if path and _outside(root, path)}
    return sorted(found | {f"fs.write={path}" for path in made if writes and _outside(root, path)})


def _outside(root: Path, path: str) -> bool:
    return not (root / path).resolve().is_relative_to(root.resolve())


def _run(order: Order, there: Path, progress: Progress, display: Display, clock: Callable[[], float]) -> int:
    from python_on_whales.exceptions import DockerException

    docker = streaming_client(order.root, there / "pid")
    code = 0
    try:
        for line in _lines(docker, order, there):
            with display.lock:
                display.show(progress, progress.feed(line, clock()))
    except DockerException as error:
        code = error.return_code
    with display.lock:
        display.show(progress, progress.close(code))
    return code


def _lines(docker: DockerClient, order: Order, there: Path) -> Iterable[str]:
    # python-on-whales' bake has no parameter for --allow; what it appends as targets is read by buildx wherever it
    # stands, so this is the one place where flags that it lacks are given.
    allowed = allowances(order.closure, os.environ, order.root, writes=order.push)
    flags = [word for one in allowed for word in ("--allow", one)] if order.builder.buildx >= _ALLOWING else []
    lines = docker.buildx.bake(
        [*flags, *order.asked],
        builder=order.named,
        files=[there / "docker-bake.hcl"],
        load=order.load,
        push=order.push,
        cache=order.cache,
        progress="rawjson",  # type: ignore[arg-type]
        metadata_file=there / "metadata.json",
        stream_logs=True,
    )
    return cast("Iterable[str]", lines)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


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
    # What was built only because others link to it is not exported under its names.
    tags = references(plan, target, os.environ) if target.name in order.asked else ()
    done = state in ("built", "cached")
    sizes: tuple[tuple[str, int], ...] = ()
    if done and tags and order.push:
        sizes = pushed_sizes(order.root, tags[0], target.platforms, order.named)
    elif done and tags and order.exports:
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

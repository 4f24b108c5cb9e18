"""The docker client and its command line: one place, with the project's root as the working directory."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bakegen.engine.process import Ran, run
from bakegen.errors import ToolFailed

if TYPE_CHECKING:
    from python_on_whales import DockerClient

# python-on-whales offers no working directory, and this process must not leave its own; `exec` keeps the shell's pid.
_THERE = 'cd -- "$1" && shift && exec "$@"'
# Its streams keep all of standard error in one growing value, so a build's lines go to standard output; and it shows
# no pid, without which a signal that reaches bakegen alone would leave the build running.
_STREAMED = 'cd -- "$1" && echo "$$" >"$2" && shift 2 && exec "$@" 2>&1'


def installed() -> bool:
    """Whether there is a docker client."""
    return shutil.which("docker") is not None


def call(root: Path) -> list[str]:
    """The docker client's command line, run in ``root``. Raises ToolFailed when there is no client."""
    return ["sh", "-c", _THERE, "docker", str(root), _docker()]


def docker(
    root: Path,
    *arguments: str,
    stdin: bytes = b"",
    timeout: float | None = None,
    stop: threading.Event | None = None,
) -> Ran:
    """A docker command in ``root``: how it ended and what it printed; killed after ``timeout`` seconds or on ``stop``.

    Raises ToolFailed when there is no client.
    """
    return run([*call(root), *arguments], stdin=stdin, timeout=timeout, stop=stop)


def streaming_client(root: Path, pid_file: Path) -> DockerClient:
    """python-on-whales' client for one streamed command in ``root``; the command's pid is written to ``pid_file``.

    Raises ToolFailed when there is no docker client.
    """
    from python_on_whales import DockerClient

    return DockerClient(client_call=["sh", "-c", _STREAMED, "docker", str(root), str(pid_file), _docker()])


def _docker() -> str:
    found = shutil.which("docker")
    if found is None:
        raise ToolFailed("docker is not installed: install Docker Engine with buildx (bakegen emit works without it)")
    return str(Path(found).absolute())

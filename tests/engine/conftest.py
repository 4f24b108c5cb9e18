"""A real engine for these tests: whether it is usable, what it can build, where to push, and projects to build."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

BOTH = ("linux/amd64", "linux/arm64")
_ROOT = Path(__file__).resolve().parents[2]
# A shell ignores Ctrl-C in what it starts in the background, and that is inherited; here it is to be seen all the same.
_LISTENS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
_MAIN = (sys.executable, "-c", f"{_LISTENS}from bakegen.cli.main import main; main()")


def docker(*arguments: str, check: bool = True) -> str:
    """What a docker command prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def engine_env() -> dict[str, str]:
    """The environment of an engine that answers; without one these tests fail, since they cannot say anything."""
    about = subprocess.run(["docker", "info"], capture_output=True, text=True, check=False)
    assert about.returncode == 0, f'no Docker engine answers: eval "$(scripts/engine env)" ({about.stderr.strip()})'
    return {**os.environ, "PYTHONPATH": str(_ROOT)}


@pytest.fixture(scope="session")
def platforms(engine_env: Mapping[str, str]) -> tuple[str, ...]:
    """Those of amd64 and arm64 that the engine can build and run."""
    assert engine_env
    text = docker("buildx", "inspect", "--bootstrap").replace("*", "")
    words = {
        word.strip() for line in text.splitlines() if line.startswith("Platforms:") for word in line[10:].split(",")
    }
    found = tuple(platform for platform in BOTH if platform in words)
    assert found, text
    return found


@pytest.fixture(scope="session")
def registry(engine_env: Mapping[str, str]) -> Iterator[str]:
    """The prefix of a registry that may be pushed to: the engine's own, or one that is started for the tests."""
    if engine_env.get("BAKEGEN_REGISTRY"):
        yield engine_env["BAKEGEN_REGISTRY"]
        return
    name = f"bakegen-registry-{uuid.uuid4().hex[:8]}"
    docker("run", "--detach", "--rm", "--name", name, "--publish", "127.0.0.1:0:5000", "registry:2")
    try:
        yield f"localhost:{docker('port', name, '5000').strip().rsplit(':', 1)[1]}/"
    finally:
        docker("rm", "--force", name)


@dataclass
class Project:
    """A project on disk whose images nobody else has, and bakegen run in it."""

    root: Path
    prefix: str
    environment: dict[str, str]
    temporary: Path

    def write(self, files: Mapping[str, str]) -> None:
        """Writes files, by path from the root."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    def command(self, *arguments: str) -> list[str]:
        """The command line of bakegen."""
        return [*_MAIN, *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts bakegen in the project, in a process group of its own, as a terminal would."""
        return subprocess.Popen(
            self.command(*arguments), cwd=self.root, env=self.environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, cwd: Path | None = None, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs bakegen to its end, which must have this exit code and leave no temporary file."""
        done = subprocess.run(
            self.command(*arguments), cwd=cwd or self.root, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        assert not list(self.temporary.iterdir())
        return done

    def image(self, name: str) -> str:
        """The reference of a published name."""
        return self.prefix + name


@dataclass
class Projects:
    """Makes projects, and removes the images of all of them from the engine."""

    environment: Mapping[str, str]
    registry: str
    platforms: tuple[str, ...]
    made: list[str] = field(default_factory=list)

    def new(self, folder: Path, stack: str, files: Mapping[str, str], settings: str = "") -> Project:
        """A project of one stack, called ``s``, in a folder whose name a shell would trip over."""
        prefix = f"{self.registry}test-{uuid.uuid4().hex[:8]}/"
        self.made.append(prefix)
        root = folder / "a pro'ject $HOME"
        temporary = folder / "temporary"
        temporary.mkdir(parents=True)
        project = Project(root, prefix, {**self.environment, "TMPDIR": str(temporary)}, temporary)
        project.environment["BAKEGEN_REGISTRY"] = prefix
        named = ", ".join(f'"{platform}"' for platform in self.platforms)
        # The label makes images that are alike otherwise distinct, so that nobody else's containers are taken for ours.
        top = f'platforms = [{named}]\nlabels = {{ "com.example.test" = "{prefix}" }}\n'
        top += f'[[registries]]\nprefix = "example.com/never-used/"\n{settings}'
        project.write({"bakegen.toml": top, "stacks/s/stack.toml": f'title = "S"\n{stack}', **files})
        return project

    def clear(self) -> None:
        """Removes the images."""
        for line in docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").splitlines():
            if line.startswith(tuple(self.made)):
                docker("image", "rm", "--force", line, check=False)


@pytest.fixture(scope="module")
def projects(engine_env: Mapping[str, str], registry: str, platforms: tuple[str, ...]) -> Iterator[Projects]:
    """Projects with images of their own."""
    made = Projects(engine_env, registry, platforms)
    yield made
    if made.made:
        made.clear()


@pytest.fixture(scope="module")
def remote_builder(
    engine_env: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Project], str]]:
    """The engine's BuildKit behind buildx's remote driver, which leaves results in its cache: tells its name."""
    assert engine_env
    config = tmp_path_factory.mktemp("buildx")
    name = f"bakegen-{uuid.uuid4().hex[:8]}"
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
        environment = {**os.environ, "BUILDX_CONFIG": str(config)}
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        subprocess.run(
            ["docker", "buildx", "create", "--name", name, "--driver", "remote", address],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip

        def use(project: Project) -> str:
            project.environment["BUILDX_CONFIG"] = str(config)
            return name

        yield use
    shutil.rmtree(config)


def _accept(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_join, args=(connection,), daemon=True).start()


def _join(connection: socket.socket) -> None:
    with (
        connection,
        subprocess.Popen(
            ["docker", "buildx", "--builder", "default", "dial-stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        threading.Thread(target=_pump, args=(connection, child.stdin), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := os.read(child.stdout.fileno(), 1 << 16):
                connection.sendall(data)


def _pump(connection: socket.socket, out: IO[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while data := connection.recv(1 << 16):
            out.write(data)
            out.flush()
    with contextlib.suppress(OSError, ValueError):
        out.close()

"""`scripts/engine`, run for real: beside the engine that is in use, which is neither stopped nor changed."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "engine"
IMAGES = ("debian:bookworm-slim", "debian:trixie-slim")
OWN = "set up by this script"
DAEMONS = ("containerd", "dockerd", "registry")


def run(*arguments: str, script: Path = SCRIPT, **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment: dict[str, str | None] = {**os.environ, **changes}
    return subprocess.run(
        [str(script), *arguments],
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=900,
    )


def told(status: str) -> dict[str, str]:
    """The lines of a status by their first word; the last of several."""
    return {line.split(None, 1)[0]: line.split(None, 1)[1] for line in status.splitlines() if " " in line}


def run_folder(cache: Path) -> Path:
    """Where the engine that belongs to a cache folder has its sockets and pids."""
    return Path("/run/bakegen") / hashlib.sha256(bytes(cache / "bakegen" / "engine")).hexdigest()[:8]


def pids(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.glob("*.pid"))}


def users_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve()


def is_running(pid: str) -> bool:
    """A process that ended and that nobody has asked about yet has no command line."""
    line = Path(f"/proc/{pid.strip()}/cmdline")
    return line.exists() and bool(line.read_bytes())


@pytest.fixture
def status(engine_env: Mapping[str, str]) -> dict[str, str]:
    """What the engine in use says of itself; it must be usable, so that no test sets it up."""
    assert engine_env
    done = run("status")
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return told(done.stdout)


@pytest.fixture
def bare() -> Iterator[tuple[list[str], Path, dict[str, str | None]]]:
    """A machine without docker and without root: how to become its user, the script there, its environment."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        tools = folder / "bin"
        tools.mkdir()
        for directory in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"):
            for program in Path(directory).iterdir():
                link = tools / program.name
                if not program.name.startswith(("docker", "podman")) and not link.is_symlink():
                    link.symlink_to(program)
        shutil.copytree(ROOT / "scripts" / "engine.d", folder / "engine.d")
        script = folder / "engine"
        shutil.copy(SCRIPT, script)
        for path in (script, *(folder / "engine.d").iterdir()):
            path.chmod(0o755)
        become = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        environment: dict[str, str | None] = {
            "PATH": str(tools),
            "HOME": str(folder / "nobody"),
            "XDG_CACHE_HOME": None,
            "DOCKER_HOST": None,
            "BAKEGEN_ENGINE_FORCE": None,
        }
        yield become, script, environment


def run_bare(bare: tuple[list[str], Path, dict[str, str | None]], *arguments: str) -> subprocess.CompletedProcess[str]:
    become, script, changes = bare
    if not become:
        return run(*arguments, script=script, **changes)
    return run(*become[1:], str(script), *arguments, script=Path(become[0]), **changes)


def test_the_help_has_examples_and_the_exit_codes() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: scripts/engine start | stop [--purge] | status | env")
    assert 'eval "$(scripts/engine env)"' in done.stdout
    assert "BAKEGEN_ENGINE_FORCE=1" in done.stdout
    assert not done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["begin"],
        ["start", "now"],
        ["stop", "--all"],
        ["stop", "--purge", "all"],
        ["status --help"],
        ["stop --purge"],
    ],
)
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: scripts/engine ")
    assert not done.stdout


def test_without_docker_and_root_start_says_what_to_install(
    bare: tuple[list[str], Path, dict[str, str | None]],
) -> None:
    done = run_bare(bare, "start")
    assert done.returncode == 5
    assert done.stderr == (
        "engine: no usable Docker here: install Docker Engine with buildx, "
        "or run this as root on Debian so that it can set one up\n"
    )
    assert not done.stdout


def test_without_an_engine_status_and_env_exit_with_3(bare: tuple[list[str], Path, dict[str, str | None]]) -> None:
    for command in ("status", "env"):
        done = run_bare(bare, command)
        assert done.returncode == 3
        assert "start one with: scripts/engine start" in (done.stdout if command == "status" else done.stderr)
        assert command == "status" or not done.stdout


@pytest.mark.engine
def test_stopping_what_was_never_started_stops_nothing(status: dict[str, str], tmp_path: Path) -> None:
    before = pids(run_folder(users_cache()))
    done = run("stop", XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 0
    assert done.stderr == "engine: nothing was started from here\n"
    assert pids(run_folder(users_cache())) == before
    assert told(run("status").stdout) == status


def test_a_pid_that_was_given_to_another_process_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bakegen" / "engine").mkdir(parents=True)
    folder = run_folder(tmp_path)
    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            if os.geteuid() == 0:
                folder.mkdir(parents=True)
                for name in DAEMONS:
                    (folder / f"{name}.pid").write_text(f"{stranger.pid}\n")
            done = run("stop", XDG_CACHE_HOME=str(tmp_path))
            assert done.returncode == (0 if os.geteuid() == 0 else 5), done.stderr
            assert stranger.poll() is None
            assert not folder.exists()
        finally:
            stranger.kill()


@pytest.mark.engine
def test_status_tells_versions_and_images(status: dict[str, str]) -> None:
    assert re.match(r"\d+\.\d+", status["docker"])
    assert re.match(r"v?\d+\.\d+", status["buildx"])
    if OWN in status["engine"]:
        lines = [line.split() for line in run("status").stdout.splitlines()]
        for image in IMAGES:
            assert ["image", image, "linux/amd64", "linux/arm64"] in lines
        assert re.fullmatch(r"localhost:\d+/", status["registry"])
        assert status["socket"] == f"unix://{run_folder(users_cache())}/docker.sock"
    else:
        assert status["engine"] == "the machine's own Docker"


@pytest.mark.engine
def test_env_is_read_by_a_shell_and_names_what_docker_needs(status: dict[str, str]) -> None:
    done = run("env")
    assert done.returncode == 0
    assert not done.stderr
    words = [shlex.split(line) for line in done.stdout.splitlines()]
    assert all(len(line) == 2 and line[0] == "export" for line in words)
    named = dict(line[1].split("=", 1) for line in words)
    if OWN in status["engine"]:
        assert named.pop("DOCKER_HOST") == status["socket"]
        assert named.pop("BAKEGEN_REGISTRY") == status["registry"]
        assert named.pop("BUILDX_BUILDER") == "default"
        assert Path(named.pop("BUILDX_CONFIG")).is_dir()
    assert set(named) <= {"BAKEGEN_CA_BUNDLE", "BUILDX_BAKE_ENTITLEMENTS_FS"}
    shell = subprocess.run(
        ["bash", "-euc", f"{done.stdout}\ndocker buildx inspect | grep -q Platforms"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert shell.returncode == 0, shell.stderr


@pytest.mark.engine
def test_env_quotes_what_a_shell_would_run(status: dict[str, str], tmp_path: Path) -> None:
    assert status
    trap = tmp_path / "trap"
    bundle = tmp_path / f"a 'b' \"c\" $(touch {trap.name}) `touch {trap.name}` ; touch {trap.name} & é\n.crt"
    bundle.write_text("")
    done = run("env", BAKEGEN_CA_BUNDLE=str(bundle))
    shell = subprocess.run(
        ["bash", "-euc", f'{done.stdout}\nprintf %s "$BAKEGEN_CA_BUNDLE"'],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    assert shell.stdout == bytes(bundle)
    assert not trap.exists()


@pytest.mark.engine
def test_a_second_start_changes_nothing(status: dict[str, str]) -> None:
    folder = run_folder(users_cache())
    before = pids(folder)
    started = [subprocess.Popen([str(SCRIPT), "start"], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in started:
        _, talk = process.communicate(timeout=120)
        assert process.returncode == 0, talk
        assert talk.splitlines()[-1] in {"engine: running", "engine: using the machine's own Docker; nothing is set up"}
    assert pids(folder) == before
    assert bool(before) == (OWN in status["engine"])
    assert told(run("status").stdout) == status


@pytest.mark.engine
def test_another_cache_folder_has_an_engine_of_its_own(status: dict[str, str], tmp_path: Path) -> None:
    """Set up from the base images of the engine in use, killed, started again, stopped and removed beside it."""
    if OWN not in status["engine"]:
        done = run("start", XDG_CACHE_HOME=str(tmp_path))
        assert done.returncode == 0
        assert done.stderr == "engine: using the machine's own Docker; nothing is set up\n"
        assert not list(tmp_path.iterdir())
        return
    mine = run_folder(users_cache())
    before = pids(mine)
    base = tmp_path / "bakegen" / "engine" / "base"
    shutil.copytree(users_cache() / "bakegen" / "engine" / "base", base)
    other = run_folder(tmp_path)
    try:
        done = run("start", XDG_CACHE_HOME=str(tmp_path))
        assert done.returncode == 0, done.stderr
        assert "making base images" not in done.stderr
        second = told(run("status", XDG_CACHE_HOME=str(tmp_path)).stdout)
        assert second["socket"] == f"unix://{other}/docker.sock"
        assert second["registry"] != status["registry"]
        first_pids = pids(other)
        os.kill(int(first_pids["dockerd.pid"]), 9)
        assert run("env", XDG_CACHE_HOME=str(tmp_path)).returncode == 3
        done = run("start", XDG_CACHE_HOME=str(tmp_path))
        assert done.returncode == 0, done.stderr
        assert "pushed" not in done.stderr
        again = pids(other)
        assert again["dockerd.pid"] != first_pids["dockerd.pid"]
        assert again["registry.pid"] == first_pids["registry.pid"]
        assert told(run("status", XDG_CACHE_HOME=str(tmp_path)).stdout) == second
    finally:
        done = run("stop", "--purge", XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert not any(is_running(pid) for pid in again.values())
    assert not other.exists()
    assert {path.name for path in base.parent.iterdir()} <= {"base", "debs", "lock"}
    assert pids(mine) == before
    assert told(run("status").stdout) == status
    assert_containers_reach_the_mirror()


def assert_containers_reach_the_mirror() -> None:
    """The engine in use still gives its containers a network."""
    done = subprocess.run(
        ["bash", "-euc", 'eval "$("$0" env)"; docker run --rm debian:trixie-slim apt-get update', str(SCRIPT)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Err:" not in done.stdout

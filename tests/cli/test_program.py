"""The real program in a process of its own: what it writes where, and how it ends."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
# A shell ignores Ctrl-C in what it starts in the background, and that is inherited; here it is to be seen all the same.
LISTENS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
PROGRAM = [sys.executable, "-c", f"{LISTENS}from bakegen.cli.main import main; main()"]


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(*arguments: str, cwd: Path = CASES / "single", **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_data_is_on_standard_output_and_nothing_else() -> None:
    done = run("emit", "--write-cache")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (CASES / "single" / "docker-bake.hcl").read_bytes()


def test_the_same_bytes_in_another_locale_and_with_another_hash_seed() -> None:
    plain = run("plan", cwd=CASES / "design").stdout
    other = run("plan", cwd=CASES / "design", LC_ALL="C", PYTHONHASHSEED="7", PYTHONIOENCODING="ascii", TZ="Asia/Tokyo")
    assert other.stdout == plain != b""


def test_from_elsewhere_it_says_where_to_build() -> None:
    done = run("emit", "--project", "tests/cases/single", cwd=ROOT)
    assert done.returncode == 0
    assert done.stderr.decode() == (
        f"its paths start at the project's root: bakegen emit … | (cd {CASES / 'single'} && docker buildx bake -f -)\n"
    )
    assert b"# hello/hello" in done.stdout


@contextmanager
def writing() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A program that has begun to write more than its reader's pipe holds, and the pipe's reading end."""
    reading, end = os.pipe()
    fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 4096)
    program = subprocess.Popen(
        [*PROGRAM, "plan"], cwd=CASES / "design", env=environment(), stdout=end, stderr=subprocess.PIPE
    )
    os.close(end)
    with program:
        assert os.read(reading, 1) == b"{"
        yield program, reading


def test_a_reader_that_goes_away_is_no_error() -> None:
    with writing() as (program, reading):
        os.close(reading)
        _, error = program.communicate()
    assert (program.returncode, error) == (0, b"")


def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "list"],
            cwd=CASES / "design",
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 5
    assert done.stderr == b"bakegen: cannot write standard output: No space left on device\n"


def test_ctrl_c_ends_it_cleanly() -> None:
    with writing() as (program, reading):
        program.send_signal(signal.SIGINT)
        with os.fdopen(reading, "rb") as rest:
            rest.read()
        _, error = program.communicate()
    assert (program.returncode, error) == (130, b"interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("check",), 0, b""),
        (("emit", "s/nothing"), 3, b'bakegen: nothing selected: no stack, layer or target matches "s/nothing"'),
        (("emit", "--platform", "x"), 2, b'bakegen: "x" is no platform'),
        (("emit", "--nonsense"), 2, b"No such option"),
        (
            ("emit", "--check", "missing.hcl"),
            4,
            b"bakegen: missing.hcl does not exist: make it with bakegen emit -o missing.hcl",
        ),
        (("emit", "-C", "/nowhere"), 2, b'bakegen: no folder "/nowhere"'),
    ],
)
def test_exit_codes(arguments: tuple[str, ...], code: int, says: bytes) -> None:
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert b"Traceback" not in done.stderr


def test_nothing_heavy_is_imported_at_the_start() -> None:
    code = "import sys, bakegen.cli.main; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, check=True, text=True)
    heavy = {"pydantic", "jinja2", "python_on_whales", "tomli", "semver", "packaging", "rich", "asyncio"}
    assert "typer" in done.stdout.split()
    assert not heavy & set(done.stdout.split())


def test_emitting_never_imports_python_on_whales() -> None:
    code = (
        "import sys; from bakegen.cli.main import app\n"
        "try: app(['emit'])\nexcept SystemExit: pass\n"
        "print('python_on_whales' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CASES / "single", env=environment(), capture_output=True, check=True
    )
    assert done.stderr == b"False\n"


def test_emit_says_what_bake_needs_leave_for(tmp_path: Path) -> None:
    bundle = tmp_path / "a bundle.pem"
    bundle.write_text("certificates")
    inside = CASES / "network" / "bakegen.toml"
    said = run("emit", cwd=CASES / "network", BAKEGEN_CA_BUNDLE=str(bundle), BUILDX_BAKE_ENTITLEMENTS_FS="1")
    assert said.stderr.decode() == f"outside the project: docker buildx bake -f - --allow 'fs.read={bundle}'\n"
    assert said.stdout == run("emit", cwd=CASES / "network", BAKEGEN_CA_BUNDLE="").stdout
    for more in (
        {"BAKEGEN_CA_BUNDLE": str(inside)},
        {"BAKEGEN_CA_BUNDLE": str(bundle), "BUILDX_BAKE_ENTITLEMENTS_FS": "0"},
    ):
        assert run("emit", cwd=CASES / "network", **more).stderr == b""

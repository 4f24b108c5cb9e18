"""Every refusal as a user meets it: a bad project, the command, and the exact exit code and standard error.

BAKEGEN_UPDATE=1 writes the expectations anew; read the difference as a product before you commit it.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bakegen.cli.main import app

ERRORS = Path(__file__).parent / "errors"
CASES = sorted(path.name for path in ERRORS.iterdir() if path.is_dir())
DEFAULT = "list"
SHOWN = 5  # lines of a diff: the rest is the renderers' business


def report(case: Path) -> str:
    """What a user sees of a case: the exit code, standard error, and standard output where there is any."""
    command = case / "command"
    words = shlex.split(command.read_text(encoding="utf-8")) if command.is_file() else [DEFAULT]
    result = CliRunner().invoke(app, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    text = f"exit {result.exit_code}\n{result.stderr}"
    shown = "".join(result.stdout.splitlines(keepends=True)[:SHOWN])
    return text + (f"--- standard output begins\n{shown}" if shown else "")


@pytest.mark.parametrize("name", CASES)
def test_the_refusal_is_exactly_this(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = ERRORS / name
    monkeypatch.chdir(case)
    monkeypatch.delenv("BAKEGEN_REGISTRY", raising=False)
    found = report(case)
    expected = case / "expected.txt"
    if os.environ.get("BAKEGEN_UPDATE") == "1":
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    assert not found.startswith(("exit 0\n", "exit 1\n"))
    assert all(line == line.rstrip() for line in found.partition("--- ")[0].splitlines())


def test_there_are_enough_cases_and_each_is_told_apart() -> None:
    texts = {(ERRORS / name / "expected.txt").read_text(encoding="utf-8") for name in CASES}
    assert len(CASES) >= 100
    assert len(texts) == len(CASES)


def test_no_project_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(tmp_path) == (
        f'exit 2\nbakegen: no bakegen.toml in "{tmp_path}" or above: make one where the project starts (an empty file '
        "will do), or name the folder with --project\n"
    )


def test_what_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bakegen.toml").touch()
    stack = tmp_path / "stacks/family/stack.toml"
    stack.parent.mkdir(parents=True)
    stack.symlink_to("stack.toml")
    monkeypatch.chdir(tmp_path)
    text = report(tmp_path)
    assert text.startswith("exit 2\nstacks/family/stack.toml: cannot be read: ")
    assert text.endswith("\n1 problem\n")


def test_unit_tests_are_kept_from_processes_and_sockets() -> None:
    with pytest.raises(AssertionError, match="a unit test started"):
        subprocess.run(["true"], check=True)
    with pytest.raises(AssertionError, match="a unit test started"):
        os.system("true")
    with socket.socket() as one, pytest.raises(AssertionError, match="a unit test started"):
        one.connect(("127.0.0.1", 9))

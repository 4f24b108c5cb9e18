"""What is quoted from files and the command line breaks no line of talk, and steers no terminal or log of a CI."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bakegen.cli.main import app
from bakegen.errors import BakegenError, ConfigurationError, Problem, StaleFile

HOSTILE = "x\x1b[31m\n::error::y\u202e\u2028\x9b\udcff"


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def harmless(text: str) -> bool:
    lines = text.split("\n")
    return all(line.isprintable() for line in lines) and not any(line.startswith("::") for line in lines)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bakegen.toml").touch()
    (tmp_path / "stacks/s/l").mkdir(parents=True)
    (tmp_path / "stacks/s/l/Dockerfile").write_text("FROM base\n")
    (tmp_path / "stacks/s/stack.toml").write_text(
        'title = "T"\n[[layers]]\nname = "l"\nparent = "debian:12"\nimage = "l"\ntags = ["1"]\n'
    )
    return tmp_path


def test_an_error_is_as_many_lines_as_its_raiser_gave() -> None:
    assert str(BakegenError(f"a {HOSTILE}", "b")).split("\n") == [
        "a x\\x1b[31m\\n::error::y\\u202e\\u2028\\x9b\\udcff",
        "b",
    ]
    assert harmless(str(StaleFile(HOSTILE, "")))
    assert str(ConfigurationError([Problem(HOSTILE, 1, HOSTILE, HOSTILE)])).count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        ("explain", HOSTILE),
        ("explain", "s/l", HOSTILE),
        ("list", HOSTILE),
        ("list", "--where", HOSTILE),
        ("list", "--status", HOSTILE),
        ("list", "--platform", HOSTILE),
        ("emit", "-o", f"{HOSTILE}/x"),
        ("catalog", "--record", HOSTILE),
        ("labels", "lint", HOSTILE),
        ("labels", "lint", ".", "--ignore", HOSTILE),
        ("labels", "add", HOSTILE, "-l", "a=b"),
        ("labels", "add", "stacks/s/l/Dockerfile", "-l", f"{HOSTILE}=c"),
        ("labels", "add", "stacks/s/l/Dockerfile", "-l", "a=b", "--target", HOSTILE),
        ("policy", "check", HOSTILE, "--dialect", "go-2018"),
        ("tag", "parse", HOSTILE),
        ("tag", "parse", "x", "--scheme", HOSTILE),
        ("tag", "check", HOSTILE, "--scheme", "rocm"),
    ],
    ids=lambda command: " ".join(command[:3]).encode("ascii", "backslashreplace").decode(),
)
@pytest.mark.usefixtures("project")
def test_what_is_refused_is_quoted_on_its_line(command: tuple[str, ...]) -> None:
    result = call(*command)
    assert result.exit_code in (2, 3)
    assert "x\\x1b[31m\\n::error::y" in result.stderr
    assert harmless(result.stderr)
    assert harmless(result.stdout)


@pytest.mark.parametrize("char", ["\x1b", "\n", "\r", "\0", "\x9b", "\u2028"])
def test_a_label_holds_nothing_that_steers_a_terminal(project: Path, char: str) -> None:
    file = project / "stacks/s/l/Dockerfile"
    result = call("labels", "add", str(file), "-l", f"a=b{char}[31mc", "--in-place")
    assert (result.exit_code, result.stderr) == (
        2,
        'bakegen: the value of "a" holds control characters or line breaks: leave them out\n',
    )
    assert file.read_text() == "FROM base\n"
    assert call("labels", "add", str(file), "-l", "a=é 漢 👩\u200d🔬 \u00a0", "--in-place").exit_code == 0


def test_no_file_is_called_like_a_command_to_a_ci(project: Path) -> None:
    (project / "::error::").mkdir()
    (project / "::error::/Dockerfile").write_text("FROM x\nLABEL ai.backend.role=X\n")
    result = call("labels", "lint", ".")
    assert result.stdout.startswith("./::error::/Dockerfile:2: role: ")
    refused = call("labels", "add", "::error::/Dockerfile", "-l", "ai.backend.role=Y")
    assert refused.stderr.startswith('./::error::/Dockerfile: "ai.backend.role": no role "Y"')


def test_the_name_of_what_was_written_is_quoted(project: Path) -> None:
    file = "x\x1b[31mX\n::error::y"
    (project / file).write_text("FROM debian:12\n")
    for command in (
        ("labels", "add", file, "-l", "a=b", "--in-place"),
        ("emit", "-o", file),
        ("catalog", "-o", file),
        ("schema", "stack.toml", "-o", file),
    ):
        result = call(*command)
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr.startswith("x\\x1b[31mX\\n::error::y: ")
        assert harmless(result.stderr)


def test_the_diff_of_a_stale_file_shows_control_characters(project: Path) -> None:
    (project / "bake.hcl").write_text("\ta\x1b[31m\r\n::error::y")
    result = call("emit", "--check", "bake.hcl")
    assert result.exit_code == 4
    assert "\n-\ta\\x1b[31m\\r\n-::error::y\n\\ No newline at end of file\n+" in result.stdout
    assert harmless(result.stdout.replace("\t", ""))

"""The examples that a command's help gives are about this project, and work on it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bakegen.cli.main import app

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", ["explain", "list"])
def test_the_examples_of_the_help_work(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    told = CliRunner().invoke(app, [command, "--help"]).stdout.partition("Examples:\n")[2].partition("\n\n")[0]
    examples = [shlex.split(line) for line in told.splitlines()]
    assert len(examples) >= 3
    for program, *words in examples:
        assert program == "bakegen"
        result = CliRunner().invoke(app, words)
        assert (result.exit_code, result.stderr) == (0, ""), words
        assert result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("labels", "lint", ".", "--format", "jsno"),
            "'jsno' is not one of 'text', 'json', 'sarif' (did you mean \"json\"?).",
        ),
        (("catalog", "--format", "xyz"), "'xyz' is not one of 'markdown', 'json'."),
    ],
)
def test_a_choice_that_is_none(words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 2
    assert result.stderr.endswith(f"\nError: Invalid value for '--format': {said}\n")


@pytest.mark.parametrize("group", ["tag", "labels", "policy"])
@pytest.mark.parametrize("words", [("-h",), ()], ids=["help", "nothing"])
def test_the_help_of_a_group_has_examples(group: str, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [group, *words])
    told = result.output.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(told) >= 2
    assert [line for line in told if not line.strip().startswith(f"bakegen {group} ")] == []

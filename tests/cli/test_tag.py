"""`bakegen tag`: what it prints, and what becomes of input that is no list of tags."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bakegen.cli.main import app

TABLE = Path(__file__).parents[1] / "tables" / "openeuler-ai-tags.tsv"


def call(*arguments: str, stdin: bytes = b"") -> Result:
    result = CliRunner().invoke(app, ["tag", *arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("command", ["parse", "check"])
def test_every_command_has_help_with_examples(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    assert f"bakegen tag {command}" in result.stdout.partition("Examples:")[2]


def test_a_tag_by_one_scheme_and_by_all_that_can_read_it() -> None:
    tag = "12.2.0-cudnn8-runtime-ubuntu20.04"
    one = json.loads(call("parse", tag, "--scheme", "nvidia").stdout)
    assert one["parts"] == {
        "sdk": {"name": "cuda", "version": "12.2.0"},
        "flavour": "runtime",
        "os": {"name": "ubuntu", "version": "20.04"},
        "cudnn": "cudnn8",
    }
    both = json.loads(call("parse", tag).stdout)
    assert [reading["scheme"] for reading in both] == ["nvidia", "backendai"]
    assert both[0] == one


def test_a_kernels_tag_says_what_the_platform_cannot_compare() -> None:
    one = json.loads(call("parse", "gcc6.4-alpine3.8", "--scheme", "backendai").stdout)
    assert one["parts"] == {
        "version": "gcc6.4",
        "platform": [{"name": "alpine", "version": "3.8"}],
        "incomparable": ["gcc6.4"],
    }


def test_the_published_tags_are_judged_as_the_table_has_them(tmp_path: Path) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    text = "".join(f"{row['tag']}\n" for row in rows)
    (tmp_path / "tags.txt").write_text(text)
    result = call("check", str(tmp_path / "tags.txt"), "--scheme", "oeep-0014")
    assert result.exit_code == 2
    verdicts = json.loads(result.stdout)
    assert [(one["line"], one["tag"], one["verdict"]) for one in verdicts] == [
        (number, row["tag"], row["oeep0014"]) for number, row in enumerate(rows, 1)
    ]
    assert result.stderr.endswith(
        '253 of 257 in "' + str(tmp_path / "tags.txt") + '" are no tag of the scheme "oeep-0014"\n'
    )
    assert call("check", "-", "--scheme", "oeep-0014", stdin=text.encode()).stdout == result.stdout


def test_lines_are_what_editors_make_of_them() -> None:
    text = b"\xef\xbb\xbf12.4.1-base-ubi9\r\n\n  12.2.0-base-ubuntu20.04\t\n\n"
    result = call("check", "-", "--scheme", "nvidia", stdin=text)
    assert result.exit_code == 0
    assert [(one["line"], one["tag"]) for one in json.loads(result.stdout)] == [
        (1, "12.4.1-base-ubi9"),
        (3, "12.2.0-base-ubuntu20.04"),
    ]
    assert call("check", "-", "--scheme", "nvidia", stdin=b"12.2.0-base-ubi8\n12.2.0\n").exit_code == 2


def test_a_list_without_tags_is_no_success() -> None:
    assert [call("check", "-", "--scheme", "rocm", stdin=text).exit_code for text in (b"", b"\n", b" \r\n")] == [
        3,
        3,
        3,
    ]


def test_nothing_of_a_hostile_tag_reaches_the_terminal(tmp_path: Path) -> None:
    hostile = "a\x1b]0;x\x07\x9b31m\u202e\u2028\x00\udcff"
    result = call("parse", hostile)
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if not line.isprintable()] == []
    result = call("parse", hostile, "--scheme", "rocm")
    assert result.stderr.count("\n") == 1
    result = call("check", "-", "--scheme", "rocm", stdin=hostile.replace("\udcff", "").encode())
    assert (result.exit_code, result.stdout.isascii()) == (2, True)
    assert [row["line"] for row in json.loads(result.stdout)] == [1]
    assert [line for line in result.stdout.splitlines() if not line.isprintable()] == []
    result = call("check", str(tmp_path / "no\x1b[31m"), "--scheme", "rocm")
    assert (result.exit_code, result.stderr.count("\n"), "\x1b" in result.stderr) == (2, 1, False)


def test_what_is_no_list_of_tags(tmp_path: Path) -> None:
    assert "Is a directory" in call("check", str(tmp_path), "--scheme", "rocm").stderr
    assert (
        call("check", "-", "--scheme", "rocm", stdin=b"\xff\xfe").stderr
        == "bakegen: standard input is not UTF-8 (byte 0): save it as UTF-8\n"
    )
    assert call("check", "-", "--scheme", "nvida", stdin=b"x").stderr == (
        'bakegen: no tag scheme "nvida" (did you mean "nvidia"?)\n'
    )


def test_what_tags_are_to_be_is_said() -> None:
    result = call("check", "-", stdin=b"anything-goes")
    assert (result.exit_code, result.stdout, result.stderr) == (
        2,
        "",
        "bakegen: whose tags are they to be? Give --scheme oeep-0014, nvidia, rocm or backendai\n",
    )


def test_of_a_long_tag_the_beginning_is_told() -> None:
    for more in ((), ("--scheme", "oeep-0014")):
        result = call("parse", "x" * 100_000, *more)
        assert result.exit_code == 2
        assert result.stderr == f'bakegen: "{"x" * 60}…" is no tag: a tag has at most 128 characters, this has 100000\n'

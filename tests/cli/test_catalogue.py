"""`bakegen catalog` and `bakegen list --format keys` as a user runs them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bakegen import keys
from bakegen.cli import recording
from bakegen.cli.main import app
from bakegen.errors import UsageError
from bakegen.record import KEY_LABEL, Verified, write
from tests.projects import opened, project

STACK = """
title = "S"
description = "Of tests"

[axes.v]
values = ["1", { name = "2", status = "planned", reason = "later" }]

[[layers]]
name   = "a"
parent = "debian:12"
axes   = ["v"]
image  = "a"
tags   = ["{v}"]
platforms = ["linux/amd64", "linux/arm64"]

  [[layers.tests]]
  name = "t"
  run  = "true"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project(tmp_path, STACK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code, result.output
    return result.stdout


def test_keys_of_what_can_be_built(root: Path) -> None:
    content = keys.contents(root, opened(root)[1].targets)["s-a-1"]
    assert run("list", "--format", "keys") == f"{keys.on(content, ['linux/amd64', 'linux/arm64'])}  s-a-1\n"
    assert run("list", "--format", "keys", "--platform", "arm64") == f"{keys.on(content, ['linux/arm64'])}  s-a-1\n"


def test_keys_are_the_same_in_another_place(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    there = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(root, there)
    os.utime(there / "stacks/s/a/Dockerfile", (1, 1))
    (there / "stacks/s/a/Dockerfile").chmod(0o600)
    assert run("list", "--format", "keys", "-C", str(there)) == run("list", "--format", "keys")


def test_a_bake_file_holds_no_keys(root: Path) -> None:
    assert (root / "bakegen.toml").is_file()
    assert KEY_LABEL not in run("emit")
    closure = opened(root)[1].closure(["s-a-1"])
    content = keys.contents(root, closure)["s-a-1"]
    assert dict(recording.keyed(root, closure)[0].labels) == {**dict(closure[0].labels), KEY_LABEL: content}


def test_the_catalogue_with_and_without_a_record(root: Path) -> None:
    content = keys.contents(root, opened(root)[1].targets)["s-a-1"]
    (test,) = opened(root)[1].by_name["s-a-1"].tests
    key = keys.on(content, ["linux/arm64"])
    row = Verified("s-a-1", "linux/arm64", key, key, 1, (), keys.definitions(root, [test]), "2026-11-20", "1", "1")
    lost = Verified("s-a-2", "linux/arm64", key, key, 1, (), key, "2026-11-20", "1", "1")
    (root / "verified.json").write_text(write([row, lost]), encoding="utf-8")
    assert "verified" not in run("catalog")
    assert "| tested arm64 2026-11-20 |" in run("catalog", "--record", "verified.json")
    (stack,) = json.loads(run("catalog", "--record", "verified.json", "--format", "json"))["stacks"]
    assert (stack["title"], stack["description"]) == ("S", "Of tests")
    assert [one["verified"]["linux/arm64"]["state"] for one in stack["targets"]] == ["tested", "not built here"]
    text = (root / "stacks/s/stack.toml").read_text().replace('run  = "true"', 'run  = "false"')
    (root / "stacks/s/stack.toml").write_text(text)
    assert "| changed since arm64 2026-11-20 |" in run("catalog", "--record", "verified.json")


def test_the_catalogue_as_a_file(root: Path) -> None:
    assert run("catalog", "-o", "catalogue.md") == ""
    assert (root / "catalogue.md").read_text(encoding="utf-8") == run("catalog")
    assert run("catalog", "--check", "catalogue.md") == ""
    (root / "stacks/s/stack.toml").write_text(STACK.replace("later", "never"))
    assert "-| s/a" not in run("catalog", "--check", "catalogue.md", code=4)
    assert run("catalog", "-o", "a", "--check", "b", code=2) == ""


def test_help_shows_examples() -> None:
    assert "bakegen catalog --record stacks/verified.json" in run("catalog", "--help")
    assert "--record stacks/verified.json" in run("test", "--help")


@pytest.mark.parametrize(("epoch", "day"), [("0", "1970-01-01"), ("1000000000", "2001-09-09")])
def test_the_day_is_in_utc(epoch: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert recording.today({"SOURCE_DATE_EPOCH": epoch}) == day


@pytest.mark.parametrize("epoch", ["tomorrow", "9" * 30, "1.5"])
def test_a_day_that_is_none(epoch: str) -> None:
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        recording.today({"SOURCE_DATE_EPOCH": epoch})


def test_today_is_a_day() -> None:
    assert len(recording.today({}).split("-")) == 3

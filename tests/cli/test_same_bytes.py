"""The same files give the same bytes: in any locale, from any folder, with any hash seed, for any user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
STACK = """
title = "Família ⚙"
[axes.os]
values = ["İstanbul", "ıspanak", "debian12"]
[axes.python]
values = ["3.10", "3.11", "3.12"]
[[exclude]]
match  = { os = "debian12", python = "3.10" }
reason = "için"
[[layers]]
name   = "base"
parent = "debian:12"
axes   = ["os"]
labels = { "org.example.I" = "{os|lower}", "org.example.i" = "{os|upper}", "org.example.é" = "ﬁ" }
[[layers]]
name   = "python"
parent = "base"
axes   = ["python"]
image  = "python"
tags   = ["{os|slug}-{python}", { pattern = "{os|slug}", newest = "python" }]
args   = { PYTHON = "{python}" }
"""
WRONG = """
title = "Wrong ⚙"
[axes.OS]
values = ["a"]
[[layers]]
name   = "base"
parent = "İmage"
colour = "kırmızı"
args   = { ZED = 3.10, ARG = 3.10, "é" = 1 }
"""


def project(root: Path, *, wrong: bool) -> Path:
    stacks = {"family": STACK} | ({"wrong": WRONG, "broken": "x"} if wrong else {})
    for name, text in stacks.items():
        folder = root / "stacks" / name
        for layer in ("base", "python"):
            (folder / layer).mkdir(parents=True)
            (folder / layer / "Dockerfile").write_text("FROM base\nARG PYTHON\n", encoding="utf-8")
        (folder / "stack.toml").write_text(text, encoding="utf-8")
    (root / "bakegen.toml").write_text('default = ["family"]\n', encoding="utf-8")
    return root


def run(words: list[str], cwd: Path, environment: dict[str, str]) -> tuple[int, bytes, bytes]:
    found = subprocess.run(
        [sys.executable, "-c", "from bakegen.cli.main import main; main()", *words],
        cwd=cwd,
        env={"PATH": os.defpath, "PYTHONPATH": str(HERE), **environment},
        capture_output=True,
        check=False,
    )
    return found.returncode, found.stdout, found.stderr


PLACES: list[dict[str, str]] = [
    {"LC_ALL": "C", "PYTHONHASHSEED": "0"},
    {"LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "HOME": "/nonexistent"},
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "random", "USER": "ışıl", "TZ": "Asia/Tokyo"},
    {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1", "COLUMNS": "20", "SOURCE_DATE_EPOCH": "1"},
]


@pytest.mark.parametrize(
    "words", [["emit"], ["emit", "--format", "json"], ["plan"], ["list"], ["list", "--format", "tags"]]
)
def test_data(tmp_path: Path, words: list[str]) -> None:
    root = project(tmp_path / "one", wrong=False)
    other = project(tmp_path / "öther place", wrong=False)
    expected = run(words, root, {"LC_ALL": "C.UTF-8"})
    assert expected[0] == 0
    assert expected[1]
    for place in PLACES:
        assert run(words, root, place) == expected
        assert run([*words, "--project", str(other)], tmp_path, place)[:2] == expected[:2]


def test_reports_of_errors(tmp_path: Path) -> None:
    root = project(tmp_path / "one", wrong=True)
    expected = run(["list"], root, {"LC_ALL": "C.UTF-8"})
    assert expected[:2] == (2, b"")
    assert 'args."é": 1 is a number' in expected[2].decode("utf-8")
    assert expected[2].decode().splitlines()[-1] == "6 problems"
    for place in PLACES:
        assert run(["list", "--project", str(root)], tmp_path, place) == expected


def test_a_project_that_cannot_be_written_to(tmp_path: Path) -> None:
    root = project(tmp_path / "one", wrong=False)
    expected = run(["emit"], root, {})
    assert expected[0] == 0
    for path in [*root.rglob("*"), root]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    found = run(["emit"], root, {})
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert found == expected
    assert {path.name for path in root.iterdir()} == {"bakegen.toml", "stacks"}
    shutil.rmtree(root)

"""The catalogue of systems: it is what the rows, the stacks and the record say, and wrong rows are told."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bakegen.cli.main import app
from bakegen.record import Verified, write
from scripts import catalogue
from tests.projects import opened
from tests.projects import write as write_files

STACK = """
title = "S"

[axes.v]
values = ["1", "2", { name = "3", status = "unsupported", reason = "too | old" }]

[[layers]]
name   = "a"
parent = "debian:12"
axes   = ["v"]
image  = "a"
tags   = ["{v}"]
"""
ROWS = """
title = "A system"
intro = "Of <old>."

[[rows]]
table = "first"
row   = "one | 1"
then  = "s-a-3"
today = ["s/a v=1,2 v=1*,2"]
note  = "a *note* of `list -w 'v=*'` and `a|b`, `"

[[rows]]
table = "first"
row   = "two"
today = ["s-a-1"]
"""
WRONG = """
title = "B"
color = "red"

[[rows]]
table = "first"
row   = "one"
then  = "s-b"
today = ["s/a v=9", "s/a"]

[[rows]]
table = "first"
row   = "one"
today = ["s/a"]

[[rows]]
table = "first"
row   = "two"

[[rows]]
table = "first"
row   = "three"
today = "s/a"
"""


def project(root: Path, rows: str) -> Path:
    return write_files(
        root,
        {"stacks/s/stack.toml": STACK, "stacks/s/a/Dockerfile": "FROM base\n", "docs/rows/system.toml": rows},
    )


def test_the_page_is_what_the_rows_say() -> None:
    page = catalogue.ROOT / "docs/catalogue.md"
    assert page.read_text(encoding="utf-8") == catalogue.page(catalogue.ROOT), "make it anew with `make generate`"


def test_a_page(tmp_path: Path) -> None:
    root = project(tmp_path, ROWS)
    page = catalogue.page(root)
    assert "| [A system](#a-system) | 2 | 1 | 1 | 0 | 0 | 2 | 0 | 0 | 0 |\n" in page
    assert page.split("## A system\n")[1] == (
        "\nOf &lt;old&gt;.\n\n### first\n\n"
        "| row | then | status then | now | status now | verified | note |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        "| one \\| 1 | `s-a-3` | unsupported: too \\| old | `s/a -w v=1,2 -w 'v=1*,2'` | "
        "supported | not built here | a \\*note\\* of `list -w 'v=*'` and a\\|b, \\` |\n"
        "| two |  |  | `s-a-1` | supported | not built here |  |\n"
    )


def test_a_row_whose_own_thing_is_still_supported_is_one_of_now(tmp_path: Path) -> None:
    rows = 'title = "T"\n' + "".join(
        f'[[rows]]\ntable = "t"\nrow = "{number}"\nthen = "{then}"\n'
        for number, then in enumerate(("s/a", "s-a-1", "s-a-3", "s/a v=3"))
    )
    assert "| [T](#t) | 4 | 1 | 2 | 0 | 1 | 2 | 0 | 0 | 0 |\n" in catalogue.page(project(tmp_path, rows))


def test_what_the_page_selects_can_be_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(catalogue.ROOT)
    _, plan = opened(catalogue.ROOT)
    found = catalogue.systems(plan, catalogue.ROOT / "docs/rows")
    rows = [row for system in found for row in system.rows]
    selections = {one: row for row in rows for one in (*filter(None, [row.then]), *row.today)}
    hard = [one for one in selections if "*" in one or "," in one or ">" in one]
    assert len(hard) > 5
    for one in hard[:: len(hard) // 5]:
        result = CliRunner().invoke(app, ["list", "--format", "names", *shlex.split(catalogue.pasted(one))])
        assert result.exit_code == 0, result.stderr
        assert set(result.stdout.split()) <= {target.name for target in selections[one].targets}


def test_what_was_verified_comes_from_the_record(tmp_path: Path) -> None:
    from bakegen import keys

    root = project(tmp_path, ROWS)
    loaded, plan = opened(root)
    content = keys.contents(loaded.tree.root, plan.targets)["s-a-1"]
    key = keys.on(content, ["linux/amd64"])
    row = Verified("s-a-1", "linux/amd64", key, key, 1, (), keys.definitions(root, []), "2026-11-20", "1", "1")
    (root / "stacks/verified.json").write_text(write([row]), encoding="utf-8")
    assert "| 2 | 2 | 2 | 0 |\n" in catalogue.page(root)
    assert "| two |  |  | `s-a-1` | supported | tested amd64 1 of 1 |" in catalogue.page(root)
    (root / "stacks/s/a/Dockerfile").write_text("FROM base\nUSER 1\n", encoding="utf-8")
    assert "| two |  |  | `s-a-1` | supported | changed since amd64 1 of 1 |" in catalogue.page(root)


def test_wrong_rows_are_told_all_at_once(tmp_path: Path) -> None:
    root = project(tmp_path, WRONG)
    (root / "docs/rows/other.toml").write_text("title =", encoding="utf-8")
    with pytest.raises(catalogue.RowsError) as caught:
        catalogue.page(root)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[0] for line in lines] == ["other.toml", *["system.toml"] * 6]
    assert lines[1:] == [
        'system.toml: unknown key "color"',
        lines[2],
        lines[3],
        "system.toml: rows[1]: first one stands here already",
        "system.toml: rows[2]: a row has a table, a row, and a then or a today",
        "system.toml: rows[3]: table, row, then, note are text, and today is a list of text",
    ]
    assert lines[2].startswith('system.toml: rows[0]: "s-b": nothing selected: no stack, layer or target matches "s-b"')
    assert lines[3].startswith('system.toml: rows[0]: "s/a v=9": nothing selected')


def test_anchors_are_those_of_the_headings() -> None:
    page = catalogue.page(catalogue.ROOT)
    for system in catalogue.systems(opened(catalogue.ROOT)[1], catalogue.ROOT / "docs/rows"):
        assert f"](#{catalogue._anchor(system.title)})" in page

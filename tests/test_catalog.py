"""The catalogue: short for readers, whole for programs, and safe whatever stacks say."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.plan import Plan, Selection, Target, select
from bakegen.render import catalog, markdown
from bakegen.render.catalog import Family, Standing
from tests.projects import project

STACK = """
title = "S"

[axes.v]
values = ["1", "2", { name = "3", status = "planned", reason = "not | <b>yet</b>" }]

[[layers]]
name   = "a"
title  = "A `{v}`"
parent = "debian:12"
axes   = ["v"]
image  = "a"
tags   = ["{v}", { pattern = "latest", newest = "v" }]
"""
MANY = """
title = "S"

[axes.v]
values = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]

[axes.os]
values = ["x", { name = "y", status = "deprecated" }]

[[layers]]
name   = "a"
parent = "debian:12"
axes   = ["v", "os"]
image  = "a"
tags   = ["{v}-{os}"]
"""
FAMILIES = {"s": Family("A *family*", "of <things>")}
MODES = """
title = "S"

[axes.v]
values = ["1", "2"]

[[layers]]
name   = "a"
title  = "Kernel"
parent = "debian:12"
axes   = ["v"]
image  = "a"
tags   = ["{v}"]

  [layers.labels]
  "ai.backend.kernelspec"       = "1"
  "ai.backend.base-distro"      = "ubuntu22.04"
  "ai.backend.resource.min.cpu" = "1"
  "ai.backend.resource.min.mem" = "64m"
  "ai.backend.runtime-path"     = "/bin/true"
  "ai.backend.features"     = "{features}"
  "ai.backend.runtime-type" = "{runtime}"
"""


def all_of(plan: Plan) -> tuple[Target, ...]:
    return select(plan, Selection(), everything=True)


def test_the_page(tmp_path: Path) -> None:
    plan = project(tmp_path, STACK)[1]
    standings = {
        ("s-a-1", "linux/amd64"): Standing("tested", "2026-11-20"),
        ("s-a-2", "linux/amd64"): Standing("changed since", "2026-11-19"),
    }
    assert catalog.markdown(plan, all_of(plan), FAMILIES, standings) == (
        "# Catalogue\n\nMade by `bakegen catalog`.\n\n"
        "## A \\*family\\*\n\nof &lt;things&gt;\n\n3 targets: 2 supported, 1 planned.\n\n"
        "### `s/a`\n\nPublished as `a`.\n\n"
        "| title | tags | v | status | platforms | verified |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| A \\`1\\` | `1` | 1 | supported | amd64 | tested amd64 2026-11-20 |\n"
        "| A \\`2\\` | `2` `latest` | 2 | supported | amd64 | changed since amd64 2026-11-19 |\n"
        "| A \\`3\\` | `3` | 3 | planned: not \\| &lt;b&gt;yet&lt;/b&gt; | amd64 | not built here |\n"
    )


def test_without_a_record_it_says_nothing_of_what_was_verified(tmp_path: Path) -> None:
    plan = project(tmp_path, STACK)[1]
    assert "verified" not in catalog.markdown(plan, all_of(plan), FAMILIES, None)
    assert "verified" not in catalog.document(plan, all_of(plan), FAMILIES, None)


def test_many_targets_are_a_row_for_each_status(tmp_path: Path) -> None:
    plan = project(tmp_path, MANY)[1]
    standings = {("s-a-2-x", "linux/amd64"): Standing("tested", "2026-11-20")}
    page = catalog.markdown(plan, all_of(plan), FAMILIES, standings)
    assert page.split("### `s/a`\n\n")[1] == (
        "Published as `a`. 22 targets, by status:\n\n"
        "| status | targets | v | os | platforms | a tag | verified |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n"
        "| supported | 11 | 1, 2, 3, 4, 5, 6, 7 … 11 (11) | x | amd64 | `1-x` | tested amd64 1 of 11 |\n"
        "| deprecated | 11 | 1, 2, 3, 4, 5, 6, 7 … 11 (11) | y | amd64 | `1-y` | not built here |\n"
    )


@pytest.mark.parametrize(
    ("features", "runtime", "cells"),
    [
        ("batch uid-match", "app", "O |  |  |  | app"),
        ("batch query user-input", "python", "O | O\\* | O |  | python"),
        ("query tty", "app", " | O |  | O | app"),
    ],
)
def test_the_modes_of_backend_ai(tmp_path: Path, features: str, runtime: str, cells: str) -> None:
    plan = project(tmp_path, MODES.replace("{features}", features).replace("{runtime}", runtime))[1]
    page = catalog.markdown(plan, all_of(plan), FAMILIES, None)
    assert (
        "### Modes of `s`\n\n"
        "| title | image | versions | batch | query | input hook | TTY | runtime |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        f"| Kernel | a | 1, 2 | {cells} |\n"
    ) in page
    assert ("Queries share their variables" in page) == ("O\\*" in cells)


def test_the_document_holds_every_target(tmp_path: Path) -> None:
    plan = project(tmp_path, STACK)[1]
    standings = {("s-a-1", "linux/amd64"): Standing("tested", "2026-11-20")}
    document = json.loads(catalog.document(plan, all_of(plan), FAMILIES, standings))
    assert (document["schema"], document["kind"]) == (1, "catalogue")
    (stack,) = document["stacks"]
    assert (stack["name"], stack["title"]) == ("s", "A *family*")
    assert [one["name"] for one in stack["targets"]] == ["s-a-1", "s-a-2", "s-a-3"]
    assert stack["targets"][0]["verified"] == {"linux/amd64": {"state": "tested", "date": "2026-11-20"}}
    assert stack["targets"][1]["verified"] == {"linux/amd64": {"state": "not built here", "date": None}}
    assert stack["targets"][2]["reason"] == "not | <b>yet</b>"


@given(st.text("ab|<>&\\`*_[]()~#$!:/.\n\r\t -\u2028é\x1b0"))
def test_text_stays_text(text: str) -> None:
    """GitHub's dialect, as markdown-it reads it, shows the words and makes nothing else of them."""
    from markdown_it import MarkdownIt

    shown = markdown.plain(text)
    assert "\n" not in shown
    page = MarkdownIt("gfm-like", {"linkify": False}).render(f"| a | b |\n| --- | --- |\n| x {shown} | y |\n")
    cells = re.findall(r"<td>(.*?)</td>", page, re.DOTALL)
    words = " ".join(text.split())
    printed = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
    assert len(cells) == 2
    assert html.unescape(cells[0]).strip() == f"x {printed}".strip()
    assert "<" not in cells[0]


@pytest.mark.parametrize("write", [markdown.code, markdown.prose])
@given(text=st.text("ab|`<>*'~!\\ .:/@-\n"))
def test_code_is_code_or_text(write: Callable[[str], str], text: str) -> None:
    from markdown_it import MarkdownIt

    page = MarkdownIt("gfm-like", {"linkify": False}).render(f"| a | b |\n| --- | --- |\n| x {write(text)} | y |\n")
    assert page.count("<td>") == 2
    assert re.sub(r"</?(code|table|thead|tbody|tr|th|td)>", "", page).count("<") == 0


def test_prose_holds_code_and_nothing_else() -> None:
    assert markdown.prose("a *b* `c*` d_e") == r"a \*b\* `c*` d\_e"
    assert markdown.prose("`a` and\n `b|c`") == r"`a` and b\|c"
    assert markdown.prose("`a` `b` `") == r"`a` `b` \`"

"""Lists of targets for people and programs."""

from __future__ import annotations

import json
from pathlib import Path

from bakegen.plan import Selection, select
from bakegen.render import tables
from tests.projects import opened

CASES = Path(__file__).parent / "cases"


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    assert tables.table(("A", "LONG"), [("x", "y"), ("wider", "")]) == "A      LONG\nx      y\nwider\n"


def test_control_characters_are_escaped() -> None:
    assert tables.table(("A",), [("\x1b[31m\n",)]) == "A\n\\x1b[31m\\n\n"


def test_names_and_tags_are_one_a_line() -> None:
    _, plan = opened(CASES / "registries")
    targets = select(plan, Selection())
    assert tables.names(targets) == "web-server-1_27_5\nweb-server-1_29_1\nweb-server-1_30_0-rc1\n"
    assert tables.tags(plan, targets[:1]) == (
        "registry.example:5000/team/web/nginx:1.27.5\narchive.example/web/nginx:1.27.5\n"
        "registry.example:5000/team/web/nginx:1.27\n"
    )


def test_json_holds_coordinates() -> None:
    _, plan = opened(CASES / "choices")
    rows = json.loads(tables.listed_json(plan, select(plan, Selection())))
    assert rows[0] == {
        "name": "torch-runtime-cpu-2_8_0",
        "stack": "torch",
        "layer": "runtime",
        "coordinates": {"accelerator": "cpu", "torch": "2.8.0"},
        "status": "supported",
        "platforms": ["linux/amd64"],
        "tags": ["registry.example/ai/torch-runtime:2.8.0-cpu"],
    }

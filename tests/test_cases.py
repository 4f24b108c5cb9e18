"""Each folder of tests/cases is a small project and the exact files that it must give.

A change that is meant is written with `bakegen emit --write-cache`, `bakegen plan` and `bakegen list` in the folder.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bakegen.plan import Selection, narrow, select
from bakegen.render import dump, hcl, tables
from bakegen.render.definition import define
from tests.projects import opened, placer

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/bakegen.toml"))


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_bake_file(folder: Path) -> None:
    _, plan = opened(folder)
    selected = select(plan, Selection())
    definition = define(plan, selected, narrow(plan, selected, ()), write_cache=True)
    assert hcl.render(definition, hcl.default_template()) == (folder / "docker-bake.hcl").read_text()


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_plan(folder: Path) -> None:
    loaded, plan = opened(folder)
    selected = select(plan, Selection())
    text = dump.render(plan, selected, narrow(plan, selected, ()), placer(loaded))
    assert text == (folder / "plan.json").read_text()


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_list(folder: Path) -> None:
    _, plan = opened(folder)
    assert tables.listed(plan, select(plan, Selection(), everything=True)) == (folder / "list.txt").read_text()


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_field_of_the_plan_is_documented(folder: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "plan.md").read_text()
    document = json.loads((folder / "plan.json").read_text())
    assert document["schema"] == dump.SCHEMA_VERSION
    assert f"now {dump.SCHEMA_VERSION}." in page
    for table in (document, *document["registries"], *document["targets"], *document["targets"][0]["tests"]):
        assert [field for field in table if f"`{field}`" not in page] == []

"""The changes that the page on releases shows: each is one added line, and adds what the page says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bakegen.load import load
from bakegen.plan import Plan
from bakegen.resolve import resolve
from tests.pages import ROOT

PAGE = ROOT / "docs" / "guides" / "one-line.md"
_CHANGE = re.compile(r"^```diff\n(.*?)^```\n\nIt adds (\d+) targets? and (\d+) tags?\b", re.M | re.S)
CHANGES = _CHANGE.findall(PAGE.read_text(encoding="utf-8"))


def planned(root: Path) -> Plan:
    return resolve(load(root))


@pytest.fixture(scope="module")
def before() -> Plan:
    return planned(ROOT)


def test_the_page_shows_three_changes() -> None:
    assert len(CHANGES) == PAGE.read_text(encoding="utf-8").count("```diff") == 3


@pytest.mark.parametrize(("diff", "targets", "tags"), CHANGES, ids=["cann", "python", "tensorflow"])
def test_a_release_is_one_line(diff: str, targets: str, tags: str, before: Plan, tmp_path: Path) -> None:
    old, new, axis, *lines = diff.splitlines()
    file = old.removeprefix("--- a/")
    assert (new, axis[:3], [line[0] for line in lines].count("+")) == (f"+++ b/{file}", "@@ ", 1)
    assert {line[0] for line in lines} == {" ", "+"}
    shutil.copy(ROOT / "bakegen.toml", tmp_path)
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    text = (tmp_path / file).read_text(encoding="utf-8")
    heading = axis.removeprefix("@@ ") + "\n"
    context = "".join(f"{line[1:]}\n" for line in lines if line[0] == " ")
    start = text.index(context, text.index(heading))
    assert "\n[" not in text[text.index(heading) : start].removeprefix(heading)
    grown = "".join(f"{line[1:]}\n" for line in lines)
    (tmp_path / file).write_text(text[:start] + grown + text[start + len(context) :], encoding="utf-8")
    after = planned(tmp_path)
    added = [target for target in after.targets if target.name not in before.by_name]
    assert (len(added), sum(not tag.floating for target in added for tag in target.tags)) == (int(targets), int(tags))
    assert {target.name for target in before.targets} <= {target.name for target in after.targets}
    kept = [tag for target in before.targets for tag in target.tags if not tag.floating]
    assert kept == [
        tag for target in after.targets if target.name in before.by_name for tag in target.tags if not tag.floating
    ]

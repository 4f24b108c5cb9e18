"""What buildx makes of the bake files of the stacks that are shipped, and of the example of the design."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bakegen.load import Loaded
from bakegen.plan import STATUSES, Plan, Selection, narrow, select
from bakegen.render import hcl
from bakegen.render.definition import define
from tests.buildx.printed import Document, bake, differences
from tests.projects import dumped, opened

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
PROJECTS = [ROOT, *sorted(path.parent for path in CASES.glob("*/bakegen.toml"))]
GIVEN = {
    "BAKEGEN_REGISTRY": "registry.example:5000/team/",
    "BAKEGEN_REVISION": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "BAKEGEN_CA_BUNDLE": "bakegen.toml",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "NO_PROXY": "localhost,.example",
}


def _compare(
    root: Path,
    found: tuple[Loaded, Plan],
    patterns: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    *,
    as_json: bool = False,
    statuses: Sequence[str] = (),
) -> Document:
    loaded, plan = found
    selected = select(plan, Selection(tuple(patterns), statuses=tuple(statuses)))
    definition = define(plan, selected, narrow(plan, selected, ()), write_cache=True)
    text = hcl.render_json(definition) if as_json else hcl.render(definition, hcl.default_template())
    document = dumped(loaded, plan, *patterns, statuses=statuses)
    printed = bake(text, root, environment, *document["groups"])
    assert differences(document, printed, environment, write_cache=True) == []
    return printed


@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_the_whole_project_is_what_the_plan_says(root: Path) -> None:
    found = opened(root)
    assert _compare(root, found) == _compare(root, found, as_json=True)


@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_the_environment_fills_the_variables(root: Path) -> None:
    printed = _compare(root, opened(root), environment=GIVEN)
    revisions = {target["labels"]["org.opencontainers.image.revision"] for target in printed["target"].values()}
    assert revisions == {GIVEN["BAKEGEN_REVISION"]}


@pytest.mark.parametrize("stack", sorted(path.parent.name for path in ROOT.glob("stacks/*/stack.toml")))
def test_every_stack_whole_with_what_is_built_on_request_only(stack: str) -> None:
    found = opened(ROOT)
    printed = _compare(ROOT, found, [f"{stack}/*"], statuses=[one for one in STATUSES if one != "planned"])
    buildable = {one.name for one in found[1].targets if one.stack == stack and one.status != "planned"}
    assert buildable <= printed["target"].keys()


@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_every_layer_by_itself(root: Path) -> None:
    found = opened(root)
    for path in dict.fromkeys(target.layer_path for target in found[1].targets if target.status == "supported"):
        printed = _compare(root, found, [path])
        assert printed["target"]


@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_one_target_by_itself_brings_only_what_it_stands_on(root: Path) -> None:
    found = opened(root)
    last = [target for target in found[1].targets if target.status == "supported"][-1]
    printed = _compare(root, found, [last.name])
    assert set(printed["target"]) == {target.name for target in found[1].closure([last.name])}


@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_the_default_group_builds_what_was_selected_and_nothing_else(root: Path) -> None:
    loaded, plan = opened(root)
    selected = select(plan, Selection())
    text = hcl.render(define(plan, selected, narrow(plan, selected, ()), write_cache=False), hcl.default_template())
    printed = bake(text, root)
    built = {name for name, target in printed["target"].items() if "output" not in target}
    assert built == set(dumped(loaded, plan)["groups"]["default"])
    assert {target.name for target in selected} <= set(printed["target"])


def test_nothing_of_the_file_is_read_from_the_environment_but_its_variables() -> None:
    _, plan = opened(ROOT)
    selected = select(plan, Selection(("backendai/c",)))
    text = hcl.render(define(plan, selected, narrow(plan, selected, ()), write_cache=False), hcl.default_template())
    plain = bake(text, ROOT)
    assert bake(text, ROOT, {"TAG": "x", "CI": "1", "VERSION": "9", "default": "y"}) == plain

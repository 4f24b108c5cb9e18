"""The stack of Ascend's images against what is published and what the projects' own tables say."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from bakegen.load import Loaded
from bakegen.plan import Plan, Target
from bakegen.render.story import explain
from tests.projects import opened, placer, write

HERE = Path(__file__).parent
Row = Mapping[str, str]
PROJECT = '[[registries]]\nprefix = "registry.example/"\n'


def table(name: str) -> list[Row]:
    with (HERE / "tables" / name).open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


CANN = [row for row in table("cann-tags.tsv") if not row["state"].startswith("NOT in publish json")]
TORCH = table("torch-npu-compat.tsv")
VLLM = table("vllm-ascend-compat.tsv")
PUBLISHED = {row["cann_version"] for row in CANN}


def ascend(root: Path, *, added: str = "") -> tuple[Loaded, Plan]:
    """The stack by itself, with a line added to the values of its axis cann."""
    write(root, {"bakegen.toml": PROJECT})
    folder = shutil.copytree(HERE.parent / "stacks" / "ascend", root / "stacks" / "ascend")
    words = folder / "stack.toml"
    head, start, rest = words.read_text().partition('scheme = "cann"\nvalues = [\n')
    assert start
    words.write_text(f"{head}{start}{added}{rest}")
    return opened(root)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Loaded, Plan]:
    return ascend(tmp_path_factory.mktemp("ascend"))


@pytest.fixture(scope="module")
def plan(project: tuple[Loaded, Plan]) -> Plan:
    return project[1]


def layer(plan: Plan, name: str) -> list[tuple[Target, dict[str, str]]]:
    return [(target, dict(target.coordinates)) for target in plan.targets if target.layer == name]


def owned(plan: Plan, name: str) -> dict[str, Target]:
    """The targets of a layer by each of their tags, without the registry and the repository."""
    found = [(tag.tag, target) for target, _ in layer(plan, name) for tag in target.tags]
    assert len({tag for tag, _ in found}) == len(found)
    return dict(found)


def test_the_tags_are_the_published_ones(plan: Plan) -> None:
    assert {tag.repository for target, _ in layer(plan, "cann") for tag in target.tags} == {"ascend/cann"}
    tags = owned(plan, "cann")
    assert sorted(tags) == sorted({row["tag"] for row in CANN})
    assert len(tags) == 419


def test_every_tag_is_on_the_image_and_the_platforms_that_the_list_says(plan: Plan) -> None:
    tags = owned(plan, "cann")
    for row in CANN:
        target = tags[row["tag"]]
        if row["kind"].startswith("latest") and row["cann_version"] != "9.0.0":
            continue  # three releases claim it, and one can have it
        at = dict(target.coordinates)
        assert at["cann"].lower() == row["cann_version"]
        assert at["os"] == row["os"] + row["os_version"]
        assert [at["chip"], at["python"], at["flavor"]] == [row["chip"], row["python"], row["flavor"]]
        assert ",".join(target.platforms) == row["platforms"]


def test_latest_is_the_newest_release_that_has_a_short_name(plan: Plan) -> None:
    tags = owned(plan, "cann")
    for flavor in ("", "-devel"):
        assert tags[f"latest{flavor}"] is tags[f"9.0.0{flavor}"]
    floating = [tag.tag for target, _ in layer(plan, "cann") for tag in target.tags if tag.floating]
    assert sorted(floating) == ["latest", "latest-devel"]


def test_python_and_the_toolkit_are_built_once_for_all_chips(plan: Plan) -> None:
    rows = [row for row in CANN if row["kind"] == "full"]
    systems = defaultdict(set)
    for row in rows:
        systems[row["cann_version"]].add((row["os"] + row["os_version"], row["python"]))
    for release, pairs in systems.items():
        names = [target.name for target, at in layer(plan, "cann") if at["cann"].lower() == release]
        needed = Counter(target.layer for target in plan.closure(names))
        images = [row for row in rows if row["cann_version"] == release]
        assert needed["python"] == needed["toolkit"] == len(pairs)
        assert needed["operators"] == len(images)
    assert len(systems["9.0.1"]) == 6
    assert len([row for row in rows if row["cann_version"] == "9.0.1"]) == 30


@pytest.mark.parametrize("row", TORCH, ids=lambda row: row["torch_npu"])
def test_a_row_of_torch_npu_is_an_image_or_is_refused_by_its_source(project: tuple[Loaded, Plan], row: Row) -> None:
    loaded, plan = project
    version = row["torch_npu"].removesuffix(" (beta)")
    cann = row["cann"].replace("X", "0")
    source = re.search(r"COMPATIBILITY[.a-z]*md|issue \d+", row["source"])
    assert source
    images = [(target, at) for target, at in layer(plan, "pytorch") if at["torch-npu"] == version]
    matched = [(target, at) for target, at in images if at["cann"] == cann]
    assert bool(images) == bool(matched) == (cann.lower() in PUBLISHED or cann == "9.1.0")
    for target, at in images:
        args = dict(target.args)
        assert (args["TORCH"], args["TORCH_NPU"]) == (row["torch"], version)
        assert at["python"] in row["python_documented"].split(",")
        assert (target.status == "planned") == (at["cann"] == "9.1.0")
    what = [matched[0][0].name] if matched else ["ascend/pytorch", f"torch-npu={version}"]
    story = explain(plan, what[0], tuple(what[1:]), placer(loaded))
    assert source[0].removesuffix("COMPATIBILITY.md") in story
    if not matched:
        assert f"for CANN {cann}, which has no image [Ascend/pytorch COMPATIBILITY.en.md]\n" in story
        assert "the published list begins with CANN 8.1.RC1" in story


def test_a_torch_npu_stands_on_no_cann_but_its_own_and_what_vllm_was_released_with(plan: Plan) -> None:
    made_for = {row["torch_npu"]: row["cann"].replace("X", "0") for row in TORCH}
    released = {(row["torch_npu"].replace("+", "."), row["cann"]) for row in VLLM}
    for target, at in layer(plan, "pytorch"):
        own = made_for.get(at["torch-npu"])
        if own is None or target.included_by is not None:
            assert (at["torch-npu"], at["cann"]) in released
        elif "RC" in own:
            assert at["cann"] == own
        else:
            assert at["cann"].split(".")[:2] == own.split(".")[:2]
            assert "-" not in at["cann"]


@pytest.mark.parametrize("row", VLLM, ids=lambda row: row["vllm_ascend"])
def test_a_row_of_vllm_is_its_images_or_is_refused_by_its_source(project: tuple[Loaded, Plan], row: Row) -> None:
    loaded, plan = project
    version = row["vllm_ascend"].removeprefix("v")
    images = [(target, at) for target, at in layer(plan, "vllm-ascend") if at["vllm-ascend"] == version]
    if row["cann"] == "8.0.0":
        assert not images
        story = explain(plan, "ascend/vllm-ascend", (f"vllm-ascend={version}",), placer(loaded))
        assert "for CANN 8.0.0, which has no image [vllm-ascend versioning_policy.md]\n" in story
        return
    chips = {
        "8.1": ["910b"],
        "8.2": ["310p", "910b", "a3"],
        "8.3": ["310p", "910b", "a3"],
        "8.5": ["310p", "910b", "a3"],
    }
    wanted = chips.get(row["cann"][:3], ["310p", "910b", "950", "a3"])
    assert sorted((at["chip"], at["os"][:4]) for _, at in images) == [(c, o) for c in wanted for o in ("open", "ubun")]
    low, high = re.findall(r"3\.(\d+)", row["python"])
    for target, at in images:
        args = dict(target.args)
        assert args["VLLM_ASCEND"] == row["vllm_ascend"]
        assert args["VLLM"] in row["vllm"].split("/")
        assert args["TRITON_ASCEND"] == row["triton_ascend"].replace("N/A", "")
        assert at["cann"] == row["cann"]
        assert at["torch-npu"] == row["torch_npu"].replace("+", ".")
        assert int(low) <= int(at["python"].removeprefix("3.")) < int(high)
        below = dict(plan.by_name[target.parents[0]].args)
        assert (below["TORCH"], below["TORCH_NPU"]) == (row["torch"], row["torch_npu"])
        life = "experimental" if "rc" in version else "supported"
        assert target.status == {"9.1.0": "planned"}.get(row["cann"], "deprecated" if row["cann"] < "8.5" else life)


def test_vllms_tags_name_the_chip_and_the_system_as_its_own_do(plan: Plan) -> None:
    tags = {tag for tag in owned(plan, "vllm-ascend") if tag.startswith("v0.22.1rc1")}
    variants = ["", "-a3", "-310p", "-a5"]
    assert tags == {f"v0.22.1rc1{chip}{system}" for chip in variants for system in ("", "-openeuler")}


def test_what_is_released_against_the_table_is_a_waiver_with_its_reason(plan: Plan) -> None:
    waived = {at["vllm-ascend"] for target, at in layer(plan, "vllm-ascend") if target.included_by is not None}
    assert waived == {"0.13.0rc1", "0.12.0rc1", "0.11.0rc2"}
    reasons = {target.included_by for target, _ in layer(plan, "vllm-ascend") if target.included_by is not None}
    assert all(reason.startswith("observed: ") for reason in reasons)


def test_downloads_are_spelt_as_their_server_spells_them(plan: Plan) -> None:
    args = {target.name: dict(target.args) for target in plan.targets}
    alpha = args["ascend-toolkit-ubuntu22_04-3_11-8_3_RC1_alpha003"]
    assert alpha["CANN_VERSION"] == "8.3.RC1.alpha003"
    assert alpha["CANN_DIRECTORY"] == "Milan-ASL/Milan-ASL%20V100R001C23B800TP024"
    assert (alpha["CANN_HOME"], alpha["CXX_ABI"], alpha["NUMPY"]) == ("ascend-toolkit/latest", "0", "numpy==1.24.0")
    beta = args["ascend-toolkit-openeuler24_03-3_12-9_1_0-beta_3"]
    assert (beta["CANN_DIRECTORY"], beta["CANN_HOME"]) == ("CANN/CANN%209.1.T6", "cann-9.1.0-beta.3")
    assert (beta["CXX_ABI"], beta["NUMPY"]) == ("1", "numpy")
    a3 = args["ascend-operators-ubuntu22_04-3_11-9_0_0-a3"]
    assert (a3["CHIP"], a3["OPERATORS"], a3["CANN_DIRECTORY"]) == ("A3", "ops", "CANN/CANN%209.0.0")
    assert args["ascend-operators-ubuntu22_04-3_11-8_3_RC2-a3"]["OPERATORS"] == "kernels"
    for target, at in layer(plan, "toolkit"):
        if target.status != "planned":
            assert args[target.name]["CANN_VERSION"] == args[target.name]["NNAL_VERSION"] == at["cann"]


def test_a_release_is_one_line(plan: Plan, tmp_path: Path) -> None:
    fields = (
        'directory = "CANN/CANN%209.0.2", nnal = "9.0.2", operators = "ops", home = "cann-9.0.2", abi = "1", numpy = ""'
    )
    _, grown = ascend(tmp_path, added=f'  {{ name = "9.0.2", {fields} }},\n')
    new = [target for target in grown.targets if target.name not in plan.by_name]
    assert Counter(target.layer for target in new) == {"toolkit": 6, "operators": 30, "cann": 60, "pytorch": 96}
    tags = [tag.tag for target in new for tag in target.tags]
    assert Counter(tag.startswith("9.0.2-") for tag in tags) == {True: 60, False: 96}
    assert all("-cann9.0.2-" in tag for tag in tags if not tag.startswith("9.0.2-"))
    assert [[tag.tag for tag in grown.by_name[target.name].tags] for target in plan.targets] == [
        [tag.tag for tag in target.tags] for target in plan.targets
    ]


def test_a_test_says_when_it_needs_an_npu(plan: Plan) -> None:
    shown = {
        name: layer(plan, name)[0][0].tests
        for name in ("python", "toolkit", "operators", "cann", "pytorch", "vllm-ascend")
    }
    assert all(shown.values())
    needing = {name for name, tests in shown.items() if any(test.needs == "npu" for test in tests)}
    assert needing == {"operators", "cann", "pytorch", "vllm-ascend"}

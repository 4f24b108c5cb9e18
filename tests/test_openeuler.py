"""The stack of openEuler's AI images against oEEP-0014, whose layers and tags it has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bakegen.plan import Plan, Target
from bakegen.tags import SCHEMES, read
from tests.projects import opened, write

STACKS = Path(__file__).parents[1] / "stacks"
OEEP = SCHEMES["oeep-0014"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    root = write(tmp_path_factory.mktemp("openeuler"), {})
    shutil.copytree(STACKS / "openeuler", root / "stacks" / "openeuler")
    return opened(root)[1]


@pytest.fixture(scope="module")
def tagged(plan: Plan) -> dict[str, Target]:
    """The targets by their image and tag."""
    return {f"{tag.repository}:{tag.tag}": target for target in plan.targets for tag in target.tags}


@pytest.mark.parametrize(
    "image",
    [
        "openeuler/cann:cann7.0.RC1.alpha002-oe2203sp2",
        "openeuler/pytorch:pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2",
        "openeuler/pytorch:pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2-dev",
        "openeuler/llm:chatglm6b-pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2",
    ],
)
def test_the_examples_of_the_specification_are_images(tagged: dict[str, Target], image: str) -> None:
    assert tagged[image].platforms == ("linux/arm64",)


def test_each_example_stands_on_the_one_before_it(plan: Plan, tagged: dict[str, Target]) -> None:
    application = tagged["openeuler/llm:chatglm6b-pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2"]
    below = [target for target in plan.closure([application.name]) if target is not application]
    assert [target.tags[0].tag for target in below] == [
        "cann7.0.RC1.alpha002-oe2203sp2",
        "pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2",
    ]


def test_every_tag_is_strict_and_every_image_has_one(plan: Plan) -> None:
    kinds = {"cann": "sdk", "pytorch": "framework", "pytorch-dev": "framework", "mindspore": "framework", "llm": "llm"}
    for target in plan.targets:
        reading = read(OEEP, target.tags[0].tag)
        assert len(target.tags) == 1
        assert reading.strict
        assert reading.kind == kinds[target.layer]
        assert reading.parts.dev == (target.layer == "pytorch-dev")


def test_the_openeuler_of_the_tag_is_the_one_that_is_installed(plan: Plan) -> None:
    for target in plan.targets:
        (base,) = [target for target in plan.closure([target.name]) if target.layer == "cann"]
        assert base.links[0].ref == f"openeuler/openeuler:{read(OEEP, target.tags[0].tag).parts.os.version}"


def test_mindspore_is_there_where_its_cann_is(tagged: dict[str, Target]) -> None:
    found = {name.partition(":")[2] for name in tagged if name.startswith("openeuler/mindspore:")}
    assert found == {
        "mindspore2.3.0rc1-cann8.0.RC1-oe2203sp4",
        "mindspore2.7.2-cann8.5.1-oe2403sp3",
        "mindspore2.7.2-cann8.5.1-oe2403sp4",
    }


def test_old_images_are_on_their_way_out_and_todays_are_supported(plan: Plan) -> None:
    for target in plan.targets:
        today = dict(target.coordinates)["os"].startswith("24.03")
        assert target.status == ("supported" if today else "deprecated")


def test_nothing_is_needed_that_openeulers_publisher_does_not_give(plan: Plan) -> None:
    for target in plan.targets:
        assert target.secrets == ()
        assert [link.name for link in target.links] == ["base"]

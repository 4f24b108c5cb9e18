"""Which platforms a target has, and that a child has no platform that what it stands on lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.families import axis, layer, plan_of, problems_of, target

TWO = 'platforms = ["linux/amd64", "linux/arm64"]\n'
DIGEST = "sha256:" + "1" * 64


def platforms(root: Path, name: str, stack: str, project: str = "") -> tuple[str, ...]:
    return target(plan_of(root, stack, project=project), name).platforms


def test_the_projects_the_stacks_the_layers(tmp_path: Path) -> None:
    assert platforms(tmp_path / "0", "l", layer("l")) == ("linux/amd64",)
    assert platforms(tmp_path / "1", "l", layer("l"), TWO) == ("linux/amd64", "linux/arm64")
    assert platforms(tmp_path / "2", "l", 'platforms = ["linux/s390x"]\n' + layer("l"), TWO) == ("linux/s390x",)
    own = layer("l", more='platforms = ["linux/arm/v7", "linux/arm64/v8"]')
    assert platforms(tmp_path / "3", "l", 'platforms = ["linux/s390x"]\n' + own, TWO) == ("linux/arm/v7", "linux/arm64")


@pytest.mark.parametrize("own", ['["linux/arm64"]', '["linux/amd64", "linux/arm64", "linux/riscv64"]'])
def test_a_child_has_its_parents_platforms(tmp_path: Path, own: str) -> None:
    stack = layer("base", more=f"platforms = {own}") + layer("l", "base") + layer("leaf", "l")
    plan = plan_of(tmp_path, stack, project=TWO)
    assert target(plan, "leaf").platforms == target(plan, "l").platforms == target(plan, "base").platforms
    assert len(target(plan, "leaf").platforms) == own.count("/")


def test_a_child_has_the_platforms_that_all_its_parents_have(tmp_path: Path) -> None:
    stack = layer("base", more='platforms = ["linux/amd64", "linux/arm64", "linux/s390x"]')
    stack += layer("tool", more='platforms = ["linux/s390x", "linux/amd64"]')
    stack += layer("l", "base", 'links = { t = "tool" }')
    plan = plan_of(tmp_path, stack, docker={"l": "FROM base\nCOPY --from=t /a /b\n"})
    assert target(plan, "l").platforms == ("linux/amd64", "linux/s390x")


def test_values_limit_platforms(tmp_path: Path) -> None:
    stack = axis("os", "a", '{ name = "b", platforms = ["linux/aarch64"] }') + layer("base", more='axes = ["os"]')
    plan = plan_of(tmp_path, stack + layer("l", "base"), project=TWO)
    assert target(plan, "base-a").platforms == target(plan, "l-a").platforms == ("linux/amd64", "linux/arm64")
    assert target(plan, "base-b").platforms == target(plan, "l-b").platforms == ("linux/arm64",)


def test_a_value_limits_a_childs_own_platforms_too(tmp_path: Path) -> None:
    stack = axis("os", "a", '{ name = "b", platforms = ["linux/arm64"] }') + layer("base", more='axes = ["os"]')
    stack += layer("l", "base", TWO)
    plan = plan_of(tmp_path, stack, project=TWO)
    assert target(plan, "l-b").platforms == ("linux/arm64",)


def test_platforms_compare_after_normalisation(tmp_path: Path) -> None:
    stack = layer("base", more='platforms = ["linux/x86_64", "linux/arm64/v8"]')
    assert platforms(tmp_path, "l", stack + layer("l", "base", TWO)) == ("linux/amd64", "linux/arm64")


def test_a_platform_that_a_parent_lacks(tmp_path: Path) -> None:
    stack = layer("base") + layer("l", "base", TWO) + layer("leaf", "l")
    assert problems_of(tmp_path, stack) == [
        '11: layers[1].platforms: not for linux/arm64: "f/base", which it stands on, is built for linux/amd64 only'
    ]


def test_a_platform_that_a_linked_layer_lacks(tmp_path: Path) -> None:
    stack = layer("tool") + layer("l", "x:2", TWO + 'links = { t = "tool" }')
    found = problems_of(tmp_path, stack, docker={"l": "FROM base\nCOPY --from=t /a /b\n"})
    assert found == [
        '11: layers[1].platforms: not for linux/arm64: "f/tool", which it stands on, is built for linux/amd64 only'
    ]


def test_none_left_is_told_once_and_not_for_what_stands_on_it(tmp_path: Path) -> None:
    stack = axis("os", '{ name = "a", platforms = ["linux/s390x"] }') + layer("base", more='axes = ["os"]')
    found = problems_of(tmp_path, stack + layer("l", "base") + layer("leaf", "l", TWO), project=TWO)
    assert len(found) == 1
    assert "no platform is left" in found[0]


@pytest.mark.parametrize("reference", ["x:1", f"x:1@{DIGEST}"])
def test_an_images_platforms_are_known_to_the_lock(tmp_path: Path, reference: str) -> None:
    lock = f'[images."x:1"]\ndigest = "{DIGEST}"\nplatforms = ["linux/x86_64", "linux/arm64/v8"]\n'
    more = 'platforms = ["linux/arm64", "linux/arm/v7"]'
    found = problems_of(tmp_path, layer("l", reference, more), files={"bakegen.lock": lock})
    assert found == [
        '5: layers[0].parent: not for linux/arm/v7: the image "x:1" exists for linux/amd64, linux/arm64 only'
    ]


def test_what_is_planned_may_have_any_platform(tmp_path: Path) -> None:
    stack = layer("base") + layer("l", "base", TWO + 'status = "planned"\nreason = "not yet"')
    assert platforms(tmp_path, "l", stack) == ("linux/amd64", "linux/arm64")


def test_a_mistake_in_platforms_is_told_once(tmp_path: Path) -> None:
    stack = layer("base", more='platforms = ["linux-amd64"]') + layer("l", "base", TWO)
    found = problems_of(tmp_path, stack, project='platforms = ["arm64"]\n')
    assert [line.split(": ")[1] for line in found] == ["platforms[0]", "layers[0].platforms[0]"]

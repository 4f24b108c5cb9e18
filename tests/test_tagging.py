"""Tag rules: who gets which tag, which of them float, and where they are published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.families import axis, layer, names, plan_of, problems_of, tags, target

OS = axis("os", "a", "b")
WHY = 'reason = "so"\n'


def tagged(rules: str, axes: str = '["os", "v"]') -> str:
    return layer("l", more=f'axes = {axes}\nimage = "app"\ntags = [{rules}]')


def test_a_pattern_tags_every_target(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, 'image-prefix = "team/"\n' + OS + tagged('"{os|upper}-1"', '["os"]'))
    assert tags(plan) == {"team/app:A-1": "l-a", "team/app:B-1": "l-b"}
    assert not any(tag.floating for one in plan.targets for tag in one.tags)


def test_only_limits_a_rule(tmp_path: Path) -> None:
    stack = OS + axis("v", "1", "2") + tagged('"{os}-{v}", { pattern = "stable", only = { os = "a", v = "2" } }')
    assert [name for name, owner in tags(plan_of(tmp_path, stack)).items() if owner == "l-a-2"] == [
        "app:a-2",
        "app:stable",
    ]


def test_the_newest_owns_a_floating_tag(tmp_path: Path) -> None:
    versions = axis("v", "2.10.0", "2.9.0", "1.0.0", "2.10.1rc1", scheme="pep440")
    rules = '"{os}-{v}", { pattern = "{os}-{v|major}", newest = "v" }, { pattern = "{os}", newest = "v" }'
    plan = plan_of(tmp_path, OS + versions + tagged(rules))
    floating = {tag.tag: one.name for one in plan.targets for tag in one.tags if tag.floating}
    assert floating == {
        "a-2": "f-l-a-2_10_0",
        "a-1": "f-l-a-1_0_0",
        "a": "f-l-a-2_10_0",
        "b-2": "f-l-b-2_10_0",
        "b-1": "f-l-b-1_0_0",
        "b": "f-l-b-2_10_0",
    }


def test_a_prerelease_owns_a_floating_tag_only_where_there_is_nothing_else(tmp_path: Path) -> None:
    versions = axis("v", "8.2.RC1", "8.2.RC2", "9.0.0-beta.1", "8.1.0", scheme="cann")
    rules = '{ pattern = "{v|minor}", newest = "v" }, { pattern = "latest", newest = "v" }, "{v}"'
    found = tags(plan_of(tmp_path, versions + tagged(rules, '["v"]')))
    assert {name: owner for name, owner in found.items() if name.count(".") < 2 or "latest" in name} == {
        "app:8.2": "l-8_2_RC2",
        "app:9.0": "l-9_0_0-beta_1",
        "app:8.1": "l-8_1_0",
        "app:latest": "l-8_1_0",
    }


@pytest.mark.parametrize("status", ["planned", "unsupported", "wip"])
def test_what_is_not_built_never_owns_a_floating_tag(tmp_path: Path, status: str) -> None:
    versions = axis("v", "1.0", f'{{ name = "2.0", status = "{status}", reason = "so" }}')
    plan = plan_of(tmp_path, versions + tagged('"{v}", { pattern = "latest", newest = "v" }', '["v"]'))
    assert tags(plan) == {"app:1.0": "l-1_0", "app:latest": "l-1_0", "app:2.0": "l-2_0"}


@pytest.mark.parametrize("status", ["deprecated", "experimental"])
def test_what_is_built_by_default_may_own_a_floating_tag(tmp_path: Path, status: str) -> None:
    versions = axis("v", "1.0", f'{{ name = "2.0", status = "{status}", reason = "so" }}')
    plan = plan_of(tmp_path, versions + tagged('"{v}", { pattern = "latest", newest = "v" }', '["v"]'))
    assert tags(plan)["app:latest"] == "l-2_0"


def test_no_floating_tag_where_nothing_is_built(tmp_path: Path) -> None:
    versions = axis("v", '{ name = "2.0", status = "planned", reason = "so" }')
    plan = plan_of(tmp_path, versions + tagged('"{v}", { pattern = "latest", newest = "v" }', '["v"]'))
    assert tags(plan) == {"app:2.0": "l-2_0"}


def test_the_newest_is_by_the_values_version_not_its_name(tmp_path: Path) -> None:
    axes = axis(
        "v", '{ name = "noble", version = "24.04" }', '{ name = "jammy", version = "22.04" }', scheme="calendar"
    )
    stack = axes + tagged('"{v}", { pattern = "latest", newest = "v" }', '["v"]')
    assert tags(plan_of(tmp_path, stack))["app:latest"] == "l-noble"


def test_several_registries_with_and_without_floating_tags(tmp_path: Path) -> None:
    project = (
        '[[registries]]\nprefix = "one.example/"\n\n[[registries]]\nname = "mirror-x"\nprefix = "two.example/x/"\n'
    )
    project += "floating = false\n"
    stack = axis("v", "1", "2") + tagged('"{v}", { pattern = "latest", newest = "v" }', '["v"]')
    plan = plan_of(tmp_path, stack, project=project)
    assert tags(plan) == {
        "one.example/app:1": "l-1",
        "two.example/x/app:1": "l-1",
        "one.example/app:2": "l-2",
        "two.example/x/app:2": "l-2",
        "one.example/app:latest": "l-2",
    }
    assert [(place.variable, place.floating) for place in plan.registries] == [
        ("BAKEGEN_REGISTRY", True),
        ("BAKEGEN_REGISTRY_MIRROR_X", False),
    ]


def test_a_tag_knows_the_rule_that_made_it(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, OS + tagged('"{os}", { pattern = "x-{os}", only = { os = "b" } }', '["os"]'))
    assert {tag.tag: tag.origin.path for one in plan.targets for tag in one.tags} == {
        "a": ("layers", 0, "tags", 0),
        "b": ("layers", 0, "tags", 0),
        "x-b": ("layers", 0, "tags", 1),
    }


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        (("22.03-lts", "24.03-lts-sp3"), 'give it scheme = "calendar", which takes all its values'),
        (("1.2.3-x", "2.0.0"), 'give it scheme = "semver", which takes all its values'),
        (("8.2.RC1.alpha003", "8.5.1"), 'give it scheme = "cann", which takes all its values'),
        (
            ("debian12", "13"),
            (
                "no scheme takes all its values: give each a version, "
                "and the axis a scheme (semver, calendar, pep440, cann)"
            ),
        ),
    ],
)
def test_an_axis_without_order_gets_a_scheme_that_fits(tmp_path: Path, values: tuple[str, ...], advice: str) -> None:
    stack = axis("v", *values) + tagged('"{v}", { pattern = "latest", newest = "v" }', '["v"]')
    (problem,) = problems_of(tmp_path, stack)
    assert problem.endswith(f'axis "v" has no order: {advice}')


def test_two_rules_may_give_one_target_one_tag(tmp_path: Path) -> None:
    stack = OS + tagged('"{os}", { pattern = "a", only = { os = "a" } }', '["os"]')
    assert tags(plan_of(tmp_path, stack)) == {"app:a": "l-a", "app:b": "l-b"}


def test_a_tag_has_one_owner_in_the_whole_project(tmp_path: Path) -> None:
    stack = layer("l", more='image = "app"\ntags = ["1"]') + layer("m", more='image = "other"\ntags = ["1"]')
    other = 'title = "G"\n[[layers]]\nname = "x"\nparent = "y:1"\nimage = "app"\ntags = ["1"]\n'
    files = {"stacks/g/stack.toml": other, "stacks/g/x/Dockerfile": "FROM base\n"}
    assert problems_of(tmp_path, stack, files=files) == [
        (
            'stacks/g/stack.toml:6: layers[0].tags[0]: tag "app:1" has two owners: f-l (7) and g-x; name what tells '
            "them apart, or limit one with only or newest"
        )
    ]


def test_many_clashes_of_two_rules_are_told_once(tmp_path: Path) -> None:
    stack = axis("os", *(f"v{n}" for n in range(20))) + tagged('"latest"', '["os"]')
    assert len(problems_of(tmp_path, stack)) == 1


def test_a_planned_target_has_a_tag_that_nobody_else_may_have(tmp_path: Path) -> None:
    axes = axis("os", "a", '{ name = "b", status = "planned", reason = "so" }')
    assert len(problems_of(tmp_path, axes + tagged('"latest"', '["os"]'))) == 1


def test_the_image_may_be_a_template(tmp_path: Path) -> None:
    stack = OS + layer("l", more='axes = ["os"]\nimage = "{os}/{layer}"\ntags = ["1"]')
    assert tags(plan_of(tmp_path, stack)) == {"a/l:1": "l-a", "b/l:1": "l-b"}


def test_unpublished_layers_have_no_tags(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, OS + layer("base", more='axes = ["os"]') + layer("l", "base", 'image = "l"\ntags = ["{os}"]')
    )
    assert names(plan, "base") == ["base-a", "base-b"]
    assert all(one.tags == () and one.image is None for one in plan.targets if one.layer == "base")
    assert target(plan, "l-a").image == "l"


@pytest.mark.parametrize(
    ("cache", "source", "sink"),
    [
        ('type = "none"', [], []),
        ('type = "inline"', [("registry", {"ref": "r.example/app:1"})], [("inline", {})]),
        (
            'type = "local"\nfolder = "c/"\nmode = "max"',
            [("local", {"src": "c/f-l"})],
            [("local", {"dest": "c/f-l", "mode": "max"})],
        ),
        (
            'type = "registry"\nref = "r.example/cache"',
            [("registry", {"ref": "r.example/cache:f-l"})],
            [("registry", {"ref": "r.example/cache:f-l", "mode": "min", "ignore-error": "true"})],
        ),
        (
            'type = "gha"',
            [("gha", {"scope": "f-l"})],
            [("gha", {"scope": "f-l", "mode": "min", "ignore-error": "true"})],
        ),
    ],
)
def test_every_target_has_a_cache_of_its_own(tmp_path: Path, cache: str, source: object, sink: object) -> None:
    project = f'[[registries]]\nprefix = "r.example/"\n\n[cache]\n{cache}\n'
    one = target(plan_of(tmp_path, layer("l", more='image = "app"\ntags = ["1"]'), project=project), "l")
    assert [(cache.type, dict(cache.attributes)) for cache in one.cache_from] == source
    assert [(cache.type, dict(cache.attributes)) for cache in one.cache_to] == sink

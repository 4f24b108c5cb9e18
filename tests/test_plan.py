"""Lookup and selection in a plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bakegen.errors import NothingSelected, UsageError
from bakegen.plan import Plan, Selection, narrow, select
from tests.projects import project

STACK = """
title = "T"

[axes.os]
values = ["debian12", "debian13", { name = "ubuntu24.04", platforms = ["linux/amd64"] }]

[axes.torch]
scheme = "pep440"
values = ["2.4.1", "2.5.0", "2.6.0", { name = "2.7.0", status = "planned", reason = "not out" }]

[[lifecycle]]
match = { torch = "2.4.1" }
status = "wip"
reason = "broken"

[[layers]]
name = "base"
parent = "x:{os}"
axes = ["os"]
context = "a"
platforms = ["linux/amd64", "linux/arm64"]

[[layers]]
name = "torch"
parent = "base"
axes = ["torch"]
context = "a"
image = "torch"
tags = ["{torch}-{os}"]
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return project(tmp_path_factory.mktemp("plan"), STACK)[1]


def chosen(plan: Plan, *patterns: str, where: tuple[str, ...] = (), **other: tuple[str, ...]) -> list[str]:
    selection = Selection(patterns, where, other.get("platforms", ()), other.get("statuses", ()))
    return [target.name.removeprefix("s-") for target in select(plan, selection)]


def test_by_default_what_is_published_and_can_be_built(plan: Plan) -> None:
    assert chosen(plan) == [
        f"torch-{os}-{torch}" for os in ("debian12", "debian13", "ubuntu24_04") for torch in ("2_5_0", "2_6_0")
    ]


@pytest.mark.parametrize(
    ("patterns", "count"),
    [
        (("s",), 9),
        (("s/*",), 9),
        (("s/base",), 3),
        (("*/torch",), 6),
        (("s-torch-debian1?-2_5_0",), 2),
        (("s-base-debian12", "s/torch"), 7),
        (("*debian13*",), 3),
    ],
)
def test_patterns(plan: Plan, patterns: tuple[str, ...], count: int) -> None:
    assert len(chosen(plan, *patterns)) == count


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (("torch>=2.6", "os=debian12"), ["torch-debian12-2_6_0"]),
        (("torch=>=2.6", "os=debian12"), ["torch-debian12-2_6_0"]),
        (("torch>2.5", "os=debian12"), ["torch-debian12-2_6_0"]),
        (("torch<2.6,>=2.5", "os=debian1*"), ["torch-debian12-2_5_0", "torch-debian13-2_5_0"]),
        (("torch==2.5.0", "os=debian12"), ["torch-debian12-2_5_0"]),
        (("torch!=2.5.0", "os=debian12"), ["torch-debian12-2_6_0"]),
        (("torch~=2.5", "os=debian12"), ["torch-debian12-2_5_0", "torch-debian12-2_6_0"]),
        (("torch = 2.5.*", "os = debian13 , debian12"), ["torch-debian12-2_5_0", "torch-debian13-2_5_0"]),
        (("os=debian12", "os=debian1*", "torch=2.5.0"), ["torch-debian12-2_5_0"]),
    ],
)
def test_conditions(plan: Plan, where: tuple[str, ...], names: list[str]) -> None:
    assert chosen(plan, where=where) == names


def test_a_condition_leaves_out_what_lacks_the_axis(plan: Plan) -> None:
    assert all(name.startswith("torch") for name in chosen(plan, "s/*", where=("torch>=2",)))


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("os", '"os" is no condition'),
        ("=x", '"=x" is no condition'),
        ("os=", '"os=" is no condition'),
        ("oss=x", 'no axis "oss" (did you mean "os"?); there are os, torch'),
        ("torch>=x", 'axis "torch": "x" is not a pep440 version'),
        ("torch>=", "has no version"),
        ("os>=1", 'axis "os": the clause ">=1" needs an order'),
    ],
)
def test_conditions_that_cannot_be(plan: Plan, where: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)):
        chosen(plan, where=(where,))


@pytest.mark.parametrize(
    ("selection", "why"),
    [
        (Selection(("s/torhc",)), 'no stack, layer or target matches "s/torhc"; nearest: s/torch'),
        (Selection(("qqqqqq",)), "`bakegen list` shows what there is"),
        (Selection(where=("os=debain12",)), '"debain12" matches no value of axis "os"'),
        (Selection(where=("os=debian12,debain13",)), '"debain13" matches no value of axis "os"'),
        (Selection(where=("torch>9",)), '">9" matches no value of axis "torch"'),
        (Selection(("s/base",), ("torch=2.5.0",)), "no target matches s/base and torch=2.5.0"),
        (Selection(platforms=("linux/riscv64",)), "what matches is built for linux/amd64, linux/arm64"),
        (Selection(where=("torch=2.4.1",)), "what matches is wip; ask for it with --status"),
        (Selection(("s-torch-debian12-2_5_0",), statuses=("wip,planned",)), "matches is supported, not wip or planned"),
        (Selection(statuses=("planned",)), "what matches is planned and cannot be built yet (not out)"),
        (Selection(("s-torch-debian12-2_7_0",)), "what matches is planned and cannot be built yet (not out)"),
    ],
)
def test_nothing_selected_says_what_is_near(plan: Plan, selection: Selection, why: str) -> None:
    with pytest.raises(NothingSelected, match=re.escape(why)):
        select(plan, selection)


def test_statuses(plan: Plan) -> None:
    assert len(chosen(plan, statuses=("wip",))) == 3
    assert len(chosen(plan, statuses=("wip,supported",))) == 9
    assert len(select(plan, Selection(statuses=("planned",)), everything=True)) == 3
    with pytest.raises(UsageError, match=re.escape('no status "wpi" (did you mean "wip"?)')):
        chosen(plan, statuses=("wpi",))


def test_a_target_named_in_full_is_taken_whatever_its_status(plan: Plan) -> None:
    assert chosen(plan, "s-torch-debian12-2_4_1") == ["torch-debian12-2_4_1"]


def test_platforms_narrow_what_is_selected_and_what_it_stands_on(plan: Plan) -> None:
    selected = select(plan, Selection(platforms=("linux/aarch64",)))
    assert {target.platforms for target in selected} == {("linux/arm64",)}
    assert not any("ubuntu" in target.name for target in selected)
    closure = narrow(plan, selected, ("linux/arm64/v8",))
    assert {target.platforms for target in closure} == {("linux/arm64",)}
    assert {target.layer for target in closure} == {"base", "torch"}
    with pytest.raises(UsageError, match='"amr" is no platform'):
        chosen(plan, platforms=("amr",))


@pytest.mark.parametrize("word", ["arm64", "aarch64", "arm64/v8", "linux/arm64"])
def test_an_architecture_alone_is_linux_on_it(plan: Plan, word: str) -> None:
    found = select(plan, Selection(platforms=(word,)))
    assert {target.platforms for target in found} == {("linux/arm64",)}
    assert {target.platforms for target in narrow(plan, found, (word,))} == {("linux/arm64",)}


def test_two_platforms_by_comma_or_by_repeating(plan: Plan) -> None:
    both = ("linux/amd64", "linux/arm64")
    assert select(plan, Selection(platforms=both)) == select(plan, Selection(platforms=(",".join(both),)))


def test_the_closure_is_in_the_plans_order(plan: Plan) -> None:
    names = [target.name for target in plan.closure(["s-torch-debian13-2_6_0", "s-torch-debian12-2_5_0"])]
    assert names == ["s-base-debian12", "s-base-debian13", "s-torch-debian12-2_5_0", "s-torch-debian13-2_6_0"]


def test_everything_is_every_target(plan: Plan) -> None:
    assert select(plan, Selection(), everything=True) == plan.targets


def test_a_plan_is_data(plan: Plan) -> None:
    assert len({hash(target) for target in plan.targets}) == len(plan.targets)
    with pytest.raises(AttributeError):
        plan.targets[0].name = "x"  # type: ignore[misc]


def test_the_projects_default(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK, {"bakegen.toml": 'default = ["s/base"]\n'})
    assert chosen(plan) == ["base-debian12", "base-debian13", "base-ubuntu24_04"]


def test_a_range_is_told_by_the_axis_that_can_read_it(tmp_path: Path) -> None:
    words = (
        'title = "T"\n[axes.v]\n{}values = ["1"]\n[[layers]]\nname = "l"\nparent = "p:1"\naxes = ["v"]\ncontext = "a"\n'
    )
    other = {"stacks/u/stack.toml": words.format('scheme = "pep440"\n'), "stacks/u/a/Dockerfile": "FROM base\n"}
    _, plan = project(tmp_path, words.format('scheme = "text"\n'), other)
    assert chosen(plan, where=("v>=1",)) == ["u-l-1"]
    with pytest.raises(NothingSelected, match=re.escape('">9" matches no value of axis "v" (1)')):
        chosen(plan, where=("v>9",))

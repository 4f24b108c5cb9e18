"""The bake file as data: what groups build, which variables there are, and what each target says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bakegen.errors import ConfigurationError
from bakegen.plan import Selection, narrow, select
from bakegen.render.definition import Definition, Expression, Group, define, groups
from tests.projects import defined, opened, project, write

STACK = """
title = "T"
axes.os.values = ["a", "b"]
[[layers]]
name = "base"
parent = "debian:{os}"
axes = ["os"]
context = "a"
[[layers]]
name = "app"
parent = "base"
context = "a"
image = "app"
tags = ["{os}"]
[[layers]]
name = "check"
parent = "app"
context = "a"
"""


def listed(definition: Definition) -> dict[str, tuple[str, ...]]:
    return {group.name: group.targets for group in definition.groups}


def members(found: tuple[Group, ...]) -> dict[str, tuple[str, ...]]:
    return {group.name: group.members for group in found}


def test_groups_by_default(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK)
    assert listed(defined(plan)) == {
        "default": ("s",),
        "s": ("s-app",),
        "s-base": ("s-base-a", "s-base-b"),
        "s-app": ("s-app-a", "s-app-b"),
        "image-app": ("s-app",),
    }


def test_what_is_named_is_built_even_if_nobody_publishes_it(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK)
    assert listed(defined(plan, "s/*"))["default"] == ("s", "s-check")
    assert listed(defined(plan, "s-base-a", "s-app-b"))["default"] == ("s-base-a", "s-app-b")


def test_what_is_named_and_stood_on_is_not_named_twice(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK)
    assert listed(defined(plan, "s-base-a", "s-app-a"))["default"] == ("s-app-a",)


def test_groups_hold_what_the_file_holds(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK)
    selected = select(plan, Selection(("s-app-b",)))
    assert members(groups(selected, narrow(plan, selected, ()))) == {
        "default": ("s-app-b",),
        "s": ("s-app-b",),
        "s-base": ("s-base-b",),
        "s-app": ("s-app-b",),
        "image-app": ("s-app-b",),
    }


def test_a_layer_without_axes_has_no_group_of_its_targets_name(tmp_path: Path) -> None:
    _, plan = project(tmp_path, 'title = "T"\n[[layers]]\nname = "l"\nparent = "debian:12"\ncontext = "a"\n')
    assert listed(defined(plan)) == {"default": ("s-l",), "s": ("s-l",)}


def two_layers(one: str, two: str) -> str:
    return (
        'title = "T"\naxes.x.values = ["c", "d"]\n'
        f'[[layers]]\nname = "{one}"\nparent = "debian:1"\ncontext = "a"\naxes = ["x"]\n'
        f'[[layers]]\nname = "{two}"\nparent = "debian:1"\ncontext = "a"\naxes = ["x"]\n'
    )


def test_a_group_that_would_hide_a_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        project(tmp_path, two_layers("b", "b-c"))
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("stacks/s/stack.toml", 8)
    assert problem.message == ('"s-b-c" would stand for the layer s/b-c and for a target in the bake file: rename one')


@pytest.mark.parametrize(
    ("stacks", "message"),
    [
        (("s-l", "s"), '"s-l" would stand for the layer s/l and for the stack s-l in the bake file: rename one'),
        (("default",), '"default" would stand for the stack default and for what bake builds when nothing is named'),
    ],
)
def test_groups_of_one_name_are_refused(tmp_path: Path, stacks: tuple[str, ...], message: str) -> None:
    layer = '[[layers]]\nname = "l"\nparent = "debian:1"\naxes = ["x"]\n'
    files = {}
    for stack in stacks:
        files[f"stacks/{stack}/stack.toml"] = f'title = "T"\naxes.x.values = ["1", "2"]\n{layer}'
        files[f"stacks/{stack}/l/Dockerfile"] = "FROM base\n"
    with pytest.raises(ConfigurationError) as caught:
        opened(write(tmp_path, files))
    assert [problem.message[: len(message)] for problem in caught.value.problems] == [message]


def test_images_that_differ_in_dots_only_are_refused(tmp_path: Path) -> None:
    layer = '[[layers]]\nname = "{0}"\nparent = "debian:1"\ncontext = "a"\nimage = "{1}"\ntags = ["1"]\n'
    with pytest.raises(ConfigurationError, match=r"would stand for the image a_b and for the image a\.b in"):
        project(tmp_path, 'title = "T"\n' + layer.format("one", "a.b") + layer.format("two", "a_b"))


NETWORK = """
[[registries]]
prefix = "one.example/"
[[registries]]
name = "two"
prefix = "two.example/"
floating = false
[network]
files = { ca = "CA_FILE" }
args = { MIRROR = "APT" }
"""


def test_variables_are_those_that_the_file_uses(tmp_path: Path) -> None:
    dockerfile = "FROM base\nARG MIRROR\nRUN --mount=type=secret,id=ca true\n"
    _, plan = project(tmp_path, STACK, {"bakegen.toml": NETWORK, "stacks/s/a/Dockerfile": dockerfile})
    whole, base = defined(plan), defined(plan, "s/base")
    assert [variable.name for variable in whole.variables] == [
        "BAKEGEN_REGISTRY",
        "BAKEGEN_REGISTRY_TWO",
        "BAKEGEN_REVISION",
        "CA_FILE",
        "APT",
    ]
    assert [variable.name for variable in base.variables] == ["BAKEGEN_REVISION", "CA_FILE", "APT"]
    values = dict(base.targets[0].attributes)
    assert values["secret"] == Expression('CA_FILE == "" ? [] : [{ id = "ca", src = CA_FILE }]')
    assert values["args"] == {"MIRROR": Expression('APT == "" ? null : APT')}
    assert "0.20" in base.comment[-1]
    assert "0.13" in defined(project(tmp_path / "plain", STACK)[1]).comment[-1]


def test_a_variable_that_serves_two_ends_is_declared_once(tmp_path: Path) -> None:
    network = '[network]\nfiles = { ca = "SAME", pip = "SAME" }\n'
    dockerfile = "FROM base\nRUN --mount=type=secret,id=ca --mount=type=secret,id=pip true\n"
    _, plan = project(tmp_path, STACK, {"bakegen.toml": network, "stacks/s/a/Dockerfile": dockerfile})
    assert [variable.name for variable in defined(plan).variables].count("SAME") == 1


@pytest.mark.parametrize("word", ["null", "true", "target", "group", "BAKE_CMD_CONTEXT"])
def test_a_variable_that_bake_reads_as_something_else_is_refused(tmp_path: Path, word: str) -> None:
    with pytest.raises(ConfigurationError, match=f'"{word}" means something else in a bake file'):
        project(tmp_path, STACK, {"bakegen.toml": f'[network]\nfiles = {{ ca = "{word}" }}\n'})


def test_the_cache_is_written_only_when_asked(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK, {"bakegen.toml": '[cache]\ntype = "local"\nfolder = "a,b"\nmode = "max"\n'})
    read = dict(defined(plan, "s/base").targets[0].attributes)
    assert read["cache-from"] == ['type=local,"src=a,b/s-base-a"']
    assert "cache-to" not in read
    written = dict(defined(plan, "s/base", write_cache=True).targets[0].attributes)
    assert written["cache-to"] == ['type=local,"dest=a,b/s-base-a",mode=max']


def test_each_target_says_where_it_comes_from(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK)
    selected = select(plan, Selection(("s-app-a",)))
    definition = define(plan, selected, narrow(plan, selected, ()), write_cache=False)
    assert [block.comment for block in definition.targets] == ["s/base os=a", "s/app os=a"]
    assert definition.comment[1:3] == ("  bakegen.toml", "  stacks/s/stack.toml")


def test_the_dockerfile_is_told_from_its_context(tmp_path: Path) -> None:
    stack = 'title = "T"\n[[layers]]\nname = "l"\nparent = "x:1"\ncontext = "a/b"\ndockerfile = "a/Dockerfile"\n'
    _, plan = project(tmp_path, stack, {"stacks/s/a/b/keep": ""})
    values = dict(defined(plan).targets[0].attributes)
    assert (values["context"], values["dockerfile"]) == ("stacks/s/a/b", "../Dockerfile")

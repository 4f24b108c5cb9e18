"""Why a target is there, and why a combination is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bakegen.errors import NothingSelected, UsageError
from bakegen.render.story import explain
from tests.projects import opened, placer, project

CASES = Path(__file__).parent / "cases"


def told(case: str, what: str, *values: str) -> str:
    loaded, plan = opened(CASES / case)
    return explain(plan, what, values, placer(loaded))


RULE = (
    "rule (stacks/ascend/stack.toml:32): torch_npu 2.9 is built against CANN 8.5 [Ascend/pytorch COMPATIBILITY.en.md]"
)
VALUE = 'value (stacks/ascend/stack.toml:25): cann "8.1.RC1" combines only with python 3.10'
TARGET = """\
ascend-pytorch-ubuntu22_04-3_10-8_5_1-910b-2_9_0
  Ascend CANN and PyTorch: pytorch

layer      ascend/pytorch (stacks/ascend/stack.toml:63)
           os = ubuntu22.04
           python = 3.10
           cann = 8.5.1
           chip = 910b
           torch = 2.9.0
status     supported
platforms  linux/amd64, linux/arm64
context    base <- ascend-cann-ubuntu22_04-3_10-8_5_1-910b
tag        localhost:5000/ascend/pytorch:2.9.0-cann8.5.1-910b-ubuntu22.04-py3.10 (stacks/ascend/stack.toml:68)

it passes:
  rule (stacks/ascend/stack.toml:32): torch_npu 2.9 is built against CANN 8.5 [Ascend/pytorch COMPATIBILITY.en.md]
"""


@pytest.mark.parametrize(
    "what",
    [
        "ascend-pytorch-ubuntu22_04-3_10-8_5_1-910b-2_9_0",
        "localhost:5000/ascend/pytorch:2.9.0-cann8.5.1-910b-ubuntu22.04-py3.10",
        "ascend/pytorch:2.9.0-cann8.5.1-910b-ubuntu22.04-py3.10",
    ],
)
def test_a_target_by_its_name_or_a_tag(what: str) -> None:
    assert told("design", what) == TARGET


def test_of_a_repository_that_is_there_its_own_tags_are_offered() -> None:
    for prefix in ("", "localhost:5000/"):
        with pytest.raises(NothingSelected) as caught:
            told("design", f"{prefix}ascend/cann:z")
        offered = str(caught.value).partition("nearest: ")[2].split(", ")
        assert offered != [""]
        assert [one for one in offered if not one.startswith(f"{prefix}ascend/cann:")] == []


def test_an_axis_has_one_value() -> None:
    with pytest.raises(UsageError, match=r'axis "chip" is given twice, as 910b and 310p: a combination has one value'):
        told("design", "ascend/pytorch", "chip=910b", "chip=310p")
    assert told("design", "ascend/pytorch", "chip=910b", "chip=910b") == told("design", "ascend/pytorch", "chip=910b")


def test_a_target_by_its_coordinates() -> None:
    story = told("design", "ascend/pytorch", "chip=910b", "os=ubuntu22.04", "python=3.10", "cann=8.5.1")
    assert story == TARGET


def test_a_target_that_others_stand_on() -> None:
    story = told("design", "ascend/python", "os=ubuntu22.04", "python=3.12")
    assert "carries    ascend-cann-ubuntu22_04-3_12-8_5_1-310p, " in story
    assert "context    base <- image ubuntu:22.04\n" in story


def test_a_floating_tag_says_so() -> None:
    assert "tag        localhost:5000/ascend/cann:latest (stacks/ascend/stack.toml:56, floating)\n" in told(
        "design", "localhost:5000/ascend/cann:latest"
    )


def test_an_exclude_that_is_missed_by_one_axis() -> None:
    story = told("design", "ascend/cann", "os=openeuler24.03", "cann=8.1.RC1", "chip=910b")
    assert story.endswith("it passes:\n  exclude (stacks/ascend/stack.toml:38): never published\n")


@pytest.mark.parametrize(
    ("what", "values", "lines"),
    [
        (
            "ascend-pytorch-ubuntu22_04-3_12-8_5_1-910b-2_9_0",
            (),
            f"  {RULE}\n",
        ),
        (
            "ascend/cann",
            ("os=openeuler24.03", "cann=8.1.RC1", "chip=310p", "python=3.10"),
            "  exclude (stacks/ascend/stack.toml:38): never published\n",
        ),
        (
            "ascend/cann",
            ("cann=8.1.RC1", "chip=a3"),
            '  value (stacks/ascend/stack.toml:25): cann "8.1.RC1" combines only with chip 310p or 910b\n',
        ),
        (
            "ascend-cann-openeuler24_03-3_12-8_1_RC1-310p",
            (),
            f"  {VALUE}\n  exclude (stacks/ascend/stack.toml:38): never published\n",
        ),
    ],
)
def test_what_is_not_there_and_all_that_removed_it(what: str, values: tuple[str, ...], lines: str) -> None:
    head, sign, tail = told("design", what, *values).partition("there is no such target\n\nremoved by:\n")
    assert head.startswith("ascend/")
    assert sign
    assert tail == lines


def test_a_layer_that_exists_for_some_values_only() -> None:
    story = told("choices", "torch/vendor", "accelerator=cpu")
    assert '  layer (stacks/torch/stack.toml:22): layer "vendor" exists only for accelerator rocm\n' in story


def test_an_include_and_a_status_have_their_reasons() -> None:
    assert "included   against the rules: one customer needs it\n" in told("lifecycle", "sdk-image-24_04-1_0_0")
    assert "status     planned: not released\n" in told("lifecycle", "sdk-image-22_04-3_0_0")
    assert "status     deprecated: use 2.0.0\n" in told("lifecycle", "sdk-image-22_04-1_0_0")


def test_a_layer_lists_its_targets() -> None:
    assert told("lifecycle", "sdk/base") == "sdk/base: 2 targets\n  sdk-base-22_04\n  sdk-base-24_04\n"


def test_rules_that_remove_it_together(tmp_path: Path) -> None:
    loaded, plan = project(
        tmp_path,
        """
title = "T"
axes.a.values = ["1", "2", "3"]
axes.b.values = ["x", "y"]
axes.c.values = ["1", "2"]
[[exclude]]
match = { a = "1", b = "x", c = "1" }
reason = "first"
[[exclude]]
match = { a = "1", b = "y", c = "1" }
reason = "second"
[[exclude]]
match = { a = "2", b = "x" }
reason = "of another a"
[[rules]]
when = { c = "2" }
require = { b = "y" }
reason = "of another c"
[[layers]]
name = "l"
parent = "p:1"
axes = ["a", "b", "c"]
context = "a"
""",
    )
    story = explain(plan, "s/l", ("a=1", "c=1"), placer(loaded))
    assert "every combination of the other axes is removed by some rule:\n" in story
    assert re.findall(r"(?:exclude|rule) \(.*: (.*)", story) == ["first", "second"]


def test_rules_that_remove_it_whatever_is_tried(tmp_path: Path) -> None:
    pairs = [(b, c) for b in "xy" for c in "12"]
    loaded, plan = project(
        tmp_path,
        """
title = "T"
axes.a.values = [{ name = "1", status = "planned", reason = "not yet" }, "2"]
axes.b.values = ["x", "y"]
axes.c.values = ["1", "2"]
[[exclude]]
match = { a = "2", b = "x", c = "1" }
reason = "of another a"
[[layers]]
name = "l"
parent = "p:1"
axes = ["a", "b", "c"]
context = "a"
"""
        + "".join(f'[[exclude]]\nmatch = {{ a = "1", b = "{b}", c = "{c}" }}\nreason = "{b}{c}"\n' for b, c in pairs),
    )
    story = explain(plan, "s/l", ("a=1",), placer(loaded))
    assert re.findall("exclude .*: (.*)", story) == ["x1", "x2", "y1", "y2"]


@pytest.mark.parametrize(
    ("what", "values", "error", "why"),
    [
        ("ascend/cnn", (), NothingSelected, 'no layer, target or tag is called "ascend/cnn"; nearest: ascend/cann'),
        ("qqqq", (), NothingSelected, "`bakegen list` shows what there is"),
        ("ascend/cnn", ("os=x",), NothingSelected, "nearest: ascend/cann"),
        ("ascend/cann:latst", (), NothingSelected, "nearest: ascend/cann:latest"),
        (
            "ascend/cann:latest",
            ("os=x",),
            UsageError,
            "is a tag and takes no coordinates: these go with stack/layer (bakegen explain ascend/cann os=x)",
        ),
        ("ascend-python-ubuntu22_04-3_12", ("os=x",), UsageError, "is a target and takes no coordinates"),
        ("ascend/cann", ("oss=x",), UsageError, 'layer "ascend/cann" has no axis "oss" (did you mean "os"?)'),
        ("ascend/cann", ("os=x",), UsageError, 'axis "os" has no value "x"'),
        ("ascend/cann", ("os",), UsageError, '"os" is no coordinate: write axis=value'),
    ],
)
def test_what_nobody_knows(what: str, values: tuple[str, ...], error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=re.escape(why)):
        told("design", what, *values)


def test_control_characters_of_the_users_do_not_reach_the_terminal(tmp_path: Path) -> None:
    stack = 'title = "\\u001b[31mred"\n[[layers]]\nname = "l"\nparent = "p:1"\ncontext = "a"\n'
    loaded, plan = project(tmp_path, stack)
    assert all(line.isprintable() for line in explain(plan, "s-l", (), placer(loaded)).split("\n"))

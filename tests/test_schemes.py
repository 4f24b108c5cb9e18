"""Tag rules that name a scheme: roles, segments, development images, and images that would share a tag."""

from __future__ import annotations

from pathlib import Path

from tests.families import layer, plan_of, problems_of, tags

NPU = """
[axes.os]
role = "os"
values = [{ name = "openeuler24.03", version = "24.03-lts-sp1" }]
[axes.python]
role = "language"
values = ["3.10", "3.11"]
[axes.chip]
role = "accelerator"
values = ["910b", { name = "a3", segment = "" }]
[axes.cann]
role = "sdk"
scheme = "cann"
values = ["8.5.1"]
"""
REST = layer("rest", more='axes = ["os", "python", "chip", "cann"]')  # every axis is some layer's


def test_dev_and_segments(tmp_path: Path) -> None:
    rules = """
{ scheme = "oeep-0014", segments = ["{chip}", "py{python}"] },
{ scheme = "oeep-0014", segments = ["{chip|upper}", "py{python}"], dev = true },
{ scheme = "oeep-0014", only = { chip = "a3", python = "3.10" } },
"""
    stack = NPU + layer("cann", more=f'axes = ["os", "cann", "chip", "python"]\nimage = "npu"\ntags = [{rules}]')
    written = {one.name: [tag.tag for tag in one.tags] for one in plan_of(tmp_path, stack).targets}
    assert written == {
        "f-cann-openeuler24_03-8_5_1-910b-3_10": [
            "cann8.5.1-910b-py3.10-oe2403sp1",
            "cann8.5.1-910B-py3.10-oe2403sp1-dev",
        ],
        "f-cann-openeuler24_03-8_5_1-910b-3_11": [
            "cann8.5.1-910b-py3.11-oe2403sp1",
            "cann8.5.1-910B-py3.11-oe2403sp1-dev",
        ],
        "f-cann-openeuler24_03-8_5_1-a3-3_10": [
            *("cann8.5.1-a3-py3.10-oe2403sp1", "cann8.5.1-A3-py3.10-oe2403sp1-dev", "cann8.5.1-oe2403sp1")
        ],
        "f-cann-openeuler24_03-8_5_1-a3-3_11": ["cann8.5.1-a3-py3.11-oe2403sp1", "cann8.5.1-A3-py3.11-oe2403sp1-dev"],
    }


def test_an_empty_segment_is_left_out(tmp_path: Path) -> None:
    axes = NPU.replace('["910b",', '[{ name = "910b", segment = "b" },')
    rule = '{ scheme = "oeep-0014", segments = ["{chip.segment}"] }'
    stack = axes + layer("cann", more=f'axes = ["os", "cann", "chip"]\nimage = "npu"\ntags = [{rule}]') + REST
    assert [*tags(plan_of(tmp_path, stack))] == ["npu:cann8.5.1-b-oe2403sp1", "npu:cann8.5.1-oe2403sp1"]


def test_the_newest_of_one_strict_tag_owns_it(tmp_path: Path) -> None:
    rule = '{ scheme = "oeep-0014", newest = "python", only = { chip = "a3" } }'
    stack = NPU + layer("cann", more=f'axes = ["os", "cann", "chip", "python"]\nimage = "npu"\ntags = [{rule}]')
    assert tags(plan_of(tmp_path, stack)) == {"npu:cann8.5.1-oe2403sp1": "cann-openeuler24_03-8_5_1-a3-3_11"}


def test_images_of_one_strict_tag_are_refused_with_what_tells_them_apart(tmp_path: Path) -> None:
    rule = '{ scheme = "oeep-0014" }'
    stack = NPU + layer("cann", more=f'axes = ["os", "cann", "chip", "python"]\nimage = "npu"\ntags = [{rule}]')
    (problem,) = problems_of(tmp_path, stack)
    assert problem.endswith(
        'the scheme "oeep-0014" does not tell chip and python apart; name them with segments = ["{chip}", '
        '"py{python}"], or limit one with only or newest'
    )
    assert (
        problems_of(tmp_path, stack.replace(rule, '{ scheme = "oeep-0014", segments = ["{chip}", "py{python}"] }'))
        == []
    )


def test_platform_tags_that_tell_images_apart_start_with_letters(tmp_path: Path) -> None:
    axes = NPU.replace('role = "accelerator"', "")
    rule = '{ scheme = "backendai" }'
    stack = axes + layer("l", more=f'axes = ["python", "chip"]\nimage = "l"\ntags = [{rule}]') + REST
    assert 'segments = ["chip{chip}"], or' in problems_of(tmp_path, stack)[0]
    stack = stack.replace(rule, '{ scheme = "backendai", segments = ["chip{chip}"] }')
    assert next(iter(tags(plan_of(tmp_path, stack)))) == "l:3.10-chip910b"


def test_a_role_that_no_axis_has_is_asked_for(tmp_path: Path) -> None:
    def missing(axes: str, own: str) -> list[str]:
        more = f'axes = {own}\nimage = "npu"\ntags = [{{ scheme = "oeep-0014" }}]'
        return problems_of(tmp_path, axes + layer("cann", more=more) + REST)

    need = 'layers[0].tags[0].scheme: the scheme "oeep-0014" needs an axis with the role sdk beside os: '
    unsaid = NPU.replace('role = "sdk"\n', "").replace('role = "accelerator"\n', "")
    bare = missing(unsaid, '["os", "cann", "chip"]')
    assert [text.partition(": ")[2] for text in bare] == [need + 'say role = "sdk" under [axes.cann] or [axes.chip]']
    (elsewhere,) = missing(NPU, '["os", "chip"]')
    assert elsewhere.endswith('axis "cann" has it, but is not among the axes of layer "cann" (os, chip)')
    (nowhere,) = missing(unsaid, '["os"]')
    assert nowhere.endswith('layer "cann" has no axis that could have it (os)')
    assert len(missing(NPU, "[]")) == 2


def test_a_moving_name_gets_no_oeep_tag(tmp_path: Path) -> None:
    stack = NPU.replace("24.03-lts-sp1", "24.03")
    stack += layer("cann", more='axes = ["os", "cann"]\nimage = "npu"\ntags = [{ scheme = "oeep-0014" }]') + REST
    assert ['"24.03" is a moving name' in one for one in problems_of(tmp_path, stack)] == [True]


def test_nvidia_by_layers(tmp_path: Path) -> None:
    stack = """
[axes.os]
role = "os"
values = ["ubuntu20.04"]
[axes.cuda]
role = "sdk"
values = [{ name = "12.2.0", cudnn = "cudnn8" }, { name = "11.0.3", cudnn = "" }]
"""
    rule = 'image = "cuda"\ntags = [{ scheme = "nvidia" }]'
    stack += layer("base", more=f'axes = ["os", "cuda"]\n{rule}') + layer("runtime", "base", rule)
    stack += layer("devel", "runtime", rule)
    segment = rule.replace('"nvidia"', '"nvidia", segments = ["{cuda.cudnn}"], only = { cuda = "12.*" }')
    stack += layer("cudnn-runtime", "runtime", segment)
    assert [*tags(plan_of(tmp_path, stack))] == [
        *("cuda:12.2.0-base-ubuntu20.04", "cuda:11.0.3-base-ubuntu20.04"),
        *("cuda:12.2.0-runtime-ubuntu20.04", "cuda:11.0.3-runtime-ubuntu20.04"),
        *("cuda:12.2.0-devel-ubuntu20.04", "cuda:11.0.3-devel-ubuntu20.04"),
        "cuda:12.2.0-cudnn8-runtime-ubuntu20.04",
    ]


def test_rocm_by_frameworks(tmp_path: Path) -> None:
    stack = """
[axes.os]
role = "os"
values = ["ubuntu22.04"]
[axes.rocm]
role = "sdk"
values = ["5.7"]
[axes.python]
role = "language"
values = ["3.10"]
[axes.torch]
role = "framework"
values = ["2.0.1"]
[axes.tf]
role = "framework"
values = ["2.13"]
"""
    rule = 'image = "{layer}"\ntags = [{ scheme = "rocm" }]'
    stack += layer("rocm", more='axes = ["os", "rocm"]') + layer("deep", "rocm", f'axes = ["tf"]\n{rule}')
    stack += layer("pytorch", "rocm", f'axes = ["python", "torch"]\n{rule}')
    assert [*tags(plan_of(tmp_path, stack))] == [
        "deep:rocm5.7-ubuntu22.04-tf2.13-dev",
        "pytorch:rocm5.7_ubuntu22.04_py3.10_pytorch_2.0.1",
    ]
    (problem,) = problems_of(tmp_path, stack.replace('role = "language"', ""))
    assert 'with the role language beside os, sdk and framework: say role = "language" under [axes.python]' in problem


def test_backendai_by_roles(tmp_path: Path) -> None:
    stack = """
[axes.os]
role = "os"
values = ["ubuntu24.04"]
[axes.python]
role = "language"
values = ["3.13"]
[axes.cuda]
role = "accelerator"
values = ["12.8"]
[axes.torch]
role = "framework"
values = ["2.9"]
"""
    rule = 'image = "{layer}"\ntags = [{ scheme = "backendai" }]'
    stack += layer("python", more=f'axes = ["os", "python"]\n{rule}')
    stack += layer("pytorch", "python", f'axes = ["cuda", "torch"]\n{rule}')
    assert [*tags(plan_of(tmp_path, stack))] == ["python:3.13-ubuntu24.04", "pytorch:2.9-py313-cuda12.8-ubuntu24.04"]


def test_oeep_0014_by_roles(tmp_path: Path) -> None:
    stack = """
[axes.os]
role = "os"
values = [{ name = "openeuler24.03", version = "24.03-lts-sp1" }]
[axes.cann]
role = "sdk"
scheme = "cann"
values = ["8.5.1"]
[axes.torch]
role = "framework"
values = ["2.9.0"]
[axes.app]
role = "application"
values = ["vllm0.9"]
[[layers]]
name = "cann"
parent = "x:1"
axes = ["os", "cann"]
image = "cann"
tags = [{ scheme = "oeep-0014" }]
[[layers]]
name = "pytorch"
parent = "cann"
axes = ["torch"]
image = "pytorch"
tags = [{ scheme = "oeep-0014" }]
[[layers]]
name = "vllm"
parent = "pytorch"
axes = ["app"]
image = "vllm"
tags = [{ scheme = "oeep-0014" }]
"""
    assert list(tags(plan_of(tmp_path, stack))) == [
        "cann:cann8.5.1-oe2403sp1",
        "pytorch:pytorch2.9.0-cann8.5.1-oe2403sp1",
        "vllm:vllm0.9-pytorch2.9.0-cann8.5.1-oe2403sp1",
    ]

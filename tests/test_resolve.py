"""From the words of a stack to its targets: combinations, parents, links, statuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from bakegen.load import load
from bakegen.plan import Link
from bakegen.resolve import resolve
from tests.families import axis, layer, names, plan_of, problems_of, target

OS = axis("os", "a", "b")
PY = axis("py", "3.10", "3.11", "3.12")
BOTH = OS + PY
WHY = 'reason = "so"\n'


def test_a_layer_is_expanded_over_its_own_and_its_parents_axes_only(tmp_path: Path) -> None:
    stack = BOTH + layer("base", more='axes = ["os"]') + layer("py", "base", 'axes = ["py"]') + layer("tool", "base")
    plan = plan_of(tmp_path, stack)
    assert names(plan, "base") == ["base-a", "base-b"]
    assert names(plan, "tool") == ["tool-a", "tool-b"]
    assert names(plan, "py") == [f"py-{os}-{py}" for os in "ab" for py in ("3_10", "3_11", "3_12")]
    assert target(plan, "py-b-3_11").coordinates == (("os", "b"), ("py", "3.11"))


def test_a_shared_parent_exists_once(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, BOTH + layer("base", more='axes = ["os"]') + layer("py", "base", 'axes = ["py"]'))
    assert {target(plan, f"py-a-{py}").parents for py in ("3_10", "3_11", "3_12")} == {("f-base-a",)}
    assert len(plan.targets) == len(plan.by_name) == 2 + 6


def test_layers_may_be_written_in_any_order(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, OS + layer("top", "middle") + layer("middle", "base") + layer("base", more='axes = ["os"]')
    )
    assert names(plan) == ["base-a", "base-b", "middle-a", "middle-b", "top-a", "top-b"]


def test_only_of_a_value(tmp_path: Path) -> None:
    axes = OS + axis("py", "3.10", '{ name = "3.11", only = { os = ["b"] } }')
    plan = plan_of(tmp_path, axes + layer("l", more='axes = ["os", "py"]') + layer("alone", more='axes = ["py"]'))
    assert names(plan, "l") == ["l-a-3_10", "l-b-3_10", "l-b-3_11"]
    assert names(plan, "alone") == ["alone-3_10", "alone-3_11"]


def test_only_of_a_layer_holds_for_what_stands_on_it(tmp_path: Path) -> None:
    stack = BOTH + layer("base", more='axes = ["os"]\nonly = { os = "a" }') + layer("py", "base", 'axes = ["py"]')
    plan = plan_of(tmp_path, stack + layer("other", more='axes = ["os"]'))
    assert names(plan, "py") == ["py-a-3_10", "py-a-3_11", "py-a-3_12"]
    assert names(plan, "other") == ["other-a", "other-b"]


def test_only_of_a_parents_choice_holds_where_the_choice_does(tmp_path: Path) -> None:
    choices = '[{ layer = "one", when = { os = "a" } }, { image = "x:2", when = { os = "b" } }]'
    one = layer("one", more='axes = ["os", "py"]\nonly = { py = "3.10" }')
    plan = plan_of(tmp_path, BOTH + one + layer("two", choices, 'axes = ["os", "py"]'))
    assert names(plan, "two") == ["two-a-3_10", "two-b-3_10", "two-b-3_11", "two-b-3_12"]
    assert target(plan, "two-a-3_10").links == (Link("base", "target", "f-one-a-3_10"),)
    assert target(plan, "two-b-3_11").links == (Link("base", "image", "x:2"),)


def test_a_rule_requires_where_it_holds_and_where_its_axes_are(tmp_path: Path) -> None:
    rule = f'\n[[rules]]\nwhen = {{ os = "a" }}\nrequire = {{ py = ">=3.11" }}\n{WHY}'
    plan = plan_of(tmp_path, BOTH + rule + layer("base", more='axes = ["os"]') + layer("py", "base", 'axes = ["py"]'))
    assert names(plan, "base") == ["base-a", "base-b"]
    assert names(plan, "py") == ["py-a-3_11", "py-a-3_12", "py-b-3_10", "py-b-3_11", "py-b-3_12"]


def test_a_rule_requires_all_of_several_things(tmp_path: Path) -> None:
    axes = BOTH + axis("gpu", "no", "yes")
    rule = f'\n[[rules]]\nwhen = {{ gpu = "yes" }}\nrequire = {{ py = "3.12", os = "b" }}\n{WHY}'
    plan = plan_of(tmp_path, axes + rule + layer("l", more='axes = ["os", "py", "gpu"]'))
    assert [name for name in names(plan) if name.endswith("yes")] == ["l-b-3_12-yes"]
    assert len(plan.targets) == 6 + 1


@pytest.mark.parametrize(
    ("matcher", "left"),
    [
        ('"3.11"', ["3.10", "3.12"]),
        ('"3.1[01]"', ["3.12"]),
        ('["3.10", "3.12"]', ["3.11"]),
        ('">=3.11"', ["3.10"]),
        ('">3.10,<3.12"', ["3.10", "3.12"]),
        ('"!=3.11"', ["3.11"]),
        ('"~=3.11"', ["3.10"]),
        ('["<3.11", "3.12*"]', ["3.11"]),
    ],
)
def test_matchers(tmp_path: Path, matcher: str, left: list[str]) -> None:
    exclude = f'\n[[exclude]]\nmatch = {{ py = {matcher}, os = "a" }}\n{WHY}'
    plan = plan_of(tmp_path, BOTH + exclude + layer("l", more='axes = ["os", "py"]'))
    found = [dict(one.coordinates)["py"] for one in plan.targets if dict(one.coordinates)["os"] == "a"]
    assert found == left
    assert len(names(plan)) == len(left) + 3


def test_a_wildcard_follows_the_scheme(tmp_path: Path) -> None:
    cann = axis("cann", "8.5.0", "8.5.1", "8.50.0", "8.5.0-beta.1", scheme="cann")
    exclude = f'\n[[exclude]]\nmatch = {{ cann = "8.5.*", os = "a" }}\n{WHY}'
    plan = plan_of(tmp_path, OS + cann + exclude + layer("l", more='axes = ["os", "cann"]'))
    assert [name for name in names(plan) if name.startswith("l-a")] == ["l-a-8_50_0"]


def test_a_name_wins_over_a_pattern(tmp_path: Path) -> None:
    axes = OS + axis("py", "3.*", "3.1")
    exclude = f'\n[[exclude]]\nmatch = {{ py = "3.*", os = "a" }}\n{WHY}'
    assert names(plan_of(tmp_path, axes + exclude + layer("l", more='axes = ["os", "py"]')))[0] == "l-a-3_1"


def test_an_exclude_of_axes_that_a_layer_lacks_removes_nothing_of_it(tmp_path: Path) -> None:
    exclude = f'\n[[exclude]]\nmatch = {{ os = "a", py = "3.10" }}\n{WHY}'
    stack = BOTH + exclude + layer("base", more='axes = ["os"]') + layer("py", "base", 'axes = ["py"]')
    plan = plan_of(tmp_path, stack)
    assert names(plan, "base") == ["base-a", "base-b"]
    assert len(names(plan, "py")) == 5


def test_an_include_brings_its_parents_and_linked_layers_along(tmp_path: Path) -> None:
    include = '\n[[include]]\nlayer = "top"\nmatch = { os = "b", py = "3.12" }\nreason = "asked for"\n'
    stack = BOTH + include + layer("base", more='axes = ["os"]\nonly = { os = "a" }')
    stack += layer("tool", "x:2", 'axes = ["os", "py"]\nonly = { py = ["3.10", "3.11"] }')
    stack += layer("top", "base", 'axes = ["py"]\nonly = { py = ["3.10", "3.11"] }\nlinks = { t = "tool" }')
    plan = plan_of(tmp_path, stack, docker={"top": "FROM base\nCOPY --from=t /a /b\n"})
    assert names(plan, "base") == ["base-a", "base-b"]
    assert names(plan, "top") == ["top-a-3_10", "top-a-3_11", "top-b-3_12"]
    assert "tool-b-3_12" in names(plan, "tool")
    assert {one.name for one in plan.targets if one.included_by == "asked for"} == {
        "f-base-b",
        "f-tool-b-3_12",
        "f-top-b-3_12",
    }


def test_an_include_with_choices_takes_the_parent_that_holds(tmp_path: Path) -> None:
    choices = '[{ layer = "one", when = { os = "a" } }, { layer = "two", when = { os = "b" } }]'
    include = f'\n[[include]]\nlayer = "top"\nmatch = {{ os = "b", py = "3.12" }}\n{WHY}'
    stack = (
        BOTH + include + layer("one", more='axes = ["os"]') + layer("two", more='axes = ["os"]\nonly = { os = "a" }')
    )
    stack += layer("top", choices, 'axes = ["py"]')
    plan = plan_of(tmp_path, stack)
    assert names(plan, "two") == ["two-a", "two-b"]
    assert names(plan, "top") == ["top-a-3_10", "top-a-3_11", "top-a-3_12", "top-b-3_12"]
    assert target(plan, "top-b-3_12").parents == ("f-two-b",)


def test_what_is_there_already_is_not_included(tmp_path: Path) -> None:
    exclude = f'\n[[exclude]]\nmatch = {{ os = "a", py = "3.10" }}\n{WHY}'
    include = f'\n[[include]]\nlayer = "l"\nmatch = {{ os = "*", py = "*" }}\n{WHY}'
    stack = BOTH + exclude + include + layer("base", more='axes = ["os"]') + layer("l", "base", 'axes = ["py"]')
    plan = plan_of(tmp_path, stack)
    assert [one.name for one in plan.targets if one.included_by is not None] == ["f-l-a-3_10"]
    assert len(plan.targets) == 2 + 6


def test_two_includes_of_one_combination_keep_the_first_reason(tmp_path: Path) -> None:
    exclude = f'\n[[exclude]]\nmatch = {{ os = "a", py = "3.10" }}\n{WHY}'
    includes = "".join(
        f'\n[[include]]\nlayer = "l"\nmatch = {{ os = "a", py = "*" }}\nreason = "{why}"\n' for why in ("one", "two")
    )
    plan = plan_of(tmp_path, BOTH + exclude + includes + layer("l", more='axes = ["os", "py"]'))
    assert [one.included_by for one in plan.targets] == ["one", None, None, None, None, None]


def test_a_link_to_a_layer_is_by_coordinates(tmp_path: Path) -> None:
    stack = (
        BOTH + layer("tool", more='axes = ["py"]') + layer("l", "x:2", 'axes = ["os", "py"]\nlinks = { t = "tool" }')
    )
    plan = plan_of(tmp_path, stack, docker={"l": "FROM base\nCOPY --from=t /a /b\n"})
    assert target(plan, "l-b-3_11").links == (Link("base", "image", "x:2"), Link("t", "target", "f-tool-3_11"))
    assert target(plan, "l-b-3_11").parents == ("f-tool-3_11",)


def test_links_of_every_kind(tmp_path: Path) -> None:
    links = 'links = { z = { layer = "tool" }, y = "alpine:3", x = { directory = "../{layer}s" }, '
    links += 'w = { git = "https://example.com/{os}.git#v1:sub" } }'
    froms = "".join(f"COPY --from={name} /a /b\n" for name in "wxyz")
    stack = OS + layer("tool", more='axes = ["os"]') + layer("l", "tool", links)
    plan = plan_of(tmp_path, stack, docker={"l": f"FROM base\n{froms}"}, files={"stacks/ls/data": ""})
    assert target(plan, "l-a").links == (
        Link("base", "target", "f-tool-a"),
        Link("w", "git", "https://example.com/a.git#v1:sub"),
        Link("x", "directory", "stacks/ls"),
        Link("y", "image", "alpine:3"),
        Link("z", "target", "f-tool-a"),
    )
    assert target(plan, "l-a").parents == ("f-tool-a",)


def test_the_same_image_as_parent_is_pinned_by_the_lock(tmp_path: Path) -> None:
    digest = "sha256:" + "1" * 64
    lock = f'[images."x:1"]\ndigest = "{digest}"\nplatforms = ["linux/amd64"]\n'
    own = "sha256:" + "2" * 64
    stack = layer("l") + layer("pinned", f"x:1@{own}", 'platforms = ["linux/amd64", "linux/arm64"]')
    plan = plan_of(tmp_path, stack, files={"bakegen.lock": lock})
    assert target(plan, "l").links == (Link("base", "image", f"x:1@{digest}"),)
    assert target(plan, "pinned").links == (Link("base", "image", f"x:1@{own}"),)


def test_status_is_the_gravest_of_layer_and_values_and_lifecycle_has_the_last_word(tmp_path: Path) -> None:
    axes = axis("os", "a", '{ name = "b", status = "deprecated", reason = "old b" }')
    axes += axis("py", "3.10", '{ name = "3.11", status = "wip", reason = "new py" }')
    life = '\n[[lifecycle]]\nmatch = { os = "b" }\nstatus = "unsupported"\nreason = "gone"\n'
    life += '\n[[lifecycle]]\nmatch = { os = "b", py = "3.11" }\nstatus = "supported"\nreason = "back"\n'
    stack = axes + life + layer("l", more='axes = ["os", "py"]\nstatus = "experimental"\nreason = "young"')
    plan = plan_of(tmp_path, stack)
    assert {one.name: (one.status, one.status_reason) for one in plan.targets} == {
        "f-l-a-3_10": ("experimental", "young"),
        "f-l-a-3_11": ("wip", "new py"),
        "f-l-b-3_10": ("unsupported", "gone"),
        "f-l-b-3_11": ("supported", "back"),
    }


def test_a_lifecycle_says_nothing_of_layers_without_its_axes(tmp_path: Path) -> None:
    life = '\n[[lifecycle]]\nmatch = { py = "3.10" }\nstatus = "deprecated"\nreason = "old"\n'
    plan = plan_of(tmp_path, BOTH + life + layer("base", more='axes = ["os"]') + layer("py", "base", 'axes = ["py"]'))
    assert {one.status for one in plan.targets if one.layer == "base"} == {"supported"}
    assert [one.name for one in plan.targets if one.status == "deprecated"] == ["f-py-a-3_10", "f-py-b-3_10"]


PLANNED = axis("os", "a", '{ name = "b", status = "planned", reason = "not yet" }')


def test_what_is_planned_is_not_proven(tmp_path: Path) -> None:
    base = layer("base", "{os}:1", 'axes = ["os"]\ncontext = "{os}"\nargs = { V = "1" }\nlinks = { t = "T:{os}" }')
    choices = '[{ layer = "base", when = { os = "a" } }, { layer = "base", when = { os = "b" } }]'
    stack = PLANNED + base.replace('"T:{os}"', '{ directory = "t-{os}" }') + layer("top", choices)
    files = {"stacks/f/a/Dockerfile": "FROM base\nARG V\nCOPY --from=t /a /b\n", "stacks/f/t-a/x": ""}
    plan = plan_of(tmp_path, stack, files=files)
    planned = target(plan, "base-b")
    assert (planned.status, planned.context) == ("planned", "stacks/f/b")
    assert planned.links == (Link("base", "image", "b:1"), Link("t", "directory", "stacks/f/t-b"))
    assert target(plan, "top-a").status == "supported"


def test_what_stands_on_a_planned_target_is_planned(tmp_path: Path) -> None:
    tool = layer("tool", more='axes = ["os"]\nstatus = "planned"\nreason = "not yet"')
    stack = OS + tool + layer("l", more='axes = ["os"]\nlinks = { t = "tool" }') + layer("top", "l")
    plan = plan_of(tmp_path, stack)
    assert {one.status for one in plan.targets} == {"planned"}
    assert target(plan, "l-a").status_reason == 'it stands on "f-tool-a", which is planned'
    assert target(plan, "top-a").status_reason == 'it stands on "f-l-a", which is planned'


@pytest.mark.parametrize("status", ["wip", "unsupported", "deprecated", "experimental"])
def test_what_is_not_planned_is_proven_whatever_its_status(tmp_path: Path, status: str) -> None:
    stack = PLANNED.replace("planned", status) + layer("base", "x:1", 'axes = ["os"]\ncontext = "{os}"')
    found = problems_of(tmp_path, stack, files={"stacks/f/a/Dockerfile": "FROM base\n"})
    assert found == ['10: layers[0].context: no folder "stacks/f/b"']


def test_a_planned_value_may_be_in_no_combination(tmp_path: Path) -> None:
    exclude = f'\n[[exclude]]\nmatch = {{ os = "b" }}\n{WHY}'
    assert names(plan_of(tmp_path, PLANNED + exclude + layer("l", more='axes = ["os"]'))) == ["l-a"]


def test_free_fields_and_filters(tmp_path: Path) -> None:
    axes = axis("chip", "310p", '{ name = "a3", url = "A3" }') + axis("py", '{ name = "x", version = "3.11.2" }')
    args = 'args = { A = "{chip.url}", B = "{py.version|minor}", C = "{{{chip|upper}}}", D = "{ chip . url }", E = "" }'
    args = args.replace("{ chip . url }", "{stack}/{layer}")
    docker = {"l": "FROM base\nARG A B C D E\n"}
    plan = plan_of(tmp_path, axes + layer("l", more=f'axes = ["chip", "py"]\n{args}'), docker=docker)
    assert dict(target(plan, "l-310p-x").args) == {"A": "310p", "B": "3.11", "C": "{310P}", "D": "f/l", "E": ""}
    assert dict(target(plan, "l-a3-x").args)["A"] == "A3"


def test_a_filter_may_refuse_values_that_do_not_occur(tmp_path: Path) -> None:
    axes = axis("os", '{ name = "ubuntu", version = "jammy" }', '{ name = "oe", version = "24.03-lts-sp1" }')
    more = 'axes = ["os"]\nonly = { os = "oe" }\nargs = { V = "{os.version|oe}" }'
    docker = {"l": "FROM base\nARG V\n"}
    plan = plan_of(tmp_path, axes + layer("l", more=more) + layer("m", more='axes = ["os"]'), docker=docker)
    assert target(plan, "l-oe").args == (("V", "oe2403sp1"),)


def test_what_a_target_holds(tmp_path: Path) -> None:
    more = 'axes = ["os"]\ntitle = "L of {os}"\ndescription = "D of {os}"\ncontext = "../common"\n'
    more += 'dockerfile = "docker/{os}.Dockerfile"\ntarget = "{os}-stage"\nsecrets = ["TOKEN", { id = "ca", file-env = '
    more += '"CA" }, { id = "k", file = "k.txt" }]\ntests = [{ name = "t", run = "true", stdout-contains = "{os}" }, '
    more += '{ name = "u", script = "../{os}.sh", needs = "npu" }, { name = "v", run = ["a", "{os}"] }, '
    more += '{ name = "w", run = ["/a"], user = "7:8" }]\n'
    more += 'services = [{ name = "web", port = 80 }]\n'
    mounts = "".join(f"RUN --mount=type=secret,id={name} true\n" for name in ("TOKEN", "ca", "k"))
    files = {f"stacks/f/docker/{os}.Dockerfile": f"FROM base AS {os}-stage\n{mounts}FROM x:2\n" for os in "ab"}
    files |= {"stacks/common/x": "", "stacks/a.sh": "", "stacks/b.sh": ""}
    one = target(plan_of(tmp_path, OS + layer("l", more=more), files=files), "l-b")
    assert (one.title, one.stage, one.context) == ("L of b", "b-stage", "stacks/common")
    assert one.dockerfile == "stacks/f/docker/b.Dockerfile"
    assert [(secret.id, secret.kind, secret.source) for secret in one.secrets] == [
        ("TOKEN", "env", "TOKEN"),
        ("ca", "file-env", "CA"),
        ("k", "file", "stacks/f/k.txt"),
    ]
    assert [(test.run, test.script, test.needs) for test in one.tests] == [
        (("/bin/sh", "-c", "true"), None, None),
        ((), "stacks/b.sh", "npu"),
        (("a", "{os}"), None, None),
        (("/a",), None, None),
    ]
    assert one.tests[0].stdout_contains == ("b",)
    assert [test.user for test in one.tests] == [None, None, None, "7:8"]
    assert [(service.name, service.port, service.protocol) for service in one.services] == [("web", 80, "http")]
    assert hash(one) == hash(one)


def test_network_settings_go_only_where_the_dockerfile_takes_them(tmp_path: Path) -> None:
    project = '[network]\nfiles = { ca = "CA_FILE", pip = "PIP_FILE" }\nargs = { INDEX = "MY_INDEX", MIRROR = "M" }\n'
    docker = {
        "one": "FROM base\nARG INDEX\nRUN --mount=type=secret,id=ca true\n",
        "two": "FROM base\nARG INDEX MIRROR\nRUN --mount=type=secret,id=pip true\n",
    }
    two = layer("two", more='args = { INDEX = "own" }\nsecrets = [{ id = "pip", env = "PIP" }]')
    plan = plan_of(tmp_path, layer("one") + two + layer("three"), project=project, docker=docker)
    given = {one.layer: ([s.id for s in one.secrets], one.network_args) for one in plan.targets}
    assert given == {
        "one": (["ca"], (("INDEX", "MY_INDEX"),)),
        "two": (["pip"], (("MIRROR", "M"),)),
        "three": ([], ()),
    }


def test_proxies_go_everywhere_but_over_a_layers_own(tmp_path: Path) -> None:
    project = "[network]\nproxies = true\n"
    plan = plan_of(tmp_path, layer("l", more='args = { HTTP_PROXY = "http://p" }'), project=project)
    assert [name for name, _ in target(plan, "l").network_args] == ["ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]


def test_one_stacks_mistake_does_not_hide_anothers(tmp_path: Path) -> None:
    files = {"stacks/g/stack.toml": 'title = "G"\nlayers = 3\n', "stacks/h/stack.toml": "oops"}
    found = problems_of(tmp_path, OS + layer("l", more='axes = ["so"]'), files=files)
    assert [line.split(":")[0] for line in found] == ["9", "stacks/g/stack.toml", "stacks/h/stack.toml"]


def test_a_choice_of_a_parent_asks_only_the_values_that_it_is_for(tmp_path: Path) -> None:
    stack = (
        'title = "F"\naxes.device.values = [{ name = "cpu", image = "debian:12" }, { name = "cuda", since = "1" }]\n'
    )
    stack += '[[layers]]\nname = "cuda"\naxes = ["device"]\nonly = { device = "cuda" }\nparent = "debian:13"\n'
    stack += '[[layers]]\nname = "run"\naxes = ["device"]\nparent = [{ image = "{device.image}", '
    stack += 'when = { device = "cpu" } }, { layer = "cuda", when = { device = "cuda" } }]\n'
    files = {"bakegen.toml": "", "stacks/f/stack.toml": stack}
    files |= {f"stacks/f/{layer}/Dockerfile": "FROM base\n" for layer in ("cuda", "run")}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    plan = resolve(load(tmp_path))
    assert [plan.by_name[f"f-run-{device}"].links[0].ref for device in ("cpu", "cuda")] == ["debian:12", "f-cuda-cuda"]

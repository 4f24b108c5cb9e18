"""meta.yml as EulerPublisher takes it, and what the linter finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bakegen import meta
from bakegen.errors import UsageError
from bakegen.findings import Finding
from bakegen.meta import Tree
from tests.openeuler import ai_tree, by_image, meta_of, rows

DEFECTS = {
    ("dangling-path", "no such file"): "dangling-path",
    ("dangling-path", "repo-root-relative"): "root-relative-path",
    ("dangling-path", "case-only"): "case-mismatch",
    "shadowed-by-earlier-key": "shadowed-key",
    "version-prefix-mismatch": "version-mismatch",
}
PATHS = ("dangling-path", "root-relative-path", "case-mismatch", "shadowed-key", "version-mismatch")


def tree(files: Mapping[str, str]) -> Tree:
    return Tree(frozenset(files), files)


def image(text: str, dockerfile: str = "FROM scratch\n", *paths: str) -> Tree:
    """An image ``x`` without a scene, and Dockerfiles, ``1.0/24.03-lts/Dockerfile`` if none is named."""
    return tree({"x/meta.yml": text, **{f"x/{path}": dockerfile for path in paths or ("1.0/24.03-lts/Dockerfile",)}})


def found(text: str, *more: str) -> list[tuple[int, str]]:
    """Lines and rules of the findings in the meta.yml of ``x``."""
    findings = meta.lint(image(text, *more))
    return [(one.line, one.rule) for one in findings if one.file == "x/meta.yml"]


def rule(findings: tuple[Finding, ...], *names: str) -> list[Finding]:
    return [one for one in findings if one.rule in names]


# What EulerPublisher makes of a Dockerfile


@pytest.mark.parametrize("folder", sorted(by_image()))
def test_what_is_published_is_what_its_parser_gave(folder: str) -> None:
    table = by_image()[folder]
    entries, findings = meta.read_meta("meta.yml", meta_of(table))
    assert findings == ()
    for row in table:
        if row["exists"] == "yes":
            resolved = meta.resolve(entries, row["dockerfile_path"])
            assert (resolved.tag, str(resolved.latest)) == (row["eulerpublisher_tag"], row["eulerpublisher_latest"])
            if resolved.tag == row["tag"]:
                assert ",".join(resolved.platforms) == row["platforms"]


def test_the_table_is_whole() -> None:
    table = [row for entries in by_image().values() for row in entries]
    assert len(table) == 257
    assert sum(row["exists"] == "yes" for row in table) == 250


@pytest.mark.parametrize(
    ("version", "system", "tag"),
    [
        ("1.2.3", "24.03-lts", "1.2.3-oe2403lts"),
        ("1.0.0-torch2.9.0-python3.11-oe2403sp2", "24.03-lts-sp2", "1.0.0......2.9.0.......3.11...2403..2-oe2403sp2"),
        ("0.3.3-npu", "24.03-lts", "0.3.3....-oe2403lts"),
        ("1.0", "24.03-LTS", "1.0-oe2403LTS"),
        ("7.0.RC1", "23.09", "7.0...1-oe2309"),
    ],
)
def test_a_tag_is_made_up_where_no_entry_names_the_file(version: str, system: str, tag: str) -> None:
    resolved = meta.resolve((), f"{version}/{system}/Dockerfile")
    assert (resolved.tag, resolved.declared, resolved.latest) == (tag, False, True)
    assert resolved.platforms == ("linux/amd64", "linux/arm64")


def test_the_first_key_wins() -> None:
    entries, _ = meta.read_meta(
        "meta.yml", "1.0-oe2403lts: {path: 1.0/24.03-lts/Dockerfile, arch: 'x86_64, loongarch64'}\n"
        "1-oe2403lts: {path: 1.0/24.03-lts/Dockerfile}\n"
    )  # fmt: skip
    resolved = meta.resolve(entries, "1.0/24.03-lts/Dockerfile")
    assert (resolved.tag, resolved.platforms) == ("1.0-oe2403lts", ("linux/amd64", "linux/loong64"))


@pytest.mark.parametrize("path", ["Dockerfile", "24.03-lts/Dockerfile", "a/1.0/24.03-lts/Dockerfile"])
def test_a_path_of_another_depth_stops_it(path: str) -> None:
    with pytest.raises(ValueError, match="EulerPublisher stops"):
        meta.resolve((), path)


def test_latest_goes_by_what_stands_before_the_first_dash() -> None:
    assert meta.latest("2.0-oe2403lts", ["1.9-oe2403lts", "2.0-oe2203lts"])
    assert not meta.latest("1.9-oe2403lts", ["2.0rc1-oe2403lts"])
    assert meta.latest("1.9-oe2403lts", ["2.0-oe2403lts", "8.0.RC1.alpha001-oe2403lts"])
    assert meta.latest("1.9-oe2403lts", [])


def test_the_image_is_the_first_whose_folders_all_stand_in_the_path() -> None:
    images, findings = meta.read_images("AI/image-list.yml", "images:\n  agent: opea/agent\n  other: agent\n")
    assert findings == ()
    assert meta.image_of(images, "AI", "AI/opea/agent/1.2/24.03-lts/Dockerfile") == ("agent", "AI/opea/agent")
    assert meta.image_of(images, "AI", "AI/agent/1.2/24.03-lts/Dockerfile") == ("other", "AI/agent")
    assert meta.image_of(images, "AI", "AI/third/1.2/24.03-lts/Dockerfile") is None


# The linter, on openEuler's tree


def test_the_defects_of_the_tree_are_found_and_nothing_else() -> None:
    findings = rule(meta.lint(ai_tree()), *PATHS)
    expected = sorted(
        (row["meta_path"], row["tag"], DEFECTS.get(row["defect"]) or DEFECTS[row["defect"], row["detail"]])
        for row in rows("openeuler-ai-meta-defects.tsv")
    )
    assert len(expected) == 10
    assert sorted((one.file, one.message.split('"')[1], one.rule) for one in findings) == expected
    assert all(one.line for one in findings)


def test_what_else_is_in_the_tree() -> None:
    findings = meta.lint(ai_tree())
    assert {one.rule for one in findings} == {*PATHS, "invented-tag", "latest-claims"}
    made_up = {one.file: one.message.split('"')[1] for one in rule(findings, "invented-tag")}
    assert made_up["AI/executorch/1.0.0-torch2.9.0-python3.11-oe2403sp2/24.03-lts-sp2/Dockerfile"] == (
        "1.0.0......2.9.0.......3.11...2403..2-oe2403sp2"
    )
    assert made_up["AI/opea/tts/1.0/24.03-LTS/Dockerfile"] == "1.0-oe2403LTS"
    assert len(made_up) == 6
    claims = {one.file.removesuffix("/meta.yml"): one for one in rule(findings, "latest-claims")}
    expected = {
        folder
        for folder, entries in by_image().items()
        if sum(row["eulerpublisher_latest"] == "True" and row["tag"] == row["eulerpublisher_tag"] for row in entries)
        > 1
    }
    assert set(claims) == expected
    assert claims["AI/cann"].message.startswith("6 Dockerfiles claim latest")
    assert '"7.0.RC1.alpha002" is no PEP 440 version' in claims["AI/cann"].message


OLD = "2.1.0.a1-cann7.0.RC1.alpha002/22.03-lts-sp2/Dockerfile"
LLM = "AI/llm/{}-pytorch2.1.0.a1-cann7.0.RC1.alpha002/{}/Dockerfile"
STANDS_ON = {
    "AI/vllm-ascend/0.11.0rc0-torch_npu2.5.1-cann8.1.rc1-python3.10/24.03-lts-sp4/Dockerfile": (
        "quay.io/ascend/cann:8.1.rc1-910b-openeuler22.03-py3.10",
        "base-os",
    ),
    "AI/pytorch/2.2.0-cann8.0.RC1/24.03-lts-sp4/Dockerfile": ("openeuler/cann:8.0.RC1-oe2203sp4", "base-os"),
    LLM.format("chatglm2_6b", "24.03-lts-sp4"): (
        "openeuler/llm:fastchat-pytorch2.1.0.a1-cann7.0.RC1.alpha002-oe2203sp2",
        "base-os",
    ),
    "AI/cuda/13.0.0-python3.10/24.03-lts-sp4/Dockerfile": ("openeuler/python:3.10.17-oe2403lts", "base-os"),
    "AI/cann/8.2.RC1.alpha001-python3.10/22.03-lts/Dockerfile": ("openeuler/openeuler:22.03", "rolling-base"),
    "AI/cann/8.2.RC1.alpha002-python3.10/22.03-lts/Dockerfile": ("openeuler/openeuler:22.03", "rolling-base"),
    "AI/cuda/11.8.0-cudnn8.9.0/22.03-lts/Dockerfile": ("openeuler/openeuler:22.03", "rolling-base"),
    f"AI/pytorch/{OLD}": ("openeuler/cann:cann7.0.RC1.alpha002-oe2203sp2", "dead-base"),
    LLM.format("fastchat", "22.03-lts-sp2"): (
        "docker.io/openeuler/pytorch:pytorch2.1.0.a1-cann7.0.RC1.alpha002-oe2203sp2",
        "arch-not-in-base",
    ),
}
RIGHT = {
    "AI/pytorch/2.2.0-cann8.0.RC1/22.03-lts-sp4/Dockerfile": "openeuler/cann:8.0.RC1-oe2203sp4",
    "AI/vllm-ascend/0.11.0rc0-torch_npu2.5.1-cann8.1.rc1-python3.10/22.03-lts/Dockerfile": (
        "quay.io/ascend/cann:8.1.rc1-910b-openeuler22.03-py3.10"
    ),
    "AI/cann/8.0.RC1/22.03-lts-sp4/Dockerfile": "openeuler/openeuler:22.03-lts-sp4",
    "AI/caffe/1.0/24.03-lts-sp4/Dockerfile": "openeuler/openeuler:24.03-LTS-SP4",
}


def test_images_that_stand_on_what_they_do_not_say() -> None:
    findings = meta.lint(ai_tree({path: base for path, (base, _) in STANDS_ON.items()} | RIGHT))
    wrong = rule(findings, "base-os", "rolling-base", "dead-base", "arch-not-in-base", "dockerfile")
    assert {one.file: one.rule for one in wrong} == {path: name for path, (_, name) in STANDS_ON.items()}
    assert all(one.line == 1 and one.mend for one in wrong)
    assert len(wrong) == len(STANDS_ON)


# The linter, rule by rule

GOOD = "1.0-oe2403lts:\n  path: 1.0/24.03-lts/Dockerfile\n"


def test_a_good_image_has_no_findings() -> None:
    assert meta.lint(image(GOOD)) == ()
    assert meta.lint(image(f"{GOOD}  arch: aarch64\n")) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0-oe2403lts: {path: 1.0/24.03-lts/Dockerfile\n", [(2, "yaml")]),
        ("a: b\n---\na: b\n", [(2, "yaml")]),
        ("[" * 3000, [(0, "yaml")]),
        ("- a\n", [(1, "wrong-type")]),
        ("", [(0, "wrong-type")]),
        ("1.0-oe2403lts: 1.0/24.03-lts/Dockerfile\n", [(1, "wrong-type")]),
        (f"{GOOD}1.0: {{path: 1.0/24.03-lts/Dockerfile}}\n", [(3, "wrong-type")]),
        (f"{GOOD}? [a]\n: b\n", [(3, "wrong-type")]),
        (f"{GOOD}<<: {{a: b}}\n", [(3, "wrong-type")]),
        (f"{GOOD}<<: a\n", [(3, "wrong-type")]),
        (f"{GOOD}  <<: [{{arch: arm}}, 1]\n", [(3, "wrong-type")]),
        (f"{GOOD}  <<: {{arch: arm}}\n", [(3, "unknown-arch")]),
        (f"{GOOD}  <<: {{path: x, arch: x86_64}}\n", []),
        ("1.0-oe2403lts: &a\n  <<: *a\n  path: 1.0/24.03-lts/Dockerfile\n", []),
        ("1.0-oe2403lts:\n  path: 1\n", [(2, "wrong-type")]),
        ("1.0-oe2403lts:\n  path: ''\n", [(2, "wrong-type")]),
        (f"{GOOD}  arch: [x86_64]\n", [(3, "wrong-type")]),
        (f"{GOOD}  arch: amd64\n", [(3, "unknown-arch")]),
        (f"{GOOD}  arch: x86_64,arm64\n", [(3, "unknown-arch")]),
        (f"{GOOD}  archs: x86_64\n", [(3, "unknown-key")]),
        ("1.0-oe2403lts:\n  arch: x86_64\n", [(1, "missing-path")]),
        (f"{GOOD}{GOOD}", [(3, "duplicate-key")]),
        (f"{GOOD}  path: 1.0/24.03-lts/Dockerfile\n", [(3, "duplicate-key")]),
        (GOOD.replace("1.0/", "x/1.0/"), [(2, "root-relative-path")]),
        (GOOD.replace("1.0/", "./1.0/"), [(2, "dangling-path"), (2, "path-shape")]),
        (GOOD.replace("1.0/", "../x/1.0/"), [(2, "dangling-path"), (2, "path-shape")]),
        (GOOD.replace("1.0/", "/1.0/"), [(2, "dangling-path"), (2, "path-shape")]),
        (GOOD.replace("24.03-lts/", ""), [(2, "dangling-path"), (2, "path-shape")]),
        (GOOD.replace("/Docker", "/docker"), [(2, "case-mismatch")]),
        (GOOD.replace("/Dockerfile", "/Dockerfil"), [(2, "dangling-path"), (2, "path-shape")]),
        (GOOD.replace("1.0-", "1.1-"), [(1, "version-mismatch")]),
        (GOOD.replace("2403lts", "2403sp1"), [(1, "os-mismatch")]),
        (GOOD.replace("1.0-oe2403lts", "1.0-24.03-lts"), [(1, "os-suffix")]),
        (GOOD.replace("oe2403lts", "oe24.03lts"), [(1, "os-suffix")]),
        (GOOD.replace("oe2403lts", "oe2403"), [(1, "os-suffix")]),
        (GOOD.replace("1.0-oe", "a/1.0-oe"), [(1, "illegal-tag"), (1, "version-mismatch")]),
        (f"{GOOD}1-oe2403lts:\n  path: 1.0/24.03-lts/Dockerfile\n", [(3, "version-mismatch"), (4, "shadowed-key")]),
    ],
)  # fmt: skip
def test_findings_have_their_line(text: str, expected: list[tuple[int, str]]) -> None:
    assert found(text) == expected


def test_tags_that_are_no_version_of_python_are_all_the_latest() -> None:
    text = "a-oe2403lts: {path: a/24.03-lts/Dockerfile}\n1-oe2403lts: {path: 1/24.03-lts/Dockerfile}\n"
    assert found(text, "FROM scratch\n", "a/24.03-lts/Dockerfile", "1/24.03-lts/Dockerfile") == [(1, "latest-claims")]
    text = "2-oe2403lts: {path: 2/24.03-lts/Dockerfile}\n1-oe2403lts: {path: 1/24.03-lts/Dockerfile}\n"
    assert found(text, "FROM scratch\n", "2/24.03-lts/Dockerfile", "1/24.03-lts/Dockerfile") == []
    text = "1-oe2203lts: {path: 1/22.03-lts/Dockerfile}\n1-oe2403lts: {path: 1/24.03-lts/Dockerfile}\n"
    assert found(text, "FROM scratch\n", "1/22.03-lts/Dockerfile", "1/24.03-lts/Dockerfile") == [(2, "latest-claims")]


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM openeuler/openeuler:24.03-lts\n", []),
        ("FROM openeuler/openeuler:24.03-lts-sp1\n", [(1, "base-os")]),
        ("FROM openeuler/openeuler:24.03\n", [(1, "rolling-base")]),
        ("FROM quay.io/openeuler/openeuler\n", [(1, "rolling-base")]),
        ("ARG BASE=openeuler/openeuler:22.03-lts\nARG ON=$BASE\nFROM ${ON}\n", [(3, "base-os")]),
        ("FROM openeuler/openeuler:22.03-lts AS a\nFROM openeuler/openeuler:24.03-lts\nCOPY --from=a /a /\n", []),
        ("FROM openeuler/openeuler:22.03-lts AS a\nFROM a AS b\nFROM b\n", [(1, "base-os")]),
        ("ARG ON=a\nFROM openeuler/openeuler:22.03-lts AS a\nFROM $ON\n", [(2, "base-os")]),
        ("FROM openeuler/openeuler:22.03-lts-$TARGETARCH\n", []),
        ("FROM $NOTHING\n", [(1, "dockerfile")]),
        ("FORM scratch\n", [(1, "dockerfile")]),
        ("FROM openeuler/x:1.0-oe2403lts\n", []),
        ("FROM openeuler/x:2.0-oe2403lts\n", [(1, "dead-base")]),
        ("FROM other/x:2.0-oe2403lts\n", []),
    ],
)
def test_the_base(dockerfile: str, expected: list[tuple[int, str]]) -> None:
    findings = meta.lint(image(GOOD, dockerfile))
    assert [(one.line, one.rule) for one in findings if one.file == "x/1.0/24.03-lts/Dockerfile"] == expected


def test_the_namespace_of_the_images() -> None:
    files = {
        "a/meta.yml": f"{GOOD}  arch: x86_64\n",
        "a/1.0/24.03-lts/Dockerfile": "FROM scratch\n",
        "b/meta.yml": GOOD,
        "b/1.0/24.03-lts/Dockerfile": "FROM registry.example/ai/a:1.0-oe2403lts\n",
    }
    assert meta.lint(tree(files)) == ()
    assert [one.rule for one in meta.lint(tree(files), namespace="registry.example/ai/")] == ["arch-not-in-base"]


SCENE = {
    "AI/image-list.yml": "images:\n  x: x\n",
    "AI/x/meta.yml": GOOD,
    "AI/x/1.0/24.03-lts/Dockerfile": "FROM scratch\n",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, []),
        ({"AI/image-list.yml": "images:\n  y: y\n  x: x\n"}, [("AI/image-list.yml", 2, "image-list")]),
        (
            {"AI/image-list.yml": "images:\n  x: AI/x\n"},
            [
                ("AI/image-list.yml", 2, "image-list"),
                ("AI/x/meta.yml", 0, "image-list"),
                ("AI/x/meta.yml", 1, "never-produced"),
            ],
        ),
        ({"AI/image-list.yml": "images:\n  x: x/\n"}, [("AI/image-list.yml", 2, "image-list")]),
        ({"AI/image-list.yml": "images:\n  x: x\n  y: x\n"}, [("AI/image-list.yml", 3, "image-list")]),
        ({"AI/image-list.yml": "images:\n  x: x\n  x: x\n"}, [("AI/image-list.yml", 3, "duplicate-key")]),
        ({"AI/image-list.yml": "image:\n  x: x\n"}, [("AI/image-list.yml", 1, "unknown-key")]),
        ({"AI/image-list.yml": "images: []\n"}, [("AI/image-list.yml", 1, "wrong-type")]),
        ({"AI/image-list.yml": "images:\n  x: 1\n"}, [("AI/image-list.yml", 2, "wrong-type")]),
        ({"AI/image-list.yml": "images: {}\n"}, [("AI/x/meta.yml", 0, "image-list")]),
    ],
)  # fmt: skip
def test_the_image_list(files: dict[str, str], expected: list[tuple[str, int, str]]) -> None:
    assert [(one.file, one.line, one.rule) for one in meta.lint(tree(SCENE | files))] == expected


def test_a_scene_without_a_list() -> None:
    files = {path: text for path, text in SCENE.items() if not path.endswith("list.yml")}
    assert [(one.file, one.rule) for one in meta.lint(tree(files))] == [("AI/x/meta.yml", "image-list")]


def test_a_list_that_leads_to_another_image() -> None:
    files = {
        "AI/image-list.yml": "images:\n  agent: agent\n  opea-agent: opea/agent\n",
        **{f"AI/{folder}/meta.yml": GOOD for folder in ("agent", "opea/agent")},
        **{f"AI/{folder}/1.0/24.03-lts/Dockerfile": "FROM scratch\n" for folder in ("agent", "opea/agent")},
    }
    assert [(one.file, one.line, one.rule) for one in meta.lint(tree(files))] == [
        ("AI/opea/agent/meta.yml", 1, "never-produced")
    ]


def test_only_what_is_below_is_told() -> None:
    findings = meta.lint(ai_tree(), ("AI/opea/tts", "AI/cann"))
    assert {one.file for one in findings} == {
        "AI/cann/meta.yml",
        "AI/opea/tts/meta.yml",
        "AI/opea/tts/1.0/24.03-LTS/Dockerfile",
    }


def test_every_rule_is_told_apart() -> None:
    assert list(meta.RULES) == sorted(meta.RULES)
    assert all(text.endswith(".") for text in meta.RULES.values())


def test_a_base_that_only_one_machine_reaches() -> None:
    first = "FROM localhost:5000/openeuler/a:1 AS a\nFROM a\nCOPY --from=10.0.0.1/b:1 / /\n"
    dockerfile = f"{first}FROM example.com:5000/c\nCOPY --from=1 / /\n"
    findings = meta.lint(image(GOOD, dockerfile))
    assert [(one.line, one.rule) for one in findings] == [(1, "local-registry"), (3, "local-registry")]


@pytest.mark.parametrize(
    ("namespace", "local"),
    [
        ("localhost:5000/", True),
        ("localhost/x", True),
        ("localhost", True),
        ("my.localhost/", True),
        ("127.0.0.1:80", True),
        ("192.168.1.2/a", True),
        ("[::1]:5000/", True),
        ("host:5000/a", True),
        ("openeuler/", False),
        ("openeuler", False),
        ("", False),
        ("localhosts/", False),
        ("docker.io/openeuler", False),
        ("example.com:5000/", False),
        ("8.8.8.8:5000/", False),
    ],
)
def test_namespaces_that_only_one_machine_reaches(namespace: str, local: bool) -> None:
    assert meta.local_namespace(namespace) is local


@pytest.mark.parametrize(
    ("tags", "mend"),
    [
        (("cann8.0.RC1", "cann8.5.1"), "push the one that is to be latest last, or leave this out with --ignore "),
        (("8.0.RC1.alpha1", "8.5.1"), "begin each tag with such a version, or push the one that is to be latest last"),
    ],
)
def test_what_can_be_done_about_latest(tags: tuple[str, ...], mend: str) -> None:
    text = "".join(f"{tag}-oe2403lts: {{path: {tag}/24.03-lts/Dockerfile}}\n" for tag in tags)
    (one,) = meta.lint(image(text, "FROM scratch\n", *(f"{tag}/24.03-lts/Dockerfile" for tag in tags)))
    assert (one.rule, one.mend.startswith(mend)) == ("latest-claims", True), one.mend


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1.0-oe2403lts: {path: ../y/1.0/Dockerfile}\n",
            '"1.0-oe2403lts" leads to ../y/1.0/Dockerfile, which lies out',
        ),
        ("1.0-oe2403lts: {path: /etc/passwd}\n", '"1.0-oe2403lts" leads to /etc/passwd, which lies outside the image'),
        ('1.0-oe2403lts: {path: ""}\n', 'the path of "1.0-oe2403lts" is empty'),
        (f"{GOOD}  arch: ''\n", 'the arch of "1.0-oe2403lts" is empty'),
        (f"{GOOD}? [a]\n: b\n", "the tag is a list or a mapping"),
    ],
)
def test_messages_say_what_it_is(text: str, message: str) -> None:
    messages = [one.message for one in meta.lint(image(text)) if one.file == "x/meta.yml"]
    assert any(one.startswith(message) for one in messages), messages


def test_a_file_that_is_called_meta_yml_is_not_always_an_image() -> None:
    files = {
        "x/meta.yml": GOOD,
        "x/1.0/24.03-lts/Dockerfile": "FROM scratch\nCOPY meta.yml conf /\n",
        "x/1.0/24.03-lts/meta.yml": "anything\n",
        "x/1.0/24.03-lts/conf/meta.yml": "- 1\n",
    }
    assert [one.folder for one in tree(files).images] == ["x"]
    assert meta.lint(tree(files)) == ()
    files["x/y/meta.yml"] = GOOD
    assert [one.folder for one in tree(files).images] == ["x", "x/y"]


# Reading


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_nothing_that_is_read_breaks_the_reader(text: str) -> None:
    entries, findings = meta.read_meta("meta.yml", text)
    images, more = meta.read_images("image-list.yml", text)
    assert entries or findings
    assert images or more or "images" in text


@given(
    st.text(st.sampled_from("ab:{}[]&*!|>'\"#-?,\n \t%@0."), max_size=30),
    st.sampled_from(("path", "arch", "x")),
)
def test_hostile_values(text: str, key: str) -> None:
    entries, findings = meta.read_meta("meta.yml", f"1.0-oe2403lts:\n  path: a/b/Dockerfile\n  {key}: {text}\n")
    assert entries or findings
    assert all(one.line >= 0 for one in findings)


def test_merges_are_read_as_pyyaml_reads_them() -> None:
    text = (
        "a: &a {path: a/24.03-lts/Dockerfile, arch: x86_64}\nb: &b {<<: *a, path: b/24.03-lts/Dockerfile}\n"
        "c:\n  <<: [*b, *a]\nd:\n  <<: [{arch: aarch64}, *a]\ne: *b\n<<: {f: *a, a: {path: lost}}\n"
    )
    entries, findings = meta.read_meta("meta.yml", text)
    assert findings == ()
    said = {entry.tag: {"path": entry.path, "arch": entry.arch} for entry in entries}
    assert said == yaml.safe_load(text)
    assert list(said) == list(yaml.safe_load(text))


def test_merges_of_merges_end() -> None:
    bomb = "a0: &a0 {path: x}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 20)}]}}\n" for n in range(1, 300)
    )
    assert len(meta.read_meta("meta.yml", bomb)[0]) == 300
    circle = "a: &a {b: &b {<<: *a}, <<: *b, path: x}\n"
    assert [entry.path for entry in meta.read_meta("meta.yml", circle)[0]] == ["x"]


def test_links_in_a_tree_are_followed_inside_it_and_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "secret/24.03-lts").mkdir(parents=True)
    (tmp_path / "secret/24.03-lts/Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "secret/meta.yml").write_text(GOOD)
    root = tmp_path / "images"
    for path, text in SCENE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "AI/x/2.0").symlink_to("1.0")
    (root / "AI/x/3.0").symlink_to(tmp_path / "secret")
    (root / "AI/x/all").symlink_to("..")
    (root / "AI/x/meta.yml").write_text(
        "".join(f"{v}-oe2403lts:\n  path: {v}/24.03-lts/Dockerfile\n" for v in ("3.0", "2.0", "1.0"))
    )
    (root / "AI/image-list.yml").write_text("images:\n  x: x\n")
    for name in ("folder", "circle", "outside"):
        (root / "AI" / name).mkdir()
    (root / "AI/folder/meta.yml").mkdir()
    (root / "AI/circle/meta.yml").symlink_to("meta.yml")
    (root / "AI/outside/meta.yml").symlink_to(tmp_path / "secret/meta.yml")
    astray = "is a link that leads out of the tree or nowhere"
    assert [(one.file, one.line, one.rule, one.message) for one in meta.lint(meta.read(root))] == [
        ("AI/circle/meta.yml", 0, "unreadable", astray),
        ("AI/folder/meta.yml", 0, "unreadable", "is a folder, where a file is meant"),
        ("AI/outside/meta.yml", 0, "unreadable", astray),
        (
            "AI/x/meta.yml",
            2,
            "dangling-path",
            f'"3.0-oe2403lts" leads to 3.0/24.03-lts/Dockerfile, where AI/x/3.0 {astray}',
        ),
    ]
    assert meta.read(root).linked == {"AI/x/2.0/24.03-lts/Dockerfile": "AI/x/1.0/24.03-lts/Dockerfile"}


def test_a_tree_is_read_from_disk(tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.mkdir()
    (outside / "Dockerfile").write_text("FROM scratch\n")
    root = tmp_path / "images"
    for path, text in SCENE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / ".git").mkdir()
    (root / ".git/meta.yml").write_text("")
    (root / "AI/x/2.0/24.03-lts").mkdir(parents=True)
    (root / "AI/x/2.0/24.03-lts/Dockerfile").symlink_to("../../1.0/24.03-lts/Dockerfile")
    (root / "AI/x/3.0").mkdir()
    (root / "AI/x/3.0/24.03-lts").symlink_to(outside)
    (root / "AI/x/circle").symlink_to("circle")
    (root / "AI/x/outside").symlink_to(outside / "Dockerfile")
    (root / "AI/x/4.0/24.03-lts").mkdir(parents=True)
    (root / "AI/x/4.0/24.03-lts/Dockerfile").write_bytes(b"\xff")
    one = meta.read(root)
    assert sorted(one.files) == [
        "AI/image-list.yml",
        "AI/x/1.0/24.03-lts/Dockerfile",
        "AI/x/2.0/24.03-lts/Dockerfile",
        "AI/x/4.0/24.03-lts/Dockerfile",
        "AI/x/meta.yml",
    ]
    assert [(x.file, x.rule) for x in one.unread] == [("AI/x/4.0/24.03-lts/Dockerfile", "unreadable")]
    (root / "elsewhere").mkdir()
    (root / "elsewhere/meta.yml").touch()
    assert "elsewhere/meta.yml" in meta.read(root).files
    assert meta.read(root, ("AI/x",)).files == one.files
    assert meta.read(root, ("elsewhere",)).files == one.files | {"elsewhere/meta.yml"}
    for folder in ("", "AI", "AI/x", "AI/x/1.0"):
        assert meta.root_of(root / folder) == (root.resolve() if folder else root)
    with pytest.raises(UsageError, match="no folder"):
        meta.read(tmp_path / "nowhere")

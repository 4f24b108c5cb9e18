"""Tag schemes: what each writes it reads back, and what the published tags of the world are to them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bakegen.names import TAG
from bakegen.tags import (
    SCHEMES,
    Backendai,
    Nvidia,
    Oeep,
    Part,
    Rocm,
    Software,
    Subject,
    TagError,
    described,
    listed,
    openeuler,
    read,
    readings,
    refused,
    verdict,
    write,
)
from bakegen.tags.oeep import FRAMEWORKS, SDKS

TABLES = Path(__file__).parent / "tables"
OEEP, NVIDIA, ROCM, BACKENDAI = (SCHEMES[name] for name in ("oeep-0014", "nvidia", "rocm", "backendai"))
CANN = re.compile(
    r"(?P<cann>[0-9].*)-(?P<chip>310p|910b?|950|a3)-(?P<os>ubuntu|openeuler|manylinux_)(?P<release>[0-9._]+)"
    r"-(?P<python>py3\.[0-9]+)(?P<devel>-devel)?"
)  # what Ascend calls its images
PINNED = {"22.03": "22.03-lts-sp4", "24.03": "24.03-lts-sp3"}  # a release that the moving name has stood for


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


numbers = st.from_regex(r"[1-9][0-9]{0,2}(\.[0-9]{1,3}){1,3}", fullmatch=True)
releases = st.builds(
    lambda year, pack: f"{year}.03-lts{pack}",
    st.sampled_from(["20", "22", "24", "26"]),
    st.sampled_from(["", "-sp1", "-sp4", "-sp12"]),
) | st.sampled_from(["20.09", "23.03", "24.09", "25.03"])
versions = st.from_regex(
    r"[0-9](\.[0-9]{1,2}){0,2}((\.RC|rc|\.a|\.post|_)[0-9]{1,2})?(\.alpha00[0-9]|-beta\.[0-9]|-rc1|-20260918144839)?",
    fullmatch=True,
)
names = st.from_regex(r"[a-zA-Z]([a-zA-Z0-9_.]{0,8}[a-zA-Z0-9_])?", fullmatch=True)
segments = st.from_regex(r"(910b|a3|310p|910|py3\.1[0-2]|cpu|many_2_28|[a-z]{1,3}_?)", fullmatch=True)
systems = st.builds(Software, st.sampled_from(["ubuntu", "ubi", "rockylinux"]), st.sampled_from(["9", "22.04", "8.10"]))


def products(known: tuple[str, ...]) -> st.SearchStrategy[Software]:
    return st.builds(Software, st.sampled_from(known), versions)


def oeep(framework: st.SearchStrategy[Any], application: st.SearchStrategy[Any]) -> st.SearchStrategy[Oeep]:
    return st.builds(
        Oeep,
        sdk=products(SDKS),
        os=st.builds(Software, st.just("openeuler"), releases),
        framework=framework,
        application=application,
        segments=st.lists(segments, max_size=2).map(tuple),
        dev=st.booleans(),
    )


oeeps = oeep(st.none(), st.none()) | oeep(products(FRAMEWORKS), st.none() | names)
nvidias = st.builds(
    Nvidia,
    sdk=st.builds(Software, st.just("cuda"), numbers),
    flavour=st.sampled_from(["base", "runtime", "devel"]),
    os=systems,
    cudnn=st.sampled_from([None, "cudnn", "cudnn8", "cudnn8.9.0"]),
)
rocms = st.builds(
    Rocm,
    sdk=st.builds(Software, st.just("rocm"), numbers),
    framework=st.builds(Software, st.just("pytorch"), numbers),
    os=systems,
    language=st.builds(Software, st.just("python"), st.sampled_from(["3.9", "3.12"])),
) | st.builds(
    Rocm,
    sdk=st.builds(Software, st.just("rocm"), numbers),
    framework=st.builds(Software, st.just("tensorflow"), numbers),
    os=st.none() | systems,
    language=st.none(),
)
backendais = st.builds(
    Backendai,
    version=st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9_.]{0,8}[a-zA-Z0-9])?", fullmatch=True),
    platform=st.dictionaries(
        st.from_regex(r"[a-zA-Z_]{0,7}[a-zA-Z]", fullmatch=True),
        st.from_regex(r"([0-9]{1,3}(\.[0-9]{1,2}){0,2}[a-z0-9]{0,3})?", fullmatch=True),
        max_size=4,
    ).map(lambda found: tuple(Software(*one) for one in found.items())),
)


cases = st.one_of(
    st.tuples(st.just(OEEP), oeeps),
    st.tuples(st.just(NVIDIA), nvidias),
    st.tuples(st.just(ROCM), rocms),
    st.tuples(st.just(BACKENDAI), backendais),
)
words = st.sampled_from(
    [
        *("cann8.5.1", "cann9.0.0", "beta.1", "pytorch2.1.0", "torch2", "chatglm6b", "oe2403sp1", "oe2203lts", "dev"),
        *("12.2.0", "cudnn8", "cudnn", "runtime", "base", "ubuntu20.04", "3.6", "py36", "py", "cuda9", "910b", "-"),
        *("rocm5.7", "tf2.13", "rocm5.7_ubuntu22.04_py3.10_pytorch_2.0.1"),
    ]
)


@given(cases)
@example((OEEP, Oeep(Software("cann", "9.0.0-beta.1"), Software("openeuler", "24.03-lts-sp1"), segments=("910",))))
def test_what_a_scheme_writes_it_reads_back(case: tuple[Any, Any]) -> None:
    scheme, parts = case
    tag = write(scheme, parts)
    reading = read(scheme, tag)
    assert (reading.parts, reading.written) == (parts, tag)
    assert TAG.match(tag)
    assert reading.strict == (not getattr(parts, "segments", ()))
    assert verdict(tag, scheme)["verdict"] == (reading.kind if reading.strict else "violates")


@given(st.lists(words, max_size=6).map("-".join) | st.text(st.sampled_from("acdenop0124._-"), max_size=12))
def test_what_a_scheme_reads_it_writes(text: str) -> None:
    found, refusals = readings(text, SCHEMES.values())
    for reading in found:
        assert write(reading.scheme, reading.parts) == reading.written
        assert read(reading.scheme, reading.written).parts == reading.parts
        assert reading.written == text or reading.kind == "llm"
    assert len(found) + len(refusals) == len(SCHEMES)
    assert all(refusals.values())


@pytest.mark.parametrize(
    ("name", "tag", "kind"),
    [
        ("oeep-0014", "cann7.0.RC1.alpha002-oe2203sp2", "sdk"),
        ("oeep-0014", "pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2", "framework"),
        ("oeep-0014", "pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2-dev", "framework"),
        ("oeep-0014", "chatglm6b-pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2", "llm"),
        ("oeep-0014", "cann9.0.0-beta.1-oe2403sp1", "sdk"),
        ("oeep-0014", "vllm0.9-torch_npu2.5.1.post1-cann9.2.0-20260918144839-oe2409-dev", "llm"),
        ("nvidia", "12.2.0-runtime-ubuntu20.04", "runtime"),
        ("nvidia", "12.2.0-cudnn8-runtime-ubuntu20.04", "runtime"),
        ("nvidia", "12.6.3-cudnn-devel-rockylinux9", "devel"),
        ("nvidia", "13.0.1-base-ubi8", "base"),
        ("rocm", "rocm5.7_ubuntu22.04_py3.10_pytorch_2.0.1", "pytorch"),
        ("rocm", "rocm5.7-ubuntu22.04-tf2.13-dev", "tensorflow"),
        ("rocm", "rocm5.7-tf2.13-dev", "tensorflow"),
        ("backendai", "3.6-py36-cuda9", "kernel"),
        ("backendai", "gcc6.4-alpine3.8", "kernel"),
        ("backendai", "25.03-pytorch2.7-py312-cuda12.8-arm64", "kernel"),
    ],
)
def test_the_examples_of_each_scheme(name: str, tag: str, kind: str) -> None:
    reading = read(SCHEMES[name], tag)
    assert (reading.kind, reading.strict, reading.written) == (kind, True, tag)
    assert write(SCHEMES[name], reading.parts) == tag


def test_the_swapped_order_of_the_specifications_example_is_read_but_not_written() -> None:
    reading = read(OEEP, "chatglm6b-cann7.0.RC1.alpha002-pytorch2.1.0-oe2203sp2")
    assert reading.parts == Oeep(
        sdk=Software("cann", "7.0.RC1.alpha002"),
        os=Software("openeuler", "22.03-lts-sp2"),
        framework=Software("pytorch", "2.1.0"),
        application="chatglm6b",
    )
    assert (reading.kind, reading.strict) == ("llm", True)
    assert reading.written == "chatglm6b-pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2"


def test_a_tag_with_segments_is_read_and_is_not_strict() -> None:
    reading = read(OEEP, "pytorch2.9.0-cann9.0.0-beta.1-910b-py3.11-oe2403sp1-dev")
    assert described(reading) == {
        "tag": "pytorch2.9.0-cann9.0.0-beta.1-910b-py3.11-oe2403sp1-dev",
        "scheme": "oeep-0014",
        "kind": "framework",
        "strict": False,
        "reason": "oEEP-0014 has no place for 910b and py3.11",
        "written": "pytorch2.9.0-cann9.0.0-beta.1-910b-py3.11-oe2403sp1-dev",
        "parts": {
            "sdk": {"name": "cann", "version": "9.0.0-beta.1"},
            "os": {"name": "openeuler", "version": "24.03-lts-sp1"},
            "framework": {"name": "pytorch", "version": "2.9.0"},
            "application": None,
            "segments": ("910b", "py3.11"),
            "dev": True,
        },
    }


@pytest.mark.parametrize(
    ("name", "tag", "why"),
    [
        ("oeep-0014", "cann8.5.1", "does not end in openEuler's release"),
        ("oeep-0014", "cann8.5.1oe2403sp1", "does not end in openEuler's release"),
        ("oeep-0014", "oe2403sp1", "names no SDK"),
        ("oeep-0014", "cann8.5.1-oe2403", '"24.03" is a moving name'),
        ("oeep-0014", "cann8.5.1-oe2203", '"22.03" is a moving name'),
        ("oeep-0014", "cann8.5.1-oe24.03lts", '"oe24.03lts" is no short form'),
        ("oeep-0014", "cann8.5.1-oe2403sp", '"oe2403sp" is no short form'),
        ("oeep-0014", "cann8.5.1-oe2403sp01", "is no short form"),
        ("oeep-0014", "8.5.1-oe2403sp1", "names no SDK"),
        ("oeep-0014", "2.2.0-cann8.0.RC1-oe2203sp4", '"2.2.0" before the SDK is no framework'),
        ("oeep-0014", "chatglm-cann8.0.RC1-oe2203sp4", '"chatglm" before the SDK is no framework'),
        ("oeep-0014", "a-b-pytorch2.1-cann8.0.0-oe2203sp4", '"a-b-pytorch2.1" before the SDK is no framework'),
        ("oeep-0014", "cann8.-oe2203sp4", '"cann8." is no SDK with its version'),
        ("nvidia", "cuda-base-ubuntu20.04", "does not start with a CUDA version"),
        ("nvidia", "12.2.0-ubuntu20.04", "none of base, runtime and devel"),
        ("nvidia", "12.2.0-base-ubuntu", "does not end in an operating system"),
        ("nvidia", "12.2.0-runtime-cudnn8-ubuntu20.04", "more than cudnn and one of base"),
        ("rocm", "6.4-dev", "does not start with rocm"),
        ("rocm", "rocm5.7_ubuntu22.04_pytorch_2.0.1", "_py<version>_pytorch_"),
        ("rocm", "rocm5.7-tf2.13", "-tf<version>-dev"),
        ("backendai", "3.6--py36", '"" is no platform tag'),
        ("backendai", "3.6-36", '"36" is no platform tag'),
        ("backendai", "py38-cuda-11.4", '"11.4" is no platform tag'),
        ("backendai", "2.6-py38-py11.3", '"py" stands twice, in "py38" and "py11.3"'),
        ("backendai", "3.6-py36_", "start and end with a letter or digit"),
        ("backendai", "_3", "start and end with a letter or digit"),
        ("backendai", "3.6\n", "a tag holds letters"),
        ("oeep-0014", "cann8.5.1-oe9999sp1", '"oe9999sp1" is no short form of an openEuler release'),
        ("oeep-0014", "cann8.5.1-oe2400", '"oe2400" is no short form'),
        ("rocm", "x" * 129, "at most 128 characters"),
    ],
)
def test_what_is_no_tag_of_a_scheme(name: str, tag: str, why: str) -> None:
    with pytest.raises(TagError, match=re.escape(why)):
        read(SCHEMES[name], tag)
    row = verdict(tag, SCHEMES[name])
    assert (row["scheme"], row["verdict"], row["strict"]) == (name, "violates", False)


@pytest.mark.parametrize(
    ("name", "parts", "why"),
    [
        ("oeep-0014", Oeep(Software("cann", "8.5.1"), Software("openeuler", "24.03")), "is a moving name"),
        ("oeep-0014", Oeep(Software("cann", "8.5.1"), Software("ubuntu", "22.09")), "read otherwise"),
        ("oeep-0014", Oeep(Software("npu", "8.5.1"), Software("openeuler", "24.09")), "names no SDK"),
        (
            "oeep-0014",
            Oeep(Software("cann", "9.0.0"), Software("openeuler", "24.09"), segments=("beta.1",)),
            "read otherwise",
        ),
        (
            "oeep-0014",
            Oeep(Software("cann", "9.0.0"), Software("openeuler", "24.09"), application="a"),
            "before the SDK is no framework",
        ),
        ("nvidia", Nvidia(Software("cuda", "12"), "base", Software("ubuntu", "22.04")), "start with a CUDA version"),
        ("nvidia", Nvidia(Software("rocm", "6.4"), "base", Software("ubuntu", "22.04")), "read otherwise"),
        ("backendai", Backendai("3.6-py36"), "read otherwise"),
        ("backendai", Backendai("3.6", (Software("a", "1"), Software("a", "2"))), "stands twice"),
        ("backendai", Backendai("3." + 130 * "6"), "at most 128 characters"),
    ],
)
def test_what_would_not_be_read_back_is_not_written(name: str, parts: Any, why: str) -> None:
    with pytest.raises(TagError, match=why):
        write(SCHEMES[name], parts)


def test_versions_that_the_platform_cannot_compare() -> None:
    def incomparable(tag: str) -> object:
        return described(read(BACKENDAI, tag))["parts"]["incomparable"]

    assert incomparable("3.6-py36-cuda9-srv") == ()
    assert incomparable("gcc6.4-alpine3.8") == ("gcc6.4",)
    assert incomparable("r2024a-ubuntu20.04") == ("r2024a",)
    assert incomparable("latest") == ("latest",)
    assert incomparable("1.0-py3x") == ("3x",)


@given(releases)
def test_the_short_form_of_a_release_both_ways(release: str) -> None:
    assert openeuler.release(openeuler.short(release)) == release


@pytest.mark.parametrize("year", ["20", "22", "24", "26"])
def test_moving_names_have_no_short_form(year: str) -> None:
    for call, text in ((openeuler.short, f"{year}.03"), (openeuler.release, f"oe{year}03")):
        with pytest.raises(TagError, match="is a moving name"):
            call(text)


@pytest.mark.parametrize(
    "text",
    [
        "24.03-lts-lts",
        "24.3-lts",
        "99.99-lts-sp1",
        "24.00-lts",
        "24.13",
        "24.03-lts-sp0",
        "24.03-lts-sp1\n",
        "ubuntu22.04",
        "",
    ],
)
def test_what_is_no_release(text: str) -> None:
    with pytest.raises(TagError, match="is no openEuler release"):
        openeuler.short(text)


def test_every_scheme_says_why_it_cannot_read_a_tag() -> None:
    found, refusals = readings("12.2.0-runtime-ubuntu20.04", SCHEMES.values())
    assert [one.scheme.name for one in found] == ["nvidia", "backendai"]
    assert [*refusals] == ["oeep-0014", "rocm"]
    assert readings("-", SCHEMES.values())[1].keys() == SCHEMES.keys()


@pytest.mark.parametrize("reference", ["ascend/cann:8.5.1-910b", "cann:8.5.1", "a/b", "b@sha256"])
def test_a_reference_is_no_tag(reference: str) -> None:
    assert verdict(reference, OEEP)["reason"].endswith("; leave the repository out")
    assert refused("8.5.1-910b") == ""
    assert "repository" not in refused("a b")


def test_parts_by_roles_fit_the_scheme() -> None:
    def part(name: str, layer: str = "x", axis: str = "a") -> Part:
        return Part(axis, layer, name, name)

    parts = {"sdk": part("8.5.1", axis="cann"), "os": part("openEuler-24.03-LTS-SP1")}
    assert write(OEEP, OEEP.parts(Subject("l", parts))) == "cann8.5.1-oe2403sp1"
    with pytest.raises(TagError, match='"a-b" is no segment of a tag'):
        OEEP.parts(Subject("l", parts, segments=("a-b",)))
    roles = {"language": part("3.12", axis="python"), "sdk": part("12.4", axis="cuda"), "os": part("ubuntu24.04")}
    assert write(BACKENDAI, BACKENDAI.parts(Subject("l", roles))) == "3.12-cuda12.4-ubuntu24.04"
    roles = {"framework": part("2.21"), "accelerator": part("rtx4090"), **roles}
    subject = Subject("l", roles, segments=("srv",))
    assert write(BACKENDAI, BACKENDAI.parts(subject)) == "2.21-py312-cuda12.4-rtx4090-srv-ubuntu24.04"


def test_words_are_listed_as_people_do() -> None:
    assert [listed(("a",)), listed(("a", "b")), listed(("a", "b", "c"), "and")] == ["a", "a or b", "a, b and c"]


def test_the_published_tags_of_openeulers_ai_images() -> None:
    rows = table("openeuler-ai-tags.tsv")
    assert len(rows) == 257
    found = {(row["image"], row["tag"]): verdict(row["tag"], OEEP) for row in rows}
    assert {key: one["verdict"] for key, one in found.items()} == {
        (row["image"], row["tag"]): row["oeep0014"] for row in rows
    }
    assert Counter(one["verdict"] for one in found.values()) == {"violates": 253, "llm": 3, "framework": 1}
    assert all(bool(one["reason"]) == (one["verdict"] == "violates") for one in found.values())


def test_the_tags_of_cann_as_strict_ones_would_be_shared() -> None:
    rows = table("cann-tag-names.tsv")
    assert len(rows) == 593
    assert [row["tag"] for row in rows if verdict(row["tag"], OEEP)["verdict"] != "violates"] == []
    found = [CANN.fullmatch(row["tag"]) for row in rows if row["published"] == "yes"]
    full = [match for match in found if match and match["os"] == "openeuler" and not match["devel"]]
    shared = Counter(
        write(OEEP, Oeep(Software("cann", one["cann"]), Software("openeuler", PINNED[one["release"]]))) for one in full
    )
    assert (shared.total(), len(shared), max(shared.values())) == (137, 24, 15)
    assert {verdict(tag, OEEP)["verdict"] for tag in shared} == {"sdk"}
    for one in full:
        with pytest.raises(TagError, match="is a moving name"):
            openeuler.short(one["os"] + one["release"])


def test_segments_tell_all_tags_of_cann_apart() -> None:
    found = [CANN.fullmatch(row["tag"]) for row in table("cann-tag-names.tsv")]
    tags = []
    for one in filter(None, found):
        parts = Oeep(
            sdk=Software("cann", one["cann"]),
            os=Software("openeuler", "24.03-lts"),
            segments=(one["os"] + one["release"], one["chip"], one["python"]),
            dev=one["devel"] is not None,
        )
        tag = write(OEEP, parts)
        assert read(OEEP, tag).parts == parts
        tags.append(tag)
    assert len(set(tags)) == len(tags) == 569

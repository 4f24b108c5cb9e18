"""The plan as openEuler's tree: Dockerfiles that stand alone, meta.yml, image lists, readmes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import meta
from bakegen.dockerfile import needs, parse
from bakegen.plan import Plan, Selection, select
from bakegen.render import meta as render
from bakegen.render.rewriting import NotStandalone
from bakegen.render.standalone import Sources, Standalone, standalone
from tests.projects import opened, write

ARCHES = {platform: arch for arch, platform in meta.ARCHES.items()}
BASE = """
# syntax=docker/dockerfile:1
# SPDX-License-Identifier: Apache-2.0
ARG QUOTE=x
FROM base AS build
# what is made
COPY files/a /a
FROM build
ARG QUOTE
ARG LANGUAGE
ENV LANG=$LANGUAGE
COPY --from=0 /a /b
RUN --mount=type=bind,target=/ctx \\
    --mount=type=secret,id=ca \\
    # a comment
    true
COPY <<END /etc/x
hello
END
""".lstrip()
STACK = """
title = "openEuler AI"
description = "AI <stacks> | of all"
platforms = ["linux/amd64", "linux/arm64"]

[axes.os]
role = "os"
values = ["24.03-lts-sp3", { name = "24.03-lts", only = { cann = "8.0.0" } }]
[axes.cann]
role = "sdk"
values = ["8.0.0", { name = "8.5.0", platforms = ["linux/arm64"] }]
[axes.torch]
role = "framework"
values = ["2.1.0", "2.2.0"]

[[layers]]
name = "base"
parent = "openeuler/openeuler:{os}"
axes = ["os"]
args = { LANGUAGE = "C.UTF-8", QUOTE = 'a "$b" \\c' }

[[layers]]
name = "cann"
parent = "base"
axes = ["cann"]
image = "cann"
args = { CANN = "{cann}" }
tags = ["{cann}-{os|oe}", { pattern = "latest", newest = "cann", only = { os = "24.03-lts-sp3" } }]

[[layers]]
name = "pytorch"
parent = "cann"
axes = ["torch"]
image = "pytorch"
target = "run"
args = { TORCH = "{torch}" }
only = { os = "24.03-lts-sp3", cann = "8.5.0" }
tags = ["{torch}-{os|oe}", { pattern = "{torch}-cann{cann}-{os|oe}", only = { torch = "2.1.0" } }]
links = { shared = { directory = "shared" }, tool = { layer = "base" } }
"""
PROJECT = {
    "bakegen.toml": '[[registries]]\nprefix = "openeuler/"\n',
    "stacks/s/stack.toml": STACK,
    "stacks/s/base/Dockerfile": BASE,
    "stacks/s/base/files/a": "a\n",
    "stacks/s/cann/Dockerfile": "FROM base\nARG CANN TARGETARCH\nCOPY install.sh *.run /opt/\nRUN echo $CANN\n",
    "stacks/s/cann/install.sh": "#!/bin/sh\n",
    "stacks/s/cann/x.run": "x\n",
    "stacks/s/cann/unused": "no\n",
    "stacks/s/shared/s": "s\n",
    "stacks/s/pytorch/Dockerfile": (
        "FROM --platform=$BUILDPLATFORM tool AS fetch\nRUN true\nFROM base AS run\nARG TORCH\n"
        "COPY --from=shared /s /s\nCOPY --from=fetch /b /b\nFROM nothing.example/x:1 AS unused\nCOPY gone /\n"
    ),
}


def sources(root: Path, plan: Plan) -> Sources:
    """A project's files as the command gathers them, without ignore files."""
    links = {link.ref for target in plan.targets for link in target.links if link.kind == "directory"}
    contexts = {(target.context, target.dockerfile) for target in plan.targets}
    return Sources(
        {file: (root / file).read_text() for _, file in contexts},
        {(folder, file): _files(root / folder) for folder, file in contexts},
        {folder: _files(root / folder) for folder in links},
    )


def _files(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))


def outlined(plan: Plan, prefix: str = "openeuler/") -> render.Outline:
    targets = select(plan, Selection())
    found = {tag.tag: meta.named(tag.tag) for target in targets for tag in target.tags}
    folders = {tag: f"{one.version}/{one.release}" for tag, one in found.items() if one is not None}
    return render.outline(plan, targets, prefix, folders, ARCHES, meta.BOTH)


def alone(root: Path, files: Mapping[str, str], name: str) -> Standalone:
    _, plan = opened(write(root, files))
    return standalone(plan, plan.by_name[name], outlined(plan).references, sources(root, plan))


def layer(
    root: Path, dockerfile: str, more: str = "", below: str = "FROM base\n", files: Mapping[str, str] | None = None
) -> str:
    """The Dockerfile of a layer on an internal one, both with the files ``f`` and ``d/g``."""
    stack = (
        'title = "T"\n[[layers]]\nname = "low"\nparent = "debian:12"\n[[layers]]\nname = "top"\nparent = "low"\n'
        f'image = "top"\ntags = ["1.0-oe2403lts"]\n{more}\n'
    )
    everywhere = {f"stacks/s/{name}/{file}": "x\n" for name in ("low", "top") for file in ("f", "d/g")}
    texts = {"stacks/s/stack.toml": stack, "stacks/s/low/Dockerfile": below, "stacks/s/top/Dockerfile": dockerfile}
    return alone(root, {**everywhere, **texts, **(files or {})}, "s-top").text


def body(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith(("# Made", "LABEL"))]


# A Dockerfile that stands alone


def test_an_internal_parent_comes_first_and_a_published_one_is_named(tmp_path: Path) -> None:
    found = alone(tmp_path, PROJECT, "s-pytorch-24_03-lts-sp3-8_5_0-2_2_0")
    assert (
        found.text
        == """\
# syntax=docker/dockerfile:1
# Made by bakegen from stacks/s/stack.toml. Change that, not this.
ARG QUOTE="a \\"\\$b\\" \\\\c"

FROM scratch AS base-files
COPY base-files/ /

# SPDX-License-Identifier: Apache-2.0
FROM openeuler/openeuler:24.03-lts-sp3 AS build
# what is made
COPY --from=base-files files/a /a
FROM build AS base
ARG QUOTE="a \\"\\$b\\" \\\\c"
ARG LANGUAGE="C.UTF-8"
ENV LANG=$LANGUAGE
COPY --from=build /a /b
RUN --mount=type=bind,target=/ctx,from=base-files \\
    --mount=type=secret,id=ca \\
    # a comment
    true
COPY <<END /etc/x
hello
END

FROM scratch AS shared-files
COPY shared-files/ /

FROM --platform=$BUILDPLATFORM base AS fetch
RUN true
FROM openeuler/cann:8.5.0-oe2403sp3 AS run
ARG TORCH="2.2.0"
COPY --from=shared-files /s /s
COPY --from=fetch /b /b
LABEL org.opencontainers.image.description="AI <stacks> | of all"
LABEL org.opencontainers.image.title="openEuler AI: pytorch"
LABEL org.opencontainers.image.version="2.2.0-oe2403sp3"
"""
    )
    assert found.files == (
        ("base-files/Dockerfile", "stacks/s/base/Dockerfile"),
        ("base-files/files/a", "stacks/s/base/files/a"),
        ("shared-files/s", "stacks/s/shared/s"),
    )


def test_it_builds_from_what_the_plan_says_and_nothing_else(tmp_path: Path) -> None:
    for name, base in (("s-cann-24_03-lts-8_0_0", "openeuler/openeuler:24.03-lts"),):
        found = alone(tmp_path, PROJECT, name)
        assert {use.name for use in needs(parse(found.text), {}, None, ()).names} == {base}
        assert [path for path, _ in found.files] == [
            "base-files/Dockerfile", "base-files/files/a", "install.sh", "x.run",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("dockerfile", "below", "expected"),
    [
        ("FROM base\n", "FROM base\n", ["FROM debian:12 AS low", "FROM low"]),
        ("FROM base AS low\n", "FROM base\n", ["FROM debian:12 AS low", "FROM low AS low-2"]),
        ("ARG ON=base\nFROM $ON\n", "FROM base\n", ["ARG ON=base", "FROM debian:12 AS low", "FROM low"]),
        ("FROM base\nCOPY . /x\n", "FROM base\n", ["FROM debian:12 AS low", "FROM low", "COPY . /x"]),
        (
            "FROM base\nCOPY . /x\n",
            "FROM base\nCOPY f /\n",
            [
                "FROM scratch AS low-files",
                "COPY low-files/ /",
                "FROM debian:12 AS low",
                "COPY --from=low-files f /",
                "FROM scratch AS top-files",
                "COPY top-files/ /",
                "FROM low",
                "COPY --from=top-files . /x",
            ],
        ),
        (
            "FROM base\nRUN --mount=from=base,target=/x true\n",
            "FROM base\n",
            ["FROM debian:12 AS low", "FROM low", "RUN --mount=from=low,target=/x true"],
        ),
        (
            "FROM base AS One\nFROM scratch\nCOPY --link --from=ONE / /\n",
            "FROM base\n",
            ["FROM debian:12 AS low", "FROM low AS one", "FROM scratch", "COPY --link --from=one / /"],
        ),
    ],
)
def test_names_are_put_in_their_place(tmp_path: Path, dockerfile: str, below: str, expected: list[str]) -> None:
    assert body(layer(tmp_path, dockerfile, below=below)) == expected


def test_what_would_mean_something_beside_the_dockerfile_is_put_apart(tmp_path: Path) -> None:
    apart = ["FROM scratch AS top-files", "COPY top-files/ /"]
    text = layer(tmp_path, "FROM base\nCOPY . /x\n", files={"stacks/s/top/.dockerignore": "*\n"})
    assert body(text) == ["FROM debian:12 AS low", *apart, "FROM low", "COPY --from=top-files . /x"]
    files = {"stacks/s/top/other": "FROM base\nCOPY Dockerfile /\n"}
    text = layer(tmp_path, "FROM scratch\n", 'dockerfile = "top/other"', files=files)
    assert body(text) == ["FROM debian:12 AS low", *apart, "FROM low", "COPY --from=top-files Dockerfile /"]


def test_a_stage_that_is_not_the_last_is_built_all_the_same(tmp_path: Path) -> None:
    text = layer(tmp_path, "FROM base AS a\nFROM base AS b\nCOPY --from=a / /\n", 'target = "a"')
    assert body(text) == ["FROM debian:12 AS low", "FROM low AS a"]
    text = layer(tmp_path, "FROM base AS a\nFROM base AS b\nONBUILD RUN true\n", 'target = "b"')
    assert body(text) == ["FROM debian:12 AS low", "FROM low AS b", "ONBUILD RUN true"]


def test_other_images_and_the_platform_in_a_name_stay(tmp_path: Path) -> None:
    text = layer(
        tmp_path, "FROM base\nCOPY --from=busybox:1 /bin/sh /\nFROM tools:1-$TARGETARCH AS a\nCOPY --from=0 / /\n"
    )
    assert body(text) == [
        "FROM debian:12 AS low",
        "FROM low AS top-0",
        "COPY --from=busybox:1 /bin/sh /",
        "FROM tools:1-$TARGETARCH AS a",
        "COPY --from=top-0 / /",
    ]


@pytest.mark.parametrize(
    ("dockerfile", "more", "below", "message"),
    [
        ("FROM base\nRUN --mount=type=secret,id=k true\n", 'secrets = ["k"]', "FROM base\n", 'needs the secret "k"'),
        ("FROM base\nRUN --mount=type=secret,id=k,required true\n", "", "FROM base\n", ":2 requires a secret"),
        ("FROM base\nRUN --mount=type=ssh true\n", "", "FROM base\n", "mounts an SSH agent"),
        ("FROM base\nCOPY --from=g / /\n", 'links.g.git = "https://example.org/x"', "FROM base\n", "git repository"),
        ("FROM base\n", 'args = { SOURCE_DATE_EPOCH = "1" }', "FROM base\n", 'declares no ARG "SOURCE_DATE_EPOCH"'),
        ("ARG A=1\nFROM base\n", "", "ARG A=2\nFROM base\n", 'ARG "A" before the first FROM means something else'),
        ("# escape=`\nFROM base\n", "", "FROM base\n", "the same lines `# syntax=` and `# escape=`"),
        ("FROM base\n", "", "FROM base\nADD f /\n", "COPY them alone"),
        ("FROM base\n", "", "FROM base\nCOPY f <<E /x/\nE\n", "COPY them alone"),
        ("FROM base\n", "", "FROM base\nCOPY f /\nONBUILD RUN true\n", "write its step into the children"),
        ('FROM base AS a\nFROM base\nCOPY --from="a" / /\n', "", "FROM base AS a\n", "without quotes"),
        ("ARG N=a\nFROM base AS a\nFROM $N\n", "", "FROM base AS a\n", "two stages have the same name"),
        ("FROM base\nARG A\n", 'args = { A = "a\\tb" }', "FROM base\n", "control character"),
    ],
)  # fmt: skip
def test_what_cannot_be_expressed_is_refused(
    tmp_path: Path, dockerfile: str, more: str, below: str, message: str
) -> None:
    with pytest.raises(NotStandalone, match=message):
        layer(tmp_path, dockerfile, more, below)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=30), st.sampled_from(("\\", "`")))
def test_an_argument_keeps_its_value_as_a_default(value: str, escape: str) -> None:
    from bakegen.dockerfile import expand
    from bakegen.render.rewriting import Wanted, rewrite

    text = f"# escape={escape}\nFROM a:1\nARG X\n"
    done = rewrite(text, Wanted({0: "s"}, {2: "a:1"}, {}, {"X": value}, None))
    stage = parse(f"# escape={escape}\n{done.text}").stages[0]
    assert expand(stage.args[0].default or "", {}, escape=escape) == value


# The tree


def test_every_tag_has_a_folder_and_comes_out_of_the_publisher(tmp_path: Path) -> None:
    _, plan = opened(write(tmp_path, PROJECT))
    outline = outlined(plan)
    assert outline.problems == ()
    by_image: dict[str, list[render.Declared]] = {}
    for one in outline.declared:
        by_image.setdefault(one.image, []).append(one)
    assert meta.merged("meta.yml", "", render.wanted(by_image["cann"]))[0] == (
        "8.0.0-oe2403lts:\n  path: 8.0.0/24.03-lts/Dockerfile\n"
        "8.0.0-oe2403sp3:\n  path: 8.0.0/24.03-lts-sp3/Dockerfile\n"
        "8.5.0-oe2403sp3:\n  path: 8.5.0/24.03-lts-sp3/Dockerfile\n  arch: aarch64\n"
    )
    for declared in by_image.values():
        entries, findings = meta.read_meta("meta.yml", meta.merged("meta.yml", "", render.wanted(declared))[0])
        assert findings == ()
        for one in declared:
            resolved = meta.resolve(entries, one.path)
            assert (resolved.tag, resolved.declared, resolved.platforms) == (one.tag, True, one.target.platforms)
    assert outline.floating == {"cann": (("latest", "s-cann-24_03-lts-sp3-8_5_0"),)}
    assert [one.tag for one in by_image["pytorch"]] == [
        "2.1.0-cann8.5.0-oe2403sp3",
        "2.1.0-oe2403sp3",
        "2.2.0-oe2403sp3",
    ]


SECOND = '[[layers]]\nname = "b"\nparent = "a"\ncontext = "a"\nimage = "y/x"\ntags = ["1-oe2309"]'


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ('image = "x"\ntags = ["1.0"]', '"1.0" (s-a) names no openEuler release'),
        ('image = "x"\ntags = ["1.0-oe2403"]', "names no openEuler release"),
        ('image = "x"\nplatforms = ["linux/s390x"]\ntags = ["1.0-oe2403lts"]', "does not build linux/s390x"),
        (f'image = "x"\ntags = ["1-oe2403lts"]\n{SECOND}', "images go into one namespace"),
    ],
)  # fmt: skip
def test_what_no_meta_yml_can_say(tmp_path: Path, layers: str, message: str) -> None:
    stack = f'title = "T"\n[[layers]]\nname = "a"\nparent = "debian:12"\n{layers}\n'
    files = {"stacks/s/stack.toml": stack, "stacks/s/a/Dockerfile": "FROM base\n"}
    _, plan = opened(write(tmp_path, files))
    (problem,) = outlined(plan).problems
    assert message in problem[1]


def test_only_floating_tags_are_refused(tmp_path: Path) -> None:
    stack = (
        'title = "T"\n[axes.v]\nvalues = ["1.0"]\n[[layers]]\nname = "a"\nparent = "debian:12"\naxes = ["v"]\n'
        'image = "x"\ntags = [{ pattern = "latest", newest = "v" }]\n'
    )
    _, plan = opened(write(tmp_path, {"stacks/s/stack.toml": stack, "stacks/s/a/Dockerfile": "FROM base\nARG v\n"}))
    assert [told for _, told in outlined(plan).problems] == ["s-a-1_0 has floating tags only, which cannot be declared"]


def test_an_image_list_keeps_what_is_there() -> None:
    assert render.image_list("", [], {"b": "b", "a": "a"}) == "images:\n  a: a\n  b: b\n"
    there = "# ours\nimages:\n    z: z\n    a: opea/a"
    assert render.image_list(there, ["z", "a"], {"a": "opea/a"}) == there
    assert render.image_list(there, ["z", "a"], {"a": "opea/a", "b": "b"}) == f"{there}\n    b: b\n"


def test_a_readme_has_the_sections_and_the_tags(tmp_path: Path) -> None:
    _, plan = opened(write(tmp_path, PROJECT))
    declared = [one for one in outlined(plan).declared if one.image == "cann"]
    text = render.readme("cann", declared)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Quick reference",
        "# cann | openEuler",
        "# Supported tags and respective Dockerfile links",
        "# Usage",
        "# Question and answering",
    ]
    row = "| [8.5.0-oe2403sp3](8.5.0/24.03-lts-sp3/Dockerfile) | cann 8.5.0 on openEuler 24.03-LTS-SP3 | arm64 |"
    assert row in text.splitlines()
    assert "AI &lt;stacks&gt; \\| of all" in text
    assert "docker run --rm -it openeuler/cann:8.0.0-oe2403lts" in text
    assert render.readme("cann", declared, text) == text


def test_a_readme_that_is_there_keeps_its_words(tmp_path: Path) -> None:
    _, plan = opened(write(tmp_path, PROJECT))
    declared = [one for one in outlined(plan).declared if one.image == "cann"]
    heading = "# Supported tags and respective Dockerfile links"
    before = f"# Ours\n\n{heading}\nThe tags.\n\n| old |\n|-|\n| x |\n\nMore.\n# Usage\nhelp\n"
    after = render.readme("cann", declared, before)
    links = [f"| [{one.tag}]({one.path}) |\n" for one in declared]
    assert after == before.replace("| x |\n", "| x |\n" + "".join(links))
    bare = render.readme("cann", declared, "## Supported tags and respective Dockerfile links\n# Usage\n")
    assert bare.endswith("| arm64 |\n\n# Usage\n")
    assert render.readme("cann", declared, bare) == bare
    with pytest.raises(ValueError, match="no heading"):
        render.readme("cann", declared, "# Ours\n")


def test_a_table_keeps_the_rows_of_others(tmp_path: Path) -> None:
    _, plan = opened(write(tmp_path, PROJECT))
    declared = [one for one in outlined(plan).declared if one.image == "pytorch"]
    whole = render.readme("pytorch", declared)
    # Another's row, one with odd cells, and one of ours that is out of date.
    link = "[2.1.0-oe2403sp3](2.1.0/24.03-lts-sp3/Dockerfile)"
    ours = next(line for line in whole.splitlines() if link in line)
    rest = "| [1.0-oe2203](x/Dockerfile) | a \\| b | amd64 |\n|[odd](|\n|\n"
    before = whole.replace(f"{ours}\n", f"{rest}| {link} | old | old |\n")
    assert render.readme("pytorch", declared, before) == whole.replace(f"{ours}\n", f"{rest}{ours}\n")
    # One that is not selected now is not taken away either.
    assert render.readme("pytorch", declared[:1], whole) == whole


def test_what_was_put_together_once_has_one_heading(tmp_path: Path) -> None:
    text = layer(tmp_path, "# Made by bakegen from x/stack.toml. Change that, not this.\n# ours\nFROM base\n")
    assert (text.count("Made by bakegen"), "# ours\n" in text) == (1, True)

"""Dockerfiles of a tree against Backend.AI's rules: each defect that was found in the wild, and what is no defect."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakegen.labels.kinds import defaults
from bakegen.lint import RULES, is_dockerfile, lint
from bakegen.lint.image import read, tag_of
from tests.projects import write

KERNEL = {**defaults("python", "ubuntu:22.04")}


def labelled(base: str = "ubuntu:22.04", more: str = "", **labels: str | None) -> str:
    """A Dockerfile that is right but for ``labels`` (None: left out) and for what stands behind them."""
    table = KERNEL | {f"ai.backend.{key.replace('__', '.').replace('_', '-')}": value for key, value in labels.items()}
    lines = "".join(f'LABEL {key}="{value}"\n' for key, value in table.items() if value is not None)
    return f"FROM {base}\n{lines}{more}"


def found(root: Path, text: str, name: str = "Dockerfile", **files: str) -> list[tuple[str, int]]:
    """Rules and lines of what is found in one Dockerfile with files beside it."""
    write(root, {f"k/{name}": text, **{f"k/{path}": content for path, content in files.items()}})
    return [(one.rule, one.line) for one in lint([root]).findings]


def rules(root: Path, text: str, name: str = "Dockerfile", **files: str) -> list[str]:
    return [rule for rule, _ in found(root, text, name, **files)]


def test_a_right_one(tmp_path: Path) -> None:
    assert found(tmp_path, labelled()) == []
    assert found(tmp_path, "FROM x\n") == []
    assert found(tmp_path, "FROM x\nLABEL a=1\nENTRYPOINT run\n", "Dockerfile.a-1") == []


# What was found in the kernels' own repository (729 Dockerfiles).


@pytest.mark.parametrize("ports", ["a:pty:3000, b:http:8080", "a:http:80", "a:http:22", "a:http:88888"])
def test_service_ports_that_the_agent_refuses(tmp_path: Path, ports: str) -> None:
    text = labelled(service_ports=ports, more="RUN make /etc/backend.ai/service-defs\n")
    assert found(tmp_path, text) == [("service-ports", 10)]


@pytest.mark.parametrize("runtime", ["r", "c", "nodejs", "java", "golang"])
def test_runtimes_that_are_gone(tmp_path: Path, runtime: str) -> None:
    assert rules(tmp_path, labelled(runtime_type=runtime)) == ["runtime-type"]


def test_labels_that_are_missing(tmp_path: Path) -> None:
    assert found(tmp_path, labelled(runtime_type=None, runtime_path=None)) == [("label-missing", 2)]
    # What is made from a kernel has its labels from there.
    assert rules(tmp_path, 'FROM lablup/python:3.9\nLABEL ai.backend.resource.min.atom.device="0"\n') == []


def test_accelerators_that_only_a_resource_names(tmp_path: Path) -> None:
    assert found(tmp_path, labelled(resource__min__cuda__device="1")) == [("accelerators-unsaid", 10)]
    assert rules(tmp_path, labelled(resource__min__cuda__device="1", accelerators="cuda")) == []


@pytest.mark.parametrize(
    ("base", "distro", "expected"),
    [
        ("ubuntu:18.04", "ubuntu16.04", ["base-distro-differs"]),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", "ubuntu20.04", ["base-distro-differs"]),
        ("alpine:3.20", "ubuntu16.04", ["base-distro-differs"]),
        ("debian:bookworm", "ubuntu24.04", ["base-distro-differs"]),
        ("debian:bookworm", "ubuntu22.04", []),
        ("alpine:3.20", "alpine3.8", []),
        ("nvcr.io/nvidia/pytorch:25.01-py3", "ubuntu16.04", []),
        ("$BASE", "ubuntu16.04", []),
    ],
)
def test_the_base_distribution(tmp_path: Path, base: str, distro: str, expected: list[str]) -> None:
    text = "ARG BASE\n" + labelled(base, base_distro=distro)
    assert rules(tmp_path, text) == expected


def test_the_base_distribution_under_stages_and_arguments(tmp_path: Path) -> None:
    text = "ARG OS=ubuntu:18.04\nFROM ${OS} AS one\n" + labelled("one", base_distro="ubuntu22.04")
    assert rules(tmp_path, text) == ["base-distro-differs"]


def test_inference_without_what_it_needs(tmp_path: Path) -> None:
    more = {"role": "INFERENCE", "model_path": "/models", "service_ports": "grpc:preopen:8001"}
    text = labelled(more="RUN x > /opt/container/bootstrap.sh\n", **more)
    assert rules(tmp_path, text) == ["inference", "inference"]
    assert rules(tmp_path, labelled(more="RUN /opt/container\n", endpoint_ports="grpc", model_format="t", **more)) == []


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("ai.backend.envs.corecounest=NPROC", "label-unknown"),
        ("ai.backend..nvidia.enabled=yes", "label-unknown"),
        ("ai.backend.ai.envs.corecount=NPROC", "label-unknown"),
        ("ai.backend.corecount=NPROC", "label-unknown"),
        ("io.sorna.maxmem 128m", "label-legacy"),
        ("ai.backend.maxcores '4'", "label-legacy"),
        ("ai.backend.kernel-id=1", "label-reserved"),
    ],
)
def test_labels_that_nothing_reads(tmp_path: Path, label: str, rule: str) -> None:
    assert found(tmp_path, labelled(more=f"USER work\nLABEL {label}\n")) == [(rule, 11)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dockerfile.py38-cuda-11.4", ["tag"]),
        ("Dockerfile.2.6-py38-py11.3", ["tag"]),
        ("Dockerfile.3.6-ubuntu", []),
        ("Dockerfile.1.12-py36-srv-cuda9", []),
        ("Dockerfile.sftp-ubuntu22.04", []),
    ],
)
def test_tags_that_the_platform_cannot_read(tmp_path: Path, name: str, expected: list[str]) -> None:
    assert rules(tmp_path, labelled(), name) == expected


@pytest.mark.parametrize(
    ("name", "base", "expected"),
    [
        ("Dockerfile.1.10-py38-cuda11.1", "lablup/common-base:py38-cuda11.3", [("tag-cuda", 1)]),
        ("Dockerfile.1.10-py38-cuda11.1", "nvidia/cuda:11.3.0-devel", [("tag-cuda", 1)]),
        ("Dockerfile.1.10-py38-cuda11.1", "nvidia/cuda:11.1.1-devel", []),
        ("Dockerfile.1.10-py38-cuda9", "nvidia/cuda:9.0-devel", []),
        ("Dockerfile.1.10-py38", "nvidia/cuda:9.0-devel", []),
        ("Dockerfile.1.10-py38-cuda9", "x:1", []),
    ],
)
def test_the_tags_cuda_is_the_bases(tmp_path: Path, name: str, base: str, expected: list[tuple[str, int]]) -> None:
    assert found(tmp_path, labelled(base), name) == expected


@pytest.mark.parametrize(
    ("tag", "base", "expected"),
    [
        ("2.9-py313-cuda12.8-ubuntu24.04", "ubuntu:22.04", ["tag-os"]),
        ("2.9-py313-cuda12.8-ubuntu24.04", "nvidia/cuda:12.8.1-devel-ubuntu22.04", ["tag-os"]),
        ("2.9-py313-cuda12.8-ubuntu24.04", "nvidia/cuda:12.8.1-devel-ubuntu24.04", []),
        ("2.9-py313-ubuntu24.04", "python:3.13.1-slim-trixie", ["tag-os"]),
        ("2.9-py313", "python:3.12-slim", ["tag-python"]),
        ("2.9-py313", "python:3.13.1-slim", []),
        ("2.9-py3.13", "lablup/common-base:py313-cuda12", []),
        ("2.9-py310", "lablup/common-base:py31-x", ["tag-python"]),
        ("2.9-py3", "lablup/common-base:py38", []),
        ("2.9-py3", "python:2.7", ["tag-python"]),
        ("2.9-py38", "nvcr.io/nvidia/pytorch:23.01-py3", []),
        ("2.9-py38", "x:numpy39", []),
        ("2.9-debian12", "debian:bookworm-slim", []),
        ("2.9-debian12", "debian:13", ["tag-os"]),
        ("2.9-debian12", "x:1", []),
        ("2.9", "debian:12", []),
    ],
)
def test_the_tags_system_and_python_are_the_bases(tmp_path: Path, tag: str, base: str, expected: list[str]) -> None:
    assert [one for one in rules(tmp_path, labelled(base), f"Dockerfile.{tag}") if one.startswith("tag")] == expected


def test_how_many_bear_no_label_of_the_platforms(tmp_path: Path) -> None:
    files = {"a/Dockerfile": labelled(), "b/Dockerfile": "FROM x\nLABEL a=1\n", "c/Dockerfile": "FROM x\n"}
    write(tmp_path, {**files, "d/Dockerfile": "no", "e/Dockerfile": "FROM x\nLABEL io.sorna.mode=x\n"})
    linted = lint([tmp_path])
    assert (linted.files, linted.unlabelled) == (5, 2)


@pytest.mark.parametrize("name", ["Dockerfile.\x1b[31mx", "Dockerfile.a\n::error::y", "a\nb.Dockerfile"])
def test_no_character_in_a_name_hides_a_dockerfile(tmp_path: Path, name: str) -> None:
    assert is_dockerfile(name)
    assert "role" in rules(tmp_path, labelled(role="X"), name)


def test_the_tag_in_a_name() -> None:
    assert tag_of("a/Dockerfile.1.2-py3") == "1.2-py3"
    assert tag_of("a/commons/Dockerfile.base.py310-cuda12.4.1") == "py310-cuda12.4.1"
    assert tag_of("Dockerfile") == tag_of("x.Dockerfile") == tag_of("Containerfile") == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2FROM x\n", 1),
        ("DFROM x\nRUN y\n", 1),
        ("9\nFROM x\n", 1),
        ("", 0),
        ("# vim: ft=dockerfile\n", 0),
        ("FROM x\n<<<<<<< HEAD\nRUN a\n", 2),
        ("<<<<<<< HEAD\nFROM x\n=======\nFROM y\n>>>>>>> z\n", 1),
        ("FROM x\nRUNN y\n", 2),
        ("RUN y\nFROM x\n", 1),
        ("FROM x\nLABEL a=b c d\n", 2),
        ("FROM x\nRUN <<EOF\n", 2),
        ("FROM x\nRUN " + "a" * 70_000 + "\n", 2),
        ("FROM x\nCOPY --form=y a b\n", 2),
    ],
)
def test_what_is_no_dockerfile(tmp_path: Path, text: str, line: int) -> None:
    assert found(tmp_path, text) == [("dockerfile", line)]


def test_files_that_are_copied_but_not_there(tmp_path: Path) -> None:
    text = (
        'FROM x\nCOPY policy.yml here.txt /etc/\nCOPY ["a b", "c", "/d/"]\nADD ./w/*.whl /w/\n'
        "ADD https://example.com/x /x\nCOPY --from=other gone /gone\nCOPY <<EOF /e\nCOPY gone /\nEOF\n"
        "COPY $SRC sub /t/\nCOPY --chown=1:1 ../../../etc/passwd /p\nCOPY . /all\nONBUILD COPY later /\n"
        "ADD git@example.com:a/b.git /b\nCOPY 'quoted' /q\n"
    )
    files = {"here.txt": "", "c": "", "sub/x": "", "quoted": ""}
    write(tmp_path, {"k/Dockerfile": text, **{f"k/{path}": content for path, content in files.items()}})
    missing = [(one.line, one.message.split('"')[1]) for one in lint([tmp_path]).findings]
    assert missing == [(2, "policy.yml"), (3, "a b"), (11, "etc/passwd")]
    assert {one.rule for one in lint([tmp_path]).findings} == {"copy-source-missing"}


PREOPEN = {"service_ports": "web:preopen:8080"}
COPY_BOOTSTRAP = "COPY bootstrap.sh /opt/container/\n"


def test_a_preopen_service_that_nothing_starts(tmp_path: Path) -> None:
    assert found(tmp_path, labelled(**PREOPEN)) == [("bootstrap-missing", 10)]
    assert rules(tmp_path, labelled(more="COPY --from=y /x /opt/container/bootstrap.sh\n", **PREOPEN)) == []


def test_a_bootstrap_that_is_skipped(tmp_path: Path) -> None:
    text = labelled(more=COPY_BOOTSTRAP, **PREOPEN)
    assert found(tmp_path, text, **{"bootstrap.sh": "#!/bin/sh\n"}) == [("bootstrap-not-executable", 11)]
    assert rules(tmp_path, text + "RUN chmod +x /opt/container/bootstrap.sh\n") == []
    assert rules(tmp_path, text.replace("COPY", "COPY --chmod=755")) == []
    (tmp_path / "k/bootstrap.sh").chmod(0o755)
    assert rules(tmp_path, text) == []


HTTP = {"service_ports": "ipython:pty:3000,ttyd:http:7000,jupyter:http:8080,web:tcp:8081"}


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("", 2),
        ("COPY service-defs /etc/backend.ai/service-defs\n", 1),
        ("COPY service-defs /etc/backend.ai/service-defs/\n", 1),
        ("COPY service-defs/jupyter.json web.json /etc/backend.ai/service-defs/\n", 0),
        ("COPY web.json /etc/backend.ai/service-defs/web.json\n", 1),
        ("ADD root /\n", 1),
        ("COPY --from=defs /x /etc/backend.ai/service-defs\n", 0),
        ("RUN write /etc/backend.ai/service-defs/web.json\n", 0),
    ],
)
def test_services_without_a_definition(tmp_path: Path, copy: str, expected: int) -> None:
    files = {"service-defs/jupyter.json": "{}", "web.json": "{}", "root/etc/backend.ai/service-defs/web.json": "{}"}
    assert found(tmp_path, labelled(more=copy, **HTTP), **files) == [("service-def-missing", 10)] * expected


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ('{"comand": ["x"]}', 'no field "comand" (did you mean "command"?)'),
        ("{\n", "it is no JSON"),
        ("[]", "it is no JSON object"),
        ("[" * 100_000, "it cannot be read"),
        ('{"command": "x", "env": {}, "prestart": [], "url_template": "/"}', ""),
    ],
)
def test_a_service_definition(tmp_path: Path, content: str, part: str) -> None:
    copy = "COPY defs /etc/backend.ai/service-defs\n"
    write(tmp_path, {"Dockerfile": labelled(more=copy, service_ports="web:http:8080"), "defs/web.json": content})
    findings = lint([tmp_path]).findings
    assert [one.rule for one in findings] == ["service-def"] * bool(part)
    assert all(part in one.message and one.file == str(tmp_path / "defs/web.json") for one in findings)


def test_an_entrypoint_that_never_runs(tmp_path: Path) -> None:
    assert found(tmp_path, labelled(more='ENTRYPOINT ["run"]\n')) == [("entrypoint-ignored", 10)]
    assert rules(tmp_path, labelled(more="ENTRYPOINT []\nCMD run\n")) == []


def test_an_empty_line_in_an_instruction(tmp_path: Path) -> None:
    assert found(tmp_path, "FROM x\nRUN a \\\n\n  b\n") == [("empty-continuation", 3)]


def test_variables_in_labels(tmp_path: Path) -> None:
    known = labelled(more="ENV T=ruby\nLABEL ai.backend.runtime-type=$T\n", runtime_type=None)
    assert found(tmp_path, known) == [("runtime-type", 10)]
    text = labelled(
        more="ARG T\nARG P=/bin/$T\nLABEL ai.backend.runtime-type=$T ai.backend.service-ports=$P\n", runtime_type=None
    )
    assert (
        rules(
            tmp_path,
            text
            + "LABEL ai.backend.endpoint-ports=grpc ai.backend.accelerators=$T ai.backend.resource.min.cuda.device=1\n",
        )
        == []
    )


def test_labels_of_an_earlier_stage(tmp_path: Path) -> None:
    text = labelled("x AS one", role="X").replace("LABEL", "\nLABEL") + "FROM one\nUSER work\n"
    assert found(tmp_path, text) == [("role", 19)]
    assert found(tmp_path, text.replace("FROM one", "FROM other")) == []


# Which files are read.


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile",
        "Dockerfile.1.2-py3",
        "x.Dockerfile",
        "Containerfile",
        "dockerfile",
        "Containerfile.x",
        "DOCKERFILE.a",
    ],
)
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile.5.1-alpine~",
        "Dockerfile.orig",
        "Dockerfile.dockerignore",
        "Dockerfile.j2",
        "README",
        "Dockerfiles",
        "aDockerfile",
        ".Dockerfile",
    ],
)
def test_names_of_no_dockerfiles(name: str) -> None:
    assert not is_dockerfile(name)


def test_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = "2FROM x\n"
    write(
        tmp_path,
        {"b/Dockerfile.2": bad, "a/c/Dockerfile": bad, "a/Dockerfile~": bad, ".git/Dockerfile": bad, "odd": bad},
    )
    monkeypatch.chdir(tmp_path)
    linted = lint([Path()])
    assert (linted.files, [one.file for one in linted.findings]) == (2, ["a/c/Dockerfile", "b/Dockerfile.2"])
    named = lint([Path("b"), Path("./b/Dockerfile.2"), Path("odd")])
    assert (named.files, [one.file for one in named.findings]) == (2, ["b/Dockerfile.2", "odd"])


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"secret": "SECRET x\n", "tree/inside": "FROM x\n", "tree/k/defs/web.json": "{}"})
    (tmp_path / "tree/Dockerfile").symlink_to("../secret")
    (tmp_path / "tree/Dockerfile.ok").symlink_to("inside")
    (tmp_path / "tree/Dockerfile.loop").symlink_to("Dockerfile.loop")
    (tmp_path / "tree/k/defs/api.json").symlink_to("../../../secret")
    copy = "COPY defs /etc/backend.ai/service-defs\n"
    write(tmp_path, {"tree/k/Dockerfile": labelled(more=copy, service_ports="web:http:8080,api:http:8081")})
    findings = lint([tmp_path / "tree"]).findings
    assert sorted((one.rule, os.path.relpath(one.file, tmp_path / "tree")) for one in findings) == [
        ("outside", "Dockerfile"),
        ("outside", "k/defs/api.json"),
        ("unreadable", "Dockerfile.loop"),
    ]
    assert not any("SECRET" in one.message for one in findings)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_bytes(b"FROM x\n# \xff\n")
    os.mkfifo(tmp_path / "Dockerfile.pipe")
    messages = [(one.rule, one.message) for one in lint([tmp_path]).findings]
    assert messages == [("unreadable", "it is not UTF-8 (byte 9)"), ("unreadable", "it is no file")]


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"Dockerfile": "FROM x\n", "a/Dockerfile": "2FROM x\n"})
    scan = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("a"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    linted = lint([tmp_path])
    assert linted.files == 1
    assert [(one.file, one.rule, one.message) for one in linted.findings] == [
        (str(tmp_path / "a"), "unreadable", "it cannot be read: Permission denied")
    ]


HARMLESS = ("FROM", "x", "LABEL", "COPY", "ADD", "AS", "ENTRYPOINT", "ONBUILD", "ARG", "X=1", "\n", "a" * 300)
KNOWN = ("ai.backend.kernelspec=1", "ai.backend.service-ports=a:preopen:8080,b:http:1", "/etc/backend.ai/service-defs")
HOSTILE = (
    "<<EOF",
    "EOF",
    '"',
    "'",
    "$X",
    "${X:-",
    "}",
    "[",
    "\ufeff",
    "<<<<<<<",
    "../..",
    "\0",
    "\\",
    "\\\n",
    "# escape=`\n",
)
WORDS = st.sampled_from((*HARMLESS, *KNOWN, *HOSTILE))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(st.text(), st.lists(WORDS, max_size=30).map(" ".join), st.lists(WORDS, max_size=20).map("FROM x\n".join))
)
def test_any_text_gives_findings_and_never_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "Dockerfile.a-1").write_text(text, encoding="utf-8", errors="replace", newline="")
    linted = lint([tmp_path])
    assert linted.files == 1
    assert all(one.rule in RULES for one in linted.findings)
    lines = text.count("\n") + 1
    assert all(0 <= one.line <= lines for one in read("Dockerfile", text)[1])

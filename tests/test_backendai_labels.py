"""Backend.AI's labels: each rule as the values that it lets pass and those that it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.labels import ports
from bakegen.labels.backendai import PREFIX, REQUIRED, RULES, faults, missing, unsaid_accelerators
from bakegen.labels.distros import agree, base_distro, system
from bakegen.labels.kinds import KINDS, defaults
from bakegen.labels.values import bytes_of
from tests.families import layer, plan_of, problems_of, target

KERNEL = defaults("python", "ubuntu:22.04")


def rules(labels: Mapping[str, str]) -> list[str]:
    return [fault.rule for fault in faults({PREFIX + key: value for key, value in labels.items()})]


def told(key: str, value: str) -> str:
    return "\n".join(str(fault) for fault in faults({PREFIX + key: value}))


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("kernelspec", ["1"]),
        ("features", ["", "batch query uid-match user-input", "private operation tty"]),
        ("base-distro", ["ubuntu16.04", "ubuntu24.04", "centos7.6", "alpine3.8", "centos9.0"]),
        ("runtime-type", ["app", "python", "vendor.aws_polly", "vendor.h2o"]),
        ("runtime-path", ["/usr/bin/python3", "/bin/true"]),
        ("role", ["COMPUTE", "INFERENCE", "SYSTEM"]),
        ("envs.corecount", ["", "NPROC", "OPENBLAS_NUM_THREADS,OMP_NUM_THREADS,NPROC"]),
        ("accelerators", ["", "cuda", "cuda,rocm", "atom-plus,tt-n300", "a-device-of-tomorrow"]),
        ("resource.min.cpu", ["1", "0.5", "0"]),
        ("resource.min.mem", ["256m", "1g", "1.5GiB", "64MB", "512mib", "1073741824", "2gbytes"]),
        ("resource.max.mem", ["8g"]),
        ("resource.min.cuda.device", ["0", "1"]),
        ("resource.min.cuda.shares", ["0.1"]),
        ("resource.min.a-device-of-tomorrow.device", ["0"]),
        ("resource.preferred.shmem", ["64m", "1g"]),
        ("service-ports", ["", "ipython:pty:3000,jupyter:http:8091,jupyterlab:http:8090,mlflow-ui:preopen:5000"]),
        ("service-ports", ["a:tcp:1025,b:vnc:65534,c:rdp:3389,", "a:preopen:[8000]", "a:pty:22,b:pty:22"]),
        ("model-path", ["/models"]),
        ("model-format", ["triton"]),
    ],
)
def test_values_that_the_platform_reads(key: str, values: list[str]) -> None:
    assert [told(key, value) for value in values] == [""] * len(values)


@pytest.mark.parametrize(
    ("key", "rule", "values"),
    [
        ("kernelspec", "kernelspec", ["2", "", "1.0", "one"]),
        ("features", "features", ["uidmatch", "batch,query", "Batch", "batch batch", "x"]),
        ("base-distro", "base-distro", ["", "debian12", "ubuntu", "ubuntu22", "Ubuntu22.04", "alpine3.8\n"]),
        ("runtime-type", "runtime-type", ["", "r", "c", "nodejs", "Python"]),
        ("runtime-path", "runtime-path", ["", "python3", "/bin/sh ", "/bin/\x1b[1m"]),
        ("role", "role", ["", "compute", "INTERACTIVE"]),
        ("envs.corecount", "corecount", ["A, B", "A,,B", "1A", "A B"]),
        ("accelerators", "accelerators", ["CUDA", "cuda, rocm", "cuda,", "*"]),
        ("resource.min.cpu", "resource", ["", "-1", "1e3", "one", "NaN", "½", "1 "]),
        ("resource.min.mem", "resource", ["1", "", "64", "1x", "m", "1 g", "0", "5m", "inf", "1.5", "1b"]),
        ("resource.preferred.shmem", "resource", ["64", "1023k", "1"]),
        ("resource.min.cuda.smp", "resource", ["1"]),
        ("resource.max.cuda.mem", "resource", ["1"]),
        ("resource.min.cuda", "resource", ["1"]),
        ("resource.min.CUDA.device", "resource", ["1"]),
        ("resource.min.cuda.", "resource", ["1"]),
        ("model-path", "inference", ["models", ""]),
        ("model-format", "inference", ["", " "]),
        ("service-ports", "service-ports", ["ipython:pty:3000, jupyter:http:8080", "a.b:http:8080", "a:http"]),
        ("service-ports", "service-ports", ["a:preopen:[8000,8001]", "a:internal:8080", "a:HTTP:8080"]),
        ("service-ports", "service-ports", ["a:http:1024", "a:http:65535", "a:http:22", "a:http:88888", "a:http:0"]),
        ("service-ports", "service-ports", ["a:http:2000", "a:http:2003", "a:http:2200", "a:http:7681"]),
        (
            "service-ports",
            "service-ports",
            ["a:http:8080,b:tcp:8080", "a:http:8080,a:tcp:8081", ",", "a:http:1,,b:pty:1"],
        ),
        ("service-ports", "service-ports", ["a:http:８080", "a:http:[8000", "a:http:8080\n"]),
        ("endpoint-ports", "inference", ["", "grpc", "grpc,"]),
    ],
)
def test_values_that_it_refuses_or_overlooks(key: str, rule: str, values: list[str]) -> None:
    for value in values:
        found = faults({PREFIX + key: value})
        assert found, value
        assert {fault.rule for fault in found} == {rule}
        assert all(fault.key == PREFIX + key and fault.message and fault.source for fault in found)


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("features", "uidmatch", '(did you mean "uid-match"?)'),
        ("role", "compute", '(did you mean "COMPUTE"?)'),
        ("accelerators", "CUDA", '(did you mean "cuda"?)'),
        ("resource.min.mem", "1", '1 byte is too little (did you mean "1g"?)'),
        ("resource.preferred.shmem", "64", '64 bytes is too little (did you mean "64m"?)'),
        ("base-distro", "debian12", "debian12 is ubuntu22.04"),
        ("service-ports", "a:http:8080,b:http:8080", 'port 8080 is that of "a" too'),
        ("envs.corecounest", "x", '(did you mean "ai.backend.envs.corecount"?)'),
        ("ai.envs.corecount", "x", '(did you mean "ai.backend.envs.corecount"?)'),
        ("corecount", "x", '(did you mean "ai.backend.envs.corecount"?)'),
        (".nvidia.enabled", "yes", '"nvidia.enabled" is of the past: write ai.backend.accelerators'),
        ("kernel-spec", "1", '(did you mean "ai.backend.kernelspec"?)'),
        ("resource.min.cuda.mem", "1", "write ai.backend.resource.min.cuda.device or cuda.shares"),
    ],
)
def test_what_is_meant_is_told(key: str, value: str, part: str) -> None:
    assert part in told(key, value)


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("ai.backend.timeout", "label-legacy"),
        ("ai.backend.maxmem", "label-legacy"),
        ("ai.backend.maxcores", "label-legacy"),
        ("ai.backend.version", "label-legacy"),
        ("ai.backend.nvidia.enabled", "label-legacy"),
        ("ai.backend.port", "label-legacy"),
        ("com.nvidia.cuda.version", "label-legacy"),
        ("com.nvidia.volumes.needed", "label-legacy"),
        ("io.sorna.features", "label-legacy"),
        ("io.sorna.envs.corecount", "label-legacy"),
        ("io.sorna.mode", "label-legacy"),
        ("com.lablup.sorna.maxmem", "label-legacy"),
        ("ai.backend.customized-image.owner", "label-reserved"),
        ("ai.backend.kernel-id", "label-reserved"),
        ("ai.backend.internal.block-service-ports", "label-reserved"),
        ("ai.backend.nonsense", "label-unknown"),
        ("ai.backend.resource.preferred.cpu", "label-unknown"),
        ("ai.backend.", "label-unknown"),
    ],
)
def test_labels_that_do_nothing_or_are_not_ours(key: str, rule: str) -> None:
    assert [fault.rule for fault in faults({key: "x"})] == [rule]


def test_labels_of_others_are_nobodys_concern() -> None:
    assert faults({"org.example": "x", "com.nvidia.cudnn.version": "8", "ai.backends": "x"}) == ()


def test_an_endpoint_is_a_preopen_service() -> None:
    # The manager drops a list of ports, and then misses the endpoint.
    assert rules({"service-ports": "grpc:preopen:[8000,8001]", "endpoint-ports": "grpc"}) == [
        "inference",
        "service-ports",
    ]
    services = {"service-ports": "grpc:preopen:8001,web:http:8080"}
    assert rules({**services, "endpoint-ports": "grpc"}) == []
    assert rules({**services, "endpoint-ports": "grpc,web,rest"}) == ["inference"] * 2


def test_what_an_image_must_say() -> None:
    assert missing({}) == missing({"org.example": "x", "io.sorna.mode": "x"}) == ()
    assert missing(KERNEL) == ()
    for key in REQUIRED:
        (fault,) = missing({one: value for one, value in KERNEL.items() if one != key})
        assert (fault.rule, fault.key) == ("label-missing", "")
        assert f"no {key}" in fault.message
    inference = missing({**KERNEL, f"{PREFIX}role": "INFERENCE", f"{PREFIX}model-path": "/models"})
    assert [re.findall(r"without (\S+):", fault.message)[0] for fault in inference] == [
        f"{PREFIX}endpoint-ports",
        f"{PREFIX}model-format",
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"base-distro": "ubuntu16.04", "runtime-path": "/usr/local/bin/python"},
        {"accelerators": "cuda", "resource.min.cuda.device": "0", "resource.min.cuda.shares": "0"},
        {"role": "SYSTEM", "features": "uid-match private", "runtime-type": "app", "service-ports": ""},
    ],
)
def test_labels_that_images_in_use_have(more: dict[str, str]) -> None:
    labels = {
        "kernelspec": "1",
        "envs.corecount": "OPENBLAS_NUM_THREADS,OMP_NUM_THREADS,NPROC",
        "features": "batch query uid-match user-input",
        "base-distro": "ubuntu24.04",
        "resource.min.cpu": "1",
        "resource.min.mem": "1g",
        "runtime-type": "python",
        "runtime-path": "/usr/bin/python",
        "service-ports": "ipython:pty:3000,jupyter:http:8091,vscode:http:8180,mlflow-ui:preopen:5000",
        **more,
    }
    whole = {PREFIX + key: value for key, value in labels.items()}
    assert faults(whole) == missing(whole) == unsaid_accelerators(whole) == ()


def test_accelerators_that_only_resources_name() -> None:
    labels = {f"{PREFIX}resource.min.cuda.device": "1", f"{PREFIX}resource.max.cuda.shares": "1"}
    (fault,) = unsaid_accelerators({**labels, f"{PREFIX}accelerators": "rocm", f"{PREFIX}resource.min.cpu": "1"})
    assert "add cuda to" in fault.mend
    assert unsaid_accelerators({**labels, f"{PREFIX}accelerators": "rocm,cuda"}) == ()


@pytest.mark.parametrize(
    ("image", "told_system", "expected"),
    [
        ("debian:bookworm-slim", "debian12", "ubuntu22.04"),
        ("debian:13", "debian13", "ubuntu24.04"),
        ("debian:bullseye", "debian11", "ubuntu20.04"),
        ("docker.io/library/ubuntu:22.04", "ubuntu22.04", "ubuntu22.04"),
        ("ubuntu:jammy-20240101", "ubuntu22.04", "ubuntu22.04"),
        ("python:3.12-slim-bookworm", "debian12", "ubuntu22.04"),
        ("python:3.12-alpine3.20", "alpine3.20", "alpine3.20"),
        ("alpine:3.18.2", "alpine3.18", "alpine3.18"),
        ("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", "ubuntu22.04", "ubuntu22.04"),
        ("host:5000/a/b:py310-cuda12.1-ubuntu20.04@sha256:0", "ubuntu20.04", "ubuntu20.04"),
        ("centos:7", "centos7", "centos7.6"),
        ("rockylinux:8.9", "rockylinux8", "centos8.0"),
        ("ubi9:latest", "rhel9", "centos9.0"),
        ("nvidia/cuda:12.4.1-base-ubi8", "rhel8", "centos8.0"),
        ("openeuler/openeuler:24.03-lts", "openeuler24.03", "ubuntu22.04"),
        ("debian", "", ""),
        ("ubuntu:latest", "", ""),
        ("python:3.12", "", ""),
        ("nvcr.io/nvidia/pytorch:25.01-py3", "", ""),
        ("host:5000/mine/debian:12", "", ""),
        ("", "", ""),
    ],
)
def test_the_system_of_a_base_image(image: str, told_system: str, expected: str) -> None:
    assert (system(image), base_distro(image)) == (told_system, expected)


def test_distributions_that_do_as_well() -> None:
    assert agree("ubuntu22.04", "ubuntu22.04")
    assert not agree("ubuntu16.04", "ubuntu18.04")
    assert agree("alpine3.8", "alpine3.20")
    assert not agree("alpine3.9", "alpine3.20")
    assert not agree("alpine3.8", "ubuntu22.04")
    assert agree("centos7.9", "centos7.6")
    assert not agree("centos8.0", "centos7.6")


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_is_right_by_the_same_rules(kind: str) -> None:
    labels = defaults(kind, "debian:12")
    assert faults(labels) == ()
    assert {fault.rule for fault in missing(labels)} <= ({"inference"} if kind == "inference" else set())
    assert labels[f"{PREFIX}base-distro"] == "ubuntu22.04"
    assert f"{PREFIX}base-distro" not in defaults(kind, "x:1")


def test_where_python_is() -> None:
    assert defaults("python", "python:3.12-bookworm")[f"{PREFIX}runtime-path"] == "/usr/local/bin/python3"
    assert defaults("python", "mine/python:3.12")[f"{PREFIX}runtime-path"] == "/usr/bin/python3"


def test_every_rule_is_described() -> None:
    assert all(text.endswith(".") for text in RULES.values())


ITEM = re.compile(r"^(?P<name>[\w-]+):(?P<proto>\w+):(?P<ports>\[\d+(?:,\d+)*\]|\d+)(?:,|$)")
RESERVED = {2000, 2001, 2002, 2003, 2200, 7681}


def platform_reads(value: str) -> list[tuple[str, str, tuple[int, ...]]] | None:
    """What the platform's parser makes of a string, or None where it raises; written from its specification."""
    found, used = [], set[int]()
    while value:
        match = ITEM.search(value)
        if match is None:
            return None
        value = value[match.end() :]
        if match["proto"] == "pty":
            continue
        if match["proto"] not in ("tcp", "http", "preopen", "vnc", "rdp"):
            return None
        numbers = tuple(map(int, match["ports"].strip("[]").split(",")))
        for number in numbers:
            if number in used | RESERVED or not 1024 < number < 65535:
                return None
            used.add(number)
        found.append((match["name"], match["proto"], numbers))
    return found


PORTS = st.sampled_from(["8080", "8081", "80", "1024", "1025", "65534", "65535", "2000", "7681", "[8000]", "[1,2]"])
ITEMS = st.builds(
    ":".join,
    st.tuples(st.sampled_from(["a", "b", "a-b", "a.b", "é", ""]), st.sampled_from(["http", "pty", "x", "vnc"]), PORTS),
)


@given(st.one_of(st.text(":,[]ab80 ", max_size=30), st.lists(ITEMS, max_size=4).map(",".join), st.text(max_size=20)))
def test_only_service_ports_that_agent_and_manager_read_alike_pass(value: str) -> None:
    services, wrong = ports.read(value)
    if wrong:
        return
    agent = platform_reads(value)
    assert agent is not None
    # The manager reads each of the items between commas by itself, and drops those that it cannot read.
    manager = [one for item in value.split(",") for one in platform_reads(item) or []]
    assert agent == manager == [(one.name, one.protocol, (one.port,)) for one in services if one.protocol != "pty"]


@given(st.integers(0, 10**6), st.sampled_from("kmgtpezy"), st.sampled_from(["", "b", "ib", "Bytes", "iBytes"]))
def test_sizes(number: int, unit: str, ending: str) -> None:
    assert bytes_of(f"{number}{unit}{ending}") == number * 1024 ** ("kmgtpezy".index(unit) + 1)
    assert bytes_of(f"{number}{unit.upper()}") == bytes_of(f"{number}{unit}")
    assert bytes_of(str(number)) == number


@given(st.dictionaries(st.one_of(st.sampled_from([*KERNEL]), st.text().map(PREFIX.__add__)), st.text()))
def test_any_labels_are_judged(labels: dict[str, str]) -> None:
    assert all(fault.key in labels and fault.rule in RULES for fault in faults(labels))
    assert all(fault.rule in RULES for fault in missing(labels))


# At plan time: labels of a stack.

RIGHT = "".join(f'"{key}" = "{value}"\n' for key, value in KERNEL.items())


def test_a_stack_whose_labels_are_right(tmp_path: Path) -> None:
    stack = f"[labels]\n{RIGHT}" + layer("l", more='image = "l"\ntags = ["1"]')
    assert set(KERNEL.items()) <= set(target(plan_of(tmp_path, stack), "l").labels)


def test_a_layer_that_is_not_published_need_not_be_complete(tmp_path: Path) -> None:
    stack = layer("base", more='labels = { "ai.backend.kernelspec" = "1" }') + layer(
        "l", "base", 'image = "l"\ntags = ["1"]'
    )
    found = problems_of(tmp_path, stack)
    assert len(found) == 1
    assert "layers[1]: no ai.backend.features, " in found[0]


def test_a_label_is_told_once_and_where_it_counts(tmp_path: Path) -> None:
    stack = '[labels]\n"ai.backend.role" = "X"\n' + layer("base", more='labels = { "ai.backend.features" = "y" }')
    stack += layer("one", "base") + layer("two", "base", 'labels = { "ai.backend.role" = "Z", "x.y" = "1" }')
    found = problems_of(tmp_path, stack)
    assert [line.partition(": no ")[0] for line in found] == [
        '3: labels."ai.backend.role"',
        '8: layers[0].labels."ai.backend.features"',
        '18: layers[2].labels."ai.backend.role"',
    ]


def test_a_service_of_a_parent_may_be_an_endpoint_of_its_child(tmp_path: Path) -> None:
    stack = layer("base", more='labels = { "ai.backend.service-ports" = "grpc:preopen:8001" }')
    ends = stack + layer("l", "base", 'labels = { "ai.backend.endpoint-ports" = "grpc" }')
    assert problems_of(tmp_path, ends) == []
    found = problems_of(tmp_path, ends + layer("m", "l", 'labels = { "ai.backend.service-ports" = "web:http:8001" }'))
    assert len(found) == 1
    assert 'layers[1].labels."ai.backend.endpoint-ports": no service port "grpc"' in found[0]

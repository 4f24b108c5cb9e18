"""`bakegen test` with a real engine: every way in which a test can end."""

from __future__ import annotations

import json
import signal
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from bakegen.engine.devices import find
from tests.engine.conftest import Project, Projects, docker

pytestmark = pytest.mark.engine

LAYERS = """
[[layers]]
name = "os"
parent = "debian:bookworm-slim"

  [[layers.tests]]
  name = "of the parent"
  run = "test -f /below"

[[layers]]
name = "app"
parent = "os"
image = "app"
tags = ["1", "latest"]

[[layers]]
name = "plain"
parent = "debian:bookworm-slim"
image = "plain"
tags = ["1"]
"""
FILES = {
    "stacks/s/os/Dockerfile": "FROM base\nRUN touch /below\n",
    "stacks/s/app/Dockerfile": 'FROM base\nRUN touch /above\nWORKDIR /srv\nENTRYPOINT ["/bin/false"]\nUSER 1234\n',
    "stacks/s/plain/Dockerfile": "FROM base\n",
    "stacks/s/with-shebang": '#!/bin/sh -e\nread line\necho "script $0 heard $line as $(id -u)"\n',
    "stacks/s/without": "echo plain sh\n",
}
# name -> the test's words, the state it must end in, and the reason that must be given.
TESTS: dict[str, tuple[str, str, str]] = {
    "a command": ('run = ["test", "-f", "/above"]', "passed", ""),
    "text": ('run = "echo one; echo two"\nstdout-contains = ["one", "two"]', "passed", ""),
    "a pattern": ('run = "echo one; echo 22"\nstdout-matches = "^[0-9]+$"', "passed", ""),
    "standard error": ('run = "echo oops >&2"\nstderr-contains = "oops"\nstderr-matches = "^o+ps$"', "passed", ""),
    "an exit code": ('run = "exit 3"\nexit-code = 3', "passed", ""),
    "standard input": ('run = "cat"\nstdin = "hé\\nllo"\nstdout-contains = "hé\\nllo"', "passed", ""),
    "no standard input": ('run = "cat"\nstderr-empty = true', "passed", ""),
    "no network": ('run = "ls /sys/class/net"\nstdout-matches = "\\\\Alo\\n\\\\Z"', "passed", ""),
    "the image's user and folder": ('run = "pwd; id -u"\nstdout-contains = "/srv\\n1234"', "passed", ""),
    "another user": ('user = "1000:7"\nrun = "id -u; id -g"\nstdout-contains = "1000\\n7\\n"', "passed", ""),
    "a script": (
        'script = "with-shebang"\nstdin = "this\\n"\nstdout-matches = "^script .* heard this as 1234$"',
        "passed",
        "",
    ),
    "a script without a first line": ('script = "without"\nstdout-contains = "plain sh"', "passed", ""),
    "bytes that are no text": (r"""run = 'printf "\377\376 end"'""" + '\nstdout-contains = " end"', "passed", ""),
    "endless output": ('run = "yes | head -c 9000000; echo end"\nstdout-contains = "y\\ny"', "passed", ""),
    "the end of endless output": (
        'run = "yes | head -c 9000000; echo end"\nstdout-contains = "end"',
        "failed",
        "stdout does not contain 'end' (only its first 1 MiB was looked at)",
    ),
    "another exit code": ('run = "exit 4"', "failed", "it ended with 4, not 0"),
    "missing text": ('run = "echo one"\nstdout-contains = "two"', "failed", "stdout does not contain 'two'"),
    "no match": ('run = "echo one"\nstdout-matches = "^n"', "failed", "stdout does not match '^n'"),
    "missing text in standard error": (
        'run = "echo one"\nstderr-contains = "one"',
        "failed",
        "stderr does not contain 'one'",
    ),
    "a warning": ('run = "echo careful >&2"\nstderr-empty = true', "failed", "stderr is not empty"),
    "two reasons": (
        'run = "echo careful >&2; exit 9"\nstderr-empty = true',
        "failed",
        "it ended with 9, not 0; stderr is not empty",
    ),
    "too slow": ('run = "echo begun; sleep 3141"\ntimeout = 1', "failed", "it did not end within 1 second"),
    "no such command": ('run = ["/no/such", "word"]', "error", "the command could not be started: "),
    "an unknown accelerator": ('run = "true"\nneeds = "quantum"', "unavailable", "needs quantum: it is not known how"),
}


def spelled(tests: dict[str, tuple[str, str, str]]) -> str:
    """Tests as a layer's TOML."""
    return "".join(f"[[layers.tests]]\nname = {json.dumps(name)}\n{words}\n" for name, (words, _, _) in tests.items())


def family(tests: str) -> str:
    return LAYERS.replace('tags = ["1", "latest"]\n', f'tags = ["1", "latest"]\n{tests}')


@pytest.fixture(scope="module")
def built(projects: Projects, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose images are in the engine."""
    project = projects.new(tmp_path_factory.mktemp("smoke"), family(spelled(TESTS)), FILES)
    project.run("build", "--load")
    return project


@pytest.fixture(scope="module")
def results(built: Project, platforms: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """What came of the tests on the engine's first platform, by name."""
    done = built.run("test", "--platform", platforms[0], "--format", "json", "--jobs", "2", code=5)
    report = json.loads(done.stdout)
    assert report["schema"] == 1
    assert report["untested"] == ["s-plain"]
    return {one["test"]: one for one in report["tests"]}


@pytest.mark.parametrize("name", TESTS)
def test_each_way_to_end(results: dict[str, dict[str, Any]], name: str) -> None:
    _, state, reason = TESTS[name]
    one = results[name]
    assert one["result"] == state, one
    assert (one["reason"] or "").startswith(reason)
    assert bool(one["reason"]) == (state != "passed")
    assert one["layer"] == "s/app"


def test_the_parents_tests_come_first(results: dict[str, dict[str, Any]]) -> None:
    assert next(iter(results)) == "of the parent"
    assert list(results) == ["of the parent", *TESTS]
    assert results["of the parent"]["layer"] == "s/os"
    assert results["of the parent"]["result"] == "passed"


def test_the_last_lines_are_reported(results: dict[str, dict[str, Any]]) -> None:
    assert results["too slow"]["stdout"] == ["begun"]
    assert results["a warning"]["stderr"] == ["careful"]
    assert len(results["endless output"]["stdout"]) <= 20


def test_no_container_is_left(built: Project, results: dict[str, dict[str, Any]]) -> None:
    assert results["too slow"]["result"] == "failed"
    assert docker("ps", "--all", "--quiet", "--filter", f"ancestor={built.image('app:1')}") == ""


def test_every_platform_is_tested(projects: Projects, tmp_path: Path, platforms: tuple[str, ...]) -> None:
    last = platforms[-1]
    tests = {
        "which": ('run = "uname -m"\nstdout-matches = "^(x86_64|aarch64)$"', "", ""),
        "one only": (f'run = "true"\nplatforms = ["{last}"]', "", ""),
    }
    project = projects.new(tmp_path, family(spelled(tests)), FILES)
    project.run("build", "--load")
    done = project.run("test", "--report", str(tmp_path / "report.xml"))

    report = ET.parse(tmp_path / "report.xml").getroot()
    assert [suite.get("name") for suite in report] == [f"s-app {platform}" for platform in platforms]
    assert [case.get("name") for case in report[-1]] == ["s/os: of the parent", "s/app: which", "s/app: one only"]
    assert report.get("tests") == str(2 * len(platforms) + 1)
    printed = {case.findtext("system-out") for case in report.iter("testcase") if case.get("name") == "s/app: which"}
    assert len(printed) == len(platforms)
    assert "s-plain  -         -" in done.stdout
    assert done.stdout.splitlines()[-1] == f"{2 * len(platforms) + 1} passed"


def test_an_image_that_is_not_there(projects: Projects, tmp_path: Path, platforms: tuple[str, ...]) -> None:
    project = projects.new(tmp_path, family(""), FILES)
    done = project.run("test", "--platform", platforms[0], code=5)
    sentence = f"there is no image {project.image('app:1')} for {platforms[0]}: make it with bakegen build --load"
    assert sentence in done.stdout


def test_the_environment_names_the_registry(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, family(""), FILES)
    name = project.prefix.rstrip("/").rsplit("/", 1)[-1]
    renamed = family("").replace('image = "app"', f'image = "{name}-app"').replace('image = "plain"', 'image = "p"')
    project.write({"stacks/s/stack.toml": f'title = "S"\n{renamed}'})
    project.environment["BAKEGEN_REGISTRY"] = ""
    try:
        project.run("build", "s/app", "--load")
        tested = json.loads(project.run("test", "s/app", "--format", "json").stdout)["tests"]
    finally:
        docker("image", "rm", "--force", f"{name}-app:1", f"{name}-app:latest", check=False)
    assert {one["image"] for one in tested} == {f"{name}-app:1"}


def test_a_platform_that_the_engine_cannot_run(projects: Projects, tmp_path: Path) -> None:
    foreign = '[[layers]]\nname = "app"\nplatforms = ["linux/s390x"]\nimage = "app"\ntags = ["1"]\n'
    tests = spelled({"it starts": ('run = ["/program", "word"]', "", "")})
    dockerfile = "FROM scratch\nCOPY --chmod=755 program /program\n"
    files = {"stacks/s/app/Dockerfile": dockerfile, "stacks/s/app/program": "neither a program nor a script\n"}
    project = projects.new(tmp_path, foreign + tests, files)
    docker("buildx", "build", "--platform", "linux/s390x", "--load", "--tag", project.image("app:1"),
           str(project.root / "stacks/s/app"))  # fmt: skip
    done = project.run("test", code=5)
    assert "error: the engine cannot run linux/s390x: register QEMU" in done.stdout


@pytest.mark.parametrize(
    ("tests", "select", "sentence"),
    [
        pytest.param("", "s/plain", "nothing was tested: none of s-plain has a test", id="no tests"),
        pytest.param("", "s/os", "nothing was tested: none of s-os publishes an image", id="internal"),
        pytest.param(
            spelled({"a": ('run = "true"\nneeds = "quantum"', "", "")}),
            "s/plain",
            "nothing was tested: the one test needs an accelerator that is not available",
            id="unavailable",
        ),
    ],
)
def test_nothing_that_ran_is_no_success(
    projects: Projects, tmp_path: Path, platforms: tuple[str, ...], tests: str, select: str, sentence: str
) -> None:
    project = projects.new(tmp_path, LAYERS + tests, FILES)
    assert sentence in project.run("test", select, "--platform", platforms[0], code=5).stderr


def test_an_unavailable_accelerator_is_no_failure(
    projects: Projects, tmp_path: Path, platforms: tuple[str, ...]
) -> None:
    tests = spelled({"a": ('run = "true"\nneeds = "quantum"', "", ""), "b": ('run = "true"', "", "")})
    project = projects.new(tmp_path, LAYERS + tests, FILES)
    project.run("build", "s/plain", "--load", "--platform", platforms[0])
    done = project.run("test", "s/plain", "--platform", platforms[0])
    assert done.stdout.splitlines()[-1] == "1 passed, 1 unavailable"


def test_an_engine_that_does_not_answer(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, family(""), FILES)
    project.environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    done = project.run("test", code=5)
    assert "the Docker engine does not answer: Cannot connect" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_test_leaves_no_container(
    projects: Projects, tmp_path: Path, platforms: tuple[str, ...], number: signal.Signals
) -> None:
    tests = spelled({"slow": ('run = "echo begun; sleep 3141"\ntimeout = 4000', "", "")})
    project = projects.new(tmp_path, LAYERS + tests, FILES)
    project.run("build", "s/plain", "--load", "--platform", platforms[0])
    mine = ("ps", "--all", "--format", "{{.Names}}", "--filter", f"ancestor={project.image('plain:1')}")
    with project.start("test", "s/plain", "--platform", platforms[0], "--jobs", "2") as child:
        while not (name := docker(*mine, "--filter", "status=running").strip()):
            assert child.poll() is None
        child.send_signal(number)
        out, err = child.communicate(timeout=60)

    assert child.returncode == 130
    assert err.strip().splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert out == ""
    assert docker(*mine) == ""
    left = subprocess.run(["ps", "-A", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert name not in left


@pytest.mark.parametrize(
    ("need", "files", "flags"),
    [
        ("cuda", ["dev/nvidiactl"], ("--gpus", "all")),
        ("rocm", ["dev/kfd", "dev/dri"], ("--device", "{}/dev/kfd", "--device", "{}/dev/dri")),
        (
            "npu",
            ["dev/davinci1", "dev/davinci_manager"],
            ("--device", "{}/dev/davinci1", "--device", "{}/dev/davinci_manager"),
        ),
    ],
)
def test_accelerators_are_found(tmp_path: Path, need: str, files: list[str], flags: tuple[str, ...]) -> None:
    assert find(need, tmp_path, local=True).lacking.startswith("this machine has no ")
    (tmp_path / "dev").mkdir()
    for name in files:
        (tmp_path / name).touch()
    assert find(need, tmp_path, local=True).flags == tuple(flag.format(tmp_path) for flag in flags)
    assert "runs on another machine" in find(need, tmp_path, local=False).lacking

"""`bakegen build` with a real engine and a real registry."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakegen.engine.advice import advise
from bakegen.engine.bake import allowances
from bakegen.engine.builder import parse_version
from bakegen.engine.needs import buildx_report, missing
from bakegen.plan import Plan
from tests.engine.conftest import Project, Projects, docker
from tests.projects import opened

pytestmark = pytest.mark.engine

OS = '[[layers]]\nname = "os"\nparent = "debian:bookworm-slim"\n'
FAMILY = f"""
[axes.word]
values = ["one", "two"]
{OS}
[[layers]]
name = "app"
parent = "os"
axes = ["word"]
image = "app"
args = {{ WORD = "{{word}}" }}
tags = ["{{word}}", "{{word}}-again"]
"""
FILES = {
    "stacks/s/os/Dockerfile": "FROM base\nRUN echo below > /below\n",
    "stacks/s/app/Dockerfile": "FROM base\nARG WORD\nCOPY file /file\nRUN echo $WORD > /word && cat /below\n",
    "stacks/s/app/file": "a file\n",
}


def one_layer(dockerfile: str) -> tuple[str, dict[str, str]]:
    """A family of one image, called ``app:1``."""
    words = '[[layers]]\nname = "app"\nparent = "debian:bookworm-slim"\nimage = "app"\ntags = ["1"]\n'
    return words, {"stacks/s/app/Dockerfile": dockerfile}


def read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_bytes())
    assert isinstance(found, dict)
    return found


def test_linked_targets_are_pushed_for_every_platform(
    projects: Projects, tmp_path: Path, platforms: tuple[str, ...]
) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    done = project.run("build", "--push", "--no-cache", "--report", str(tmp_path / "report.json"))

    report = read(tmp_path / "report.json")
    assert [one["target"] for one in report["targets"]] == ["s-os", "s-app-one", "s-app-two"]
    for word, one in zip(("one", "two"), report["targets"][1:], strict=True):
        assert one["tags"] == [project.image(f"app:{word}"), project.image(f"app:{word}-again")]
        for tag in one["tags"]:
            about = json.loads(docker("buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", tag))
            assert about["digest"] == one["digest"]
            found = {"{os}/{architecture}".format(**entry["platform"]) for entry in about.get("manifests", ())}
            assert found == (set(platforms) if len(platforms) > 1 else set())
        assert set(one["sizes"]) == set(platforms)
        assert all(size > 1_000_000 for size in one["sizes"].values())
        assert one["result"] == "built"
        assert one["steps"] == {"run": 2 * len(platforms), "cached": 0}
    assert report["targets"][0]["tags"] == []
    assert re.search(r"^s-app-one +built +[0-9.]+ s +amd64 [0-9.]+ MB.*app:one \(\+1\)$", done.stdout, re.MULTILINE)
    assert done.stderr.rstrip().endswith("pushed")


def test_what_is_done_is_not_done_again(projects: Projects, tmp_path: Path, platforms: tuple[str, ...]) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    one = ("--load", "--platform", platforms[0], "--report", str(tmp_path / "report.json"))

    def results(*words: str) -> set[str]:
        project.run("build", *words, *one)
        return {target["result"] for target in read(tmp_path / "report.json")["targets"]}

    results()
    assert results() == {"cached"}
    assert results("s-app-one", "--no-cache") == {"built"}


def test_it_runs_from_anywhere(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    below = project.root / "stacks/s/app"
    project.run("build", "s-app-one", "--load", cwd=below)
    project.run("build", "s-app-two", "--load", "--project", str(project.root), cwd=tmp_path)

    for word in ("one", "two"):
        assert docker("run", "--rm", project.image(f"app:{word}"), "cat", "/word", "/file") == f"{word}\na file\n"


def test_one_platform(projects: Projects, tmp_path: Path, platforms: tuple[str, ...]) -> None:
    project = projects.new(tmp_path, *one_layer("FROM base\nRUN uname -m > /machine\n"))
    last = platforms[-1]
    project.run("build", "--platform", last, "--load", "--report", str(tmp_path / "report.json"))

    machine = docker("run", "--rm", "--platform", last, project.image("app:1"), "cat", "/machine").strip()
    assert machine == {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[last]
    assert set(read(tmp_path / "report.json")["targets"][0]["sizes"]) == {last}


def test_a_broken_step_is_shown(projects: Projects, tmp_path: Path, platforms: tuple[str, ...]) -> None:
    words = FAMILY.replace('image = "app"', 'image = "app"\nplatforms = ["' + platforms[0] + '"]')
    lines = "for i in $(seq 30); do echo line $i; done"
    broken = f"FROM base AS tools\nRUN true\nFROM base\nARG WORD\nRUN {lines}; echo oh no >&2; exit 7\n"
    project = projects.new(tmp_path, words, {**FILES, "stacks/s/app/Dockerfile": broken})
    report = str(tmp_path / "report.json")
    done = project.run("build", "s-app-one", "--platform", platforms[0], "--report", report, code=5)

    assert f"s-app-one ({platforms[0]}): " in done.stderr
    assert "RUN for i in $(seq 30)" in done.stderr
    assert "exit code: 7" in done.stderr
    assert "    line 12\n" in done.stderr
    assert "    line 11\n" not in done.stderr
    assert "    oh no\n" in done.stderr
    assert ">>> RUN for i" in done.stderr
    assert "bakegen: s-app-one failed: mend that step" in done.stderr
    base, app = read(tmp_path / "report.json")["targets"]
    assert (base["target"], base["result"]) in {("s-os", "built"), ("s-os", "cached")}
    assert (app["target"], app["result"]) == ("s-app-one", "failed")
    assert "oh no" in app["failure"]["log"]
    assert len(app["failure"]["log"]) == 20
    assert app["failure"]["platform"] == platforms[0]
    assert "1 failed" in done.stdout


def test_a_broken_parent_is_the_parents_failure(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, FAMILY, {**FILES, "stacks/s/os/Dockerfile": "FROM base\nRUN exit 3\n"})
    project.run("build", "--report", str(tmp_path / "report.json"), code=5)

    results = {one["target"]: one["result"] for one in read(tmp_path / "report.json")["targets"]}
    assert results == {"s-os": "failed", "s-app-one": "not run", "s-app-two": "not run"}


def test_a_dockerfile_that_buildkit_refuses(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, *one_layer("FROM base\nCOPY not-there /x\n"))
    done = project.run("build", code=5)
    assert "COPY not-there /x" in done.stderr
    assert "not found" in done.stderr


def test_what_a_build_prints_does_not_reach_the_terminal_raw(projects: Projects, tmp_path: Path) -> None:
    mess = r"RUN sleep 0.6; printf '\033[2J\033[31mred\033[0m\007 50%%\r100%%\n\033]0;title\007\342\202\n'; exit 1"
    project = projects.new(tmp_path, *one_layer(f"FROM base\n{mess}\n"))
    done = project.run("build", code=5)

    assert "    100%\n" in done.stderr
    shown = done.stderr + done.stdout
    assert [char for char in shown if not char.isprintable() and char != "\n"] == []


def test_nothing_was_asked_of_an_engine_that_keeps_what_it_builds(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, *one_layer("FROM base\nRUN true\n"))
    done = project.run("build", "--builder", "default")
    assert "the images are in the engine" in done.stderr
    assert docker("image", "ls", "--quiet", project.image("app:1"))


def test_a_builder_that_keeps_its_results(
    projects: Projects, tmp_path: Path, remote_builder: Callable[[Project], str], platforms: tuple[str, ...]
) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    name = remote_builder(project)
    kept = project.run("build", "--builder", name, "--report", str(tmp_path / "kept.json"))
    assert f'in the cache of the builder "{name}" only' in kept.stderr
    assert not docker("image", "ls", "--quiet", project.image("app"))

    pushed = project.run("build", "--builder", name, "--push", "--report", str(tmp_path / "pushed.json"))
    assert [one["sizes"] for one in read(tmp_path / "kept.json")["targets"]] == [{}, {}, {}]
    assert pushed.stderr.rstrip().endswith("pushed")
    assert set(read(tmp_path / "pushed.json")["targets"][1]["sizes"]) == set(platforms)


def test_a_secret_from_outside_the_project(projects: Projects, tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text("very secret")
    look = "RUN --mount=type=secret,id=ca,required=true grep -q 'very secret' /run/secrets/ca"
    settings = '[network]\nfiles = { ca = "TEST_CA" }\n'
    project = projects.new(tmp_path, *one_layer(f"FROM base\n{look}\n"), settings)
    project.environment["TEST_CA"] = str(tmp_path / "bundle.pem")
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    real = shutil.which("docker")
    (tools / "docker").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {calls}\nexec {real} "$@"\n')
    (tools / "docker").chmod(0o755)
    project.environment["PATH"] = f"{tools}:{os.environ['PATH']}"

    assert "1 built" in project.run("build", "--no-cache").stdout
    (bake,) = [line for line in calls.read_text().splitlines() if line.startswith("buildx bake ")]
    assert f"--allow fs.read={tmp_path}/bundle.pem s-app" in bake


def test_layers_that_publish_nothing(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    assert "publishes no tags" in project.run("build", "s/os").stderr
    assert "nothing to push: s-os" in project.run("build", "s/os", "--push", code=2).stderr


def test_to_load_and_to_push_exclude_one_another(projects: Projects, tmp_path: Path) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    assert "give one of them" in project.run("build", "--load", "--push", code=2).stderr


@pytest.mark.parametrize(
    ("environment", "words", "sentence"),
    [
        pytest.param({}, ["--builder", "nobody"], 'no builder "nobody" found: docker buildx ls', id="builder"),
        pytest.param(
            {"DOCKER_HOST": "unix:///nowhere/docker.sock"}, [], "does not answer: Cannot connect", id="daemon"
        ),
        pytest.param({"PATH": "/nowhere"}, [], "docker is not installed", id="docker"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_built(
    projects: Projects, tmp_path: Path, environment: dict[str, str], words: list[str], sentence: str
) -> None:
    project = projects.new(tmp_path, FAMILY, FILES)
    project.environment.pop("DOCKER_CONTEXT", None)
    project.environment.update(environment)
    done = project.run("build", *words, code=5)
    assert sentence in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_platform_that_the_builder_lacks(projects: Projects, tmp_path: Path) -> None:
    words, files = one_layer("FROM base\nRUN true\n")
    project = projects.new(tmp_path, words.replace("image =", 'platforms = ["linux/mips64"]\nimage ='), files)
    done = project.run("build", code=5)
    assert "cannot build linux/mips64: register QEMU" in done.stderr
    assert done.stdout == ""


SLOW = "FROM base\nRUN sleep 0.7 # begin\nRUN sleep 3141\n"


def wait_for_the_slow_step(child: subprocess.Popen[str]) -> None:
    assert child.stderr is not None
    told = ""
    while "RUN sleep 0.7" not in told:
        line = child.stderr.readline()
        assert line, told
        told += line


def nothing_is_left(project: Project) -> bool:
    left = subprocess.run(["ps", "-A", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return not list(project.temporary.iterdir()) and str(project.temporary) not in left


@pytest.mark.parametrize("how", ["group", "interrupt", "terminate"])
def test_an_interrupted_build_leaves_nothing(projects: Projects, tmp_path: Path, how: str) -> None:
    project = projects.new(tmp_path, *one_layer(SLOW))
    with project.start("build", "--no-cache") as child:
        wait_for_the_slow_step(child)
        if how == "group":
            os.killpg(child.pid, signal.SIGINT)
        else:
            child.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGTERM)
        out, err = child.communicate(timeout=60)

    assert child.returncode == 130
    assert err.strip().splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
    assert out == ""
    assert nothing_is_left(project)


def test_a_build_whose_talk_nobody_reads_is_ended(projects: Projects, tmp_path: Path) -> None:
    slow = SLOW.replace("RUN sleep 3141", "RUN sleep 0.8\nRUN sleep 3141")
    project = projects.new(tmp_path, *one_layer(slow))
    with project.start("build", "--no-cache") as child:
        wait_for_the_slow_step(child)
        assert child.stderr is not None
        child.stderr.close()
        child.wait(timeout=60)
    assert nothing_is_left(project)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4", (0, 29, 1)),
        ("github.com/docker/buildx v0.17.1 257815a6fbaee88976808020bf04274388275ae8", (0, 17, 1)),
        ("github.com/docker/buildx v0.36.0-54-g461836b 461836b", (0, 36, 0)),
        ("v0.13", (0, 13, 0)),
        ("github.com/docker/buildx unknown", None),
    ],
)
def test_versions_of_buildx(said: str, version: tuple[int, int, int] | None) -> None:
    assert parse_version(said) == version


@pytest.fixture
def plan(projects: Projects, tmp_path: Path) -> Plan:
    """A plan with a cache on GitHub and a secret from a file that a variable names."""
    settings = '[cache]\ntype = "gha"\n[network]\nfiles = { ca = "TEST_CA" }\n'
    words, files = one_layer("FROM base\nRUN --mount=type=secret,id=ca true\n")
    return opened(projects.new(tmp_path, words, files, settings).root)[1]


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        ((0, 12, 1), ("buildx 0.12.1: too old, the bake file needs 0.13 or newer",)),
        (
            (0, 20, 0),
            (
                "buildx 0.20: the cache of GitHub Actions is not reached (needs 0.21)",
                "buildx 0.20: variables' types are not checked (needs 0.24)",
            ),
        ),
        ((0, 21, 3), ("buildx 0.21.3: variables' types are not checked (needs 0.24)",)),
        ((0, 24, 0), ("buildx 0.24: has all that the bake file needs",)),
    ],
)
def test_what_an_older_buildx_lacks(plan: Plan, version: tuple[int, int, int], lines: tuple[str, ...]) -> None:
    assert missing(plan, version) == lines


def test_the_installed_buildx_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert buildx_report(plan)[0].startswith("buildx 0.")
    monkeypatch.setenv("PATH", "/nowhere")
    assert buildx_report(plan) == ("docker is not installed: emit works, build and test do not",)


def test_docker_without_buildx(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "docker").write_text("#!/bin/sh\necho \"docker: 'buildx' is not a docker command.\" >&2\nexit 1\n")
    (tools / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    assert buildx_report(plan) == ("buildx is not installed: emit works, build does not",)


def test_what_is_read_outside_the_project_is_allowed(plan: Plan, tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)

    def allowed(path: str) -> list[str]:
        return allowances(plan.targets, {"TEST_CA": path}, inside, writes=True)

    assert allowed(str(outside)) == [f"fs.read={outside}"]
    assert allowed("../outside") == ["fs.read=../outside"]
    assert allowed("link") == ["fs.read=link"]
    assert allowed(str(inside / "ca.pem")) == []
    assert allowed("") == []
    assert allowances(plan.targets, {}, inside, writes=True) == []


@pytest.mark.parametrize(
    ("told", "advice"),
    [
        ("exec /bin/sh: exec format error", "register QEMU"),
        ("docker exporter does not currently support exporting manifest lists", "name one with --platform"),
        ("write /x: no space left on device", "make room"),
        ("push access denied, repository does not exist", "docker login"),
        ("SSL: CERTIFICATE_VERIFY_FAILED", "certificates"),
        ("dial tcp: lookup nowhere: no such host", "reaches that address"),
        ("exit code: 7", "mend that step"),
    ],
)
def test_advice(told: str, advice: str) -> None:
    assert advice in advise("a message", told)

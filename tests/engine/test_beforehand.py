"""What `bakegen build` and `bakegen test` prove and say of the environment before they begin, and keep to after."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.engine.conftest import Project, Projects

pytestmark = pytest.mark.engine

APP = '[[layers]]\nname = "app"\nparent = "debian:bookworm-slim"\nimage = "app"\ntags = ["1"]\n'
SECRETS = """secrets = [
  { id = "token", env = "TEST_TOKEN" },
  { id = "key", file = "key" },
  { id = "folder", file = "app" },
  { id = "bundle", file-env = "TEST_BUNDLE" },
]
"""
MOUNTS = " ".join(f"--mount=type=secret,id={name}" for name in ("token", "key", "folder", "bundle"))
DECLARED = "example.com/never-used/"


@pytest.fixture
def unreachable(projects: Projects, tmp_path: Path) -> Project:
    """A project with secrets, and an engine that does not answer: what is refused is refused before it is asked."""
    project = projects.new(tmp_path, APP + SECRETS, {"stacks/s/app/Dockerfile": f"FROM base\nRUN {MOUNTS} true\n"})
    project.environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    return project


@pytest.mark.parametrize("path", ["/nope", "stacks"])
def test_secrets_that_are_not_there_are_told_all_at_once(unreachable: Project, path: str) -> None:
    unreachable.environment |= {"TEST_BUNDLE": path, "BAKEGEN_REGISTRY": "foo"}
    done = unreachable.run("build", code=2)
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        'bakegen: secret "token" of layer s/app: the variable TEST_TOKEN is not set',
        'secret "key" of layer s/app: the file stacks/s/key does not exist',
        'secret "folder" of layer s/app: the file stacks/s/app is a folder',
        f'secret "bundle" of layer s/app: TEST_BUNDLE names no file: {path}',
        'BAKEGEN_REGISTRY=foo is no prefix of image names, such as "registry.example:5000/ai/": it ends in /',
    ]


@pytest.mark.parametrize("bundle", [{}, {"TEST_BUNDLE": ""}, {"TEST_BUNDLE": "stacks/s/key"}])
def test_secrets_that_are_there_reach_the_build(projects: Projects, tmp_path: Path, bundle: dict[str, str]) -> None:
    words = SECRETS.replace('  { id = "folder", file = "app" },\n', "")
    mounts = MOUNTS.replace(" --mount=type=secret,id=folder", "")
    there = "test -s /run/secrets/bundle" if bundle.get("TEST_BUNDLE") else "test ! -e /run/secrets/bundle"
    look = f"test $(cat /run/secrets/token) = t && test $(cat /run/secrets/key) = k && {there}"
    files = {"stacks/s/app/Dockerfile": f"FROM base\nRUN {mounts} {look}\n", "stacks/s/key": "k"}
    project = projects.new(tmp_path, APP + words, files)
    project.environment |= {"TEST_TOKEN": "t", **bundle}
    assert "1 built" in project.run("build", "--no-cache").stdout


@pytest.mark.parametrize("command", ["build", "test"])
@pytest.mark.parametrize(
    ("value", "mend"), [("foo", ": it ends in /"), ("a/b", ": it ends in /"), ("https://x/", ""), ("UPPER/a b/", "")]
)
def test_a_variable_that_holds_no_prefix(
    projects: Projects, tmp_path: Path, command: str, value: str, mend: str
) -> None:
    project = projects.new(tmp_path, APP, {"stacks/s/app/Dockerfile": "FROM base\n"})
    project.environment |= {"BAKEGEN_REGISTRY": value, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    told = f'bakegen: BAKEGEN_REGISTRY={value} is no prefix of image names, such as "registry.example:5000/ai/"{mend}\n'
    assert project.run(command, code=2).stderr == told


def test_a_prefix_that_is_replaced_is_told(projects: Projects, tmp_path: Path) -> None:
    tests = '[[layers.tests]]\nname = "it starts"\nrun = "true"\n'
    project = projects.new(tmp_path, APP + tests, {"stacks/s/app/Dockerfile": "FROM base\nRUN true\n"})
    line = f'BAKEGEN_REGISTRY={project.prefix} replaces the prefix "{DECLARED}"'
    assert project.run("build", "--load").stderr.splitlines().count(line) == 1
    assert project.run("test").stderr.splitlines().count(line) == 1
    project.environment |= {"BAKEGEN_REGISTRY": DECLARED, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    assert "replaces" not in project.run("test", code=5).stderr


def test_what_is_built_for_others_is_reported_without_tags(projects: Projects, tmp_path: Path) -> None:
    top = '[[layers]]\nname = "top"\nparent = "app"\nimage = "top"\ntags = ["1"]\n'
    files = {"stacks/s/app/Dockerfile": "FROM base\nRUN true\n", "stacks/s/top/Dockerfile": "FROM base\nRUN true\n"}
    project = projects.new(tmp_path, APP + top, files)
    report = tmp_path / "report.json"
    done = project.run("build", "s/top", "--load", "--report", str(report))
    tags = {one["target"]: one["tags"] for one in json.loads(report.read_bytes())["targets"]}
    assert tags == {"s-app": [], "s-top": [project.image("top:1")]}
    row = next(line for line in done.stdout.splitlines() if line.startswith("s-app "))
    assert row.split()[-2:] == ["-", "-"]

"""What `bakegen test --record` notes of real images, and what it refuses to note."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Project, Projects, docker

pytestmark = pytest.mark.engine

STACK = """
[[layers]]
name   = "os"
parent = "debian:bookworm-slim"

[[layers]]
name   = "app"
parent = "os"
image  = "app"
tags   = ["1"]

  [[layers.tests]]
  name = "says it"
  run  = "cat /said"
  stdout-contains = "one"

  [[layers.tests]]
  name  = "on a device"
  run   = "true"
  needs = "npu"

[[layers]]
name   = "plain"
parent = "os"
image  = "plain"
tags   = ["1"]
"""
FILES = {
    "stacks/s/os/Dockerfile": "FROM base\nRUN touch /below\n",
    "stacks/s/app/Dockerfile": "FROM base\nCOPY said /said\n",
    "stacks/s/app/said": "one\n",
    "stacks/s/plain/Dockerfile": "FROM base\nRUN touch /plain\n",
}


@pytest.fixture
def project(projects: Projects, tmp_path: Path) -> Project:
    found = projects.new(tmp_path, STACK, FILES)
    found.environment["SOURCE_DATE_EPOCH"] = "1000000000"
    return found


def rows(project: Project) -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads((project.root / "verified.json").read_text())
    assert document["schema"] == 1
    return {(row["target"], row["platform"]): row for row in document["images"]}


def test_built_and_tested_images_are_recorded_and_others_refused(project: Project) -> None:
    project.run("build", "--load")
    done = project.run("test", "s-app", "--platform", "amd64", "--record", "verified.json")
    assert "not recorded" not in done.stderr
    found = rows(project)
    assert sorted(found) == [("s-app", "linux/amd64"), ("s-os", "linux/amd64")]
    app = found["s-app", "linux/amd64"]
    assert (app["tests"], app["unavailable"], app["date"]) == (1, ["s/app: on a device"], "2001-09-09")
    key = project.run("list", "s-app", "--platform", "amd64", "--format", "keys").stdout.split()[0]
    assert app["key"] == key
    assert app["image"] == docker("image", "inspect", "--format", "{{.Id}}", project.image("app:1")).strip()
    assert app["docker"] == docker("version", "--format", "{{.Server.Version}}").strip()
    assert found["s-os", "linux/amd64"] | {"key": "", "definitions": ""} == app | {
        "target": "s-os", "key": "", "definitions": "", "image": None, "tests": 0, "unavailable": [],
    }  # fmt: skip

    # A second run adds to the first; what has no test is recorded as built.
    project.run("test", "s-plain", "--platform", "amd64", "--record", "verified.json")
    assert rows(project)["s-plain", "linux/amd64"]["tests"] == 0
    assert rows(project)["s-app", "linux/amd64"] == app

    # A file changes: what is in the engine was built from something else, although its tests still pass.
    project.write({"stacks/s/app/said": "one and two\n"})
    done = project.run("test", "s-app", "--platform", "amd64", "--record", "verified.json", code=5)
    assert "1 passed" in done.stdout
    assert "s-app linux/amd64 is not recorded: its image was built from something else" in done.stderr
    assert rows(project)["s-app", "linux/amd64"] == app

    # So does the Dockerfile of what it stands on.
    project.write({"stacks/s/app/said": "one\n", "stacks/s/os/Dockerfile": "FROM base\nRUN touch /other\n"})
    done = project.run("test", "--platform", "amd64", "--record", "verified.json", code=5)
    assert "s-plain linux/amd64 is not recorded: its image was built from something else" in done.stderr
    assert "2 images cannot be recorded" in done.stderr

    # A failed test takes the row away.
    project.write({"stacks/s/os/Dockerfile": FILES["stacks/s/os/Dockerfile"]})
    text = (project.root / "stacks/s/stack.toml").read_text().replace('contains = "one"', 'contains = "two"')
    project.write({"stacks/s/stack.toml": text})
    project.run("test", "s-app", "--platform", "amd64", "--record", "verified.json", code=5)
    assert sorted(found for found, _ in rows(project)) == ["s-os", "s-plain"]


def test_an_image_that_does_not_say_what_it_is_of(project: Project) -> None:
    emitted = project.run("emit", "s-plain", "--platform", "amd64").stdout
    subprocess.run(
        ["docker", "buildx", "bake", "-f", "-", "--load"], cwd=project.root, env=project.environment, input=emitted,
        text=True, check=True, capture_output=True,
    )  # fmt: skip
    done = project.run("test", "s-plain", "--platform", "amd64", "--record", "verified.json", code=5)
    assert "its image does not say what it was built from" in done.stderr
    assert rows(project) == {}
    docker("image", "rm", project.image("plain:1"))
    done = project.run("test", "s-plain", "--platform", "amd64", "--record", "verified.json", code=5)
    assert "its image is not there" in done.stderr


def test_every_platform_has_its_row(project: Project, platforms: tuple[str, ...]) -> None:
    project.run("build", "s-plain", "--load")
    project.run("test", "s-plain", "--record", "verified.json")
    found = rows(project)
    assert sorted(found) == sorted((name, platform) for name in ("s-os", "s-plain") for platform in platforms)
    assert len({row["key"] for row in found.values()}) == len(found)


def test_no_container_is_left(project: Project) -> None:
    project.run("build", "s-plain", "--load", "--platform", "amd64")
    project.run("test", "s-plain", "--platform", "amd64", "--record", "verified.json")
    assert "bakegen-look" not in docker("container", "ls", "--all", "--format", "{{.Names}}")

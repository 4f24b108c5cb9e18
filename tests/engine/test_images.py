"""`make images` in a project of two batches, one of which holds an image that does not build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import images
from tests.engine.conftest import Projects, docker

pytestmark = pytest.mark.engine

STACK = """
[[layers]]
name   = "kept"
parent = "debian:bookworm-slim"
image  = "kept"
tags   = ["1"]

[[layers]]
name   = "good"
parent = "kept"
image  = "good"
tags   = ["1"]

  [[layers.tests]]
  name = "is there"
  run  = "test -f /good"

[[layers]]
name   = "broken"
parent = "kept"
image  = "broken"
tags   = ["1"]

[[layers]]
name   = "failing"
parent = "kept"
image  = "failing"
tags   = ["1"]

  [[layers.tests]]
  name = "is there"
  run  = "test -f /good"
"""
BATCHES = """
bases = ["debian:bookworm-slim"]

[[batches]]
name      = "first"
select    = ["s/good", "s/broken"]
platforms = ["linux/amd64", "linux/riscv64"]

[[batches]]
name      = "second"
select    = ["s/kept", "s/failing"]
platforms = ["linux/amd64"]
"""


def test_what_fails_stops_nothing_else(
    projects: Projects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    project = projects.new(
        tmp_path,
        STACK,
        {
            "stacks/s/kept/Dockerfile": "FROM base\nRUN touch /kept\n",
            "stacks/s/good/Dockerfile": "FROM base\nRUN touch /good\n",
            "stacks/s/broken/Dockerfile": "FROM base\nRUN exit 7\n",
            "stacks/s/failing/Dockerfile": "FROM base\nRUN touch /failing\n",
            "scripts/images.toml": BATCHES,
        },
    )
    project.run("build", "s/kept", "--load", "--platform", "amd64")
    for name in ("BAKEGEN_REGISTRY", "TMPDIR"):
        monkeypatch.setenv(name, project.environment[name])
    assert images.run(project.root, []) == 1
    said = capfd.readouterr().out.splitlines()
    assert said[-2:] == [
        "first: failed: s-broken (not linux/riscv64: the builder cannot)",
        "second: failed: tests of second",
    ]
    document = json.loads((project.root / images.RECORD).read_text())
    assert [(row["target"], row["tests"]) for row in document["images"]] == [("s-good", 1), ("s-kept", 0)]
    left = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
    assert [name for name in left if name.startswith(project.prefix)] == [project.image("kept:1")]
    assert images.run(project.root, ["third"]) == 2
    assert "no batch third; there are first, second" in capfd.readouterr().err

"""What is emitted for openEuler builds, by itself, the image that bake builds from the stack."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.projects import write

pytestmark = pytest.mark.engine

BAKEGEN = (sys.executable, "-c", "from bakegen.cli.main import main; main()")
PROJECT = {
    "bakegen.toml": '[[registries]]\nprefix = "openeuler/"\n',
    "stacks/s/stack.toml": """
title = "S"
[[layers]]
name = "low"
parent = "debian:bookworm-slim"
args = { QUOTE = 'a "$b" \\c' }
[[layers]]
name = "top"
parent = "low"
target = "second"
image = "top"
args = { WORDS = "two words" }
tags = ["1.0-oe2403lts"]
links = { shared = { directory = "shared" } }
""",
    "stacks/s/low/Dockerfile": """
ARG QUOTE=x
FROM base AS build
ARG QUOTE
RUN --mount=type=bind,target=/here ls -A /here > /listed; printf %s "$QUOTE" > /quote
FROM base
COPY --from=0 /listed /quote /
COPY files/* /low/
""".lstrip(),
    "stacks/s/low/files/a": "a\n",
    "stacks/s/low/left": "left out\n",
    "stacks/s/low/.dockerignore": "left\n",
    "stacks/s/top/Dockerfile": """
FROM base AS first
ARG WORDS TARGETARCH
RUN echo "$WORDS $TARGETARCH" > /words
FROM first AS second
COPY --from=shared . /shared/
COPY . /top/
RUN --mount=from=shared,target=/here cat /here/s > /seen
FROM scratch AS third
""".lstrip(),
    "stacks/s/top/run": "#!/bin/sh\n",
    "stacks/s/top/.dockerignore": "*\n!run\n!.dockerignore\n",
    "stacks/s/top/left": "left out\n",
    "stacks/s/shared/s": "s\n",
}


def said(folder: Path) -> dict[str, str]:
    """The files that the steps made, by path: mode and content."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and name.partition("/")[0] not in ("proc", "sys", "dev", "etc"):
            found[name] = f"{path.stat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return found


def test_the_emitted_dockerfile_builds_what_bake_builds(engine_env: Mapping[str, str], tmp_path: Path) -> None:
    root = write(tmp_path / "project", PROJECT)
    (root / "stacks/s/top/run").chmod(0o755)

    def run(*command: str, cwd: Path = root) -> str:
        done = subprocess.run(command, cwd=cwd, env=dict(engine_env), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (root / "bake.hcl").write_text(run(*BAKEGEN, "emit"))
    run(
        "docker", "buildx", "bake", "-f", "bake.hcl", "--set", f"*.output=type=local,dest={tmp_path / 'baked'}", "s-top"
    )
    run(*BAKEGEN, "meta", "emit", "-o", str(tmp_path / "tree"))
    folder = tmp_path / "tree/AI/top/1.0/24.03-lts"
    run("docker", "buildx", "build", "--output", f"type=local,dest={tmp_path / 'alone'}", ".", cwd=folder)
    found = said(tmp_path / "alone")
    assert found == said(tmp_path / "baked")
    assert {"listed", "quote", "words", "seen", "low/a", "shared/s", "top/run", "top/.dockerignore"} <= set(found)
    assert (tmp_path / "alone/listed").read_text() == ".dockerignore\nDockerfile\nfiles\n"
    assert (tmp_path / "alone/quote").read_text() == 'a "$b" \\c'

"""BuildKit's own checks of every Dockerfile of the stacks, also of those whose bases cannot be had here."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from bakegen.load import load
from bakegen.plan import Target
from bakegen.resolve import resolve
from tests.pages import ROOT

pytestmark = pytest.mark.engine

# It stands for every base: the checks read what a Dockerfile says, and not what is in its base.
STAND_IN = "docker-image://debian:bookworm-slim"


def check(target: Target) -> str:
    """What BuildKit has to say about the target's Dockerfile; nothing where all is well."""
    words = ["docker", "buildx", "build", "--check", "--file", target.dockerfile]
    for name, value in target.args:
        words += ["--build-arg", f"{name}={value}"]
    for link in target.links:
        words += ["--build-context", f"{link.name}={link.ref if link.kind == 'directory' else STAND_IN}"]
    if target.stage:
        words += ["--target", target.stage]
    done = subprocess.run([*words, target.context], cwd=ROOT, capture_output=True, text=True, check=False)
    clean = done.returncode == 0 and "Check complete, no warnings found." in done.stdout
    return "" if clean else f"{target.name}: {done.stdout}{done.stderr[-600:]}"


def test_every_dockerfile_passes_the_checks_of_buildkit() -> None:
    plan = resolve(load(ROOT))
    distinct = {(one.dockerfile, one.stage): one for one in plan.targets if one.status != "planned"}
    assert {path for path, _ in distinct} == {
        str(path.relative_to(ROOT)) for path in ROOT.glob("stacks/*/*/Dockerfile") if path.parent.name != "tests"
    }
    with ThreadPoolExecutor(4) as several:
        found = list(several.map(check, distinct.values()))
    assert [one for one in found if one] == []

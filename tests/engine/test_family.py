"""The shipped family, from its stack file to answers that its images compute, on every platform of the engine."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
BAKEGEN = (sys.executable, "-c", "from bakegen.cli.main import main; main()")
SELECT = ("backendai/lua", "--where", "os=debian12")


def test_a_kernel_is_emitted_built_and_computes(
    engine_env: Mapping[str, str], platforms: tuple[str, ...], tmp_path: Path
) -> None:
    chosen = [argument for platform in platforms for argument in ("--platform", platform)]

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [*BAKEGEN, *arguments, *SELECT, *chosen],
            cwd=ROOT, env=dict(engine_env), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    built = tmp_path / "built.json"
    run("build", "--load", "--report", str(built))
    (target,) = [one for one in json.loads(built.read_text())["targets"] if one["target"] == "backendai-lua-debian12"]
    assert set(target["sizes"]) == set(platforms)
    assert all(size > 10_000_000 for size in target["sizes"].values())
    results = json.loads(run("test", "--format", "json"))
    assert results["counts"]["passed"] == len(results["tests"]) == sum(results["counts"].values())
    assert {one["platform"] for one in results["tests"]} == set(platforms)
    assert {one["layer"] for one in results["tests"]} == {"backendai/base", "backendai/lua"}
    suites = ET.fromstring(run("test", "--format", "junit"))
    assert int(suites.attrib["tests"]) == len(results["tests"])

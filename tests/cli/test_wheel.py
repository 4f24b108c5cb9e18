"""The wheel, installed alone in an empty environment, does what the checkout does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CASE = ROOT / "tests" / "cases" / "design"


def call(*command: str | Path, cwd: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_emits_by_itself(tmp_path: Path) -> None:
    call(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    assert {"bakegen/render/docker-bake.hcl.tmpl", "bakegen/py.typed"} <= set(held)
    assert {name.partition("/")[0] for name in held} == {"bakegen", wheel.name.partition("-py3")[0] + ".dist-info"}
    pins = re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / "requirements.lock").read_text(), re.M)
    (tmp_path / "constraints.txt").write_text("\n".join(pins))
    call(sys.executable, "-m", "venv", tmp_path / "alone", cwd=tmp_path)
    alone = tmp_path / "alone" / "bin"
    call(alone / "python", "-m", "pip", "install", "-q", "-c", tmp_path / "constraints.txt", wheel, cwd=tmp_path)
    assert call(alone / "bakegen", "emit", "--write-cache", cwd=CASE) == (CASE / "docker-bake.hcl").read_text()

"""The shipped Backend.AI kernels: what a new row costs, and what their files promise."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from bakegen.plan import Plan, Selection, select
from tests.projects import opened

ROOT = Path(__file__).parents[1]
FAMILY = ROOT / "stacks" / "backendai"
LANGUAGES = {
    "c", "cpp", "git", "go", "haskell", "java", "julia", "lua", "nodejs", "octave", "php", "python", "r", "rust",
    "scala",
}  # fmt: skip
LOCKS = sorted(FAMILY.glob("*/*.txt"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return opened(ROOT)[1]


@pytest.mark.parametrize(
    ("before", "line", "added"),
    [
        (
            '  { name = "26", from = "npm", version = "26.10.0" },\n',
            '  { name = "27", from = "npm", version = "27.1.0" },\n',
            {"backendai-nodejs-debian12-27", "backendai-nodejs-debian13-27"},
        ),
        (
            '  { name = "2.21", release = "2.21.0", tensorboard = "2.21.0" },\n',
            '  { name = "2.22", release = "2.22.0", tensorboard = "2.22.0" },\n',
            {"backendai-tensorflow-debian12-cpu-2_22", "backendai-tensorflow-debian13-cpu-2_22"},
        ),
    ],
    ids=["nodejs", "tensorflow"],
)
def test_a_new_release_is_one_line(plan: Plan, tmp_path: Path, before: str, line: str, added: set[str]) -> None:
    shutil.copy(ROOT / "bakegen.toml", tmp_path)
    shutil.copytree(FAMILY, tmp_path / "stacks" / "backendai")
    stack = tmp_path / "stacks" / "backendai" / "stack.toml"
    text = stack.read_text()
    assert text.count(before) == 1
    stack.write_text(text.replace(before, before + line))
    there = {target.name for target in plan.targets if target.layer_path.startswith("backendai/")}
    assert {target.name for target in opened(tmp_path)[1].targets} - there == added


def test_an_accelerator_multiplies_no_language(plan: Plan) -> None:
    paths = {f"backendai/{name}" for name in LANGUAGES}
    languages = [target for target in plan.targets if target.layer_path in paths]
    assert {target.layer_path for target in languages} == paths
    assert {axis for target in languages for axis, _ in target.coordinates} == {"os", "nodejs"}
    editions = {
        dict(target.coordinates)["accelerator"] for target in plan.targets if target.layer_path == "backendai/jupyter"
    }
    assert editions == {"cpu", "mkl", "cuda12", "cuda13", "rocm7", "tpu", "atom"}


def test_what_was_never_run_is_not_built_by_default(plan: Plan) -> None:
    built = [target for target in select(plan, Selection(("backendai/*",))) if target.image]
    assert {dict(target.coordinates).get("accelerator", "cpu") for target in built} == {"cpu", "mkl"}
    assert {dict(target.coordinates)["os"] for target in built} == {"debian12", "debian13"}


def test_what_can_be_served_is_declared_and_what_is_declared_can_be_served(plan: Plan) -> None:
    """Each service port but a preopened one, which the image's own bootstrap.sh serves, has a definition."""
    for name, defined in (("jupyter", {"jupyter", "jupyterlab"}), ("tensorflow", {"tensorboard"})):
        assert {path.stem for path in (FAMILY / name / "service-defs").iterdir()} == defined
    for target in plan.targets:
        labels = dict(target.labels)
        if target.layer_path not in ("backendai/tensorflow", "backendai/pytorch") or not target.platforms:
            continue
        ports = {item.split(":")[0] for item in labels["ai.backend.service-ports"].split(",")}
        assert ports == {"jupyter", "jupyterlab"} | ({"tensorboard"} if "tensorflow" in target.name else set())
    for path in FAMILY.glob("*/service-defs/*.json"):
        command = json.loads(path.read_text())["command"]
        assert command[0] == "{runtime_path}"
        assert "--port={ports[0]}" in command


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_wheels_are_held_by_version_and_checksum_and_by_no_address(path: Path) -> None:
    first, *rest = path.read_text().replace("\\\n", " ").splitlines()
    assert first.startswith(f"# From {path.stem}.in, ")
    assert path.with_suffix(".in").is_file()
    assert rest
    assert [
        line for line in rest if not re.fullmatch(r"[\w.-]+==[\w.]+ ;[^:@/]*(--hash=sha256:[0-9a-f]{64}\s*)+", line)
    ] == []

"""The kernels of 2018: every row of their tables is a target, and every parent they had is below it."""

from __future__ import annotations

import csv
import re
import shutil
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from bakegen.jail import written
from bakegen.load import load, read_policy
from bakegen.plan import Plan, Selection, Target, select
from bakegen.resolve import resolve
from bakegen.tags.backendai import BACKENDAI

ROOT = Path(__file__).parent.parent
TABLES = Path(__file__).parent / "tables"
# The agent mounts them since 19.03.
MOUNTED = frozenset({"kernel-base:jail", "kernel-base:hook", "kernel-base:jail-alpine", "kernel-base:hook-alpine"})
# Rows that stood on something else than what their names say: here they stand on what they should have.
MENDED = {
    ("tensorflow-1.3-py36-cuda8", "common-tensorflow:1.2-py36-cuda8"): "*-tensorflow-wheel-*-cuda8-1_3",
    ("python-caffe-1.0-py36-cuda9", "kernel-python:3.6-debian"): "nvidia/cuda:9.0-cudnn7-devel-ubuntu16.04",
    ("tensorflow-1.12-py36-srv", "ubuntu:16.04"): "tensorflow/serving:1.12.0",
    ("python-cntk-2.2-py36 (2nd)", ""): "planned, although there was a Dockerfile",
}


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


HISTORY = table("backendai-rows.tsv")
PARENTS = {one["parent"]: one["ours"] for one in table("backendai-parents.tsv")}
ROWS = {
    (one["table"], one["row"]): one
    for one in tomllib.loads((ROOT / "docs/rows/backendai.toml").read_text(encoding="utf-8"))["rows"]
}
each_row = pytest.mark.parametrize("row", HISTORY, ids=[f"{one['table']}: {one['row']}" for one in HISTORY])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the two stacks, in a project of their own."""
    root = tmp_path_factory.mktemp("project")
    for stack in ("backendai-2018", "ngc-pytorch"):
        shutil.copytree(ROOT / "stacks" / stack, root / "stacks" / stack)
    (root / "bakegen.toml").write_text("", encoding="utf-8")
    return resolve(load(root))


def then(plan: Plan, row: Mapping[str, str]) -> tuple[Target, ...]:
    """The targets that stand for a row."""
    pattern, *where = ROWS[row["table"], row["row"]]["then"].split(" ")
    return select(plan, Selection((pattern,), tuple(where)), everything=True)


def stands_on(plan: Plan, target: Target, links: frozenset[str] | None = None) -> set[str]:
    """What is below a target by links of these names (any, if none is given): targets, and images as asked for."""
    found = set()
    for link in target.links:
        if links is None or link.name in links:
            found.add(link.ref.partition("@")[0])
            if link.kind == "target":
                found |= stands_on(plan, plan.by_name[link.ref], links)
    return found


def wanted(row: Mapping[str, str], parent: str) -> str:
    """The pattern of what stands for a parent of 2018."""
    if (row["row"], parent) in MENDED:
        return MENDED[row["row"], parent]
    if parent in PARENTS:
        return PARENTS[parent]
    match = re.fullmatch(r"common-tensorflow:(1\.\d+)-py36(-cuda\d)?", parent)
    assert match is not None, parent
    return f"*-tensorflow-wheel-*{match[2] or ''}-{match[1].replace('.', '_')}"


def test_the_rows_are_those_of_the_tables() -> None:
    assert len(HISTORY) == 88
    assert sorted(ROWS) == sorted((one["table"], one["row"]) for one in HISTORY)


@each_row
def test_a_row_is_a_target_that_is_not_built_by_default_and_says_why(plan: Plan, row: dict[str, str]) -> None:
    never_written = row["dockerfile"] == "-" or (row["row"], "") in MENDED
    for target in then(plan, row):
        assert target.status == ("planned" if never_written else "unsupported")
        assert target.status_reason


@each_row
def test_a_row_stands_on_what_it_stood_on(plan: Plan, row: dict[str, str]) -> None:
    found = set().union(*(stands_on(plan, target, frozenset({"base"})) for target in then(plan, row)))
    if row["dockerfile"] != "-":
        assert any(fnmatchcase(name, wanted(row, row["from"])) for name in found), sorted(found)


@each_row
def test_what_a_row_copied_from_is_below_it(plan: Plan, row: dict[str, str]) -> None:
    found = set().union(*(stands_on(plan, target) for target in then(plan, row)))
    for parent in {*row["copied from"].split()} - MOUNTED:
        assert any(fnmatchcase(name, wanted(row, parent)) for name in found), (parent, sorted(found))


@each_row
def test_a_row_that_promised_what_it_had_not_says_so(row: dict[str, str]) -> None:
    assert row["discrepancy"] == "" or ROWS[row["table"], row["row"]]["note"]


def test_nothing_is_built_where_nothing_is_asked_for(plan: Plan) -> None:
    assert {target.status for target in plan.targets} == {"unsupported", "wip", "planned"}
    assert {target.platforms for target in plan.targets if target.stack == "backendai-2018"} == {("linux/amd64",)}


def test_tags_are_read_by_the_platforms_grammar(plan: Plan) -> None:
    tags = [tag.tag for target in plan.targets for tag in target.tags]
    assert {"6.4-alpine3.8", "1.12-py36-cuda9", "1.12-py36-srv", "26.06-pytorch2.13-py312-cuda13.3"} < set(tags)
    for tag in tags:
        assert BACKENDAI.spell(BACKENDAI.parse(tag)) == tag


def test_features_are_the_columns_of_the_table_of_modes(plan: Plan) -> None:
    for target in plan.targets:
        if target.stack == "backendai-2018" and target.image and target.status != "planned":
            modes = set(dict(target.labels)["ai.backend.features"].split()) - {"uid-match"}
            if target.layer == "git":
                assert modes == {"tty"}
            elif target.layer == "c" or target.layer == "chainer" or target.layer.startswith("python"):
                assert modes == ({"batch", "query", "user-input"} if "srv" not in target.layer else set())
            else:
                assert modes == {"batch", "query"}
            runs_python = "user-input" in modes and target.layer != "c"
            assert dict(target.labels)["ai.backend.runtime-type"] == ("python" if runs_python else "app")


def test_the_tests_of_cntk_look_where_it_prints(plan: Plan) -> None:
    hello, computes, keras = plan.by_name["backendai-2018-python-cntk-ubuntu16_04-3_6-cpu-2_2"].tests
    assert (hello.stdout_contains, hello.stderr_empty) == (("hello world",), True)
    (pattern,) = computes.stdout_matches
    assert re.search(pattern, "[ 29.]\n", re.MULTILINE)
    assert re.search(pattern, "[29.]\n", re.MULTILINE)
    assert not re.search(pattern, "[ 290.]\n", re.MULTILINE)
    assert (keras.stdout_contains, keras.stderr_contains) == (("keras\n",), ("Using CNTK backend",))


def test_the_policy_of_cntk_is_that_of_2018_and_no_image_holds_one() -> None:
    _, policy = read_policy(ROOT / "stacks/backendai-2018/python-cntk/policy.toml")
    assert yaml.safe_load(written(policy, "go-2018")) == {
        "whitelist_paths": {
            **{f"OP_{operation}": ["*"] for operation in ("OPEN", "ACCESS", "EXEC", "STAT")},
            "OP_CHMOD": ["/home/work/*", "/tmp/*"],
        },
        "exec_allowance": -1,
        "fork_allowance": -1,
        "max_child_procs": 32,
        "extra_envs": [],
        "preserved_env_keys": [
            *("HOME", "PATH", "LANG", "USER", "SHELL", "TERM"),
            *("LD_LIBRARY_PATH", "LD_PRELOAD", "KERAS_BACKEND"),
        ],
        "diff_to_default": True,
        "allowed_syscalls": ["umask"],
    }
    for dockerfile in (ROOT / "stacks/backendai-2018").glob("*/Dockerfile"):
        assert "policy" not in dockerfile.read_text(encoding="utf-8")


def months(plan: Plan) -> dict[str, Target]:
    """The targets of NVIDIA's PyTorch by their months."""
    return {dict(target.coordinates)["ngc"]: target for target in plan.targets if target.stack == "ngc-pytorch"}


def test_two_months_differ_in_their_records_only(plan: Plan) -> None:
    stack = tomllib.loads((ROOT / "stacks/ngc-pytorch/stack.toml").read_text(encoding="utf-8"))
    records = {record["name"]: record for record in stack["axes"]["ngc"]["values"]}
    found = months(plan)
    assert found.keys() == records.keys()
    for month, record in records.items():
        target, (torch, python, cuda) = found[month], (record[key] for key in ("torch", "python", "cuda"))
        versions = (f"python {python}\n", f"torch {torch}.", f"cuda {cuda}\n", f"/libcudnn.so.{record['cudnn']}\n")
        assert [link.ref for link in target.links] == [f"nvcr.io/nvidia/pytorch:{month}-py3"]
        assert [tag.tag for tag in target.tags] == [f"{month}-pytorch{torch}-py{python.replace('.', '')}-cuda{cuda}"]
        assert dict(target.args) == {"NAME": f"PyTorch {torch} (NGC {month}, Python {python}) on Backend.AI"}
        assert target.tests[0].stdout_contains == versions
    assert len({target.dockerfile for target in found.values()}) == 1


def test_months_have_the_platforms_that_they_had(plan: Plan) -> None:
    both = {"25.03", "25.05", "25.10", "25.11", "25.12", "26.01", "26.03", "26.06"}
    assert {month for month, target in months(plan).items() if "linux/arm64" in target.platforms} == both
    assert {month for month, target in months(plan).items() if target.status == "wip"} == {"26.01"}

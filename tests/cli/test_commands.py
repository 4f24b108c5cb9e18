"""The commands in this process: options, files that are written and compared, help."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import jsonschema
import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bakegen.cli.frame import check_file, write_whole
from bakegen.cli.main import app
from bakegen.errors import StaleFile, ToolFailed, UsageError

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
COMMANDS = ("check", "list", "plan", "emit", "explain", "schema", "build", "test")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(CASES / "lifecycle")
    return CASES / "lifecycle"


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    assert f"\n    bakegen {command}" in result.stdout


def test_the_program_has_help_and_a_version() -> None:
    assert "bakegen emit" in call("--help").stdout
    assert call("--version").stdout.startswith("bakegen ")


def test_a_file_is_written_and_found_fresh(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "bake file.hcl"
    written = call("emit", "--write-cache", "-o", str(file))
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == f"{file}: 5 targets\n"
    assert file.read_text() == (here / "docker-bake.hcl").read_text()
    assert call("emit", "--write-cache", "--check", str(file)).exit_code == 0


def test_a_stale_file_gives_a_diff_and_how_to_mend_it(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "bake file.hcl"
    file.write_text((here / "docker-bake.hcl").read_text().replace('"SDK" = "1.0.0"', '"SDK" = "0.9.0"', 1))
    result = call("emit", "--write-cache", "--check", str(file))
    assert result.exit_code == 4
    assert result.stderr == f"bakegen: {file} is stale: make it anew with bakegen emit -o '{file}'\n"
    assert '-    "SDK" = "0.9.0"\n+    "SDK" = "1.0.0"\n' in result.stdout
    assert result.stdout.startswith(f"--- {file}\n+++ as it should be\n@@")


def test_json_is_the_same_file(here: Path) -> None:
    document = json.loads(call("emit", "--format", "json").stdout)
    assert list(document["target"]) == [
        target["name"] for target in json.loads((here / "plan.json").read_text())["targets"]
    ]


def test_a_template_of_the_users_own(here: Path, tmp_path: Path) -> None:
    template = tmp_path / "mine.tmpl"
    template.write_text("{% for target in targets %}{{ target.name }}\n{% endfor %}")
    assert call("emit", "--template", str(template)).stdout.splitlines()[0] == '"sdk-base-22_04"'
    template.write_text("\n{{ nothing }}")
    result = call("emit", "--template", str(template))
    assert result.exit_code == 2
    assert result.stderr == f"{template}:2: UndefinedError: 'nothing' is undefined\n1 problem\n"
    assert call("emit", "--template", str(tmp_path / "none")).exit_code == 2
    template.write_bytes(b"\xff")
    assert "is not UTF-8" in call("emit", "--template", str(template)).stderr
    assert here.is_dir()


def test_list_in_its_formats(here: Path) -> None:
    assert call("list").stdout == (here / "list.txt").read_text()
    assert call("list", "--format", "names", "--where", "sdk>=2,<3").stdout == (
        "sdk-image-22_04-2_0_0\nsdk-image-24_04-2_0_0\n"
    )
    assert (
        call("list", "--format", "names", "--where", "sdk=1.*", "--where", "os=24.04").stdout
        == "sdk-image-24_04-1_0_0\n"
    )
    assert call("list", "--format", "tags", "--status", "deprecated").stdout == "sdk:1.0.0-22.04\nsdk:latest-22.04\n"
    assert [row["status"] for row in json.loads(call("list", "--status", "wip", "--format", "json").stdout)] == ["wip"]
    assert call("list", "--platform", "linux/arm64").exit_code == 3


def test_a_plan_of_one_target_is_its_closure(here: Path) -> None:
    document = json.loads(call("plan", "sdk-image-24_04-2_0_0").stdout)
    assert [target["name"] for target in document["targets"]] == ["sdk-base-24_04", "sdk-image-24_04-2_0_0"]
    assert [target["selected"] for target in document["targets"]] == [False, True]
    assert document["groups"]["default"] == ["sdk-image-24_04-2_0_0"]
    assert here.is_dir()


def test_explain(here: Path) -> None:
    assert "one customer needs it" in call("explain", "sdk/image", "os=24.04", "sdk=1.0.0").stdout
    assert call("explain", "sdk/imag").exit_code == 3
    assert here.is_dir()


def test_write_or_compare_but_not_both(here: Path) -> None:
    result = call("emit", "-o", "a", "--check", "b")
    assert (result.exit_code, "give one of them" in result.stderr) == (2, True)
    assert not (here / "a").exists()


@pytest.mark.parametrize(
    ("file", "name"), [("bakegen.toml", "bakegen"), ("stack.toml", "stack"), ("policy.toml", "policy")]
)
def test_the_schemas_are_up_to_date(file: str, name: str) -> None:
    committed = ROOT / "schemas" / f"{name}.schema.json"
    assert call("schema", file, "--check", str(committed)).exit_code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(committed.read_text()))


def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text()))


@pytest.mark.parametrize(
    "file", sorted([*CASES.glob("*/**/*.toml"), *ROOT.glob("stacks/**/*.toml"), ROOT / "bakegen.toml"]), ids=str
)
def test_the_schema_accepts_what_bakegen_accepts(file: Path) -> None:
    errors = list(validator(file.stem).iter_errors(tomli.loads(file.read_text())))
    assert errors == []


SOUND = 'title = "T"\n[[layers]]\nname = "l"\n'


@pytest.mark.parametrize(
    ("name", "text", "sound"),
    [
        ("stack", SOUND, True),
        ("stack", SOUND + 'parent = "debian:12"\ntags = "x"\n', False),
        ("stack", SOUND + 'tags = ["x", { pattern = "y", newest = "v" }]\nsecrets = ["A", { id = "B" }]\n', True),
        (
            "stack",
            SOUND + 'parent = ["a", { image = "b:1", when = { os = "x" } }]\nlinks = { a = "b", c = { git = "g" } }\n',
            True,
        ),
        ("stack", SOUND + 'only = { os = "a", cann = ["b", "c"] }\n', True),
        (
            "stack",
            SOUND + 'tests = [{ name = "t", run = "x" }, { name = "u", run = ["x", "y"], stdout-contains = "z" }]\n',
            True,
        ),
        ("stack", SOUND + 'tags = [{ patern = "y" }]\n', False),
        ("stack", SOUND + "only = { os = 12 }\n", False),
        ("stack", SOUND + "unknown = 1\n", False),
        ("stack", 'title = "T"\n', False),
        ("stack", 'titel = "T"\n[[layers]]\nname = "l"\n', False),
        ("stack", SOUND + 'axes = { os = { values = ["a", { name = "b", free = "x" }] } }\n', False),
        ("stack", 'title = "T"\naxes.os.values = ["a", { name = "b", free = "x" }]\n[[layers]]\nname = "l"\n', True),
        ("stack", 'title = "T"\naxes.os.values = [3.10]\n[[layers]]\nname = "l"\n', False),
        ("bakegen", "", True),
        ("bakegen", 'platforms = "linux/amd64"\n', False),
        ("bakegen", "[networks]\n", False),
        ("bakegen", '[cache]\ntype = "s3"\n', False),
    ],
)
def test_the_schema_refuses_what_bakegen_refuses(name: str, text: str, sound: bool) -> None:
    assert validator(name).is_valid(tomli.loads(text)) is sound


def test_a_written_file_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real, link = tmp_path / "folder" / "real", tmp_path / "link"
    real.parent.mkdir()
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_whole(link, "new\u2028")
    assert (real.read_text(), link.is_symlink(), stat.S_IMODE(real.stat().st_mode)) == ("new\u2028", True, 0o640)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "link", "real"]


def test_a_link_to_what_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "link").is_symlink()


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("folder", "is a folder: name a file in it"),
        ("missing/file", "no folder .*missing.: make it first"),
        ("file/below", "file. is no folder"),
        ("missing\0/file", "no folder .*missing.*: make it first"),
    ],
)
def test_where_no_file_can_be_is_the_users_mistake(tmp_path: Path, path: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError, match=message):
        write_whole(tmp_path / path, "new")
    with pytest.raises(UsageError, match=message):
        check_file(tmp_path / path, "new", "make it anew with")
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "file").read_text() == "old"


@pytest.mark.parametrize("path", ["loop", "x" * 300, "/dev/full", "/proc/version"])
def test_what_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("old")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(ToolFailed, match=r'cannot write ".*": [A-Za-z]'):
        write_whole(tmp_path / path, "new")
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "file").read_text() == "old"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("old")

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "old"


@given(
    st.text(st.sampled_from("ab\n\r\u2028\x1c"), max_size=12), st.text(st.sampled_from("ab\n\r\u2028\x1c"), max_size=12)
)
def test_a_diff_tells_both_files_apart(tmp_path_factory: pytest.TempPathFactory, there: str, wanted: str) -> None:
    file = tmp_path_factory.getbasetemp() / "compared"
    file.write_bytes(there.encode())
    if there == wanted:
        check_file(file, wanted, "mend")
        assert file.read_bytes().decode() == wanted
        return
    with pytest.raises(StaleFile) as caught:
        check_file(file, wanted, "mend")
    lines = caught.value.diff.split("\n")
    assert any(line.startswith(("+", "-")) for line in lines[2:])

"""`labels lint`, `labels add`, `policy emit` and `policy check` as they are called: output, files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bakegen.cli.main import app
from bakegen.dockerfile.labelled import describe
from bakegen.labels.kinds import KINDS, defaults
from bakegen.lint import lint


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "command", [("labels", "lint"), ("labels", "add"), ("policy", "emit"), ("policy", "check")], ids=" ".join
)
def test_help_with_examples(command: tuple[str, str]) -> None:
    result = call(*command, "--help")
    assert result.exit_code == 0
    assert f"\n    bakegen {' '.join(command)} " in result.stdout


def test_a_profile_makes_an_image_that_the_linter_takes(here: Path) -> None:
    for kind in KINDS:
        (here / "Dockerfile").write_text("FROM debian:12\nUSER work\n")
        more = ("-l", "ai.backend.endpoint-ports=grpc", "-l", "ai.backend.model-format=triton") * (kind == "inference")
        more += ("-l", "ai.backend.service-ports=grpc:preopen:8001") * (kind == "inference")
        written = call("labels", "add", "Dockerfile", "--profile", kind, "--in-place", *more)
        assert (written.exit_code, written.stdout) == (0, ""), written.stderr
        values = describe((here / "Dockerfile").read_text()).values()
        assert values.items() >= defaults(kind, "debian:12").items()
        found = {one.rule for one in lint([here]).findings}
        assert found == ({"bootstrap-missing"} if kind == "inference" else set())


def test_a_profile_fills_in_only_what_is_not_said(here: Path) -> None:
    text = 'FROM ubuntu:22.04 AS a\nLABEL ai.backend.resource.min.mem="4g"\nFROM a\nLABEL ai.backend.runtime-path=/p\n'
    (here / "Dockerfile").write_text(text)
    out = call("labels", "add", "Dockerfile", "--profile", "python", "-l", "ai.backend.features=batch").stdout
    values = describe(out).values()
    assert values["ai.backend.resource.min.mem"] == "4g"
    assert values["ai.backend.runtime-path"] == "/p"
    assert values["ai.backend.features"] == "batch"
    assert (here / "Dockerfile").read_text() == text


def test_writing_twice_changes_nothing(here: Path) -> None:
    (here / "Dockerfile").write_bytes(b"FROM debian:12\r\n# end")
    first = call("labels", "add", "Dockerfile", "--profile", "app", "--in-place")
    assert first.stderr == (
        'ai.backend.base-distro is "ubuntu22.04": the image stands on "debian:12", '
        "and the agent goes by the C library\n"
        "Dockerfile: 7 labels added or changed\n"
    )
    content = (here / "Dockerfile").read_bytes()
    assert content.endswith(b'\r\nLABEL ai.backend.base-distro="ubuntu22.04"\r\n# end')
    again = call("labels", "add", "Dockerfile", "--profile", "app", "--in-place")
    assert again.stderr == "Dockerfile: 0 labels added or changed\n"
    assert (here / "Dockerfile").read_bytes() == content


def test_a_profile_says_what_stays_wrong_and_why_the_distribution_is_what_it_is(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM ubuntu:24.04\nLABEL a=1 \\\n  ai.backend.runtime-type=R\n")
    first, second = call("labels", "add", "Dockerfile", "--profile", "system").stderr.splitlines()
    assert first == 'ai.backend.base-distro is "ubuntu24.04": the image stands on "ubuntu:24.04"'
    assert second.startswith(
        'Dockerfile:3: stays as it was, and is wrong: "ai.backend.runtime-type": no runner "R": a session dies'
    )
    said = call(
        *("labels", "add", "Dockerfile", "--profile", "system", "-l", "ai.backend.base-distro=centos9.0"),
        *("-l", "ai.backend.runtime-type=app"),
    )
    assert (said.exit_code, said.stderr) == (0, "")


def test_another_file_is_written_and_another_stage_labelled(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x AS one\nFROM y\n")
    result = call("labels", "add", "Dockerfile", "-l", "a.b=c d", "--target", "one", "-o", "out")
    assert (result.exit_code, result.stderr) == (0, "out: 1 label added or changed\n")
    assert (here / "out").read_text() == 'FROM x AS one\nLABEL a.b="c d"\nFROM y\n'


def test_what_was_wrong_before_is_no_reason_to_refuse(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x\nLABEL ai.backend.role=X\n")
    assert call("labels", "add", "Dockerfile", "-l", "ai.backend.runtime-type=app").exit_code == 0
    refused = call("labels", "add", "Dockerfile", "-l", "ai.backend.role=X")
    assert refused.exit_code == 2
    assert 'no role "X"' in refused.stderr


def test_what_becomes_wrong_through_another_label_is_refused(here: Path) -> None:
    text = "FROM x\nLABEL ai.backend.service-ports=g:preopen:8001 ai.backend.endpoint-ports=g\n"
    (here / "Dockerfile").write_text(text)
    refused = call("labels", "add", "Dockerfile", "-l", "ai.backend.service-ports=g:http:8001", "--in-place")
    assert refused.exit_code == 2
    assert 'the service port "g" is http, not preopen' in refused.stderr
    assert (here / "Dockerfile").read_text() == text


def test_both_ways_of_writing_are_too_many(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x\n")
    assert call("labels", "add", "Dockerfile", "-l", "a=b", "--in-place", "-o", "x").exit_code == 2
    (here / "policy.toml").touch()
    assert call("policy", "emit", "policy.toml", "-o", "x", "--check", "y").exit_code == 2


@pytest.mark.parametrize(("content", "message"), [(b"\xff", "is not UTF-8"), (None, "cannot read")])
def test_files_that_cannot_be_read(here: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (here / "file").write_bytes(content)
    for command in (("labels", "add", "file", "-l", "a=b"), ("policy", "check", "file", "--dialect", "go-2018")):
        result = call(*command)
        assert result.exit_code == 2
        assert message in result.stderr


def test_formats_of_findings(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x\nLABEL ai.backend.role=X\n")
    text = call("labels", "lint", ".")
    assert (text.exit_code, text.stderr) == (2, "1 Dockerfile: 1 finding\n")
    assert text.stdout.startswith('Dockerfile:2: role: "ai.backend.role": no role "X"; ')
    rows = json.loads(call("labels", "lint", ".", "--format", "json").stdout)
    assert [(row["file"], row["line"], row["rule"]) for row in rows] == [("Dockerfile", 2, "role")]
    log = json.loads(call("labels", "lint", ".", "--format", "sarif").stdout)
    assert log["runs"][0]["results"][0]["ruleId"] == "role"
    assert len(log["runs"][0]["tool"]["driver"]["rules"]) > 20


def test_dockerfiles_of_others_are_counted(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x\nLABEL a=1\n")
    result = call("labels", "lint", ".")
    assert (result.exit_code, result.stderr) == (0, "1 Dockerfile: 0 findings; 1 without labels of Backend.AI\n")


def test_a_rule_may_be_left_out(here: Path) -> None:
    (here / "Dockerfile").write_text("FROM x\nLABEL ai.backend.role=X\n")
    result = call("labels", "lint", ".", "--ignore", "role")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "1 Dockerfile: 0 findings\n")


def test_no_policy_is_written_unless_a_jail_is_named(here: Path) -> None:
    (here / "policy.toml").touch()
    result = call("policy", "emit", "policy.toml")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("no policy: ")


def test_a_policy_is_written_checked_and_found_stale(here: Path) -> None:
    (here / "policy.toml").write_text("max-child-procs = 256\n")
    assert call("policy", "emit", "policy.toml", "--dialect", "rust-2023", "-o", "p.yml").exit_code == 0
    assert call("policy", "emit", "policy.toml", "--dialect", "rust-2023").stdout == (here / "p.yml").read_text()
    assert call("policy", "emit", "policy.toml", "--dialect", "rust-2023", "--check", "p.yml").exit_code == 0
    assert call("policy", "emit", "policy.toml", "--dialect", "go-2018", "--check", "p.yml").exit_code == 4
    right = call("policy", "check", "p.yml", "--dialect", "rust-2023")
    assert (right.exit_code, right.stdout, right.stderr) == (0, "", "0 findings\n")
    wrong = call("policy", "check", "p.yml", "--dialect", "go-2018", "--format", "json")
    assert wrong.exit_code == 2
    assert {row["rule"] for row in json.loads(wrong.stdout)} == {"policy-op"}


def test_a_rule_of_policies_may_be_left_out(here: Path) -> None:
    (here / "p.yml").write_text("diff_to_default: maybe\n")
    command = ("policy", "check", "p.yml", "--dialect", "go-2018", "--ignore")
    result = call(*command, "policy-missing")
    assert (result.exit_code, result.stderr) == (2, "1 finding\n")
    assert result.stdout.startswith("p.yml:1: policy-value: ")
    assert call(*command, "policy-missing", "--ignore", "policy-value").exit_code == 0
    unknown = call(*command, "policy-mising")
    assert unknown.stderr == 'bakegen: no rule "policy-mising" (did you mean "policy-missing"?)\n'


def test_the_schema_of_a_policy() -> None:
    assert '"max-child-procs"' in call("schema", "policy.toml").stdout

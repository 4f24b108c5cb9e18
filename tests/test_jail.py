"""Jail policies: one declaration written for either jail, and what is wrong with a file of either."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakegen.errors import ConfigurationError
from bakegen.jail import RULES, Dialect, check, problems, written
from bakegen.jail.syscalls import SYSCALLS
from bakegen.load import read_policy
from bakegen.model import Policy

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)
FULL = """
exec-allowance     = 2
fork-allowance     = 16
max-child-procs    = 256
preserved-env-keys = ["OMP_NUM_THREADS", "no"]
diff-to-default    = false
allowed-syscalls   = ["umask", "setsid", "_llseek"]

[paths]
open  = ["/home/work/*"]
chmod = []

[extra-envs]
LANG = "C.UTF-8"
A    = "yes"
"""


def policy(tmp_path: Path, text: str) -> Policy:
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    return read_policy(tmp_path / "policy.toml")[1]


def wrong(tmp_path: Path, text: str, dialect: Dialect = "go-2018") -> list[str]:
    return [message for _, message in problems(policy(tmp_path, text), dialect)]


def found(text: str, dialect: Dialect = "go-2018") -> list[tuple[int, str]]:
    return [(one.line, one.rule) for one in check("policy.yml", text, dialect)]


def test_a_policy_for_the_jail_of_2018(tmp_path: Path) -> None:
    assert yaml.safe_load(written(policy(tmp_path, FULL), "go-2018")) == {
        "whitelist_paths": {
            "OP_OPEN": ["/home/work/*"],
            "OP_ACCESS": ["*"],
            "OP_EXEC": ["*"],
            "OP_STAT": ["*"],
            "OP_CHMOD": [],
        },
        "exec_allowance": 2,
        "fork_allowance": 16,
        "max_child_procs": 256,
        "extra_envs": ["A=yes", "LANG=C.UTF-8"],
        "preserved_env_keys": ["OMP_NUM_THREADS", "no"],
        "diff_to_default": False,
        "allowed_syscalls": ["umask", "setsid", "_llseek"],
    }


def test_a_policy_for_the_jail_of_2023(tmp_path: Path) -> None:
    content = yaml.safe_load(written(policy(tmp_path, FULL), "rust-2023"))
    assert [*content["whitelist_paths"]] == ["OpOpen", "OpAccess", "OpExec", "OpStat", "OpChmod"]
    assert content["traced_syscalls"] == []
    assert len(content) == 9


def test_text_stays_text_for_readers_of_any_yaml(tmp_path: Path) -> None:
    text = written(policy(tmp_path, 'allowed-syscalls = ["y"]\n[paths]\nopen = ["0o17", "1_0"]\n'), "rust-2023")
    assert '  - "0o17"\n  - "1_0"\n' in text
    assert '- "y"\n' in text


def test_what_an_empty_declaration_allows(tmp_path: Path) -> None:
    by_dialect: dict[str, Any] = {one: yaml.safe_load(written(policy(tmp_path, ""), one)) for one in DIALECTS}
    assert by_dialect["go-2018"]["max_child_procs"] == 32
    assert by_dialect["rust-2023"]["max_child_procs"] == 512
    for content in by_dialect.values():
        assert (content["exec_allowance"], content["fork_allowance"], content["diff_to_default"]) == (0, -1, True)
        assert [*content["whitelist_paths"].values()][-1] == ["/home/work/*", "/tmp/*"]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ["", FULL])
def test_what_is_written_is_found_right_and_only_by_its_own_dialect(
    tmp_path: Path, text: str, dialect: Dialect
) -> None:
    out = written(policy(tmp_path, text), dialect)
    assert found(out, dialect) == []
    (other,) = set(DIALECTS) - {dialect}
    assert found(out, other) != []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('preserved-env-keys = ["A B"]', '"A B" is no name of a variable'),
        ('allowed-syscalls = ["Umask"]', '"Umask" is no system call of Linux (did you mean "umask"?)'),
        ('allowed-syscalls = ["ptrace"]', '"ptrace" would let a program out of the jail'),
        ("diff-to-default = false", "nothing may run: without the jail's own system calls, list those allowed"),
        ('[extra-envs]\n"1" = "x"', '"1" is no name of a variable'),
        ('[extra-envs]\nA = "x\\ny"', "the value holds characters that nobody sees"),
        ('[paths]\nopen = ["/a\\u0085"]', '"/a\x85" holds characters that nobody sees'),
        ('allowed-syscalls = ["umask", "openn"]', '"openn" is no system call of Linux (did you mean "open"?)'),
        ('allowed-syscalls = ["umask", "umask"]', '"umask" stands twice'),
        ('preserved-env-keys = ["A", "B", "A"]', '"A" stands twice'),
        ('[paths]\nopen = ["*", "*"]', '"*" stands twice'),
    ],
)
def test_what_no_policy_can_say(tmp_path: Path, text: str, message: str) -> None:
    assert wrong(tmp_path, text) == [message]


def test_an_equals_sign_in_a_value(tmp_path: Path) -> None:
    text = '[extra-envs]\nA = "b=c"'
    assert wrong(tmp_path, text, "go-2018") == []
    assert wrong(tmp_path, text, "rust-2023") == ["the Rust jail cuts a value off at an equals sign"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff", "is not UTF-8 (byte 0): save it as UTF-8"),
        (b"a = ", "no TOML"),
        (b"max-child-procs = 3000000000", "max-child-procs: must be 2147483647 or less, not 3000000000"),
        (b"fork-allowance = -2", "fork-allowance: must be -1 or more, not -2"),
    ],
)
def test_declarations_that_cannot_be_read(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "policy.toml").write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        read_policy(tmp_path / "policy.toml")
    assert message in str(caught.value)


def test_a_declaration_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        read_policy(tmp_path / "policy.toml")


GO = """whitelist_paths:
  OP_OPEN: ["*"]
  OP_ACCESS: ["*"]
  OP_EXEC: ["*"]
  OP_STAT: ["*"]
  OP_CHMOD: ["/home/work/*"]
fork_allowance: -1
max_child_procs: 32
"""


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("whitelist_paths", "ㅊwhitelist_paths", [(0, "policy-missing"), (1, "policy-key")]),
        ("  OP_STAT", "  OP_STATS", [(1, "policy-missing"), (5, "policy-op")]),
        ("  OP_STAT", "  OpStat", [(5, "policy-op")]),
        ('  OP_STAT: ["*"]\n', "", [(1, "policy-missing")]),
        ("fork_allowance: -1\n", "", [(0, "policy-missing")]),
        ("max_child_procs: 32", "max_child_procs: many", [(8, "policy-value")]),
        ("max_child_procs: 32", "max_child_procs: 32\nmax_child_procs: 33", [(9, "policy-key")]),
        ("  OP_STAT", "  OP_EXEC: []\n  OP_STAT", [(5, "policy-key")]),
        ("fork_allow", "diff_to_default: yes\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "diff_to_default: true\nfork_allow", []),
        ("fork_allow", "traced_syscalls: [open]\nfork_allow", []),
        ("fork_allow", "extra_envs: [A=b, C]\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "extra_envs: [A=b=c]\nfork_allow", []),
        ("fork_allow", "preserved_env_keys: [A, 1]\nfork_allow", [(7, "policy-value")]),
        (
            "fork_allow",
            "allowed_syscalls:\n- umask\n- no\n- ptrace\nfork_allow",
            [(9, "policy-value"), (10, "policy-value")],
        ),
        ("fork_allow", "allowed_syscalls: umask\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "allowed_syscalls: [umask, umask]\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "allowed_syscalls: [openn]\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "allowed_syscalls: [_llseek, mseal, clone3, arch_prctl]\nfork_allow", []),
        ("fork_allow", "traced_syscalls: [ptrace]\nfork_allow", []),
        ("fork_allow", "traced_syscalls: [opeen]\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "diff_to_default: false\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "diff_to_default: false\nallowed_syscalls: []\nfork_allow", [(7, "policy-value")]),
        ("fork_allow", "diff_to_default: false\nallowed_syscalls: [read]\nfork_allow", []),
        ("fork_allow", "? [a]\n: b\nfork_allow", [(7, "policy-key")]),
        ("fork_allow", "a: b: c\nfork_allow", [(7, "policy-yaml")]),
        ('OP_OPEN: ["*"]', "OP_OPEN: {}", [(2, "policy-value")]),
        ('OP_OPEN: ["*"]', "OP_OPEN: [[a]]", [(2, "policy-value")]),
    ],
)
def test_a_file_of_the_jail_of_2018(before: str, after: str, expected: list[tuple[int, str]]) -> None:
    assert found(GO.replace(before, after, 1)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(0, "policy-yaml")]),
        ("[]", [(0, "policy-yaml")]),
        ("a: &a [*a]\n", [(1, "policy-key")]),
        ("\x01", [(0, "policy-yaml")]),
        ("[" * 2000, [(0, "policy-yaml")]),
        ("whitelist_paths: []\nfork_allowance: 0\nmax_child_procs: 0\n", [(1, "policy-value")]),
    ],
)
def test_what_is_no_policy(text: str, expected: list[tuple[int, str]]) -> None:
    assert [one for one in found(text) if one[1] != "policy-missing"] == expected


def test_a_file_of_the_jail_of_2023_lacks_nothing() -> None:
    lacking = [one.message for one in check("p", GO, "rust-2023") if one.rule == "policy-missing"]
    keys = ("exec_allowance", "extra_envs", "preserved_env_keys", "diff_to_default", "traced_syscalls")
    assert lacking == [f"no {key}: the jail reads no file without it" for key in sorted((*keys, "allowed_syscalls"))]
    twice = check("p", GO.replace("fork_allowance: -1\n", "fork_allowance: -1\n" * 2), "rust-2023")
    assert any(one.mend == "write it once: the jail reads no such file" for one in twice)
    assert (9, "policy-value") in found(f"{GO}extra_envs: [A=b=c]\n", "rust-2023")


NAMES = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,8}\Z")
VISIBLE = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(VISIBLE, max_size=3, unique=True),
    st.dictionaries(NAMES, VISIBLE, max_size=3),
    st.lists(st.one_of(NAMES, st.sampled_from(["no", "y", "null", "on"])), max_size=3, unique=True),
    st.lists(st.sampled_from(sorted(SYSCALLS)), max_size=3, unique=True),
    st.sampled_from(DIALECTS),
)
def test_every_policy_that_can_be_written_is_read_back(
    globs: list[str], envs: dict[str, str], keys: list[str], calls: list[str], dialect: Dialect
) -> None:
    words = Policy.model_validate(
        {"paths": {"exec": globs}, "extra-envs": envs, "preserved-env-keys": keys, "allowed-syscalls": calls}
    )
    if problems(words, dialect):
        assert "ptrace" in calls or any("=" in value or not value.isprintable() for value in envs.values())
        return
    text = written(words, dialect)
    content = yaml.safe_load(text)
    assert [*content["whitelist_paths"].values()][2] == globs
    assert content["extra_envs"] == [f"{name}={value}" for name, value in sorted(envs.items())]
    assert (content["preserved_env_keys"], content["allowed_syscalls"]) == (keys, calls)
    assert check("p", text, dialect) == ()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("call", ["ptrace", "opeen", "Read", "umask read"])
def test_declaration_and_file_get_one_verdict(tmp_path: Path, dialect: Dialect, call: str) -> None:
    right = written(policy(tmp_path, 'allowed-syscalls = ["umask"]\n'), dialect)
    (message,) = wrong(tmp_path, f'allowed-syscalls = ["{call}"]\n', dialect)
    (finding,) = check("p", right.replace('"umask"', f'"{call}"'), dialect)
    assert finding.message.replace(" in allowed_syscalls", "") == message


def test_every_wrong_value_has_a_mend_and_a_rule_that_is_told() -> None:
    text = GO.replace('OP_OPEN: ["*"]', 'OP_OPEN: "*"').replace("-1", "x") + (
        'extra_envs: [A, "B=\\a", "B=\\a"]\npreserved_env_keys: [1 a, "-"]\n'
        "diff_to_default: 0\nallowed_syscalls: {}\ntraced_syscalls: [no, x]\n"
    )
    for dialect in DIALECTS:
        findings = check("p", text, dialect)
        assert len([one for one in findings if one.rule == "policy-value"]) >= 10
        assert [one for one in findings if not one.mend or one.rule not in RULES] == []


@given(st.one_of(st.text(), st.text(":[]{}-&*!|>#\n ab")), st.sampled_from(DIALECTS))
def test_any_text_is_judged(text: str, dialect: Dialect) -> None:
    assert check("p", text, dialect) != ()

"""Policies of Backend.AI's jail: one declaration, written for either generation of it, and files of both checked.

go-2018 is the jail of 2018 to 2022, rust-2023 the one since. The keys are the same, but the Rust jail calls the
operations otherwise and reads no file that lacks a key, so no file of the older generation is one of the newer.
Sources: policy/filebased.go, policy/interfaces.go, src/policy/filebased.rs and traits.rs of lablup/backend.ai-jail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import yaml

from bakegen.errors import did_you_mean
from bakegen.findings import Finding
from bakegen.model import Policy

Dialect = Literal["go-2018", "rust-2023"]
Path = tuple[str | int, ...]

_OPERATIONS = ("open", "access", "exec", "stat", "chmod")
_OPS: Mapping[Dialect, tuple[str, ...]] = {
    "go-2018": tuple(f"OP_{name.upper()}" for name in _OPERATIONS),
    "rust-2023": tuple(f"Op{name.capitalize()}" for name in _OPERATIONS),
}
_MOST_PROCESSES: Mapping[Dialect, int] = {"go-2018": 32, "rust-2023": 512}
_SOURCE: Mapping[Dialect, str] = {
    "go-2018": "lablup/backend.ai-jail: policy/filebased.go",
    "rust-2023": "lablup/backend.ai-jail: src/policy/traits.rs",
}
_TWICE: Mapping[Dialect, str] = {
    "go-2018": "write it once: the last one counts",
    "rust-2023": "write it once: the jail reads no such file",
}
_KEYS = (
    "whitelist_paths",
    "exec_allowance",
    "fork_allowance",
    "max_child_procs",
    "extra_envs",
    "preserved_env_keys",
    "diff_to_default",
    "traced_syscalls",
    "allowed_syscalls",
)
# What the Go jail takes for none where the key is missing, and what then happens.
_GO_NEEDS = {
    "whitelist_paths": "every path is refused",
    "fork_allowance": "no process may fork",
    "max_child_procs": "there may be no process",
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SYSCALL = re.compile(r"_*[a-z][a-z0-9_]*\Z")
_HEADER = "# Made by bakegen policy emit: change the declaration, not this file.\n"


def problems(policy: Policy, dialect: Dialect) -> tuple[tuple[Path, str], ...]:
    """What no file of the dialect can say, or what would lock everything out: (path in policy.toml, message) pairs."""
    found: list[tuple[Path, str]] = []
    for name, value in policy.extra_envs.items():
        at: Path = ("extra-envs", name)
        if not _VARIABLE.match(name):
            found.append((at, f'"{name}" is no name of a variable'))
        if not value.isprintable():
            found.append((at, "the value holds characters that nobody sees"))
        if dialect == "rust-2023" and "=" in value:
            found.append((at, "the Rust jail cuts a value off at an equals sign"))
    for index, key in enumerate(policy.preserved_env_keys):
        if not _VARIABLE.match(key):
            found.append((("preserved-env-keys", index), f'"{key}" is no name of a variable'))
    for index, call in enumerate(policy.allowed_syscalls):
        if not _SYSCALL.match(call):
            found.append((("allowed-syscalls", index), f'"{call}" is no name of a system call'))
        elif call == "ptrace":
            found.append((("allowed-syscalls", index), "ptrace would let a program out of the jail"))
    for name in _OPERATIONS:
        for index, glob in enumerate(getattr(policy.paths, name)):
            if not glob.isprintable():
                found.append((("paths", name, index), "the glob holds characters that nobody sees"))
    if not policy.diff_to_default and not policy.allowed_syscalls:
        found.append((("diff-to-default",), "nothing may run: without the jail's own system calls, list those allowed"))
    return tuple(found)


def written(policy: Policy, dialect: Dialect) -> str:
    """The policy as YAML that the jail of the dialect reads. What `problems` finds must have been mended."""
    most = policy.max_child_procs
    content: dict[str, Any] = {
        "whitelist_paths": {
            op: [_Quoted(glob) for glob in getattr(policy.paths, name)]
            for op, name in zip(_OPS[dialect], _OPERATIONS, strict=True)
        },
        "exec_allowance": policy.exec_allowance,
        "fork_allowance": policy.fork_allowance,
        "max_child_procs": _MOST_PROCESSES[dialect] if most is None else most,
        "extra_envs": [_Quoted(f"{name}={value}") for name, value in sorted(policy.extra_envs.items())],
        "preserved_env_keys": [_Quoted(key) for key in policy.preserved_env_keys],
        "diff_to_default": policy.diff_to_default,
    }
    if dialect == "rust-2023":
        content["traced_syscalls"] = []  # must be there, and is replaced by the jail's own
    content["allowed_syscalls"] = [_Quoted(call) for call in policy.allowed_syscalls]

    return _HEADER + yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=10**6)


class _Quoted(str):
    """Text that is written in quotes, so that no reader of any YAML takes it for something else."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes quoted text as such."""


_Dumper.add_representer(
    _Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')
)


def check(file: str, text: str, dialect: Dialect) -> tuple[Finding, ...]:
    """What the jail of the dialect would refuse in a policy file, or overlook, sorted by line."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "a character that YAML does not allow"
        return (Finding(file, mark.line + 1 if mark else 0, "policy-yaml", f"it is no YAML: {why}"),)
    except RecursionError:
        return (Finding(file, 0, "policy-yaml", "it is no YAML that anyone can read: nested too deep"),)
    if not isinstance(root, yaml.MappingNode):
        return (Finding(file, 0, "policy-yaml", "it is no table of keys", source=_SOURCE[dialect]),)
    found = [*_judged(file, root, dialect)]
    return tuple(sorted(found))


def _judged(file: str, root: yaml.MappingNode, dialect: Dialect) -> Iterator[Finding]:
    source = _SOURCE[dialect]
    entries, repeated = _entries(root)
    for line, key in repeated:
        yield Finding(file, line, "policy-key", f'"{key}" stands twice', _TWICE[dialect], source)
    for key, (line, node) in entries.items():
        if key not in _KEYS:
            message = f'no key "{key}"{did_you_mean(key, _KEYS)}: the jail overlooks what stands there'
            yield Finding(file, line, "policy-key", message, f"the keys are {', '.join(_KEYS)}", source)
        elif key == "whitelist_paths":
            yield from _paths(file, line, node, dialect)
        else:
            yield from _value(file, line, key, node, dialect)
    needed = dict.fromkeys(_KEYS, "the jail reads no file without it") if dialect == "rust-2023" else _GO_NEEDS
    for key, effect in needed.items():
        if key not in entries:
            yield Finding(file, 0, "policy-missing", f"no {key}: {effect}", f"add {key}", source)


def _entries(node: yaml.MappingNode) -> tuple[dict[str, tuple[int, yaml.Node]], list[tuple[int, str]]]:
    """The keys of a table with their lines and values, and those that stand there again."""
    found: dict[str, tuple[int, yaml.Node]] = {}
    repeated: list[tuple[int, str]] = []
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else "…"
        if name in found:
            repeated.append((key.start_mark.line + 1, name))
        found[name] = (key.start_mark.line + 1, value)
    return found, repeated


def _paths(file: str, line: int, node: yaml.Node, dialect: Dialect) -> Iterator[Finding]:
    source = _SOURCE[dialect]
    known = _OPS[dialect]
    if not isinstance(node, yaml.MappingNode):
        message = "whitelist_paths is no table of operations"
        yield Finding(file, line, "policy-value", message, f"write {known[0]} and the others below it", source)
        return
    entries, repeated = _entries(node)
    others = {op: ours for dialects in _OPS.values() for op, ours in zip(dialects, known, strict=True)}
    for again, op in repeated:
        yield Finding(file, again, "policy-key", f'"{op}" stands twice', _TWICE[dialect], source)
    for op, (at, globs) in entries.items():
        if op not in known:
            meant = f' (did you mean "{others[op]}"?)' if op in others else did_you_mean(op, known)
            message = f'no operation "{op}"{meant}: the jail refuses the file'
            yield Finding(file, at, "policy-op", message, f"the operations are {', '.join(known)}", source)
        else:
            yield from _texts(file, at, op, globs, dialect)
    meant_ops = {others.get(op, op) for op in entries}
    for op in known:
        if op not in meant_ops:
            effect = "the jail stops at the first one" if dialect == "rust-2023" else "it is refused for every path"
            yield Finding(file, line, "policy-missing", f"no {op}: {effect}", f'add {op}: ["*"] or less', source)


def _value(file: str, line: int, key: str, node: yaml.Node, dialect: Dialect) -> Iterator[Finding]:
    if key.endswith(("_allowance", "_procs")):
        if node.tag != "tag:yaml.org,2002:int":
            yield Finding(file, line, "policy-value", f"{key} is no whole number", "", _SOURCE[dialect])
    elif key == "diff_to_default":
        if node.tag != "tag:yaml.org,2002:bool" or str(node.value).lower() not in ("true", "false"):
            yield Finding(file, line, "policy-value", f"{key} is neither true nor false", "", _SOURCE[dialect])
    else:
        yield from _texts(file, line, key, node, dialect)


def _texts(file: str, line: int, key: str, node: yaml.Node, dialect: Dialect) -> Iterator[Finding]:
    """A list of texts, each of the form that its key asks for."""
    source = _SOURCE[dialect]
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(one, yaml.ScalarNode) for one in node.value):
        yield Finding(file, line, "policy-value", f"{key} is no list of texts", "", source)
        return
    for item in node.value:
        at, value = item.start_mark.line + 1, str(item.value)
        if item.tag != "tag:yaml.org,2002:str":
            yield Finding(file, at, "policy-value", f'"{value}" in {key} is no text', "put it in quotes", source)
        elif problem := _FORMS.get(key, _any)(value, dialect):
            yield Finding(file, at, "policy-value", f'"{value}" in {key} {problem}', "", source)


def _any(_: str, __: Dialect) -> str:
    return ""


def _pair(value: str, dialect: Dialect) -> str:
    name, given, rest = value.partition("=")
    if not given or not _VARIABLE.match(name):
        return "is no NAME=VALUE"
    return "is cut off at its second equals sign" if dialect == "rust-2023" and "=" in rest else ""


def _variable(value: str, _: Dialect) -> str:
    return "" if _VARIABLE.match(value) else "is no name of a variable"


def _call(value: str, dialect: Dialect) -> str:
    if not _SYSCALL.match(value):
        return "is no name of a system call"
    return "would let a program out of the jail" if value == "ptrace" and dialect == "go-2018" else ""


_FORMS: Mapping[str, Callable[[str, Dialect], str]] = {
    "extra_envs": _pair,
    "preserved_env_keys": _variable,
    "allowed_syscalls": _call,
    "traced_syscalls": _call,
}

"""A policy written for a generation of the jail, and what is wrong with a file of it.

go-2018 is the jail of 2018 to 2022, rust-2023 the one since. The keys are the same, but the Rust jail calls the
operations otherwise and reads no file that lacks a key, so no file of the older generation is one of the newer.
Sources: policy/filebased.go, policy/interfaces.go, src/policy/filebased.rs and traits.rs of lablup/backend.ai-jail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import yaml

from bakegen.errors import did_you_mean
from bakegen.findings import Finding
from bakegen.jail.syscalls import SYSCALLS
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
_ALL = '["*"] or less'
_NOTHING_RUNS = "nothing may run: without the jail's own system calls, list those allowed"

RULES: Mapping[str, str] = {
    "policy-key": "A policy has the keys that the jail reads, each once.",
    "policy-missing": "A policy has the keys without which the jail refuses the file or everything.",
    "policy-op": "The operations are those of the jail's generation.",
    "policy-value": "Values are such as the jail reads, and keep programs inside.",
    "policy-yaml": "A policy is a YAML table.",
}
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
    lists: dict[Path, tuple[str, list[str]]] = {
        ("preserved-env-keys",): ("preserved_env_keys", policy.preserved_env_keys),
        ("allowed-syscalls",): ("allowed_syscalls", policy.allowed_syscalls),
        **{("paths", name): (name, getattr(policy.paths, name)) for name in _OPERATIONS},
    }
    for path, (key, texts) in lists.items():
        for index, text in enumerate(texts):
            wrong, _ = _wrong(key, text, texts[:index], dialect)
            if wrong:
                found.append(((*path, index), f'"{text}" {wrong}'))
    if not policy.diff_to_default and not policy.allowed_syscalls:
        found.append((("diff-to-default",), _NOTHING_RUNS))
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
    yield from _shut(file, entries, source)
    needed = dict.fromkeys(_KEYS, "the jail reads no file without it") if dialect == "rust-2023" else _GO_NEEDS
    for key, effect in needed.items():
        if key not in entries:
            yield Finding(file, 0, "policy-missing", f"no {key}: {effect}", f"add {key}", source)


def _shut(file: str, entries: Mapping[str, tuple[int, yaml.Node]], source: str) -> Iterator[Finding]:
    """What a policy says that stands alone and allows no system call."""
    line, alone = entries.get("diff_to_default", (0, None))
    _, calls = entries.get("allowed_syscalls", (0, None))
    none = calls is None or (isinstance(calls, yaml.SequenceNode) and not calls.value)
    if none and isinstance(alone, yaml.ScalarNode) and str(alone.value).lower() == "false":
        message, _, mend = _NOTHING_RUNS.partition(": ")
        yield Finding(file, line, "policy-value", message, mend, source)


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
            yield Finding(file, line, "policy-missing", f"no {op}: {effect}", f"add {op}: {_ALL}", source)


def _value(file: str, line: int, key: str, node: yaml.Node, dialect: Dialect) -> Iterator[Finding]:
    if key.endswith(("_allowance", "_procs")):
        if node.tag != "tag:yaml.org,2002:int":
            mend = "write a number, such as 32; -1 is for no limit"
            yield Finding(file, line, "policy-value", f"{key} is no whole number", mend, _SOURCE[dialect])
    elif key == "diff_to_default":
        if node.tag != "tag:yaml.org,2002:bool" or str(node.value).lower() not in ("true", "false"):
            message = f"{key} is neither true nor false"
            yield Finding(file, line, "policy-value", message, "write true or false", _SOURCE[dialect])
    else:
        yield from _texts(file, line, key, node, dialect)


def _texts(file: str, line: int, key: str, node: yaml.Node, dialect: Dialect) -> Iterator[Finding]:
    """A list of texts, each of the form that its key asks for."""
    source = _SOURCE[dialect]
    if not isinstance(node, yaml.SequenceNode) or not all(isinstance(one, yaml.ScalarNode) for one in node.value):
        mend = f"write {key}: {_ALL}" if key in _OPS[dialect] else f'write {key}: [] or such as ["{_EXAMPLES[key]}"]'
        yield Finding(file, line, "policy-value", f"{key} is no list of texts", mend, source)
        return
    before: list[str] = []
    for item in node.value:
        at, value = item.start_mark.line + 1, str(item.value)
        if item.tag != "tag:yaml.org,2002:str":
            yield Finding(file, at, "policy-value", f'"{value}" in {key} is no text', "put it in quotes", source)
        else:
            wrong, mend = _wrong(key, value, before, dialect)
            if wrong:
                yield Finding(file, at, "policy-value", f'"{value}" in {key} {wrong}', mend, source)
            before.append(value)


_Wrong = tuple[str, str]
_RIGHT: _Wrong = ("", "")


def _wrong(key: str, value: str, before: Sequence[str], dialect: Dialect) -> _Wrong:
    """What is wrong with a text of the list ``key`` (as the jail calls it), behind those ``before``, and its mend."""
    if value in before:
        return "stands twice", "write it once"
    return _FORMS.get(key, _glob)(value, dialect)


def _glob(value: str, _: Dialect) -> _Wrong:
    return _RIGHT if value.isprintable() else ("holds characters that nobody sees", "write the path alone")


def _pair(value: str, dialect: Dialect) -> _Wrong:
    name, given, rest = value.partition("=")
    if not given or not _VARIABLE.match(name):
        return "is no NAME=VALUE", "write such as LANG=C.UTF-8"
    if not rest.isprintable():
        return "holds characters that nobody sees", "leave them out"
    if dialect == "rust-2023" and "=" in rest:
        return "is cut off at its second equals sign", "set the variable in the image, or give it another value"
    return _RIGHT


def _variable(value: str, _: Dialect) -> _Wrong:
    return _RIGHT if _VARIABLE.match(value) else ("is no name of a variable", "write such as OMP_NUM_THREADS")


def _allowed(value: str, dialect: Dialect) -> _Wrong:
    return ("would let a program out of the jail", "leave it out") if value == "ptrace" else _call(value, dialect)


def _call(value: str, _: Dialect) -> _Wrong:
    if value in SYSCALLS:
        return _RIGHT
    return f"is no system call of Linux{did_you_mean(value, SYSCALLS)}", "write its name as syscalls(2) has it"


_FORMS: Mapping[str, Callable[[str, Dialect], _Wrong]] = {
    "extra_envs": _pair,
    "preserved_env_keys": _variable,
    "allowed_syscalls": _allowed,
    "traced_syscalls": _call,
}
_EXAMPLES = {
    "extra_envs": "LANG=C.UTF-8",
    "preserved_env_keys": "OMP_NUM_THREADS",
    "allowed_syscalls": "umask",
    "traced_syscalls": "open",
}

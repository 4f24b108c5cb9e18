"""Content keys: equal wherever the content is, another after any change of it."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakegen import keys
from bakegen.errors import ConfigurationError
from bakegen.keys.context import Contexts
from bakegen.plan import Link, Plan, Secret
from tests.projects import project, write

Tree = Mapping[str, bytes | str]
"""What is in a folder: bytes are a file (a program where they start with #!), text is where a link leads; a path that
ends in / is an empty folder."""

STACK = """
title = "S"

[axes.v]
values = ["1", "2"]

[[layers]]
name   = "a"
parent = "debian:12"
axes   = ["v"]
args   = { V = "{v}" }

[[layers]]
name   = "b"
parent = "a"
image  = "b"
tags   = ["{v}", { pattern = "latest", newest = "v" }]
links  = { tools = { directory = "tools" }, other = { image = "debian:13" } }
labels = { "com.example.x" = "1" }
secrets = ["TOKEN"]

  [[layers.tests]]
  name = "t"
  run  = "true"
"""
FILES = {
    "stacks/s/a/Dockerfile": "FROM base\nARG V\nCOPY . /\n",
    "stacks/s/a/file": "one\n",
    "stacks/s/b/Dockerfile": (
        "FROM base\nCOPY --from=tools . /\nCOPY --from=other /etc /e\nRUN --mount=type=secret,id=TOKEN true\n"
    ),
    "stacks/s/tools/tool": "two\n",
}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return project(tmp_path, STACK, FILES)[1]


def plant(root: Path, tree: Tree, *, backwards: bool = False, mode: int = 0o644) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(tree.items(), reverse=backwards):
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content)
            path.chmod(mode | 0o100 if content.startswith(b"#!") else mode & ~0o100)
    return root


def digest(tree: Tree, ignore: str = "", **how: object) -> str:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        plant(root / "context", tree, **how)  # type: ignore[arg-type]
        if ignore:
            (root / "Dockerfile.dockerignore").write_text(ignore, encoding="utf-8")
        contexts = Contexts(root)
        found = contexts.main("context", "Dockerfile")
        assert not contexts.problems
        return found


NAMES = st.text("ab.é", min_size=1, max_size=3).filter(lambda name: name not in {".", ".."})
CONTENTS: st.SearchStrategy[bytes | str] = st.sampled_from([b"", b"one", b"#!two", "a", "../x"])
TREES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map(tuple), CONTENTS, max_size=6).map(
    lambda found: {
        "/".join(path): content
        for path, content in found.items()
        if not any(path != other and path == other[: len(path)] for other in found)
    }
)


@given(TREES, st.sampled_from([0o600, 0o644, 0o664]))
@settings(max_examples=60, deadline=None)
def test_order_mode_and_time_do_not_count(tree: Tree, mode: int) -> None:
    assert digest(tree) == digest(tree, backwards=True, mode=mode)


@given(TREES, TREES)
@settings(max_examples=150, deadline=None)
def test_trees_that_differ_have_other_keys(one: Tree, other: Tree) -> None:
    assert (digest(one) == digest(other)) == (dict(one) == dict(other))


@given(TREES, st.data())
@settings(max_examples=100, deadline=None)
def test_every_change_of_what_is_sent_counts(tree: Tree, data: st.DataObject) -> None:
    if not tree:
        return
    name = data.draw(st.sampled_from(sorted(tree)))
    changed: Tree = {**tree, name: data.draw(CONTENTS.filter(lambda content: content != tree[name]))}
    assert digest(changed) != digest(tree)
    assert digest({key: value for key, value in tree.items() if key != name}) != digest(tree)


@given(TREES, CONTENTS)
@settings(max_examples=60, deadline=None)
def test_what_is_kept_out_does_not_count(tree: Tree, content: bytes | str) -> None:
    without = {name: value for name, value in tree.items() if not name.startswith("out")}
    assert digest({**without, "out/deep/file": content, "a.out": content}, "out\n**/*.out\n") == digest(
        without, "out\n**/*.out\n"
    )


def test_an_empty_folder_counts_and_a_folder_with_something_only_by_it() -> None:
    assert digest({"a/": b""}) != digest({})
    assert digest({"a/b": b"1"}) != digest({"a/b": b"1", "a/c/": b""})
    # What an exception brings back is the same as if nothing else had been there.
    assert digest({"a/b/c": b"1", "a/b/d": b"2", "e": b""}, "a/b\n!a/b/c\n") == digest({"a/b/c": b"1", "e": b""})


def test_a_socket_is_not_sent(tmp_path: Path) -> None:
    plant(tmp_path / "context", {"a": b"1"})
    before = Contexts(tmp_path).named("context")
    here = Path.cwd()
    os.chdir(tmp_path / "context")  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            socket.socket.__base__.bind(bound, "s")  # type: ignore[union-attr]
    finally:
        os.chdir(here)
    assert (tmp_path / "context" / "s").exists()
    assert Contexts(tmp_path).named("context") == before
    os.mkfifo(tmp_path / "context" / "p")
    assert Contexts(tmp_path).named("context") != before


def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / os.fsdecode(b"\xff")).write_bytes(b"1")
    found = Contexts(tmp_path).named("context")
    (folder / os.fsdecode(b"\xff")).rename(folder / os.fsdecode(b"\xfe"))
    assert Contexts(tmp_path).named("context") != found


def test_the_ignore_file_of_a_dockerfile_takes_the_place_of_the_contexts(tmp_path: Path) -> None:
    write(tmp_path, {"c/.dockerignore": "x\n", "c/x": "1", "c/y": "1", "D": "FROM scratch\n"})

    def main() -> str:
        return Contexts(tmp_path).main("c", "D")

    first = main()
    (tmp_path / "c/x").write_text("2")
    assert main() == first
    (tmp_path / "D.dockerignore").write_text("")
    assert main() == first
    (tmp_path / "D.dockerignore").write_text("y\n.dockerignore\n")
    second = main()
    (tmp_path / "c/y").write_text("2")
    assert main() == second
    (tmp_path / "c/x").write_text("3")
    assert main() != second


def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    loaded, plan = project(tmp_path, STACK, {**FILES, "stacks/s/a/.dockerignore": "ok\n[a-\n", "x/.dockerignore": "!"})
    write(tmp_path, {"stacks/s/tools/.dockerignore": "# fine\n ! \n"})
    with pytest.raises(ConfigurationError) as caught:
        keys.contents(loaded.tree.root, plan.targets)
    assert caught.value.report().splitlines() == [
        'stacks/s/a/.dockerignore:2: "[a-" is no pattern: a [ is not closed, a range is not whole or \\ ends it',
        'stacks/s/tools/.dockerignore:2: "!" alone is no exception: write the pattern after it',
        "2 problems",
    ]


def test_each_target_has_its_own_and_parents_count(plan: Plan, tmp_path: Path) -> None:
    before = keys.contents(tmp_path, plan.targets)
    assert len(set(before.values())) == len(plan.targets) == 4
    (tmp_path / "stacks/s/a/file").write_text("changed\n")
    after = keys.contents(tmp_path, plan.targets)
    assert all(after[name] != before[name] for name in before)
    (tmp_path / "stacks/s/tools/tool").chmod(0o755)
    last = keys.contents(tmp_path, plan.targets)
    assert [name for name in last if last[name] != after[name]] == ["s-b-1", "s-b-2"]


CHANGES: dict[str, tuple[dict[str, object], bool]] = {
    "an argument": ({"args": (("V", "3"),)}, True),
    "a label": ({"labels": (("com.example.x", "2"),)}, True),
    "an annotation": ({"annotations": (("com.example.y", "1"),)}, True),
    "the stage": ({"stage": "final"}, True),
    "the secrets": ({"secrets": (Secret("OTHER", "env", "TOKEN"),)}, True),
    "what it stands on": ({"links": (Link("base", "image", f"debian:12@sha256:{'0' * 64}"),)}, True),
    "where a secret's value is": ({"secrets": (Secret("TOKEN", "file-env", "ELSEWHERE"),)}, False),
    "tags": ({"tags": ()}, False),
    "tests": ({"tests": ()}, False),
    "caches": ({"cache_from": (), "cache_to": ()}, False),
    "the network": ({"network_args": (("HTTP_PROXY", "HTTP_PROXY"),)}, False),
    "its name": ({"title": "T", "status": "deprecated", "image": "other"}, False),
    "the order of arguments": ({"args": (("W", "1"), ("V", "1"))}, True),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_counts_of_a_target(name: str, plan: Plan, tmp_path: Path) -> None:
    fields, counts = CHANGES[name]
    below, target = plan.by_name["s-a-1"], plan.by_name["s-b-1"]
    changed = replace(target, **fields)  # type: ignore[arg-type]
    one = keys.contents(tmp_path, [below, target])["s-b-1"]
    other = keys.contents(tmp_path, [below, changed])["s-b-1"]
    assert (one != other) == counts


def test_the_order_of_pairs_does_not_count(plan: Plan, tmp_path: Path) -> None:
    target = replace(plan.by_name["s-a-1"], args=(("A", "1"), ("B", "2")), labels=(("a", "1"), ("b", "2")))
    turned = replace(target, args=target.args[::-1], labels=target.labels[::-1])
    assert keys.contents(tmp_path, [target]) == keys.contents(tmp_path, [turned])


def test_the_revision_of_the_sources_does_not_count(plan: Plan, tmp_path: Path) -> None:
    target = plan.by_name["s-a-1"]
    labels = tuple((key, "abc" if key.endswith(".revision") else value) for key, value in target.labels)
    assert labels != target.labels
    assert keys.contents(tmp_path, [replace(target, labels=labels)]) == keys.contents(tmp_path, [target])


def test_a_pin_counts(plan: Plan, tmp_path: Path) -> None:
    before = keys.contents(tmp_path, plan.targets)
    digest_ = f"sha256:{'1' * 64}"
    lock = f'[images."debian:12"]\ndigest = "{digest_}"\nplatforms = ["linux/amd64"]\n'
    pinned = project(tmp_path, STACK, {**FILES, "bakegen.lock": lock})[1]
    after = keys.contents(tmp_path, pinned.targets)
    assert all(after[name] != before[name] for name in before)


def test_what_is_planned_has_no_key(tmp_path: Path) -> None:
    stack = STACK.replace('values = ["1", "2"]', 'values = ["1", { name = "2", status = "planned", reason = "later" }]')
    plan = project(tmp_path, stack, FILES)[1]
    assert list(keys.contents(tmp_path, plan.targets)) == ["s-a-1", "s-b-1"]


def test_a_key_is_of_platforms_in_any_order() -> None:
    content = f"sha256:{'2' * 64}"
    both = keys.on(content, ["linux/amd64", "linux/arm64"])
    assert both == keys.on(content, ["linux/arm64", "linux/amd64"])
    assert len({both, keys.on(content, ["linux/amd64"]), keys.on(content, ["linux/arm64"])}) == 3


def test_keys_are_these_on_every_machine(plan: Plan, tmp_path: Path) -> None:
    """A change of this value is a new FORMAT: every recorded image would count as changed."""
    content = keys.contents(tmp_path, plan.targets)["s-b-1"]
    assert content == "sha256:80e7f8e2a3536afcac6fed007a18fe465de82dad426b31f05a3ce47a6aaadccd"


def test_a_file_is_read_once(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hashlib

    read: list[str] = []
    whole = hashlib.file_digest

    def counting(stream: FileIO, name: str) -> object:
        read.append(os.path.relpath(str(stream.name), tmp_path))
        return whole(stream, name)

    monkeypatch.setattr(hashlib, "file_digest", counting)
    keys.contents(tmp_path, plan.targets)
    assert sorted(read) == sorted(
        f"stacks/s/{name}" for name in ("a/Dockerfile", "a/file", "b/Dockerfile", "tools/tool")
    )


def test_the_definitions_of_tests(plan: Plan, tmp_path: Path) -> None:
    (test,) = plan.by_name["s-b-1"].tests
    first = keys.definitions(tmp_path, [test])
    assert keys.definitions(tmp_path, [test, test]) != first
    assert keys.definitions(tmp_path, [replace(test, run=("false",))]) != first
    scripted = replace(test, script="x")
    (tmp_path / "x").write_text("true")
    second = keys.definitions(tmp_path, [scripted])
    (tmp_path / "x").write_text("false")
    assert len({first, second, keys.definitions(tmp_path, [scripted])}) == 3
    (tmp_path / "x").unlink()
    with pytest.raises(ConfigurationError, match="x: cannot be read: No such file"):
        keys.definitions(tmp_path, [scripted])

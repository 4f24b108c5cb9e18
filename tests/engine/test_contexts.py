"""The real BuildKit sends of a context what a content key is made of, and refuses what bakegen refuses."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bakegen.keys import IgnoreError, patterns
from bakegen.keys.context import Contexts
from tests import ignores

pytestmark = pytest.mark.engine

_WORDS = (
    "a",
    "b",
    "c",
    "d",
    "docs",
    "x",
    "foo",
    ".md",
    "*",
    "**",
    "?",
    "/",
    "/",
    "é",
    "[a-c]",
    "[^a]",
    "\\",
    "!",
    "\n",
    "\n!",
)


def built(folder: Path, names: Sequence[str], how: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """One bake call that copies the context through each of the ignore files into a folder of its own."""
    definition = {
        "target": {
            name: {
                "context": "context",
                "dockerfile": f"../{name}",
                "contexts": {"other": "context"},
                "output": [f"type=local,dest=out/{name}"],
                "attest": ["type=provenance,disabled=true"],
            }
            for name in names
        }
    }
    (folder / "bake.json").write_text(json.dumps(definition))
    return subprocess.run(
        ["docker", "buildx", "bake", "-f", "bake.json", "--allow", "fs.write=out", *names],
        cwd=folder, env=dict(how), capture_output=True, text=True, check=False,
    )  # fmt: skip


def given(folder: Path, texts: Sequence[str]) -> list[str]:
    """The context, a Dockerfile for each ignore file, and their names."""
    ignores.plant(folder / "context")
    for number, text in enumerate(texts):
        (folder / f"D{number}").write_text("FROM scratch\nCOPY . /\n")
        (folder / f"D{number}.dockerignore").write_bytes(text.encode())
    return [f"D{number}" for number in range(len(texts))]


def generated(count: int) -> list[str]:
    """Ignore files nobody would write, the same in every run; those that are refused are another test's."""
    dice = random.Random(20261120)
    found: list[str] = []
    while len(found) < count:
        text = "".join(dice.choice(_WORDS) for _ in range(dice.randint(2, 9)))
        try:
            patterns(text)
        except IgnoreError:
            continue
        found.append(text)
    return found


def test_what_is_sent(tmp_path: Path, engine_env: Mapping[str, str]) -> None:
    texts = [text for text in ignores.IGNORES if text] + generated(60)
    names = given(tmp_path, texts)
    # A BuildKit that is busy loses builds when too many come in one call.
    for some in (names[start : start + 20] for start in range(0, len(names), 20)):
        done = built(tmp_path, some, engine_env)
        assert done.returncode == 0, done.stderr
    ours = Contexts(tmp_path)
    wrong = [
        (text, sorted(str(path.relative_to(tmp_path / "out" / name)) for path in (tmp_path / "out" / name).rglob("*")))
        for name, text in zip(names, texts, strict=True)
        if ours.main("context", name) != ours.named(f"out/{name}")
    ]
    assert not ours.problems
    assert not wrong


def test_whose_ignore_file_counts(tmp_path: Path, engine_env: Mapping[str, str]) -> None:
    ignores.plant(tmp_path / "context")
    (tmp_path / "context/.dockerignore").write_text("a\n.dockerignore\n")
    for name, text, ignore in (
        ("none", "COPY . /", None),
        ("empty", "COPY . /", ""),
        ("own", "COPY . /", "b\n.dockerignore\n"),
        ("named", "COPY --from=other . /", "b\n.dockerignore\n"),
    ):
        (tmp_path / name).write_text(f"FROM scratch\n{text}\n")
        if ignore is not None:
            (tmp_path / f"{name}.dockerignore").write_text(ignore)
    done = built(tmp_path, ["none", "empty", "own", "named"], engine_env)
    assert done.returncode == 0, done.stderr
    ours = Contexts(tmp_path)
    assert [ours.main("context", name) for name in ("none", "empty", "own")] == [
        ours.named(f"out/{name}") for name in ("none", "empty", "own")
    ]
    assert ours.named("context") == ours.named("out/named") == ours.named("out/none")
    assert (tmp_path / "out/named/b").is_dir()
    assert not (tmp_path / "out/own/b").exists()


@pytest.mark.parametrize("text", ignores.REFUSED)
def test_what_is_refused(text: str, tmp_path: Path, engine_env: Mapping[str, str]) -> None:
    done = built(tmp_path, given(tmp_path, [text]), engine_env)
    assert done.returncode != 0, text
    with pytest.raises(IgnoreError):
        patterns(text)

"""Reading a project: what is refused is told, and nothing that anyone can write gives a traceback."""

from __future__ import annotations

import copy
import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bakegen import model
from bakegen.errors import ConfigurationError, UsageError
from bakegen.load import find_root, json_schema, load
from bakegen.plan import Plan
from bakegen.resolve import resolve
from tests.projects import write
from tests.spelling import Writer

DIGEST = "sha256:" + "1" * 64
STACK: dict[str, Any] = {
    "title": "Family",
    "description": "All that the language has.",
    "image-prefix": "family/",
    "labels": {"org.example.stack": "{stack}"},
    "annotations": {"org.example.layer": "{layer}"},
    "platforms": ["linux/amd64", "linux/arm64"],
    "axes": {
        "os": {
            "role": "os",
            "values": [
                {"name": "ubuntu22.04", "version": "22.04", "image": "ubuntu:22.04"},
                {"name": "openeuler24.03", "version": "24.03-lts-sp3", "image": "openeuler/openeuler:24.03"},
            ],
        },
        "python": {"role": "language", "scheme": "pep440", "values": ["3.10", "3.11", "3.12"]},
        "cann": {
            "role": "sdk",
            "scheme": "cann",
            "description": "Toolkits.",
            "values": [
                {"name": "8.5.1", "platforms": ["linux/arm64"]},
                {"name": "8.1.RC1", "only": {"python": ["3.10", ">=3.12"]}, "status": "deprecated", "reason": "old"},
            ],
        },
    },
    "rules": [{"when": {"cann": ">=8.5"}, "require": {"python": "<3.12"}, "reason": "tested so", "source": "notes"}],
    "exclude": [{"match": {"cann": "8.1.*", "os": "open*"}, "reason": "never published"}],
    "include": [
        {"layer": "cann", "match": {"os": "ubuntu22.04", "python": "3.12", "cann": "8.5.1"}, "reason": "asked for"}
    ],
    "lifecycle": [{"match": {"python": "3.10"}, "status": "experimental", "reason": "new"}],
    "layers": [
        {"name": "python", "parent": "{os.image}", "axes": ["os", "python"], "secrets": ["GH_PAT"]},
        {
            "name": "cann",
            "title": "CANN {cann}",
            "description": "Toolkit",
            "parent": [
                {"layer": "python", "when": {"python": "3.10"}},
                {"layer": "python", "when": {"python": ">=3.11"}},
            ],
            "axes": ["cann"],
            "links": {"tools": "alpine:3.20", "py": {"layer": "python"}, "data": {"directory": "python"}},
            "context": "{layer}",
            "dockerfile": "cann/Dockerfile",
            "target": "final",
            "args": {"CANN": "{cann|lower}"},
            "labels": {"org.example.cann": "{cann|minor}"},
            "annotations": {"org.example.python": "{python|nodot}"},
            "image": "cann",
            "tags": [
                "{cann|lower}-{os}-py{python}",
                {"pattern": "latest", "newest": "cann", "only": {"os": "ubuntu*", "python": "3.11"}},
                {"scheme": "oeep-0014", "only": {"os": "openeuler*", "python": "3.11"}},
            ],
            "tests": [
                {"name": "runs", "run": "python --version", "stdout-contains": "{python}", "timeout": 5},
                {"name": "script", "script": "python/Dockerfile", "exit-code": 1, "stderr-matches": ["a|b"]},
            ],
            "services": [{"name": "web", "port": 8080, "protocol": "tcp"}],
            "status": "experimental",
        },
    ],
}
PROJECT: dict[str, Any] = {
    "default": ["family/*"],
    "platforms": ["linux/amd64"],
    "registries": [
        {"prefix": "registry.example/ai/"},
        {"name": "mirror", "prefix": "mirror.example/", "floating": False},
    ],
    "labels": {"org.example.all": "{layer}"},
    "cache": {"type": "registry", "ref": "registry.example/cache", "mode": "max"},
    "attest": {"provenance": "min", "sbom": True},
    "network": {"proxies": True, "files": {"ca": "CA_FILE"}, "args": {"INDEX": "INDEX_URL"}},
}
LOCK: dict[str, Any] = {"images": {"ubuntu:22.04": {"digest": DIGEST, "platforms": ["linux/amd64", "linux/arm64/v8"]}}}
FILES = {
    "stacks/family/python/Dockerfile": "FROM base\nRUN --mount=type=secret,id=GH_PAT true\n",
    "stacks/family/cann/Dockerfile": (
        "FROM base AS final\nARG CANN\nCOPY --from=tools /a /a\nCOPY --from=py /b /b\nCOPY --from=data /c /c\n"
    ),
}
WHOLE = {"bakegen.toml": PROJECT, "stacks/family/stack.toml": STACK, "bakegen.lock": LOCK}

WORDS = sorted(
    {
        field.alias or name
        for cls in vars(model).values()
        if isinstance(cls, type) and issubclass(cls, BaseModel)
        for name, field in cls.model_fields.items()
    }
)
TELLING = (  # noqa: SIM905 - shorter so
    "os python cann base family 3.10 >=3.10 8.* {os} {os.image} {cann|oe} { * linux/arm64 planned supported semver "
    "latest a:1 ../.. / \0 \u202e [a (?"
).split(" ")
TEXTS = st.one_of(
    st.sampled_from(TELLING),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
KEYS = st.one_of(st.sampled_from(WORDS), TEXTS)
SCALARS = st.one_of(
    TEXTS,
    st.integers(),
    st.integers(2**62, 2**200),
    st.floats(),
    st.booleans(),
    st.sampled_from([dt.date(2024, 1, 15), dt.datetime(2024, 1, 15, 7, 30), dt.time(7, 30)]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)


def attempt(files: dict[str, str | bytes]) -> Plan | ConfigurationError | UsageError:
    """What comes of a project: a plan, or an error that prints."""
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), FILES)
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            return resolve(load(root))
        except (ConfigurationError, UsageError) as error:
            return error


def proper(outcome: Plan | ConfigurationError | UsageError) -> bool:
    """Whether an outcome is a plan with targets, or a report that a terminal can show, with no line out of place."""
    if isinstance(outcome, Plan):
        return hash(outcome.targets) is not None and len(outcome.targets) > 0
    lines = str(outcome).splitlines()
    return len(lines) > 0 and all(line.isprintable() for line in lines)


def places(data: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with each of its keys or indexes."""
    items = list(data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ())
    for part, value in items:
        yield data, part
        yield from places(value)


def plain(data: dict[str, Any]) -> str:
    """A document in its plainest spelling."""
    return Writer(lambda _: 0).document(data)


def test_the_whole_language_is_accepted() -> None:
    outcome = attempt({name: plain(data) for name, data in WHOLE.items()})
    assert isinstance(outcome, Plan), outcome
    assert len(outcome.targets) == 6 + 2 * 2 + 2 + 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32).map(Random))
def test_every_spelling_gives_the_same_plan(random: Random) -> None:
    plans = []
    for choose in (lambda _: 0, random.randrange):
        plan = attempt({name: Writer(choose).document(data) for name, data in WHOLE.items()})
        assert isinstance(plan, Plan), plan
        # A spelling with headers writes tables behind inline ones, and axes are listed in the order of the file.
        plans.append(replace(plan, axes=tuple(sorted(plan.axes, key=lambda axis: axis.name))))
    assert plans[0] == plans[1]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=8), st.sampled_from(sorted(WHOLE)), st.integers(0, 2**32).map(Random))
def test_random_documents(data: dict[str, Any], name: str, random: Random) -> None:
    files: dict[str, str | bytes] = {other: plain(content) for other, content in WHOLE.items()}
    assert proper(attempt(files | {name: Writer(random.randrange).document(data)}))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_mutated_projects(data: st.DataObject) -> None:
    whole = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(whole[data.draw(st.sampled_from(sorted(whole)))]))
        if not found:
            continue
        container, part = found[data.draw(st.integers(0, len(found) - 1))]
        action = data.draw(st.sampled_from(["delete", "rename", "retype", "text", "wrap", "insert", "twice"]))
        if action == "delete":
            del container[part]
        elif action == "rename" and isinstance(container, dict):
            container[data.draw(KEYS)] = container.pop(part)
        elif action == "retype":
            container[part] = data.draw(VALUES)
        elif action == "text":
            container[part] = data.draw(TEXTS)
        elif action == "wrap":
            container[part] = [container[part]]
        elif action == "twice" and isinstance(container, list):
            container.append(copy.deepcopy(container[part]))
        elif isinstance(container, dict):
            container[data.draw(KEYS)] = data.draw(VALUES)
    assert proper(attempt({name: plain(content) for name, content in whole.items()}))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.integers(0, 4000), st.binary(min_size=1, max_size=4), st.integers(0, 9))
def test_damaged_bytes(name: str, at: int, junk: bytes, cut: int) -> None:
    files: dict[str, str | bytes] = {other: plain(content) for other, content in WHOLE.items()}
    whole = plain(WHOLE[name]).encode()
    at %= len(whole)
    assert proper(attempt(files | {name: whole[:at] + junk + whole[at + cut :]}))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_random_dockerfiles(text: str) -> None:
    files: dict[str, str | bytes] = {name: plain(data) for name, data in WHOLE.items()}
    assert proper(attempt(files | {"stacks/family/cann/Dockerfile": f"FROM base AS final\n{text}"}))


@pytest.mark.parametrize("opening", ["[", "{a=", '["é",', "{é=", '{"\\u00e9"=', "[[], "])
@pytest.mark.parametrize("depth", [100, 333, 390, 399, 2000])
def test_deep_nesting(opening: str, depth: int) -> None:
    closing = {"[": "]", "{": "}"}[opening[0]]
    opening = opening.replace("{é", '{"é"')
    text = f"title = 'x'\n[[layers]]\nname = 'a'\nparent = {opening * depth}1{closing * depth}\n"
    assert proper(attempt({"bakegen.toml": "", "stacks/family/stack.toml": text}))


def test_deep_headers_and_long_keys() -> None:
    text = f"title = 'x'\n[{'.'.join(['a'] * 900)}]\n{'k' * 100000} = 1\n{'.'.join(['b'] * 900)} = 1\n"
    assert proper(attempt({"bakegen.toml": "", "stacks/family/stack.toml": text}))


def test_byte_order_mark_and_line_ends_mean_nothing() -> None:
    files = {name: plain(data) for name, data in WHOLE.items()}
    windows = {name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for name, text in files.items()}
    assert attempt({**windows}) == attempt({**files})


def test_composed_and_decomposed_text_give_the_same_plan() -> None:
    stack = 'title = "{0}"\n[[layers]]\nname = "a"\nparent = "x:1"\nlabels = {{ "org.example.{0}" = "{0}" }}\n'
    plans = []
    for word in ("caf\u00e9", "cafe\u0301"):
        files = {"bakegen.toml": "", "stacks/s/a/Dockerfile": "FROM base\n", "stacks/s/stack.toml": stack.format(word)}
        plans.append(attempt({**files}))
    assert isinstance(plans[0], Plan)
    assert plans[0] == plans[1]


def test_the_number_is_shown_as_it_is_written() -> None:
    text = 'title = "x"\n[axes.python]\nvalues = [3.10]\n[[layers]]\nname = "a"\nparent = "x:1"\n'
    outcome = attempt({"bakegen.toml": "", "stacks/family/stack.toml": text})
    assert str(outcome).splitlines()[0] == (
        'stacks/family/stack.toml:3: axes.python.values[0]: 3.10 is a number, not text: write "3.10"'
    )


def test_a_readme_beside_the_stacks_is_no_stack(tmp_path: Path) -> None:
    stack = 'title = "x"\n[[layers]]\nname = "a"\nparent = "x:1"\n'
    write(tmp_path, {"stacks/README.md": "x", "stacks/s/stack.toml": stack, "stacks/s/a/Dockerfile": "FROM base\n"})
    (tmp_path / "stacks/notes").mkdir()
    assert [one.name for one in load(tmp_path).stacks] == ["s"]


@pytest.mark.parametrize("folder", [".", "./", "images", "./images/", "images/../images"])
def test_the_stacks_folder_in_any_spelling(tmp_path: Path, folder: str) -> None:
    stack = 'title = "x"\n[[layers]]\nname = "a"\nparent = "x:1"\n'
    place = "s" if folder.strip("./") == "" else "images/s"
    write(
        tmp_path,
        {
            "bakegen.toml": f'stacks = "{folder}"\n',
            f"{place}/stack.toml": stack,
            f"{place}/a/Dockerfile": "FROM base\n",
        },
    )
    assert resolve(load(tmp_path)).targets[0].context == f"{place}/a"


def test_the_root_is_the_nearest_folder_above(tmp_path: Path) -> None:
    write(tmp_path, {"stacks/s/x": ""})
    assert find_root(tmp_path / "stacks/s") == tmp_path
    (tmp_path / "stacks/bakegen.toml").touch()
    assert find_root(tmp_path / "stacks/s") == tmp_path / "stacks"


def test_a_project_without_its_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^bakegen\.toml: cannot be read: No such file or directory\n1 problem$"
    ):
        load(tmp_path)


@pytest.mark.parametrize("file", ["bakegen.toml", "stack.toml"])
def test_the_schema_names_every_key(file: str) -> None:
    text = json_schema(file)
    words = model.MODELS[file].model_fields.items()
    assert all(f'"{field.alias or name}"' in text for name, field in words)

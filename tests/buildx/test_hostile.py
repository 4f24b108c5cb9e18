"""At least 500 generated projects: buildx reads every hostile string as it was written, or bakegen refuses it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from bakegen.errors import ConfigurationError
from bakegen.load import Loaded
from bakegen.plan import Plan, Selection, narrow, select
from bakegen.render import hcl
from bakegen.render.definition import define
from tests.buildx.hostile import Hostile, composed, hostile
from tests.buildx.printed import Document, bake, differences
from tests.projects import dumped, opened, write

BATCHES = 26
PER_BATCH = 20
"""Projects of a batch that buildx reads; those that bakegen refuses come on top."""


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_string_arrives_unchanged_or_is_refused(batch: int, tmp_path: Path) -> None:
    read = 0
    for seed in range(batch * 1000, batch * 1000 + 10 * PER_BATCH):
        made = hostile(seed)
        root = tmp_path / str(seed)
        found = _opened(root, made)
        if isinstance(found, str):
            assert found.replace("\n", "").isprintable(), seed
            continue
        _prove(seed, root, made, *found)
        read += 1
        if read == PER_BATCH:
            break
    assert read == PER_BATCH


def _opened(root: Path, made: Hostile) -> tuple[Loaded, Plan] | str:
    """The project, or why it is refused: by bakegen, or by the file system, which cannot have a file of such a name."""
    try:
        return opened(write(root, made.files))
    except ConfigurationError as error:
        return error.report()
    except (OSError, ValueError):
        return "no such file can be"


def _prove(seed: int, root: Path, made: Hostile, loaded: Loaded, plan: Plan) -> None:
    document = dumped(loaded, plan)
    _assert_told(made, document, seed)
    selected = select(plan, Selection())
    definition = define(plan, selected, narrow(plan, selected, ()), write_cache=True)
    if seed % 5:
        text = hcl.render(definition, hcl.default_template())
        assert all(line.isprintable() for line in text.split("\n")), seed
    else:
        text = hcl.render_json(definition)
    environment = _environment(seed)
    printed = bake(text, root, environment, *(document["groups"] if seed % 2 else ()))
    assert differences(document, printed, environment, write_cache=True) == [], f"seed {seed}\n{text}"


def _environment(seed: int) -> dict[str, str]:
    """Nothing, or a value for every variable that a bake file of these projects has."""
    if seed % 3:
        return {}
    return {
        "BAKEGEN_REGISTRY": "registry.example:5000/${other}/",
        "BAKEGEN_REGISTRY_SECOND": "",
        "BAKEGEN_REVISION": 'abc"${x}%{é\u2028',
        "BAKEGEN_CA_BUNDLE": "bakegen.toml",
        "HTTPS_PROXY": 'http://user:p,a"ss${x}@proxy.example:3128',
        "NO_PROXY": "localhost,127.0.0.1",
    }


def _assert_told(made: Hostile, document: Document, seed: int) -> None:
    """The plan holds what the files say, composed."""
    assert unicodedata.is_normalized("NFC", json.dumps(document, ensure_ascii=False)), seed
    targets = [target for target in document["targets"] if target["layer"] == "first"]
    assert len(targets) == 2, seed
    for target in targets:
        assert target["args"] == composed(made.args), seed
        assert target["title"] == unicodedata.normalize("NFC", made.title), seed
        assert composed(made.labels).items() <= target["labels"].items(), seed
        assert composed(made.annotations).items() <= target["annotations"].items(), seed

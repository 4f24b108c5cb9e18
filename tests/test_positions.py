"""Where keys and values stand, for every spelling of the same document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from bakegen.load import Source, dotted
from bakegen.load.positions import Path, spans
from tests.spelling import Writer

KEYS = st.one_of(
    st.sampled_from(["a", "b", "name", "values", "x-y", "1", ""]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
SCALARS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.booleans(),
    st.sampled_from([dt.date(2024, 1, 15), dt.datetime(2024, 1, 15, 7, 30), dt.time(7, 30)]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=5)


def paths(data: Any, at: Path = ()) -> Iterator[Path]:
    """Every key and every element of a parsed document."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in items:
        yield (*at, part)
        yield from paths(value, (*at, part))


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.integers(0, 2**32).map(Random))
def test_every_path_and_the_line_of_every_scalar(data: dict[str, Any], random: Random) -> None:
    writer = Writer(random.randrange)
    text = writer.document(data)
    parsed = tomli.loads(text)
    assert repr(parsed) == repr(data) or set(paths(parsed)) == set(paths(data))
    found = spans(text.replace("\r\n", "\n"))
    assert set(found) == set(paths(parsed))
    assert {path: found[path].line for path in writer.lines} == writer.lines


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, st.integers(0, 2**32).map(Random))
def test_the_raw_text_of_a_scalar_reads_as_the_scalar(data: dict[str, Any], random: Random) -> None:
    writer = Writer(random.randrange)
    text = writer.document(data).replace("\r\n", "\n")
    found = spans(text)
    whole = tomli.loads(text)
    for path in writer.lines:
        value: Any = whole
        for part in path:
            value = value[part]
        assert repr(tomli.loads(f"x = {found[path].raw}")["x"]) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        'layers = [{ name = "x", args = { A = 3.10 } }]',
        '[[layers]]\nname = "x"\n[layers.args]\nA = 3.10',
        '[[layers]]\nargs.A = 3.10\nname = "x"',
        '[["layers"]]\n"args"."A" = 3.10',
        "[[ 'layers' ]]\n'args' . \"\\u0041\" = 3.10",
        "layers = [\n  {\n    args = {\n      A = 3.10,\n    },\n  },\n]",
        "[[layers]]\n[layers . args]\n\tA\t=\t3.10 # three",
    ],
)
def test_one_key_in_many_spellings(text: str) -> None:
    path = ("layers", 0, "args", "A")
    span = spans(text)[path]
    assert span.raw == "3.10"
    assert text.splitlines()[span.line - 1].count("3.10") == 1


def test_a_table_has_the_line_of_its_first_header() -> None:
    found = spans("[a.b]\nx = 1\n[a]\ny = 2\n[[a.c]]\n[[a.c]]\nz = 3\n")
    lines = {dotted(path): span.line for path, span in found.items()}
    assert lines == {"a": 1, "a.b": 1, "a.b.x": 2, "a.y": 4, "a.c": 5, "a.c[0]": 5, "a.c[1]": 6, "a.c[1].z": 7}


def test_a_path_that_is_not_written_has_its_nearest_ancestors_place() -> None:
    source = Source("stack.toml", 'title = "x"\n[[layers]]\nparent = "base"\n')
    problem = source.problem(("layers", 0, "parent", 0, "layer"), "no such layer")
    assert str(problem) == "stack.toml:3: layers[0].parent: no such layer"
    assert str(source.problem(("nowhere", 3), "gone")) == "stack.toml: gone"


def test_keys_in_any_unicode_form_are_found_by_their_composed_form() -> None:
    source = Source("stack.toml", 'a = 1\n"cafe\u0301" = 2\n')
    assert source.line(("caf\u00e9",)) == 2
    assert source.line(("cafe\u0301",)) == 2


def test_odd_keys_print_quoted() -> None:
    assert dotted(("layers", 1, "args", 'a "b" \\')) == 'layers[1].args."a \\"b\\" \\\\"'
    assert dotted(("", 0)) == '""[0]'


def test_what_nests_too_deep_has_the_place_of_what_it_stands_in() -> None:
    text = "a = 1\nb = " + "{x=" * 5000 + "1" + "}" * 5000
    found = spans(text)
    assert found["a",].line == 1
    assert Source("f", text).line(("b", "x", "x")) in (0, 2)


def test_no_toml_is_refused() -> None:
    for text in ("a", "a =\n= 1", "[a", "a = {b}", '"a'):
        with pytest.raises(ValueError, match="no TOML at line"):
            spans(text)

"""What an ignore file keeps out. tests/engine/test_contexts.py holds the same room against a real BuildKit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.keys import IgnoreError, excluded, patterns
from tests import ignores

B = ("b/a", "b/c/a.md", "b/c/d", "b/dangling", "b/hollow")
GONE: dict[str, tuple[str, ...]] = {
    "# a\n\n  \n": (),
    "a": ("a",),
    "/a": ("a",),
    "./b//c/": ("b/c/a.md", "b/c/d"),
    "b/": B,
    "**/": ignores.EVERYTHING,
    "*/a": ("b/a",),
    "**/a": ("a", "b/a"),
    "**a": ("a", "b/a"),
    "*/*": (*B, "docs/README.md", "docs/x.md", "ü/é.md"),
    "**/*.md": ("b/c/a.md", "docs/README.md", "docs/x.md", "ü/é.md"),
    "*.md": (),
    "b/**/a.md": ("b/c/a.md",),
    "??": (),
    "foo**": ("foo.txt",),
    "*oo.*": ("foo.txt",),
    "[ab]": ("a", *B),
    "[^a-w]*": ("[x]", "xfoo", "ü/é.md"),
    "a+b": ("a+b",),
    "\ufeffa": ("a",),
    "a\r\nb\r\n": ("a", *B),
    "\\[x]": ("[x]",),
    "?/é.md": ("ü/é.md",),
    "link/d": (),
    "docs/*\n!docs/README.md": ("docs/x.md",),
    "b\n!b/c\nb/c/d": tuple(name for name in B if name != "b/c/a.md"),
    # What an exception brings back in a folder stays, although a later line names that folder. BuildKit's walk says so
    # and lists these files, but its sender reads the lines otherwise and leaves them empty: no case for tests/engine.
    "b\n!b/c\n?": ("a", "b/a", "b/dangling", "b/hollow", "ü/é.md"),
    "b\n!b/hollow": tuple(name for name in B if name != "b/hollow"),
    "* \n! a ": tuple(name for name in ignores.EVERYTHING if name != "a"),
    "!a\n*": ignores.EVERYTHING,
    "/!a": (),
    "b\n!b": (),
    "../b": (),
}


def kept_out(text: str, name: str) -> bool:
    """Whether a path is kept out, asked from the top down as a walk does."""
    rules = patterns(text)
    held: tuple[bool, ...] = ()
    out = False
    parts = name.split("/")
    for depth in range(1, len(parts) + 1):
        out, held = excluded(rules, "/".join(parts[:depth]), held)
    return out


@pytest.mark.parametrize("text", GONE)
def test_what_is_kept_out(text: str) -> None:
    assert {name for name in ignores.EVERYTHING if kept_out(text, name)} == set(GONE[text])


@pytest.mark.parametrize("text", [*ignores.REFUSED, "\\d", "[[:alpha:]]"])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(IgnoreError) as caught:
        patterns(text)
    assert [line for line, _ in caught.value.problems] == [text.count("\n") + 1]


def test_every_wrong_line_is_told() -> None:
    with pytest.raises(IgnoreError) as caught:
        patterns("!\na\nb[\n")
    assert caught.value.problems == (
        (1, '"!" alone is no exception: write the pattern after it'),
        (3, '"b[" is no pattern: a [ is not closed, a range is not whole or \\ ends it'),
    )


@given(st.text("ab*?/[]^-\\!. \n#é", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    lines = text.count("\n") + 1
    try:
        rules = patterns(text)
    except IgnoreError as error:
        rules, refused = (), error.problems[0][0]
    else:
        refused = 1
        assert {kept_out(text, name) for name in ignores.EVERYTHING} <= {True, False}
    assert 1 <= refused <= lines
    assert len(rules) <= lines


@given(st.text("ab.é", min_size=1, max_size=4).filter(lambda name: name.strip(".")))
def test_a_name_keeps_out_itself_and_all_in_it(name: str) -> None:
    assert kept_out(name, name)
    assert kept_out(name, f"{name}/b")
    assert not kept_out(name, f"c/{name}")
    assert not kept_out(f"{name}\n!{name}", name)


def test_the_context_of_these_tests_is_what_it_says(tmp_path: Path) -> None:
    ignores.plant(tmp_path)
    found = [str(Path(top, name).relative_to(tmp_path)) for top, _, names in os.walk(tmp_path) for name in names]
    assert {*found, *ignores.EMPTY, "link"} == set(ignores.EVERYTHING)

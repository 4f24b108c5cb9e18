"""Text of TOML files is composed, as bake composes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bakegen.errors import ConfigurationError
from bakegen.load.composed import complaints, composed
from tests.projects import project

STACK = 'title = "T"\n[[layers]]\nname = "l"\nparent = "x:1"\ncontext = "a"\n'


def test_keys_and_texts_are_composed() -> None:
    assert composed({"e\u0301": ["A\u030a", 1, True, {"\u212b": "\u212b"}]}) == {"é": ["Å", 1, True, {"Å": "Å"}]}


def test_the_plan_holds_the_composed_form(tmp_path: Path) -> None:
    _, plan = project(tmp_path, STACK + 'labels = { "org.e\u0301" = "\\u212b" }\n')
    assert ("org.é", "Å") in plan.targets[0].labels


def test_keys_that_become_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        project(tmp_path, STACK + 'labels = { "org.e\u0301" = "1", "org.é" = "2" }\n')
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("stacks/s/stack.toml", 6)
    assert "stands here twice" in problem.message


def test_text_that_begins_with_a_combining_mark_is_refused() -> None:
    assert list(complaints({"a": ["ok", "\u0338x"]})) == [
        (("a", 1), "begins with a combining mark, which belongs to a letter before it")
    ]

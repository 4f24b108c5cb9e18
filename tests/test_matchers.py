"""Matchers: names, globs, lists and ranges, and the values that they take."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.matchers import Choices, glob, members, take

CANN = Choices(
    "cann", "cann", ("8.1.RC1", "8.5.0", "8.5.1", "9.0.0-beta.1"), ("8.1.RC1", "8.5.0", "8.5.1", "9.0.0-beta.1")
)
OS = Choices("os", "text", ("ubuntu22.04", "openeuler24.03", "[odd]", "a*b"), ("22.04", "24.03", "1", "2"))


def taken(choices: Choices, *patterns: str) -> list[str]:
    found = take(patterns, choices)
    assert found.complaints == ()
    return [choices.names[index] for index in members(found.mask)]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("8.5.1",), ["8.5.1"]),
        (("8.5.1", "8.1.RC1"), ["8.1.RC1", "8.5.1"]),
        ((">=8.5",), ["8.5.0", "8.5.1", "9.0.0-beta.1"]),
        ((">=8.5,<9.0.0-beta.1",), ["8.5.0", "8.5.1"]),
        (("8.5.*",), ["8.5.0", "8.5.1"]),
        (("!=8.5.0",), ["8.1.RC1", "8.5.1", "9.0.0-beta.1"]),
        (("~=8.5.0",), ["8.5.0", "8.5.1"]),
        (("*.RC?",), ["8.1.RC1"]),
        (("8.[15].*",), ["8.1.RC1", "8.5.0", "8.5.1"]),
        (("9*", "8.1.RC1"), ["8.1.RC1", "9.0.0-beta.1"]),
    ],
)
def test_what_a_matcher_takes(patterns: tuple[str, ...], names: list[str]) -> None:
    assert taken(CANN, *patterns) == names


def test_a_value_that_looks_like_a_glob_is_itself_first() -> None:
    assert taken(OS, "a*b") == ["a*b"]
    assert taken(OS, "[odd]") == ["[odd]"]


def test_under_text_names_are_compared_not_versions() -> None:
    assert taken(OS, "==ubuntu22.04") == ["ubuntu22.04"]


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        (
            "8.5.2",
            '"8.5.2" matches no value of axis "cann" (8.1.RC1, 8.5.0, 8.5.1, 9.0.0-beta.1) (did you mean "8.5.1"?)',
        ),
        ("7*", '"7*" matches no value of axis "cann" (8.1.RC1, 8.5.0, 8.5.1, 9.0.0-beta.1)'),
        (">=10", '">=10" matches no value of axis "cann" (8.1.RC1, 8.5.0, 8.5.1, 9.0.0-beta.1)'),
    ],
)
def test_what_takes_nothing_is_complained_of(pattern: str, complaint: str) -> None:
    assert take((pattern,), CANN).complaints == (complaint,)


def test_one_pattern_of_a_list_that_takes_nothing_is_complained_of_too() -> None:
    found = take(("8.5.1", "8.5.9"), CANN)
    assert members(found.mask) == [2]
    assert len(found.complaints) == 1


def test_a_range_that_nobody_can_read_is_complained_of() -> None:
    assert "has no version" in take((">=",), CANN).complaints[0]
    assert "needs an order" in take((">=a",), OS).complaints[0]


def test_a_long_axis_is_told_in_short() -> None:
    names = tuple(f"v{number}" for number in range(9))
    assert "(v0, v1, v2, v3, v4, v5, …)" in take(("zz",), Choices("x", "text", names, names)).complaints[0]


@given(
    st.lists(st.text("ab*?[]!-.", max_size=6), unique=True, max_size=6), st.text("ab*?[]!-.", min_size=1, max_size=5)
)
def test_globs_are_the_shells(names: list[str], pattern: str) -> None:
    wild = any(char in pattern for char in "*?[")
    expected = (
        [name for name in names if fnmatch.fnmatchcase(name, pattern)] if wild else [n for n in names if n == pattern]
    )
    assert glob(pattern, names) == expected


@given(st.integers(0, 2**70))
def test_members_are_the_bits(mask: int) -> None:
    assert sum(1 << index for index in members(mask)) == mask
    assert members(mask) == sorted(members(mask))

"""The grammar of names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.names import (
    IDENTIFIER,
    REGISTRY_PREFIX,
    REPOSITORY_PATH,
    TARGET_NAME,
    InvalidName,
    Reference,
    normalise_platform,
    parse_reference,
    slug,
    tag_problem,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("debian:12", Reference("debian", "12", None)),
        ("library/debian:12", Reference("library/debian", "12", None)),
        ("localhost:5000/a/b-c__d.e:V1.0_x", Reference("localhost:5000/a/b-c__d.e", "V1.0_x", None)),
        ("Registry.EXAMPLE/a:1", Reference("Registry.EXAMPLE/a", "1", None)),
        ("[::1]:5000/a:1", Reference("[::1]:5000/a", "1", None)),
        (f"debian@{DIGEST}", Reference("debian", None, DIGEST)),
        (f"debian:12@{DIGEST}", Reference("debian", "12", DIGEST)),
        ("a:" + "t" * 128, Reference("a", "t" * 128, None)),
    ],
)
def test_references(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("debian", 'names no tag and no digest: write "debian:<tag>"'),
        ("localhost:5000/debian", "names no tag"),
        ("Debian:12", "a repository is written in lower case"),
        ("a/B:1", "a repository is written in lower case"),
        ("a:" + "t" * 129, "is no image reference"),
        ("a:-x", "is no image reference"),
        ("a b:1", "is no image reference"),
        ("a:1\n", "is no image reference"),
        ("", "is no image reference"),
        ("a..b:1", "is no image reference"),
        ("a@sha256:12", "is no image reference"),
        ("a@md5:" + "0" * 32, "is no image reference"),
        ("https://a/b:1", "is no image reference"),
        ("a" * 256 + ":1", "at most 255 characters"),
    ],
)
def test_what_is_no_reference(text: str, why: str) -> None:
    with pytest.raises(InvalidName, match=re.escape(why)):
        parse_reference(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("latest", ""),
        ("_", ""),
        ("A.b-c_1", ""),
        ("x" * 128, ""),
        ("x" * 129, "a tag has at most 128 characters, this has 129"),
        ("", "a tag is not empty"),
        (".x", "a tag starts with a letter, a digit or _"),
        ("-x", "a tag starts with a letter, a digit or _"),
        ("a+b c", "a tag holds letters, digits, _ . and - only, not ' ' '+'"),
        ("a\n", "a tag holds letters, digits, _ . and - only, not '\\n'"),
        ("é", "a tag starts with a letter, a digit or _"),
    ],
)
def test_tags(text: str, why: str) -> None:
    assert tag_problem(text) == why


@given(st.text(max_size=130))
def test_a_tag_is_sound_exactly_when_its_grammar_says_so(text: str) -> None:
    assert (tag_problem(text) == "") == bool(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", text))


@given(st.text(min_size=1))
def test_a_slug_is_a_name_of_a_target(text: str) -> None:
    assert TARGET_NAME.match(slug(text))
    assert slug(slug(text)) == slug(text)


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/386", "linux/386"),
        ("linux/riscv64", "linux/riscv64"),
    ],
)
def test_platforms_have_one_spelling(text: str, platform: str) -> None:
    assert normalise_platform(text) == platform
    assert normalise_platform(platform) == platform


@pytest.mark.parametrize(
    "text", ["linux", "arm64", "linux/", "Linux/amd64", "linux/arm64/8", "linux/amd64 ", "linux/amd64\n", ""]
)
def test_what_is_no_platform(text: str) -> None:
    with pytest.raises(InvalidName, match="is no platform"):
        normalise_platform(text)


@pytest.mark.parametrize(
    "text", ["", "localhost:5000/", "a/", "registry.example:5000/team/ai/", "[::1]:5000/", "a.b/c__d/e-f/"]
)
def test_prefixes(text: str) -> None:
    assert REGISTRY_PREFIX.match(text)


@pytest.mark.parametrize("text", ["a", "a/b", "/", "a//", "a/B/", "https://a/", "a/ ", "a/\n", "a/${x}/"])
def test_what_is_no_prefix(text: str) -> None:
    assert not REGISTRY_PREFIX.match(text)


@pytest.mark.parametrize(
    ("text", "sound"), [("a/b-c", True), ("a__b", True), ("a_-b", False), ("A", False), ("a\n", False), ("a/", False)]
)
def test_repositories(text: str, sound: bool) -> None:
    assert bool(REPOSITORY_PATH.match(text)) is sound


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("a", True),
        ("a-b_c1", True),
        ("a--b", True),
        ("-a", False),
        ("a-", False),
        ("A", False),
        ("a.b", False),
        ("a\n", False),
    ],
)
def test_identifiers(text: str, sound: bool) -> None:
    assert bool(IDENTIFIER.match(text)) is sound

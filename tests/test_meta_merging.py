"""A meta.yml with tags added or changed in its own text: what others wrote stays, or nothing is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import meta

GOOD = "1.0-oe2403lts:\n  path: 1.0/24.03-lts/Dockerfile\n"
WANTED = {"1.0-oe2403lts": ("1.0/24.03-lts/Dockerfile", ("aarch64",)), "2-oe2403lts": ("2/24.03-lts/Dockerfile", ())}
ADDED = "2-oe2403lts:\n  path: 2/24.03-lts/Dockerfile\n"


@pytest.mark.parametrize(
    ("there", "after"),
    [
        ("", "1.0-oe2403lts:\n  path: 1.0/24.03-lts/Dockerfile\n  arch: aarch64\n" + ADDED),
        ("# ours\n", "# ours\n1.0-oe2403lts:\n  path: 1.0/24.03-lts/Dockerfile\n  arch: aarch64\n" + ADDED),
        (GOOD, f"{GOOD}  arch: aarch64\n{ADDED}"),
        (GOOD.rstrip(), f"{GOOD}  arch: aarch64\n{ADDED}"),
        (f"{GOOD}  # why\n  arch: x86_64 # so\nz: {{}}\n", f'{GOOD}  # why\n  arch: "aarch64" # so\nz: {{}}\n{ADDED}'),
        (
            "1.0-oe2403lts: {path: 'x'}\n",
            f'1.0-oe2403lts: {{path: 1.0/24.03-lts/Dockerfile, arch: "aarch64"}}\n{ADDED}',
        ),
        (f"{ADDED}  arch: loongarch64\n", f'{ADDED}  arch: "x86_64,aarch64"\n{GOOD}  arch: aarch64\n'),
    ],
)
def test_entries_are_added_and_changed_in_place(there: str, after: str) -> None:
    assert meta.merged("meta.yml", there, WANTED) == (after, ())
    assert meta.merged("meta.yml", after, WANTED) == (after, ())


@pytest.mark.parametrize(
    ("there", "line", "message"),
    [
        ("a: [\n", 2, "is no YAML"),
        ("- a\n", 1, "is no mapping of tags"),
        ("{a: {path: x}}\n", 1, '"a" would not stay as it is'),
        ("a: &a {path: x}\n1.0-oe2403lts: *a\n", 1, '"a" would not stay as it is'),
        ("a: &a {path: x}\n1.0-oe2403lts: {<<: *a}\n", 2, '"1.0-oe2403lts" cannot be written into it; write it there'),
        ("a: {path: 2/24.03-lts/Dockerfile}\n", 1, '"a" has the path of "2-oe2403lts" already'),
    ],
)
def test_what_cannot_be_added_is_refused(there: str, line: int, message: str) -> None:
    text, problems = meta.merged("meta.yml", there, WANTED)
    assert text == there or "cannot" in message or "stay" in message
    found = [(one.line, one.message[: len(message)]) for one in problems]
    assert (line, message) in found, found


_TAGS = st.sampled_from(["a", "b-oe2403lts", "1.0-oe2403lts", "2-oe2403lts", "null"])
_PATHS = st.sampled_from(["1.0/24.03-lts/Dockerfile", "x/y/Dockerfile", "2/24.03-lts/Dockerfile"])
_LINES = st.sampled_from(["", "# a comment\n", "\n"])


@given(st.lists(st.tuples(_TAGS, _PATHS, st.sampled_from(["", "x86_64", "aarch64"]), _LINES), unique_by=lambda r: r[0]))
def test_whatever_is_there_stays_or_nothing_is_done(rows: list[tuple[str, str, str, str]]) -> None:
    there = "".join(
        f"{before}{tag}:\n  path: {path}\n" + (f"  arch: {arch}\n" if arch else "") for tag, path, arch, before in rows
    )
    text, problems = meta.merged("meta.yml", there, WANTED)
    if problems:
        return
    entries = {entry.tag: entry for entry in meta.read_meta("meta.yml", text)[0]}
    for entry in meta.read_meta("meta.yml", there)[0]:
        assert entry.tag in WANTED or (entries[entry.tag].path, entries[entry.tag].arch) == (
            entry.path,
            entry.arch,
        )
    for tag, (path, arches) in WANTED.items():
        resolved = meta.resolve(tuple(entries.values()), path)
        assert (resolved.tag, resolved.arches) == (tag, arches or meta.BOTH)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        line for line in there.splitlines() if line.startswith("#")
    ]

"""A meta.yml with tags added or changed in its own text: openEuler takes no published image down."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from bakegen.errors import Problem
from bakegen.meta.reading import BOTH, Entry, read_meta

Wanted = Mapping[str, tuple[str, tuple[str, ...]]]
"""Each tag's path, and its architectures where they are not the ones that EulerPublisher builds anyway."""


def merged(file: str, there: str, wanted: Wanted) -> tuple[str, tuple[Problem, ...]]:
    """The meta.yml ``there`` that also has the ``wanted`` tags, and why it cannot.

    Entries, comments and order stay as they are written. An entry that is there and says something else is changed
    where it stands, and the others come last, sorted. Whether that could be done is seen by reading the outcome again.
    """
    before, findings = read_meta(file, there) if there.strip() else ((), ())
    unread = [one for one in findings if one.rule == "yaml" or (one.rule == "wrong-type" and not before)]
    if unread and not _only_comments(there):
        return there, tuple(Problem(one.file, one.line, "", f"{one.message}; {one.mend}") for one in unread)
    problems = tuple(_claimed(file, before, wanted))
    if problems:
        return there, problems
    said = {entry.tag: entry for entry in before}
    text = there
    for tag, (path, arches) in sorted(wanted.items()):
        entry = said.get(tag)
        if entry is not None and not _says(entry, path, arches):
            text = _changed(text, entry, path, arches)
    added = {tag: words for tag, words in sorted(wanted.items()) if tag not in said}
    if added:
        text += ("" if text.endswith("\n") or not text else "\n") + "".join(
            _written(tag, *words) for tag, words in added.items()
        )
    return text, tuple(_lost(file, before, text, wanted))


def _only_comments(text: str) -> bool:
    return all(not line.strip() or line.startswith("#") for line in text.splitlines())


def _claimed(file: str, before: tuple[Entry, ...], wanted: Wanted) -> list[Problem]:
    """Keys that stand before ours and name the same Dockerfile: of those the first one wins."""
    order = {entry.tag: number for number, entry in enumerate(before)}
    found = []
    for tag, (path, _) in wanted.items():
        for entry in before[: order.get(tag, len(before))]:
            if entry.path == path and wanted.get(entry.tag, (path, ()))[0] == path:
                told = f'"{entry.tag}" has the path of "{tag}" already, {path}, and the first key wins'
                found.append(Problem(file, entry.line, "", f"{told}; remove that entry, or mend its path"))
    return found


def _says(entry: Entry, path: str, arches: tuple[str, ...]) -> bool:
    return entry.path == path and sorted(entry.arches) == sorted(arches or BOTH)


def _written(tag: str, path: str, arches: tuple[str, ...]) -> str:
    return f"{tag}:\n  path: {path}\n" + (f"  arch: {','.join(arches)}\n" if arches else "")


def _changed(text: str, entry: Entry, path: str, arches: tuple[str, ...]) -> str:
    """The text with one entry's path and arch replaced where they are written."""
    top = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(top, yaml.MappingNode), "it has been read"
    body = next(value for key, value in reversed(top.value) if getattr(key, "value", None) == entry.tag)
    own = {key.value: (key, value) for key, value in body.value if isinstance(value, yaml.ScalarNode)}
    named = ",".join(arches or BOTH)
    edits: list[tuple[int, int, str]] = []
    if "path" in own and entry.path != path:
        edits.append((own["path"][1].start_mark.index, own["path"][1].end_mark.index, path))
    if "arch" in own:
        edits.append((own["arch"][1].start_mark.index, own["arch"][1].end_mark.index, f'"{named}"'))
    elif arches and "path" in own:
        key, value = own["path"]
        if body.flow_style:
            edits.append((value.end_mark.index, value.end_mark.index, f', arch: "{named}"'))
        else:
            end = text.find("\n", value.end_mark.index)
            end = len(text) if end < 0 else end
            edits.append((end, end, f"\n{' ' * key.start_mark.column}arch: {named}"))
    # From the end, so that the places before stay where they are.
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _lost(file: str, before: tuple[Entry, ...], text: str, wanted: Wanted) -> list[Problem]:
    """What the new text does not say although it should: shared by anchors, or written as a flow mapping."""
    after = {entry.tag: entry for entry in read_meta(file, text)[0]}
    found = []
    for entry in before:
        now = after.get(entry.tag)
        if entry.tag not in wanted and (now is None or (now.path, now.arch) != (entry.path, entry.arch)):
            told = f'"{entry.tag}" would not stay as it is; write each tag of the file out, without anchors'
            found.append(Problem(file, entry.line, "", told))
    lines = {entry.tag: entry.line for entry in before}
    for tag, (path, arches) in wanted.items():
        if tag not in after or not _says(after[tag], path, arches):
            arch = f", arch: {','.join(arches)}" if arches else ""
            told = f'"{tag}" cannot be written into it; write it there yourself, with path: {path}{arch}'
            found.append(Problem(file, lines.get(tag, 0), "", told))
    return found

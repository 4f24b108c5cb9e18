"""meta.yml and image-list.yml as data: what they say, where, and what is wrong with how they say it.

openEuler's own publisher reads both with PyYAML, so PyYAML decides here what is YAML and what a plain word means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import yaml

from bakegen.errors import did_you_mean
from bakegen.findings import Finding
from bakegen.names import tag_problem

ARCHES = {"x86_64": "linux/amd64", "aarch64": "linux/arm64", "loongarch64": "linux/loong64"}
"""The architectures by EulerPublisher's names."""
BOTH = ("x86_64", "aarch64")
"""What it builds where meta.yml names none."""
_KEYS = ("path", "arch")
_MAPPING = "tag:yaml.org,2002:map"
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_Taken = dict[str, tuple[yaml.ScalarNode, yaml.Node]]
_Known = dict[int, _Taken]


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag of a meta.yml: the Dockerfile's path as written, the ``arch`` as written (empty: none), their lines."""

    tag: str
    path: str
    arch: str
    line: int
    path_line: int
    arch_line: int

    @property
    def arches(self) -> tuple[str, ...]:
        """EulerPublisher's names of the architectures: it splits at commas, and takes both where none is named."""
        return tuple(self.arch.replace(" ", "").split(",")) if self.arch else BOTH


@dataclass(frozen=True, slots=True)
class Listed:
    """One image of an image-list.yml: the repository's name and the path below the scene, as written."""

    name: str
    path: str
    line: int


def read_meta(file: str, text: str) -> tuple[tuple[Entry, ...], tuple[Finding, ...]]:
    """The entries of a meta.yml in their order, and what is wrong with it; an entry without a path is left out.

    Of a key that stands twice the last one's value counts, at the place of the first, as in the mapping that PyYAML
    makes of it.
    """
    findings: list[Finding] = []
    top = _mapping(file, text, findings, "tags")
    entries: dict[str, Entry] = {}
    known: _Known = {}
    for key, value in _pairs(file, top, findings, "tag", known):
        entry = _entry(file, key, value, findings, known)
        if entry is not None:
            entries[entry.tag] = entry
    return tuple(entries.values()), tuple(findings)


def read_images(file: str, text: str) -> tuple[tuple[Listed, ...], tuple[Finding, ...]]:
    """The images of an image-list.yml in their order, and what is wrong with it."""
    findings: list[Finding] = []
    top = _mapping(file, text, findings, "images")
    images: dict[str, Listed] = {}
    found = False
    known: _Known = {}
    for key, value in _pairs(file, top, findings, "key", known):
        if key.value != "images":
            mend = f'everything stands below "images"{did_you_mean(key.value, ["images"])}'
            findings.append(Finding(file, _line(key), "unknown-key", f'"{key.value}" means nothing here', mend))
        elif not isinstance(value, yaml.MappingNode):
            findings.append(_wrong(file, value, '"images" is no mapping', "write a line `name: path` for each image"))
        else:
            found = True
            for name, path in _pairs(file, value, findings, "image", known):
                if _is_text(path) and path.value:
                    images[name.value] = Listed(name.value, path.value, _line(name))
                else:
                    findings.append(_wrong(file, path, f'the path of "{name.value}" is no text', "write the folder"))
    if not found and not findings:
        findings.append(Finding(file, 0, "wrong-type", 'there is no "images"', "list the scene's images there"))
    return tuple(images.values()), tuple(findings)


def _mapping(file: str, text: str, findings: list[Finding], what: str) -> yaml.MappingNode | None:
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        findings.append(Finding(file, mark.line + 1 if mark else 0, "yaml", f"is no YAML: {why}", "mend the syntax"))
        return None
    except RecursionError:
        findings.append(Finding(file, 0, "yaml", "is nested too deep to be read", "write one level of mappings"))
        return None
    if isinstance(top, yaml.MappingNode) and top.tag == _MAPPING:
        return top
    line = _line(top) if top is not None else 0
    findings.append(Finding(file, line, "wrong-type", f"is no mapping of {what}", "write a mapping"))
    return None


def _pairs(
    file: str,
    node: yaml.MappingNode | None,
    findings: list[Finding],
    what: str,
    known: _Known,
) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if node is None:
        return
    seen: dict[str, int] = {}
    own = [(key, value) for key, value in node.value if key.tag != _MERGE]
    try:
        taken = _merged(node, known, ()) if len(own) < len(node.value) else {}
    except RecursionError:
        findings.append(Finding(file, _line(node), "yaml", "its merges are nested too deep", "write them out"))
        return
    except _NoMapping as error:
        mend = "merge a mapping, or a list of mappings"
        findings.append(_wrong(file, error.node, '"<<" merges what is no mapping', mend))
        taken = {}
    names = {key.value for key, _ in own if _is_text(key)}
    merged = [pair for name, pair in taken.items() if name not in names]
    for key, value in (*merged, *own):
        if not isinstance(key, yaml.ScalarNode):
            findings.append(_wrong(file, key, f"the {what} is a list or a mapping", "write a word"))
            continue
        if not _is_text(key):
            findings.append(_wrong(file, key, f'the {what} "{key.value}" is no text', "put it in quotes"))
            continue
        if key.value in seen:
            message = f'the {what} "{key.value}" stands on line {seen[key.value]} already'
            mend = "only the last one counts: keep one"
            findings.append(Finding(file, _line(key), "duplicate-key", message, mend))
        seen.setdefault(key.value, _line(key))
        yield key, value


class _NoMapping(Exception):
    """What a merge key is given, and cannot take."""

    def __init__(self, node: yaml.Node) -> None:
        self.node = node


def _merged(node: yaml.MappingNode, known: _Known, within: tuple[int, ...]) -> _Taken:
    """What a mapping takes by its merge keys, by name, as PyYAML does it: of several the first to have a name counts.

    ``known`` keeps what comes of each mapping, so that one that is merged a million times is looked at once. Raises
    _NoMapping.
    """
    if id(node) in known:
        return known[id(node)]
    found: _Taken = {}
    for key, value in node.value:
        if key.tag != _MERGE:
            continue
        for part in reversed(_parts(value)):
            if not isinstance(part, yaml.MappingNode):
                raise _NoMapping(part)
            if id(part) in (*within, id(node)):
                continue
            inside = _merged(part, known, (*within, id(node)))
            found |= inside | {name.value: (name, word) for name, word in part.value if _is_text(name)}
    known[id(node)] = found
    return found


def _parts(value: yaml.Node) -> Sequence[yaml.Node]:
    return value.value if isinstance(value, yaml.SequenceNode) else (value,)


def _entry(file: str, key: yaml.ScalarNode, value: yaml.Node, findings: list[Finding], known: _Known) -> Entry | None:
    tag, line = key.value, _line(key)
    if not isinstance(value, yaml.MappingNode):
        findings.append(
            _wrong(file, value, f'"{tag}" is no mapping', "write `path: <version>/<os>/Dockerfile` below it")
        )
        return None
    entry = Entry(tag, "", "", line, line, line)
    given: set[str] = set()
    for name, word in _pairs(file, value, findings, "key", known):
        given.add(name.value)
        if name.value not in _KEYS:
            message = f'"{tag}" has an unknown key "{name.value}"{did_you_mean(name.value, _KEYS)}'
            findings.append(Finding(file, _line(name), "unknown-key", message, "there are path and arch"))
        elif not _is_text(word):
            message = f'the {name.value} of "{tag}" is no text'
            findings.append(_wrong(file, word, message, "write a word, in quotes if need be"))
        elif not word.value.strip():
            mend = "name its Dockerfile" if name.value == "path" else "name architectures, or leave it out"
            findings.append(_wrong(file, word, f'the {name.value} of "{tag}" is empty', mend))
        elif name.value == "path":
            entry = replace(entry, path=word.value, path_line=_line(word))
        else:
            entry = replace(entry, arch=word.value, arch_line=_line(word))
            findings += _arch_findings(file, entry)
    if problem := tag_problem(tag):
        findings.append(Finding(file, line, "illegal-tag", f'no registry accepts "{tag}": {problem}', "rename the tag"))
    if not entry.path:
        if "path" not in given:
            findings.append(Finding(file, line, "missing-path", f'"{tag}" has no path', "name its Dockerfile"))
        return None
    return entry


def _arch_findings(file: str, entry: Entry) -> Iterator[Finding]:
    for arch in entry.arches:
        if arch not in ARCHES:
            message = (
                f'the arch "{arch}" of "{entry.tag}" is none that EulerPublisher builds{did_you_mean(arch, ARCHES)}'
            )
            yield Finding(file, entry.arch_line, "unknown-arch", message, f"there are {', '.join(ARCHES)}")


def _wrong(file: str, node: yaml.Node, message: str, mend: str) -> Finding:
    return Finding(file, _line(node), "wrong-type", message, mend)


def _is_text(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _TEXT


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1

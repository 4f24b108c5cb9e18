"""Whether an image agrees with what it stands on: the openEuler, the architectures, and that the base is there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bakegen.dockerfile import Dockerfile, DockerfileError, Use, needs, parse
from bakegen.errors import did_you_mean
from bakegen.findings import Finding
from bakegen.meta.bases import base_of, familiar, is_os, local_namespace, named, reference_of, release_of
from bakegen.meta.reading import ARCHES, Entry
from bakegen.meta.tree import Image, Tree
from bakegen.names import Reference


@dataclass(frozen=True, slots=True)
class Published:
    """What a tree publishes: for each repository its tags, and for each tag the architectures."""

    images: Mapping[str, Mapping[str, tuple[str, ...]]]

    @classmethod
    def of(cls, tree: Tree, namespace: str) -> Published:
        """The tags that the tree's files declare, the first of a name in a file, under ``namespace``."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for image in tree.images:
            tags = found.setdefault(familiar(f"{namespace}{image.name}"), {})
            for entry in image.entries:
                tags.setdefault(entry.tag, entry.arches)
        return cls(found)


def based(tree: Tree, published: Published, image: Image, entry: Entry) -> Iterator[Finding]:
    """The findings about the base of one entry's Dockerfile; none where there is no such file."""
    file = posixpath.join(image.folder, entry.path)
    text = tree.texts.get(tree.linked.get(file, file))
    if text is None or posixpath.basename(file) != "Dockerfile":
        return
    seen: set[Use] = set()
    try:
        parsed = parse(text)
        arches = [arch for arch in entry.arches if arch in ARCHES]
        yield from _local(file, parsed, [ARCHES[arch] for arch in arches])
        for arch in arches:
            base = base_of(parsed, ARCHES[arch])
            reference = reference_of(base.name) if base is not None else None
            if base is None or reference is None:
                continue
            if base not in seen:
                seen.add(base)
                yield from _release(file, entry, base, reference)
                yield from _dead(published, file, entry, base, reference)
            yield from _arch(published, file, entry, base, reference, arch)
    except DockerfileError as error:
        yield Finding(file, error.line, "dockerfile", str(error), "mend the Dockerfile")


def _local(file: str, parsed: Dockerfile, platforms: Iterable[str]) -> Iterator[Finding]:
    """Images in a registry that nobody else reaches, wherever the Dockerfile names one."""
    uses = {use for one in platforms for use in needs(parsed, {}, None, (), platform=one).names}
    for use in sorted(uses, key=lambda use: use.line):
        reference = reference_of(use.name)
        if reference is not None and local_namespace(reference.repository):
            message = f"{use.name} is in a registry that only one machine or network reaches"
            yield Finding(file, use.line, "local-registry", message, "name the published image, such as openeuler/…")


def _release(file: str, entry: Entry, base: Use, reference: Reference) -> Iterator[Finding]:
    found, words = release_of(reference), named(entry.tag)
    if found is None:
        return
    if is_os(reference) and found.pack is None:
        message = f'"{entry.tag}" stands on {base.name}, a name that moves from release to release'
        mend = f"write openeuler/openeuler:{words.release}" if words else "name a release, such as 24.03-lts-sp3"
        yield Finding(file, base.line, "rolling-base", message, mend)
    elif words is not None and found.contradicts(words.release):
        message = f'"{entry.tag}" says openEuler {words.release}, and stands on {base.name}, which is {found}'
        yield Finding(file, base.line, "base-os", message, "change the base, or the tag")


def _dead(published: Published, file: str, entry: Entry, base: Use, reference: Reference) -> Iterator[Finding]:
    tags = published.images.get(familiar(reference.repository))
    if tags is None or reference.tag is None or reference.tag in tags or reference.tag == "latest":
        return
    message = f'"{entry.tag}" stands on {base.name}, a tag that this tree does not declare'
    mend = f"name a declared one{did_you_mean(reference.tag, tags)}"
    yield Finding(file, base.line, "dead-base", message, mend)


def _arch(
    published: Published, file: str, entry: Entry, base: Use, reference: Reference, arch: str
) -> Iterator[Finding]:
    arches = published.images.get(familiar(reference.repository), {}).get(reference.tag or "")
    if arches is not None and arch not in arches:
        message = f'"{entry.tag}" is built for {arch}, its base {base.name} for {", ".join(arches)} only'
        mend = f"write arch: {','.join(one for one in entry.arches if one in arches) or arches[0]}"
        yield Finding(file, base.line, "arch-not-in-base", message, mend)

"""What a Dockerfile stands on, and which openEuler that is."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from bakegen.dockerfile import Dockerfile, Use, expand, needs
from bakegen.names import InvalidName, Reference, parse_reference

_SUFFIX = re.compile(r"(?P<version>.+)-oe(?P<year>\d\d)(?P<month>\d\d)(?P<pack>lts|sp[1-9]\d*)?(?P<dev>-dev)?\Z")
_OF_OPENEULER = re.compile(r"(\d\d)\.(\d\d)(-lts)?(?:-(sp[1-9]\d*))?\Z")
_IN_TAG = re.compile(r"(?:\A|[^a-z])openeuler[-_]?(\d\d)\.(\d\d)(-lts)?(?:-(sp[1-9]\d*))?", re.IGNORECASE)
_HOSTS = ("docker.io/", "index.docker.io/", "quay.io/", "hub.oepkgs.net/")
_OS_REPOSITORY = "openeuler/openeuler"


@dataclass(frozen=True, slots=True)
class Release:
    """An openEuler release: 24.03 and its pack, ``lts``, ``sp3`` or, for a release between those, empty.

    ``pack`` is None where a name says only 24.03: that moves from one service pack to the next.
    """

    number: str
    pack: str | None

    def __str__(self) -> str:
        if not self.pack:
            return self.number
        return f"{self.number}-lts" if self.pack == "lts" else f"{self.number}-lts-{self.pack}"

    def contradicts(self, other: Release) -> bool:
        """Whether the two cannot be the same release."""
        known = self.pack is not None and other.pack is not None
        return self.number != other.number or (known and self.pack != other.pack)


@dataclass(frozen=True, slots=True)
class Named:
    """A tag as meta.yml's keys are written: what comes before the openEuler suffix, with a ``-dev`` from behind it."""

    version: str
    release: Release


def named(tag: str) -> Named | None:
    """A tag's version and release (oEEP-0014: ``-oe2403sp3`` at the end, or ``-oe2403sp3-dev``), or None."""
    match = _SUFFIX.match(tag)
    if match is None:
        return None
    release = _release(match["year"], match["month"], match["pack"])
    return Named(match["version"] + (match["dev"] or ""), release) if release.pack is not None else None


def directory_release(text: str) -> Release | None:
    """The release that a folder such as ``24.03-lts-sp3`` or a base image's tag is called after, or None."""
    match = _OF_OPENEULER.match(text.lower())
    return _release(match[1], match[2], match[4] or (match[3] and "lts")) if match else None


def _release(year: str, month: str, pack: str | None) -> Release:
    # Of the releases, March of even years has long-term support: without a pack its name is a moving one.
    moving = pack is None and month == "03" and int(year) % 2 == 0
    return Release(f"{year}.{month}", None if moving else pack or "")


def base_of(dockerfile: Dockerfile, platform: str) -> Use | None:
    """The image that the last stage stands on, through other stages, with ARGs' defaults; None where it is scratch.

    Raises DockerfileError.
    """
    outside = {use.line: use for use in needs(dockerfile, {}, None, (), platform=platform).names if use.how == "FROM"}
    scope: dict[str, str] = {}
    for arg in dockerfile.global_args:
        scope[arg.name] = expand(arg.default or "", scope, escape=dockerfile.escape, line=arg.line)
    stage = dockerfile.stages[-1]
    while stage.line not in outside:
        name = expand(stage.base.name, scope, escape=dockerfile.escape, line=stage.line)
        earlier = [one for one in dockerfile.stages[: stage.index] if one.name == name]
        if not earlier:
            return None
        stage = earlier[-1]
    return outside[stage.line]


def reference_of(name: str) -> Reference | None:
    """An image as a FROM names it, ``latest`` where it has no tag and no digest; None where it is no image's name."""
    for text in (name, f"{name}:latest"):
        try:
            return parse_reference(text)
        except InvalidName:
            continue
    return None


def familiar(repository: str) -> str:
    """A repository without the host of a registry that openEuler publishes to."""
    host = next((host for host in _HOSTS if repository.startswith(host)), "")
    return repository[len(host) :]


def release_of(reference: Reference) -> Release | None:
    """The openEuler that an image says it holds, by its tag; None where it says nothing.

    openEuler's own base image without a release in its tag (``latest``) has one that moves.
    """
    tag = reference.tag or ""
    if familiar(reference.repository) == _OS_REPOSITORY:
        return directory_release(tag) or (Release("latest", None) if tag == "latest" else None)
    found = named(tag)
    if found is not None:
        return found.release
    match = _IN_TAG.search(tag)
    return _release(match[1], match[2], match[4] or (match[3] and "lts")) if match else None


def local_namespace(text: str) -> bool:
    """Whether what names of images start with is a registry that only one machine or network reaches.

    That is localhost, an address that is not routed (127.0.0.1, 10.0.0.1), or a host without a domain that has a port.
    """
    host, slash, _ = f"{text.rstrip('/')}/".partition("/")
    bare = re.sub(r":\d+\Z", "", host)
    # As docker reads names: without a dot and a port, what comes first is a folder of its hub.
    if not slash or not ("." in host or ":" in host or bare == "localhost"):
        return False
    try:
        return not ipaddress.ip_address(bare.strip("[]")).is_global
    except ValueError:
        return "." not in bare or bare.endswith(".localhost")


def is_os(reference: Reference) -> bool:
    """Whether it is openEuler's own base image."""
    return familiar(reference.repository) == _OS_REPOSITORY

"""The grammar of names: targets, tags, image references, digests, platforms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bakegen.errors import did_you_mean

TARGET_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z")
IDENTIFIER = re.compile(r"[a-z0-9]+(?:[_-]+[a-z0-9]+)*\Z")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\Z")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*\Z")
_HOST = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_HOST}(?:\.{_HOST})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?"
REGISTRY_PREFIX = re.compile(rf"(?:{_DOMAIN}/)?(?:{_COMPONENT}/)*\Z")
_REFERENCE = re.compile(
    rf"(?P<repository>(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?\Z"
)
BAKE_WORDS = frozenset({"null", "true", "false", "target", "group", "BAKE_CMD_CONTEXT", "BAKE_LOCAL_PLATFORM"})
"""What no variable of a bake file can be called: in its expressions these mean something else."""
_OUTSIDE = re.compile(r"[^a-zA-Z0-9_-]")
_PLATFORM = re.compile(r"(?P<os>[a-z0-9]+)/(?P<arch>[a-z0-9_]+)(?:/(?P<variant>v[0-9]+))?\Z")
_ARCHES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "i386": "386"}
_KNOWN = {
    "linux": (
        *("386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le"),
        *("ppc64", "ppc64le", "riscv64", "s390x"),
    ),
    "windows": ("386", "amd64", "arm64"),
    "darwin": ("amd64", "arm64"),
    "freebsd": ("amd64", "arm64"),
}
_DEFAULT_VARIANTS = {"arm64": "v8", "amd64": "v1"}


class InvalidName(ValueError):
    """A name that its grammar refuses; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An image reference: ``repository[:tag][@digest]``."""

    repository: str
    tag: str | None
    digest: str | None


def slug(text: str) -> str:
    """``text`` with every character that a bake target's name may not hold turned into ``_``."""
    return _OUTSIDE.sub("_", text)


@lru_cache(maxsize=4096)
def parse_reference(text: str) -> Reference:
    """An image reference that carries a tag, a digest or both.

    The grammar is the distribution project's: lower-case path components, a tag of at most 128 characters.
    Raises InvalidName.
    """
    match = _REFERENCE.match(text)
    if match is None:
        if text != text.lower() and _REFERENCE.match(text.lower()):
            raise InvalidName(f'"{text}" is no image reference: a repository is written in lower case')
        raise InvalidName(f'"{text}" is no image reference (registry/path/name:tag or …@sha256:digest)')
    if len(match["repository"]) > 255:
        raise InvalidName(f'"{text}" is no image reference: a repository has at most 255 characters')
    if match["tag"] is None and match["digest"] is None:
        raise InvalidName(f'"{text}" names no tag and no digest: write "{text}:<tag>"')
    return Reference(match["repository"], match["tag"], match["digest"])


def tag_problem(text: str) -> str:
    """Why ``text`` is no tag that a registry accepts (OCI distribution specification), or an empty string."""
    if TAG.match(text):
        return ""
    if not text:
        return "a tag is not empty"
    if len(text) > 128:
        return f"a tag has at most 128 characters, this has {len(text)}"
    if not re.match(r"[A-Za-z0-9_]", text):
        return "a tag starts with a letter, a digit or _"
    bad = sorted({char for char in text if not re.match(r"[A-Za-z0-9._-]", char)})
    return f"a tag holds letters, digits, _ . and - only, not {' '.join(repr(char) for char in bad)}"


@lru_cache(maxsize=256)
def normalise_platform(text: str) -> str:
    """A platform as ``os/arch[/variant]`` with one spelling each: arm64/v8 is arm64, x86_64 is amd64, arm is arm/v7.

    The aliases are those of containerd's platforms package, the systems and architectures those that Go has and images
    are made for. Raises InvalidName.
    """
    match = _PLATFORM.match(text)
    if match is None:
        raise InvalidName(f'"{text}" is no platform: write os/arch[/variant], such as "linux/arm64"')
    arch = _ARCHES.get(match["arch"], match["arch"])
    variant = match["variant"]
    known = [f"{system}/{one}" for system, arches in _KNOWN.items() for one in arches]
    if f"{match['os']}/{arch}" not in known:
        raise InvalidName(f'"{text}" is no platform that images are made for{did_you_mean(text, known)}')
    if arch == "arm" and variant is None:
        variant = "v7"
    if variant is None or _DEFAULT_VARIANTS.get(arch) == variant:
        return f"{match['os']}/{arch}"
    return f"{match['os']}/{arch}/{variant}"

"""What Backend.AI's agent takes the system of a base image for, as far as the image's name tells it."""

from __future__ import annotations

import re

# The systems that the agent knows, by their glibc: it takes any other for the nearest one that is not newer.
_KNOWN = (
    ((2, 17), "centos7.6"),
    ((2, 27), "ubuntu18.04"),
    ((2, 28), "centos8.0"),
    ((2, 31), "ubuntu20.04"),
    ((2, 34), "centos9.0"),
    ((2, 35), "ubuntu22.04"),
    ((2, 39), "ubuntu24.04"),
)
_GLIBC = {
    "debian9": (2, 24),
    "debian10": (2, 28),
    "debian11": (2, 31),
    "debian12": (2, 36),
    "debian13": (2, 41),
    "openeuler22.03": (2, 34),
    "openeuler24.03": (2, 38),
    **{f"{name}7": (2, 17) for name in ("centos", "rhel")},
    **{f"{name}8": (2, 28) for name in ("almalinux", "centos", "rhel", "rockylinux")},
    **{f"{name}9": (2, 34) for name in ("almalinux", "centos", "rhel", "rockylinux")},
}
_CODE_NAMES = {
    "stretch": "debian9",
    "buster": "debian10",
    "bullseye": "debian11",
    "bookworm": "debian12",
    "trixie": "debian13",
    "xenial": "ubuntu16.04",
    "bionic": "ubuntu18.04",
    "focal": "ubuntu20.04",
    "jammy": "ubuntu22.04",
    "noble": "ubuntu24.04",
}
_SYSTEMS = {name: name for name in ("almalinux", "alpine", "centos", "debian", "openeuler", "rockylinux", "ubuntu")}
_SYSTEMS |= {"oe": "openeuler", "ubi": "rhel", "stream": "centos"}
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_IN_TAG = re.compile(rf"(?<![a-z])({'|'.join(_SYSTEMS)})-?([0-9]+(?:\.[0-9]+)*)")


def system(image: str) -> str:
    """The system that an image reference tells, such as ``debian12`` or ``ubuntu22.04``, or nothing."""
    bare = image.partition("@")[0].lower()
    path, _, last = bare.rpartition("/")
    name, _, tag = last.partition(":")
    said = _IN_TAG.search(last if name.startswith("ubi") else tag)
    if said is not None:
        return _release(_SYSTEMS[said[1]], said[2])
    found = next((_CODE_NAMES[word] for word in re.split(r"[-_.]", tag) if word in _CODE_NAMES), "")
    version = _VERSION.match(tag)
    own = _SYSTEMS.get(name) if path in ("", "library", "docker.io", "docker.io/library", "openeuler") else None
    if found or own is None or version is None:
        return found
    return _release(own, version[0])


def base_distro(image: str) -> str:
    """What ``ai.backend.base-distro`` is for an image that stands on ``image``, or nothing where that is not told.

    Rule: known_glibc_distros and _distro_for_glibc_version of agent/docker/agent.py in Backend.AI; which glibc a
    release has is the distributions' own word.
    """
    told = system(image)
    if told.startswith(("ubuntu", "alpine")):
        return told
    glibc = _GLIBC.get(told)
    return "" if glibc is None else [name for version, name in _KNOWN if version <= glibc][-1]


def agree(label: str, expected: str) -> bool:
    """Whether a base-distro does as well as the ``expected`` one: musl is one runner, a CentOS its major version."""
    if label.startswith("alpine") or expected.startswith("alpine"):
        return label in (expected, "alpine3.8") and expected.startswith("alpine")
    if expected.startswith("centos"):
        return label.partition(".")[0] == expected.partition(".")[0]
    return label == expected


def _release(name: str, version: str) -> str:
    """A system with as much of its version as tells its releases apart; nothing where that is missing."""
    if name in ("alpine", "openeuler", "ubuntu"):
        parts = version.split(".")
        return f"{name}{parts[0]}.{parts[1]}" if len(parts) > 1 else ""
    return f"{name}{version.partition('.')[0]}"

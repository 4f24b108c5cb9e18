"""NVIDIA's tags of CUDA images: ``<cuda>[-cudnn[<version>]]-<base|runtime|devel>-<os><version>``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bakegen.tags.scheme import Part, Scheme, Software, Subject, TagError, fitting

FLAVOURS = ("base", "runtime", "devel")
_CUDA = r"[0-9]+(?:\.[0-9]+)+"
_CUDNN = r"cudnn(?:[0-9]+(?:\.[0-9]+)*)?"
_SYSTEM = r"([a-z]+)([0-9]+(?:\.[0-9]+)*)"
_TAG = re.compile(rf"(?P<cuda>{_CUDA})(?:-(?P<cudnn>{_CUDNN}))?-(?P<flavour>{'|'.join(FLAVOURS)})-{_SYSTEM}\Z")


@dataclass(frozen=True, slots=True)
class Nvidia:
    """What a CUDA image's tag says; ``cudnn`` is its segment: ``cudnn8``, or ``cudnn`` alone, as since CUDA 12.4."""

    sdk: Software
    flavour: str
    os: Software
    cudnn: str | None = None


def system_of(part: Part) -> Software:
    """The operating system of a tag from a value called like ``ubuntu22.04`` or ``ubi9``. Raises TagError."""
    text = fitting(part, _SYSTEM, 'operating system in a tag, such as "ubuntu22.04"')
    name = text.rstrip("0123456789.")
    return Software(name, text[len(name) :])


def _parts(subject: Subject) -> Nvidia:
    flavour = subject.layer.rpartition("-")[2]
    if flavour not in FLAVOURS:
        raise TagError(
            f'the scheme "nvidia" is about layers called base, runtime or devel, or such a name after a dash: '
            f'"{subject.layer}" is none'
        )
    sdk = Software("cuda", fitting(subject.parts["sdk"], _CUDA, 'CUDA version, such as "12.2.0"'))
    if len(subject.segments) > 1 or not all(re.fullmatch(_CUDNN, one) for one in subject.segments):
        raise TagError(
            f'the scheme "nvidia" has one segment, cudnn with a version or without, not "{"-".join(subject.segments)}"'
        )
    return Nvidia(sdk, flavour, system_of(subject.parts["os"]), next(iter(subject.segments), None))


def _spell(parts: Nvidia) -> str:
    head = [parts.sdk.version, *([] if parts.cudnn is None else [parts.cudnn]), parts.flavour]
    return "-".join([*head, f"{parts.os.name}{parts.os.version}"])


def _parse(tag: str) -> Nvidia:
    match = _TAG.match(tag)
    if match is None:
        raise TagError(_why(tag))
    return Nvidia(Software("cuda", match["cuda"]), match["flavour"], Software(match[4], match[5]), match["cudnn"])


def _why(tag: str) -> str:
    pieces = tag.split("-")
    if not re.fullmatch(_CUDA, pieces[0]):
        return 'it does not start with a CUDA version, such as "12.2.0"'
    if not any(flavour in pieces for flavour in FLAVOURS):
        return "it holds none of base, runtime and devel"
    if not re.fullmatch(_SYSTEM, pieces[-1]):
        return 'it does not end in an operating system with its version, such as "ubuntu20.04"'
    return "between the CUDA version and the operating system stands more than cudnn and one of base, runtime and devel"


def _needs(_: Mapping[str, Part]) -> tuple[tuple[str, ...], ...]:
    return (("sdk",), ("os",))


def _kind(parts: Nvidia) -> str:
    return parts.flavour


def _liberties(_: Nvidia) -> str:
    return ""


def _shown(parts: Nvidia) -> Mapping[str, Any]:
    return asdict(parts)


NVIDIA = Scheme(
    name="nvidia",
    roles=("sdk", "os"),
    dev=False,
    segments="own",
    needs=_needs,
    parts=_parts,
    spell=_spell,
    parse=_parse,
    kind=_kind,
    liberties=_liberties,
    shown=_shown,
)

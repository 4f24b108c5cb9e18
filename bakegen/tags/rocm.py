"""AMD's tags of ROCm images: one form with PyTorch, one with TensorFlow.

``rocm<version>_<os><version>_py<version>_pytorch_<version>`` and ``rocm<version>[-<os><version>]-tf<version>-dev``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bakegen.tags.nvidia import system_of
from bakegen.tags.scheme import Part, Scheme, Software, Subject, TagError, fitting

_NUMBERS = r"[0-9]+(?:\.[0-9]+)*"
_VERSION = rf"{_NUMBERS}(?:\.?(?:a|b|rc|post|dev)[0-9]+)?"
_PYTHON = r"[0-9]+\.[0-9]+"
_SYSTEM = r"(?P<os>[a-z]+)(?P<os_version>[0-9]+(?:\.[0-9]+)*)"
_PYTORCH = re.compile(rf"rocm(?P<rocm>{_NUMBERS})_{_SYSTEM}_py(?P<python>{_PYTHON})_pytorch_(?P<version>{_VERSION})\Z")
_TENSORFLOW = re.compile(rf"rocm(?P<rocm>{_NUMBERS})(?:-{_SYSTEM})?-tf(?P<version>{_VERSION})-dev\Z")
_FRAMEWORKS = {"pytorch": "pytorch", "torch": "pytorch", "tensorflow": "tensorflow", "tf": "tensorflow"}


@dataclass(frozen=True, slots=True)
class Rocm:
    """What a ROCm image's tag says; TensorFlow's form names no Python, and not always an operating system."""

    sdk: Software
    framework: Software
    os: Software | None
    language: Software | None


def _framework(part: Part) -> str | None:
    return next((_FRAMEWORKS[name] for name in (part.layer, part.axis) if name in _FRAMEWORKS), None)


def _needs(parts: Mapping[str, Part]) -> tuple[tuple[str, ...], ...]:
    tensorflow = "framework" in parts and _framework(parts["framework"]) == "tensorflow"
    return (("sdk",), ("os",), ("framework",), *(() if tensorflow else (("language",),)))


def _parts(subject: Subject) -> Rocm:
    part = subject.parts["framework"]
    framework = _framework(part)
    if framework is None:
        raise TagError(
            f'the scheme "rocm" is about PyTorch and TensorFlow, and neither the layer "{part.layer}" nor its axis '
            f'"{part.axis}" is called pytorch or tensorflow'
        )
    language = None
    if framework == "pytorch":
        language = Software("python", fitting(subject.parts["language"], _PYTHON, 'Python, such as "3.12"'))
    return Rocm(
        sdk=Software("rocm", fitting(subject.parts["sdk"], _NUMBERS, 'ROCm version, such as "6.4.1"')),
        framework=Software(framework, fitting(part, _VERSION, 'framework\'s version, such as "2.7.0"')),
        os=system_of(subject.parts["os"]),
        language=language,
    )


def _spell(parts: Rocm) -> str:
    sdk, system = f"rocm{parts.sdk.version}", f"{parts.os.name}{parts.os.version}" if parts.os is not None else None
    if parts.framework.name == "tensorflow":
        return "-".join(piece for piece in (sdk, system, f"tf{parts.framework.version}", "dev") if piece is not None)
    python = parts.language.version if parts.language is not None else ""
    return f"{sdk}_{system}_py{python}_pytorch_{parts.framework.version}"


def _parse(tag: str) -> Rocm:
    match = _PYTORCH.match(tag) or _TENSORFLOW.match(tag)
    if match is None:
        raise TagError(_why(tag))
    found = match.groupdict()
    system = None if found["os"] is None else Software(found["os"], found["os_version"])
    name = "pytorch" if match.re is _PYTORCH else "tensorflow"
    language = Software("python", found["python"]) if found.get("python") else None
    return Rocm(Software("rocm", found["rocm"]), Software(name, found["version"]), system, language)


def _why(tag: str) -> str:
    if not re.match(r"rocm[0-9]", tag):
        return 'it does not start with rocm and its version, such as "rocm5.7"'
    if "_" in tag:
        return "it is not rocm<version>_<os><version>_py<version>_pytorch_<version>"
    return "it is not rocm<version>-<os><version>-tf<version>-dev, nor that without the operating system"


def _kind(parts: Rocm) -> str:
    return parts.framework.name


def _liberties(_: Rocm) -> str:
    return ""


def _shown(parts: Rocm) -> Mapping[str, Any]:
    return asdict(parts)


ROCM = Scheme(
    name="rocm",
    roles=("framework", "sdk", "language", "os"),
    dev=False,
    segments="none",
    needs=_needs,
    parts=_parts,
    spell=_spell,
    parse=_parse,
    kind=_kind,
    liberties=_liberties,
    shown=_shown,
)

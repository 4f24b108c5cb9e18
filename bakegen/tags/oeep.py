"""oEEP-0014, openEuler's tags of AI images: ``[application-][framework<version>-]<sdk><version>-oe<release>[-dev]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bakegen.tags import openeuler
from bakegen.tags.scheme import Part, Scheme, Software, Subject, TagError, fitting, listed

SDKS = ("cann", "corex", "cuda", "dtk", "maca", "musa", "neuware", "oneapi", "rocm")
FRAMEWORKS = (
    *("caffe", "jax", "mindspore", "mxnet", "onnxruntime", "paddle", "paddlepaddle", "pytorch", "tensorflow"),
    *("torch", "torch_npu"),
)
"""Known names: a version may hold a dash (``9.0.0-beta.1``), so that only these tell where a segment starts."""
_VERSION = r"[0-9](?:[0-9A-Za-z._]*[0-9A-Za-z])?(?:-(?:alpha|beta|rc)(?:\.?[0-9]+)*|-[0-9]{8,14})?"
_SEGMENT = r"[0-9A-Za-z_](?:[0-9A-Za-z._]*[0-9A-Za-z_])?"
_APPLICATION = r"(?P<application>[A-Za-z](?:[0-9A-Za-z._]*[0-9A-Za-z_])?)"
_FRAMEWORK = rf"(?P<framework>{'|'.join(FRAMEWORKS)})(?P<framework_version>{_VERSION})"
_SDK = rf"(?P<sdk>{'|'.join(SDKS)})(?P<sdk_version>{_VERSION})"
_RULE = re.compile(rf"(?:(?:{_APPLICATION}-)?{_FRAMEWORK}-)?{_SDK}(?P<segments>(?:-{_SEGMENT})*)\Z")
_EXAMPLE = re.compile(rf"{_APPLICATION}-{_SDK}-{_FRAMEWORK}\Z")
_NAME = "name in a tag: a letter, then letters, digits, . and _"
_TAIL = re.compile(r"(?:(?P<head>.*)-)?(?P<release>oe[0-9][0-9A-Za-z.]*)(?P<dev>-dev)?\Z")
_KNOWN_SDK = re.compile(rf"(?:^|-)(?:{'|'.join(SDKS)})[0-9]")


@dataclass(frozen=True, slots=True)
class Oeep:
    """What a tag of oEEP-0014 says; the version of ``os``, openeuler, is a release such as ``24.03-lts-sp3``."""

    sdk: Software
    os: Software
    framework: Software | None = None
    application: str | None = None
    segments: tuple[str, ...] = ()
    dev: bool = False


def _needs(parts: Mapping[str, Part]) -> tuple[tuple[str, ...], ...]:
    return (("os",), ("sdk",), *((("framework",),) if "application" in parts else ()))


def _parts(subject: Subject) -> Oeep:
    parts = subject.parts
    for segment in subject.segments:
        if not re.fullmatch(_SEGMENT, segment):
            raise TagError(f'"{segment}" is no segment of a tag: letters, digits and _, with . between them')
    return Oeep(
        sdk=_software(parts["sdk"], SDKS, "SDKs"),
        os=Software("openeuler", openeuler.release(openeuler.short(parts["os"].version))),
        framework=_software(parts["framework"], FRAMEWORKS, "frameworks") if "framework" in parts else None,
        application=fitting(parts["application"], _APPLICATION, _NAME) if "application" in parts else None,
        segments=subject.segments,
        dev=subject.dev,
    )


def _software(part: Part, known: tuple[str, ...], what: str) -> Software:
    name = next((name for name in (part.layer, part.axis) if name in known), None)
    if name is None:
        raise TagError(
            f'the scheme "oeep-0014" knows the {what} {listed(known, "and")}, and neither the layer "{part.layer}" nor '
            f'its axis "{part.axis}" is called so: rename one, or write a pattern'
        )
    return Software(name, fitting(part, _VERSION, 'version in a tag, such as "8.5.1" or "9.0.0-beta.1"'))


def _spell(parts: Oeep) -> str:
    """The tag, framework before SDK: so the specification's rule and published tags; its one example swaps them."""
    products = [f"{one.name}{one.version}" for one in (parts.framework, parts.sdk) if one is not None]
    head = [parts.application] if parts.application is not None else []
    tail = [openeuler.short(parts.os.version), *(["dev"] if parts.dev else [])]
    return "-".join([*head, *products, *parts.segments, *tail])


def _parse(tag: str) -> Oeep:
    """A tag's parts, from the right; the swapped order of the specification's example is read too. Raises TagError."""
    tail = _TAIL.match(tag)
    if tail is None:
        raise TagError("it does not end in openEuler's release, such as -oe2403sp1, with -dev after it or not")
    system = Software("openeuler", openeuler.release(tail["release"]))
    head = tail["head"] or ""
    match = _RULE.match(head) or _EXAMPLE.match(head)
    if match is None:
        raise TagError(_why(head))
    found = match.groupdict()
    segments = tuple((found.get("segments") or "").split("-")[1:])
    framework = Software(found["framework"], found["framework_version"]) if found["framework"] else None
    sdk = Software(found["sdk"], found["sdk_version"])
    return Oeep(sdk, system, framework, found["application"], segments, tail["dev"] is not None)


def _why(head: str) -> str:
    """Why what stands before openEuler's release is none of the scheme's."""
    sdk = _KNOWN_SDK.search(head)
    if sdk is None:
        return f"it names no SDK that is known with its version ({listed(SDKS)}) before openEuler's release"
    before, rest = head[: sdk.start()], head[sdk.start() :].removeprefix("-")
    if before and _RULE.match(rest):
        return (
            f'"{before}" before the SDK is no framework with its version ({listed(FRAMEWORKS)}), nor an application '
            "and such a framework"
        )
    return f'"{rest}" is no SDK with its version'


def _kind(parts: Oeep) -> str:
    return "llm" if parts.application is not None else "framework" if parts.framework is not None else "sdk"


def _liberties(parts: Oeep) -> str:
    return f"oEEP-0014 has no place for {listed(parts.segments, 'and')}" if parts.segments else ""


def _shown(parts: Oeep) -> Mapping[str, Any]:
    return asdict(parts)


OEEP = Scheme(
    name="oeep-0014",
    roles=("application", "framework", "sdk", "os"),
    dev=True,
    segments="bare",
    needs=_needs,
    parts=_parts,
    spell=_spell,
    parse=_parse,
    kind=_kind,
    liberties=_liberties,
    shown=_shown,
)

"""What one Dockerfile's own text says, against the platform's rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from bakegen import tags
from bakegen.dockerfile import DockerfileError
from bakegen.dockerfile.labelled import Described, blank_continuations, describe
from bakegen.findings import Finding
from bakegen.labels import backendai, distros
from bakegen.labels.fault import AGENT, GUIDE, Fault
from bakegen.tags.backendai import BACKENDAI
from bakegen.tags.scheme import TagError

_CUDA = re.compile(r"(?<![a-z])cuda-?([0-9]+(?:\.[0-9]+)*)", re.IGNORECASE)
_PYTHON = re.compile(r"(?<![a-z])py(?:thon)?-?([23])(?:\.?([0-9]{1,2}))?(?![0-9])", re.IGNORECASE)
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_DOCKERFILES = "Dockerfile reference"
_TAGS = "lablup/backend.ai: common/docker.py, ImageRef"
_SHARED = "commons"
"""The folder whose files are Dockerfile.NAME.TAG, not Dockerfile.TAG, in Backend.AI's own tree of kernels."""

RULES: Mapping[str, str] = {
    **backendai.RULES,
    "accelerators-unsaid": "Accelerators that resources name are named as accelerators.",
    "base-distro-differs": "The base distribution is that of the base image.",
    "bootstrap-missing": "A preopen service is started by /opt/container/bootstrap.sh.",
    "bootstrap-not-executable": "A bootstrap.sh that cannot be executed is skipped.",
    "copy-source-missing": "What COPY and ADD take from the context is there.",
    "dockerfile": "The Dockerfile is one that BuildKit builds.",
    "empty-continuation": "No line is empty inside an instruction.",
    "entrypoint-ignored": "The platform runs no ENTRYPOINT.",
    "outside": "No symbolic link leads out of the linted folder.",
    "service-def": "A service definition is one that the platform reads.",
    "service-def-missing": "A service has a definition.",
    "tag": "The tag in the file's name is one that the platform reads.",
    "tag-cuda": "The tag's CUDA is that of the base image.",
    "tag-os": "The tag's operating system is that of the base image.",
    "tag-python": "The tag's Python is that of the base image.",
    "unreadable": "A Dockerfile is a file of UTF-8 text.",
}


@dataclass(frozen=True, slots=True)
class Image:
    """A Dockerfile's image: what is said of it, and whether that makes it one of Backend.AI's own."""

    described: Described
    is_kernel: bool
    lines: Mapping[str, int]


def read(file: str, text: str) -> tuple[Image | None, tuple[Finding, ...]]:
    """The image that a Dockerfile makes, None where it makes none, and what is wrong with its text."""
    try:
        found = describe(text)
    except DockerfileError as error:
        mend = "" if error.line else "a Dockerfile begins with FROM"
        return None, (Finding(file, error.line, "dockerfile", str(error), mend, _DOCKERFILES),)
    image = Image(
        found,
        any(label.key == backendai.KERNELSPEC for label in found.labels),
        {label.key: label.line for label in found.labels},
    )
    blank = [
        Finding(
            file,
            line,
            "empty-continuation",
            "an empty line inside an instruction",
            "take it out: BuildKit will refuse it one day",
            "BuildKit: NoEmptyContinuation",
        )
        for line in blank_continuations(text, found.instructions)
    ]
    return image, (
        *blank,
        *_of_labels(file, image),
        *_of_base(file, image),
        *_of_tag(file, image),
        *_ignored(file, image),
    )


def _of_labels(file: str, image: Image) -> Iterator[Finding]:
    """Labels whose values are known, by the rules of the platform. What a base image may bring is not missing."""
    values = image.described.values()
    keys = {label.key for label in image.described.labels}
    inherits = not image.is_kernel
    if backendai.SERVICE_PORTS not in values and (inherits or backendai.SERVICE_PORTS in keys):
        values.pop(backendai.ENDPOINTS, None)
    faults: list[Fault] = [*backendai.faults(values)]
    if not inherits:
        present = {**dict.fromkeys(keys, ""), **values}
        faults += backendai.missing(present)
        if backendai.ACCELERATORS in values or backendai.ACCELERATORS not in keys:
            faults += backendai.unsaid_accelerators(values)
    for fault in faults:
        line = image.lines.get(fault.key or backendai.KERNELSPEC, 0)
        yield Finding(file, line, fault.rule, fault.message, fault.mend, fault.source)


def _of_base(file: str, image: Image) -> Iterator[Finding]:
    given = image.described.values().get(backendai.BASE_DISTRO)
    expected = distros.base_distro(image.described.base)
    if given is None or not expected or distros.agree(given, expected):
        return
    yield Finding(
        file,
        image.lines[backendai.BASE_DISTRO],
        "base-distro-differs",
        f'the base distribution is "{given}", and the image stands on "{image.described.base}"',
        f'write "{expected}"',
        f"{AGENT}, known_glibc_distros",
    )


def tag_of(file: str) -> str:
    """The tag that a Dockerfile's name holds, or nothing."""
    path = PurePath(file)
    tag = path.name.partition(".")[2] if path.name.lower().startswith(("dockerfile.", "containerfile.")) else ""
    return tag.partition(".")[2] if path.parent.name == _SHARED else tag


def _of_tag(file: str, image: Image) -> Iterator[Finding]:
    tag = tag_of(file)
    if not tag or not any(backendai.concerns(key) for key in image.lines):
        return
    try:
        tags.read(BACKENDAI, tag)
    except TagError as error:
        yield Finding(file, 0, "tag", f'the tag "{tag}": {error}', "rename the file", _TAGS)
    base = image.described.base
    told = (
        ("tag-cuda", "CUDA ", _cuda_in(tag), _cuda_of(base)),
        ("tag-os", "", distros.system(f"image:{tag}"), distros.system(base)),
        ("tag-python", "Python ", _python_in(tag), _python_of(base)),
    )
    for rule, what, said, there in told:
        if said and there and not _same(said, there):
            yield Finding(
                file,
                image.described.base_line,
                rule,
                f'the tag "{tag}" says {what}{said}, and the base "{base}" is of {there}',
                "change the base or rename the file",
            )


def _cuda_in(tag: str) -> str:
    found = _CUDA.search(tag)
    return found[1] if found else ""


def _cuda_of(base: str) -> str:
    name, tag = _named(base)
    found = _VERSION.match(tag) if name == "cuda" else None
    return found[0] if found else _cuda_in(tag)


def _python_in(tag: str) -> str:
    """``3.8`` of ``py38`` and ``py3.8``, ``3`` of ``py3``."""
    found = _PYTHON.search(tag)
    return ".".join(part for part in found.groups() if part) if found else ""


def _python_of(base: str) -> str:
    name, tag = _named(base)
    found = _VERSION.match(tag) if name == "python" else None
    return found[0] if found else _python_in(tag)


def _named(image: str) -> tuple[str, str]:
    """The last part of a reference's name, and its tag."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    return name, tag


def _same(one: str, other: str) -> bool:
    """Whether two versions agree as far as both go: 12.4 and 12.4.1 do."""
    return all(a == b for a, b in zip(one.split("."), other.split("."), strict=False))


def _ignored(file: str, image: Image) -> Iterator[Finding]:
    for index in image.described.stages if image.is_kernel else ():
        for item in image.described.of_stage(index):
            if item.name == "entrypoint" and item.words:
                yield Finding(
                    file,
                    item.line,
                    "entrypoint-ignored",
                    "the platform never runs this ENTRYPOINT: its own program stands in its place",
                    "start what is needed from /opt/container/bootstrap.sh, which must return at once",
                    GUIDE,
                )

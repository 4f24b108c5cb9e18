"""A Dockerfile against the files beside it: what it copies, its service definitions, its bootstrap.sh."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bakegen.dockerfile.text import Instruction, heredoc_of
from bakegen.dockerfile.words import DockerfileError, expand
from bakegen.errors import did_you_mean
from bakegen.findings import Finding
from bakegen.labels import backendai, ports
from bakegen.labels.fault import GUIDE
from bakegen.lint.image import Image

_BOOTSTRAP = "/opt/container/bootstrap.sh"
_DEFINITIONS = "/etc/backend.ai/service-defs"
_INTRINSIC = frozenset({"sshd", "ttyd"})
_FIELDS = (
    "allowed_arguments",
    "allowed_envs",
    "command",
    "default_arguments",
    "env",
    "noop",
    "prestart",
    "shell",
    "url_template",
)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*://|git@|.*\.git(?:#|\Z)")
_MOST_BYTES = 1 << 20  # of a service definition; what is larger is none


@dataclass(frozen=True, slots=True)
class _Copy:
    """A COPY or ADD from the context: its sources as paths from there, and where they go."""

    line: int
    name: str
    sources: tuple[str, ...]
    to: str
    changes_mode: bool


def beside(file: str, image: Image) -> tuple[Finding, ...]:
    """What the folder of a Dockerfile, which is its context, lacks or has wrong."""
    context = Path(file).parent
    copies = [copy for item in image.described.instructions if (copy := _copy(item, image))]
    return (*_missing(file, context, copies), *_services(file, context, copies, image))


def _copy(item: Instruction, image: Image) -> _Copy | None:
    """The sources that are plain paths: those with variables, patterns or URLs are not judged."""
    given = {flag[2:].partition("=")[0] for flag in item.flags}
    if item.name not in {"copy", "add"} or "from" in given:
        return None
    words = [_plain(word, item, image.described.dockerfile.escape) for word in item.words]
    sources = tuple(posixpath.normpath(f"/{word}").lstrip("/") for word in words[:-1] if word is not None)
    return _Copy(item.line, item.name.upper(), sources, words[-1] or "", "chmod" in given)


def _plain(word: str, item: Instruction, escape: str) -> str | None:
    if any(char in word for char in "$*?[\\`") or _ELSEWHERE.match(word):
        return None
    if item.is_json:
        return word
    try:
        return None if heredoc_of(word, item.line) else expand(word, {}, escape=escape, line=item.line)
    except DockerfileError:
        return None


def _missing(file: str, context: Path, copies: list[_Copy]) -> Iterator[Finding]:
    for copy in copies:
        for source in copy.sources:
            if not os.path.lexists(context / source):
                yield Finding(
                    file,
                    copy.line,
                    "copy-source-missing",
                    f'{copy.name} takes "{source}", which is not in the folder of the Dockerfile',
                    "put the file there, or take it out of the line",
                )


def _services(file: str, context: Path, copies: list[_Copy], image: Image) -> Iterator[Finding]:
    value = image.described.values().get(backendai.SERVICE_PORTS)
    if value is None:
        return
    line = image.lines[backendai.SERVICE_PORTS]
    services, _ = ports.read(value)
    texts = [item.text for item in image.described.instructions if item.name != "label"]
    for name in sorted({service.name for service in services if service.protocol == "preopen"}):
        if not any("/opt/container" in text for text in texts):
            message = f'the preopen service "{name}" is started by {_BOOTSTRAP}, which nothing puts there'
            yield Finding(file, line, "bootstrap-missing", message, f"COPY bootstrap.sh {_BOOTSTRAP}", GUIDE)
    yield from _bootstrap(file, context, copies, texts)
    # A RUN or another image may write definitions too: then none of them can be missed.
    elsewhere = any(_mentions(item) and not _copy(item, image) for item in image.described.instructions)
    for name in sorted({one.name for one in services if one.protocol not in ("preopen", "pty")} - _INTRINSIC):
        found = _from_context(f"{_DEFINITIONS}/{name}.json", context, copies)
        if found is not None:
            yield from _definition(found[0], context)
        elif not elsewhere:
            message = f'the service "{name}" has no definition: nothing puts {_DEFINITIONS}/{name}.json there'
            yield Finding(file, line, "service-def-missing", message, f"COPY service-defs {_DEFINITIONS}", GUIDE)


def _mentions(item: Instruction) -> bool:
    return item.name != "label" and "service-defs" in item.text


def _from_context(path: str, context: Path, copies: list[_Copy]) -> tuple[Path, _Copy] | None:
    """The file of the context that stands at ``path`` in the image; the last that is put there counts."""
    for copy in reversed(copies):
        to = copy.to.rstrip("/")
        for source in copy.sources:
            here = context / source
            if os.path.isdir(here):  # noqa: PTH112 - False for every path that no file can have
                inside = path.removeprefix(f"{to}/") if path.startswith(f"{to}/") else ""
                if inside and os.path.isfile(here / inside):  # noqa: PTH113
                    return here / inside, copy
            elif os.path.isfile(here) and path in (to, f"{to}/{here.name}"):  # noqa: PTH113
                return here, copy
    return None


def _bootstrap(file: str, context: Path, copies: list[_Copy], texts: list[str]) -> Iterator[Finding]:
    found = _from_context(_BOOTSTRAP, context, copies)
    if found is None or found[1].changes_mode or any("chmod" in text and "bootstrap" in text for text in texts):
        return
    if not found[0].stat().st_mode & 0o111:
        message = f"{found[0].name} is not executable, so the platform skips it"
        yield Finding(
            file, found[1].line, "bootstrap-not-executable", message, "make it executable, or COPY --chmod=755", GUIDE
        )


def _definition(path: Path, context: Path) -> Iterator[Finding]:
    """What is wrong with a service definition, as far as its fields go."""
    if not path.resolve().is_relative_to(context.resolve()):
        yield Finding(str(path), 0, "outside", "a symbolic link leads out of the folder", "put the file itself here")
        return
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        content = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        yield Finding(str(path), error.lineno, "service-def", f"it is no JSON: {error.msg}", "", GUIDE)
        return
    except (OSError, ValueError, RecursionError) as error:
        yield Finding(str(path), 0, "service-def", f"it cannot be read: {error}", "", GUIDE)
        return
    if not isinstance(content, dict):
        yield Finding(str(path), 0, "service-def", "it is no JSON object", "", GUIDE)
        return
    for key in content:
        if key not in _FIELDS:
            message = f'no field "{key}"{did_you_mean(key, _FIELDS)}: the platform refuses the definition'
            yield Finding(str(path), 0, "service-def", message, f"the fields are {', '.join(_FIELDS)}", GUIDE)

"""Tags written by a scheme and read back, and what each scheme says of a tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bakegen.names import tag_problem
from bakegen.tags.backendai import BACKENDAI
from bakegen.tags.nvidia import NVIDIA
from bakegen.tags.oeep import OEEP
from bakegen.tags.rocm import ROCM
from bakegen.tags.scheme import P, Scheme, TagError

SCHEMES: Mapping[str, Scheme[Any]] = {scheme.name: scheme for scheme in (OEEP, NVIDIA, ROCM, BACKENDAI)}
VIOLATES = "violates"
"""The verdict on a tag that is none of a scheme's, in place of what it is of."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A tag as a scheme reads it.

    ``kind`` is what the tag is of (``sdk``, ``runtime``, …), ``written`` how the scheme itself writes the same parts,
    ``liberties`` what keeps the tag from being one of the specification's, or empty.
    """

    scheme: Scheme[Any]
    tag: str
    parts: Any
    kind: str
    written: str
    liberties: str

    @property
    def strict(self) -> bool:
        """Whether the tag holds nothing that the specification does not know."""
        return not self.liberties


def write(scheme: Scheme[P], parts: P) -> str:
    """The tag of ``parts``. Raises TagError for what no registry accepts, and for what would be read otherwise."""
    tag = scheme.spell(parts)
    problem = tag_problem(tag)
    if problem:
        raise TagError(f'"{tag}" is no tag: {problem}')
    try:
        back = scheme.parse(tag)
    except TagError as error:
        raise TagError(f'"{tag}" is no tag of the scheme "{scheme.name}": {error}') from None
    if back != parts:
        raise TagError(f'"{tag}" would be read otherwise than it is meant: change a segment, a name or a version')
    return tag


def refused(tag: str) -> str:
    """Why ``tag`` is none of any scheme's, since no registry accepts it, or an empty string."""
    problem = tag_problem(tag)
    whole = "/" in tag or ":" in tag or "@" in tag
    return f"{problem}; leave the repository out" if problem and whole else problem


def read(scheme: Scheme[Any], tag: str) -> Reading:
    """``tag`` as the scheme reads it. Raises TagError where it is none of the scheme's."""
    problem = refused(tag)
    if problem:
        raise TagError(problem)
    parts = scheme.parse(tag)
    return Reading(scheme, tag, parts, scheme.kind(parts), scheme.spell(parts), scheme.liberties(parts))


def readings(tag: str, schemes: Iterable[Scheme[Any]]) -> tuple[tuple[Reading, ...], Mapping[str, str]]:
    """``tag`` as each of the schemes reads it that can, and for each of the others why it cannot."""
    found: list[Reading] = []
    refusals: dict[str, str] = {}
    for scheme in schemes:
        try:
            found.append(read(scheme, tag))
        except TagError as error:
            refusals[scheme.name] = str(error)
    return tuple(found), refusals


def described(reading: Reading) -> dict[str, Any]:
    """A reading as JSON has it."""
    return {
        "tag": reading.tag,
        "scheme": reading.scheme.name,
        "kind": reading.kind,
        "strict": reading.strict,
        "reason": reading.liberties,
        "written": reading.written,
        "parts": reading.scheme.shown(reading.parts),
    }


def verdict(tag: str, scheme: Scheme[Any]) -> dict[str, Any]:
    """What a scheme says of a tag, as JSON has it."""
    try:
        one = read(scheme, tag)
    except TagError as error:
        return {"tag": tag, "scheme": scheme.name, "verdict": VIOLATES, "strict": False, "reason": str(error)}
    return {
        "tag": tag,
        "scheme": scheme.name,
        "verdict": one.kind if one.strict else VIOLATES,
        "strict": one.strict,
        "reason": one.liberties,
    }

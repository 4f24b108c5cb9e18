"""Named tag schemes: tags that a specification writes from the axes' roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bakegen.templates import FILTERS, TemplateError


@dataclass(frozen=True, slots=True)
class Part:
    """What a target has of one role: the product (the layer that adds the axis), the value's name and version."""

    product: str
    name: str
    version: str


def write_oeep_0014(parts: Mapping[str, Part]) -> str:
    """The tag of openEuler's oEEP-0014: ``[application-][framework<version>-]<sdk><version>-oe<version>``.

    Framework before SDK, as the specification's rule has it (its example of an application swaps them). Raises
    TemplateError when a role is missing or the operating system is no openEuler release.
    """
    if "os" not in parts or "sdk" not in parts:
        raise TemplateError('the scheme "oeep-0014" needs an axis with the role os and one with the role sdk')
    if "application" in parts and "framework" not in parts:
        raise TemplateError('the scheme "oeep-0014" needs an axis with the role framework under an application')
    segments = []
    if "application" in parts:
        segments.append(parts["application"].name)
    segments += [f"{parts[role].product}{parts[role].name}" for role in ("framework", "sdk") if role in parts]
    segments.append(FILTERS["oe"](parts["os"].version))
    return "-".join(segments)


SCHEMES: Mapping[str, Callable[[Mapping[str, Part]], str]] = {"oeep-0014": write_oeep_0014}
ROLES: Sequence[str] = ("os", "sdk", "framework", "application", "language", "accelerator")

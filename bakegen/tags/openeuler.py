"""openEuler's releases and the short forms that stand for them in tags, both ways."""

from __future__ import annotations

import re

from bakegen.tags.scheme import TagError
from bakegen.templates import TemplateError, openeuler_short

_SHORT = re.compile(r"oe([0-9]{2})(0[1-9]|1[0-2])(lts|sp[1-9][0-9]*)?\Z")


def short(release: str) -> str:
    """``24.03-lts-sp3`` -> ``oe2403sp3``, ``22.03-lts`` -> ``oe2203lts``, ``24.09`` -> ``oe2409``.

    The rule is EulerPublisher's. Raises TagError for what is no release, and for the moving names ``22.03``, ``24.03``
    and their like, which stand for another release after each service pack.
    """
    try:
        return openeuler_short(release)
    except TemplateError as error:
        raise TagError(str(error)) from None


def release(text: str) -> str:
    """``oe2403sp3`` -> ``24.03-lts-sp3``: the inverse of `short`. Raises TagError."""
    match = _SHORT.match(text)
    if match is None:
        raise TagError(f'"{text}" is no short form of an openEuler release, such as "oe2403sp3" or "oe2203lts"')
    year, month, pack = match[1], match[2], match[3] or ""
    name = f"{year}.{month}" + ("-lts" if pack else "") + (f"-{pack}" if pack.startswith("sp") else "")
    short(name)
    return name

"""Pins: what an image reference is known to be, so that everything else works without the network."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bakegen.model import Words
from bakegen.names import normalise_platform


class Pin(Words):
    """One external image: the digest of its index and the platforms that it really has."""

    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    platforms: list[Annotated[str, AfterValidator(normalise_platform)]] = Field(min_length=1)


class Lock(Words):
    """`bakegen.lock`: the project's pins by image reference as the stacks write it."""

    images: dict[str, Pin] = Field({}, description="Pins by image reference.")

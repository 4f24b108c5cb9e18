"""Named tag schemes: each writes tags from the axes' roles, reads them back, and says whose they are."""

from bakegen.tags.backendai import Backendai
from bakegen.tags.nvidia import Nvidia
from bakegen.tags.oeep import Oeep
from bakegen.tags.reading import SCHEMES, VIOLATES, Reading, described, read, readings, refused, verdict, write
from bakegen.tags.rocm import Rocm
from bakegen.tags.scheme import Part, Scheme, Software, Subject, TagError, listed

__all__ = [
    "SCHEMES",
    "VIOLATES",
    "Backendai",
    "Nvidia",
    "Oeep",
    "Part",
    "Reading",
    "Rocm",
    "Scheme",
    "Software",
    "Subject",
    "TagError",
    "described",
    "listed",
    "read",
    "readings",
    "refused",
    "verdict",
    "write",
]

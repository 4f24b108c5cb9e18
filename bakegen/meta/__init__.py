"""openEuler's meta.yml: read, played through as EulerPublisher does, linted, and turned into a stack."""

from bakegen.meta.bases import local_namespace, named
from bakegen.meta.importing import problems, stack, words
from bakegen.meta.lint import lint
from bakegen.meta.merging import merged
from bakegen.meta.publisher import Resolved, image_of, invented, latest, resolve, short
from bakegen.meta.reading import ARCHES, BOTH, Entry, Listed, read_images, read_meta
from bakegen.meta.rules import RULES
from bakegen.meta.tree import Image, Tree, read, recipes, root_of

__all__ = [
    "ARCHES",
    "BOTH",
    "RULES",
    "Entry",
    "Image",
    "Listed",
    "Resolved",
    "Tree",
    "image_of",
    "invented",
    "latest",
    "lint",
    "local_namespace",
    "merged",
    "named",
    "problems",
    "read",
    "read_images",
    "read_meta",
    "recipes",
    "resolve",
    "root_of",
    "short",
    "stack",
    "words",
]

"""Dockerfiles of any tree against Backend.AI's rules: findings with file and line, never an error."""

from bakegen.lint.image import RULES
from bakegen.lint.tree import Linted, is_dockerfile, lint

__all__ = ["RULES", "Linted", "is_dockerfile", "lint"]

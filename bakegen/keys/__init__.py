"""Content keys: what decides an image's content, as one digest; equal on any machine, another after any change."""

from bakegen.keys.content import FORMAT, contents, definitions, on
from bakegen.keys.context import Contexts
from bakegen.keys.ignore import IgnoreError, excluded, patterns

__all__ = ["FORMAT", "Contexts", "IgnoreError", "contents", "definitions", "excluded", "on", "patterns"]

"""Content keys: what decides an image's content, as one digest; equal on any machine, another after any change."""

from bakegen.keys.content import FORMAT, contents, definitions, on
from bakegen.keys.ignore import IgnoreError, Pattern, excluded, patterns

__all__ = ["FORMAT", "IgnoreError", "Pattern", "contents", "definitions", "excluded", "on", "patterns"]

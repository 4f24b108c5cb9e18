"""Typer commands: wire stages, write, print, exit."""

import os

# Pydantic would look through every installed distribution for plugins, which takes as long as reading a stack.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

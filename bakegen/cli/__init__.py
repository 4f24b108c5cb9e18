"""Typer commands: wire stages, write, print, exit."""

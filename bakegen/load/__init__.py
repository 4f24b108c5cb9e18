"""TOML -> models, and the project's files: what the user wrote, with every problem's file and line."""

from bakegen.load.policy import read_policy
from bakegen.load.read import Loaded, LoadedStack, find_root, json_schema, load
from bakegen.load.refusals import suspicious_fields
from bakegen.load.source import Source, dotted
from bakegen.load.tree import Kind, Tree

__all__ = [
    "Kind",
    "Loaded",
    "LoadedStack",
    "Source",
    "Tree",
    "dotted",
    "find_root",
    "json_schema",
    "load",
    "read_policy",
    "suspicious_fields",
]

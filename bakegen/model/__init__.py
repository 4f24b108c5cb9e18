"""What bakegen.toml, stack.toml and policy.toml may say. Data only: no model reads a file or knows another."""

from collections.abc import Mapping

from bakegen.model.policy import Policy, PolicyPaths
from bakegen.model.project import Attest, Cache, Network, Project, Registry
from bakegen.model.stack import (
    Axis,
    Exclude,
    Include,
    Layer,
    Lifecycle,
    Link,
    Parent,
    Rule,
    Secret,
    Service,
    Stack,
    TagRule,
    Test,
    Value,
)
from bakegen.model.words import TEMPLATE, Words

MODELS: Mapping[str, type[Words]] = {"bakegen.toml": Project, "stack.toml": Stack, "policy.toml": Policy}
"""Each file of the user's, and what it may say."""

__all__ = [
    "MODELS",
    "TEMPLATE",
    "Attest",
    "Axis",
    "Cache",
    "Exclude",
    "Include",
    "Layer",
    "Lifecycle",
    "Link",
    "Network",
    "Parent",
    "Policy",
    "PolicyPaths",
    "Project",
    "Registry",
    "Rule",
    "Secret",
    "Service",
    "Stack",
    "TagRule",
    "Test",
    "Value",
    "Words",
]

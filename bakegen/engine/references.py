"""Published names as a build gives them: the environment overrides a registry's prefix, as it does in the bake file."""

from __future__ import annotations

from collections.abc import Mapping

from bakegen.plan import Plan, Target


def references(plan: Plan, target: Target, environment: Mapping[str, str]) -> tuple[str, ...]:
    """A target's whole references, in its tags' order; a variable that is set, even to nothing, is the prefix."""
    found = []
    for tag in target.tags:
        registry = plan.registries[tag.registry]
        found.append(f"{environment.get(registry.variable, registry.prefix)}{tag.repository}:{tag.tag}")
    return tuple(found)

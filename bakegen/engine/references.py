"""Published names as a build gives them: the environment overrides a registry's prefix, as it does in the bake file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bakegen.plan import Plan, Target


def references(plan: Plan, target: Target, environment: Mapping[str, str]) -> tuple[str, ...]:
    """A target's whole references, in its tags' order; a variable that is set, even to nothing, is the prefix."""
    found = []
    for tag in target.tags:
        registry = plan.registries[tag.registry]
        found.append(f"{environment.get(registry.variable, registry.prefix)}{tag.repository}:{tag.tag}")
    return tuple(found)


def overriding(plan: Plan, targets: Sequence[Target], environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Of the registries of ``targets``, those whose variable is set: the variable, its value, the declared prefix."""
    used = {tag.registry for target in targets for tag in target.tags}
    for number, registry in enumerate(plan.registries):
        if number in used and registry.variable in environment:
            yield registry.variable, environment[registry.variable], registry.prefix

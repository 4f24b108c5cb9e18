"""Plan -> JSON for other programs: every field of every target, in a schema with a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from bakegen.plan import Origin, Plan, Tag, Target, Test
from bakegen.render import definition as bake

SCHEMA_VERSION = 1


def render(plan: Plan, selected: Sequence[Target], closure: Sequence[Target], place: Callable[[Origin], str]) -> str:
    """The plan's closure as JSON (docs/plan.md describes it). ``place`` tells an origin's ``file:line``."""
    names = {target.name for target in selected}
    document = {
        "schema": SCHEMA_VERSION,
        "registries": [
            {"variable": one.variable, "prefix": one.prefix, "floating": one.floating} for one in plan.registries
        ],
        "groups": {one.name: list(one.members) for one in bake.groups(selected, closure)},
        "targets": [_target(plan, target, place, chosen=target.name in names) for target in closure],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _target(plan: Plan, target: Target, place: Callable[[Origin], str], *, chosen: bool) -> dict[str, Any]:
    return {
        "name": target.name,
        "stack": target.stack,
        "layer": target.layer,
        "coordinates": dict(target.coordinates),
        "selected": chosen,
        "status": target.status,
        "reason": target.status_reason,
        "included": target.included_by,
        "origin": place(target.origin),
        "title": target.title,
        "image": target.image,
        "parents": list(target.parents),
        "contexts": {link.name: bake.context(link) for link in target.links},
        "context": target.context,
        "dockerfile": bake.dockerfile(target),
        "target": target.stage,
        "args": dict(target.args),
        "network-args": dict(target.network_args),
        "labels": dict(target.labels),
        "annotations": dict(target.annotations),
        "secrets": [{"id": one.id, one.kind: one.source} for one in target.secrets],
        "platforms": list(target.platforms),
        "tags": [_tag(plan, tag, place) for tag in target.tags],
        "tests": [_test(test) for test in target.tests],
        "services": [{"name": one.name, "port": one.port, "protocol": one.protocol} for one in target.services],
        "cache-from": [{"type": one.type, **dict(one.attributes)} for one in target.cache_from],
        "cache-to": [{"type": one.type, **dict(one.attributes)} for one in target.cache_to],
        "attest": {"provenance": plan.attestations.provenance, "sbom": plan.attestations.sbom},
    }


def _tag(plan: Plan, tag: Tag, place: Callable[[Origin], str]) -> dict[str, Any]:
    return {
        "reference": plan.reference(tag),
        "registry": tag.registry,
        "floating": tag.floating,
        "origin": place(tag.origin),
    }


def _test(test: Test) -> dict[str, Any]:
    return {
        "name": test.name,
        "run": list(test.run),
        "script": test.script,
        "user": test.user,
        "stdin": test.stdin,
        "exit-code": test.exit_code,
        "stdout-contains": list(test.stdout_contains),
        "stdout-matches": list(test.stdout_matches),
        "stderr-contains": list(test.stderr_contains),
        "stderr-matches": list(test.stderr_matches),
        "stderr-empty": test.stderr_empty,
        "timeout": test.timeout,
        "needs": test.needs,
        "platforms": list(test.platforms),
    }

"""What `docker buildx bake -f - --print` says, compared with what the plan says, field by field."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def bake(text: str, root: Path, environment: Mapping[str, str] | None = None, *names: str) -> Document:
    """The definition that buildx reads from standard input, as it prints it."""
    done = subprocess.run(
        ["docker", "buildx", "bake", "-f", "-", "--print", *names],
        input=text.encode(),
        cwd=root,
        env={**clean_environment(), **(environment or {})},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stderr.decode()}\n{text}"
    document: Document = json.loads(done.stdout)
    if names:
        del document["group"]["default"]  # what was named, not what the file's default is
    return document


def clean_environment() -> dict[str, str]:
    """This process's environment without what bake files of bakegen read."""
    dropped = ("BAKEGEN_", "SOURCE_DATE_EPOCH", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY")
    return {key: value for key, value in os.environ.items() if not key.startswith(dropped)}


def differences(
    plan: Document, printed: Document, environment: Mapping[str, str] | None = None, *, write_cache: bool = False
) -> list[str]:
    """Where the plan (`bakegen plan --format json`) and what buildx printed for all its targets differ."""
    given = environment or {}
    targets = {target["name"]: target for target in plan["targets"]}
    found = []
    if set(targets) != set(printed["target"]):
        found.append(f"targets: {sorted(set(targets) ^ set(printed['target']))}")
    for name in sorted(set(targets) & set(printed["target"])):
        wanted = _expected(plan, targets[name], given, write_cache=write_cache)
        got = _read(printed["target"][name])
        found += [
            f"{name}.{field}: plan {wanted.get(field)!r}, buildx {got.get(field)!r}"
            for field in sorted({*wanted, *got})
            if wanted.get(field) != got.get(field)
        ]
    groups = {name: set(_members(printed["group"], name)) for name in printed["group"]}
    found += [
        f"group {name}: plan {members}, buildx {groups.get(name)}"
        for name, members in plan["groups"].items()
        if name in groups and groups[name] != set(members)
    ]
    return found


def _members(groups: Document, name: str) -> Iterator[str]:
    for member in groups[name]["targets"]:
        if member in groups and member != name:
            yield from _members(groups, member)
        else:
            yield member


def _expected(plan: Document, target: Document, given: Mapping[str, str], *, write_cache: bool) -> Document:
    labels = dict(target["labels"])
    if "org.opencontainers.image.revision" in labels:
        labels["org.opencontainers.image.revision"] = given.get("BAKEGEN_REVISION", "")
    network = {name: given[variable] for name, variable in target["network-args"].items() if given.get(variable)}
    tags = []
    for tag in target["tags"]:
        registry = plan["registries"][tag["registry"]]
        prefix = given.get(registry["variable"], registry["prefix"])
        tags.append(prefix + tag["reference"].removeprefix(registry["prefix"]))
    attest = target["attest"]
    provenance = {"mode": attest["provenance"]} if attest["provenance"] != "none" else {"disabled": True}
    wanted = {
        "description": target["title"],
        "context": target["context"],
        "dockerfile": target["dockerfile"],
        "target": target["target"],
        "contexts": target["contexts"],
        "args": target["args"] | network,
        "labels": labels,
        "annotations": sorted(f"{key}={value}" for key, value in target["annotations"].items()),
        "tags": tags,
        "platforms": target["platforms"],
        "secret": _secrets(target["secrets"], given),
        "cache-from": target["cache-from"],
        "cache-to": target["cache-to"] if write_cache else [],
        "attest": [
            {"type": "provenance", **provenance},
            {"type": "sbom", **({} if attest["sbom"] else {"disabled": True})},
        ],
    }
    return {field: value for field, value in wanted.items() if value not in (None, [], {})}


def _secrets(secrets: list[Document], given: Mapping[str, str]) -> list[Document]:
    found = []
    for secret in secrets:
        kind = next(key for key in secret if key != "id")
        if kind == "env":
            found.append({"id": secret["id"], "env": secret["env"]})
        elif kind == "file":
            found.append({"id": secret["id"], "src": secret["file"]})
        elif given.get(secret[kind]):
            found.append({"id": secret["id"], "src": given[secret[kind]]})
    return sorted(found, key=lambda one: str(one["id"]))


def _read(target: Document) -> Document:
    """A printed target without what buildx adds, and with what it escapes anew as it was."""
    read = {field: value for field, value in target.items() if value not in (None, [], {})}
    if read.get("output") == [{"type": "cacheonly"}]:
        del read["output"]  # what bake sets where a target is built for others only
    for field in ("args", "labels"):
        if field in read:
            read[field] = {key: _unescaped(text) for key, text in read[field].items()}
    if "annotations" in read:
        read["annotations"] = sorted(map(_unescaped, read["annotations"]))
    if "secret" in read:
        read["secret"] = sorted(read["secret"], key=lambda one: str(one["id"]))
    return read


def _unescaped(text: str) -> str:
    return text.replace("$${", "${").replace("%%{", "%{")

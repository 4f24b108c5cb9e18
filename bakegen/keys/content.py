"""Targets -> their content keys.

In the key is all that decides what is in the image: the Dockerfile, the files of its contexts, the stage, arguments,
labels, annotations, the ids of secrets, what it stands on, and the platforms. Not in it are what the image is called
(but for the first tag, which is its label ``version``), its tests, caches, attestations, the network's settings, the
values of secrets and the revision of the sources: they do not change the content, or are not known to the plan.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bakegen import labels
from bakegen.errors import ConfigurationError
from bakegen.keys.context import Contexts
from bakegen.plan import Link, Target, Test

FORMAT = 1
"""The version of what a key is made of: another one gives every target another key."""


def contents(root: Path, targets: Iterable[Target]) -> Mapping[str, str]:
    """The content of each target, whatever its platforms, as ``sha256:…``.

    ``targets`` hold parents before children, and all that they stand on; what is planned has no content and is left
    out. Raises ConfigurationError with every file that cannot be read and every .dockerignore that is wrong.
    """
    files = Contexts(root)
    found: dict[str, str] = {}
    for target in targets:
        if target.status != "planned":
            found[target.name] = _content(files, target, found)
    if files.problems:
        raise ConfigurationError(files.problems)
    return found


def on(content: str, platforms: Sequence[str]) -> str:
    """The key of a target with this content, built for ``platforms`` (one of them, or all)."""
    return _digest(["platforms", content, sorted(platforms)])


def definitions(root: Path, tests: Iterable[Test]) -> str:
    """One digest of what smoke tests do and demand, their scripts' bytes included.

    Raises ConfigurationError for a script that cannot be read.
    """
    files = Contexts(root)
    said = [
        [
            *(test.name, test.run, files.file(test.script) if test.script else None, test.user, test.stdin),
            *(test.exit_code, test.stdout_contains, test.stdout_matches, test.stderr_contains, test.stderr_matches),
            *(test.stderr_empty, test.timeout, test.needs, test.platforms),
        ]
        for test in tests
    ]
    if files.problems:
        raise ConfigurationError(files.problems)
    return _digest(["tests", FORMAT, said])


def _content(files: Contexts, target: Target, below: Mapping[str, str]) -> str:
    return _digest(
        {
            "format": FORMAT,
            "dockerfile": files.file(target.dockerfile),
            "context": files.main(target.context, target.dockerfile),
            "stage": target.stage,
            "args": sorted(target.args),
            "labels": sorted(pair for pair in target.labels if pair[0] != labels.REVISION),
            "annotations": sorted(target.annotations),
            "secrets": sorted(secret.id for secret in target.secrets),
            "links": sorted([link.name, link.kind, _linked(files, link, below)] for link in target.links),
        }
    )


def _linked(files: Contexts, link: Link, below: Mapping[str, str]) -> str:
    if link.kind == "target":
        return below[link.ref]
    return files.named(link.ref) if link.kind == "directory" else link.ref


def _digest(words: object) -> str:
    text = json.dumps(words, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"

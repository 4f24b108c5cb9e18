"""Sets of labels that a kind of image for Backend.AI begins with."""

from __future__ import annotations

from collections.abc import Mapping

from bakegen.labels.backendai import PREFIX
from bakegen.labels.distros import base_distro

_ALL = {"kernelspec": "1", "resource.min.cpu": "1"}
_CORES = "NPROC,OMP_NUM_THREADS,OPENBLAS_NUM_THREADS"
_APP = {**_ALL, "runtime-type": "app", "runtime-path": "/bin/true"}
_KINDS: Mapping[str, Mapping[str, str]] = {
    "app": {**_APP, "features": "batch uid-match", "resource.min.mem": "256m"},
    "inference": {
        **_APP,
        "features": "batch uid-match",
        "resource.min.mem": "1g",
        "role": "INFERENCE",
        "envs.corecount": _CORES,
        "model-path": "/models",
    },
    "python": {
        **_ALL,
        "features": "batch query uid-match user-input",
        "runtime-type": "python",
        "runtime-path": "/usr/bin/python3",
        "resource.min.mem": "1g",
        "envs.corecount": _CORES,
    },
    "system": {**_APP, "features": "private uid-match", "resource.min.mem": "256m", "role": "SYSTEM"},
}
KINDS = tuple(sorted(_KINDS))
_OFFICIAL_PYTHON = ("docker.io/library/python", "docker.io/python", "library/python", "python")


def defaults(kind: str, base: str) -> dict[str, str]:
    """The labels of an image of ``kind`` (one of KINDS) that stands on the image ``base``, as far as that tells.

    Python is where its own image has it, else where distributions have it. The base distribution is left out where
    the name of the base does not tell it.
    """
    found = {f"{PREFIX}{key}": value for key, value in _KINDS[kind].items()}
    if kind == "python" and base.partition("@")[0].partition(":")[0] in _OFFICIAL_PYTHON:
        found[f"{PREFIX}runtime-path"] = "/usr/local/bin/python3"
    distro = base_distro(base)
    return found | ({f"{PREFIX}base-distro": distro} if distro else {})

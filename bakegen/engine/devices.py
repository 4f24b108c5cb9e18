"""Accelerators: whether this machine has one, and how a container is given it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_NPU_FILES = ("davinci_manager", "devmm_svm", "hisi_hdc")
_NPU_MOUNTS = ("/usr/local/Ascend/driver", "/usr/local/dcmi", "/usr/local/bin/npu-smi", "/etc/ascend_install.info")


@dataclass(frozen=True, slots=True)
class Device:
    """What a container is started with to have the accelerator, or, in ``lacking``, why it cannot have it."""

    flags: tuple[str, ...] = ()
    lacking: str = ""


def find(need: str, root: Path = Path("/"), *, local: bool) -> Device:
    """The accelerator that a test needs. ``root`` is the machine's, ``local`` whether the engine runs on it."""
    if need not in ("cuda", "rocm", "npu"):
        return Device(lacking=f'it is not known how to find "{need}" (cuda, npu and rocm are)')
    if not local:
        return Device(lacking=f"the engine runs on another machine, where {need} cannot be looked for")
    dev = root / "dev"
    if need == "cuda":
        found = (dev / "nvidiactl").exists() or (dev / "dxg").exists()
        return Device(("--gpus", "all")) if found else Device(lacking="this machine has no NVIDIA device")
    if need == "rocm":
        if not (dev / "kfd").exists():
            return Device(lacking="this machine has no AMD device (/dev/kfd)")
        return Device(_given([dev / "kfd", dev / "dri"]))
    chips = sorted(path for path in dev.glob("davinci*") if path.name.removeprefix("davinci").isdigit())
    if not chips:
        return Device(lacking="this machine has no Ascend device (/dev/davinci*)")
    mounts = [path for path in _NPU_MOUNTS if (root / path.lstrip("/")).exists()]
    given = _given([*chips, *(dev / name for name in _NPU_FILES)])
    return Device((*given, *(word for path in mounts for word in ("--volume", f"{path}:{path}:ro"))))


def _given(paths: Sequence[Path]) -> tuple[str, ...]:
    return tuple(word for path in paths if path.exists() for word in ("--device", str(path)))

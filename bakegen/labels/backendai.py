"""The labels that Backend.AI reads: which there are, what each may be, and what must hold between them.

The rules are those of the platform's own code, named with each, and stricter in one thing: what the platform would
overlook, or refuse only when a session starts, is refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bakegen.errors import did_you_mean, nearest
from bakegen.labels import ports, values
from bakegen.labels.fault import AGENT, COMMON, GUIDE, HISTORY, PORTS, RUNNER, SLOTS, TYPES, Fault
from bakegen.labels.image import key_problem

PREFIX = "ai.backend."
KERNELSPEC = f"{PREFIX}kernelspec"
SERVICE_PORTS = f"{PREFIX}service-ports"
ENDPOINTS = f"{PREFIX}endpoint-ports"
BASE_DISTRO = f"{PREFIX}base-distro"
ROLE = f"{PREFIX}role"
ACCELERATORS = f"{PREFIX}accelerators"
REQUIRED = tuple(
    PREFIX + key
    for key in (
        "kernelspec",
        "features",
        "base-distro",
        "runtime-type",
        "runtime-path",
        "resource.min.cpu",
        "resource.min.mem",
    )
)
INFERENCE_NEEDS = (ENDPOINTS, f"{PREFIX}model-path", f"{PREFIX}model-format")
_OLD_PREFIXES = ("io.sorna.", "com.lablup.sorna.")
_OLD_OF_NVIDIA = ("com.nvidia.cuda.version", "com.nvidia.volumes.needed")
_SLOT_KINDS = ("resource.min.", "resource.max.")
_SHMEM = f"{PREFIX}resource.preferred.shmem"

# Rule and source of each label with a value of its own kind.
_PLAIN: Mapping[str, tuple[str, Callable[[str], values.Wrong], str]] = {
    "kernelspec": ("kernelspec", values.kernelspec, COMMON),
    "features": ("features", values.features, f"{COMMON}, KernelFeatures"),
    "base-distro": ("base-distro", values.base_distro, f"{AGENT}, known_glibc_distros"),
    "runtime-type": ("runtime-type", values.runtime_type, f"{RUNNER}, lang_map"),
    "runtime-path": ("runtime-path", values.runtime_path, GUIDE),
    "role": ("role", values.role, COMMON),
    "envs.corecount": ("corecount", values.corecount, COMMON),
    "accelerators": ("accelerators", values.accelerators, COMMON),
    "model-path": ("inference", values.absolute, COMMON),
    "model-format": ("inference", values.filled, COMMON),
}
_REPLACED = {
    "timeout": "the platform's policies say it today: leave it out",
    "maxmem": f"write {PREFIX}resource.min.mem",
    "maxcores": f"write {PREFIX}resource.min.cpu",
    "version": f"write {PREFIX}kernelspec",
    "mode": f"write {PREFIX}features",
    "nvidia.enabled": f"write {PREFIX}accelerators and {PREFIX}resource.min.cuda.device",
    "port": f"write {PREFIX}service-ports",
    "features": f"write {PREFIX}features",
    "envs.corecount": f"write {PREFIX}envs.corecount",
}
_OF_TODAY = (*_PLAIN, "service-ports", "endpoint-ports", "resource.min.cpu", "resource.min.mem")
_NAMES = (*_OF_TODAY, "resource.preferred.shmem", "resource.min.cuda.device", "resource.min.cuda.shares")
_OBSOLETE_UNITS = {"cuda.smp": "cuda.shares", "cuda.mem": "cuda.shares"}

RULES: Mapping[str, str] = {
    "label-unknown": "Labels of Backend.AI are those that it reads.",
    "label-legacy": "Labels of older generations do nothing.",
    "label-reserved": "Labels that the platform writes itself are not set.",
    "label-missing": "An image for Backend.AI says all that the platform asks for.",
    "kernelspec": "The kernel specification has one version.",
    "features": "Features are words that the platform knows.",
    "base-distro": "The base distribution is one that the agent has a runner for.",
    "runtime-type": "The runtime type is a runner of today.",
    "runtime-path": "The runtime path is absolute.",
    "role": "The role is one that the platform knows.",
    "corecount": "Variables that are set to the number of cores have names.",
    "accelerators": "Accelerators are names of devices.",
    "resource": "Resources are numbers and sizes that a session can live with.",
    "service-ports": "Service ports are written as both the manager and the agent read them.",
    "inference": "An image for inference says its endpoints, its model's path and format.",
}


def concerns(key: str) -> bool:
    """Whether a label is one of Backend.AI's, of any generation."""
    return key.startswith((PREFIX, *_OLD_PREFIXES)) or key in _OLD_OF_NVIDIA


def faults(labels: Mapping[str, str]) -> tuple[Fault, ...]:
    """What is wrong with labels that are there, sorted; those of nobody's concern are passed over."""
    found: list[Fault] = []
    for key, value in labels.items():
        if concerns(key):
            found += _of_one(key, value)
    return tuple(sorted([*found, *_endpoints(labels)]))


def missing(labels: Mapping[str, str]) -> tuple[Fault, ...]:
    """What an image lacks that bears a current label of Backend.AI's, or none where it bears none."""
    if not any(key.startswith(PREFIX) for key in labels):
        return ()
    absent = [key for key in REQUIRED if key not in labels]
    found = []
    if KERNELSPEC in absent:
        # Without it the others are not looked at, so only this one is worth telling.
        message = f"no {KERNELSPEC}: the platform takes the image for a plain one, and restricts no accelerators"
        found.append(Fault("", "label-missing", message, f'add {KERNELSPEC} = "1"', COMMON))
    elif absent:
        word = "label" if len(absent) == 1 else "labels"
        message = f"no {', '.join(absent)}"
        found.append(Fault("", "label-missing", message, f"add the {word}, which the platform asks for", GUIDE))
    if labels.get(ROLE) == "INFERENCE":
        for key in INFERENCE_NEEDS:
            if key not in labels:
                message = f"role INFERENCE without {key}: the manager refuses the image"
                found.append(Fault(ROLE, "inference", message, "add the label", f"{COMMON}, validate_image_labels"))
    return tuple(sorted(found))


def unsaid_accelerators(labels: Mapping[str, str]) -> tuple[Fault, ...]:
    """Devices that resources name and ``accelerators`` does not: harmless to the manager, and hidden from readers."""
    said = set(labels.get(ACCELERATORS, "").split(","))
    found = []
    for key in sorted(labels):
        slot = _slot(key.removeprefix(PREFIX))
        device, dot, _ = slot.partition(".")
        if key.startswith(PREFIX) and dot and device not in said and values.DEVICE.match(device):
            message = f'"{key}" asks for {device}, which {ACCELERATORS} does not name'
            source = "lablup/backend.ai: manager/container_registry/base.py"
            found.append(Fault(key, "accelerators-unsaid", message, f"add {device} to {ACCELERATORS}", source))
            said.add(device)
    return tuple(found)


def _of_one(key: str, value: str) -> Iterator[Fault]:
    reserved = key_problem(key)
    if reserved:
        yield Fault(key, "label-reserved", reserved, "leave it out", COMMON)
        return
    if not key.startswith(PREFIX) or key.removeprefix(PREFIX) in _legacy_only():
        yield _legacy(key)
        return
    name = key.removeprefix(PREFIX)
    slot = _slot(name)
    if name in _PLAIN:
        rule, check, source = _PLAIN[name]
        yield from _faults(key, rule, source, check(value))
    elif name == "service-ports":
        yield from _faults(key, "service-ports", PORTS, iter(ports.read(value)[1]))
    elif name == "endpoint-ports":
        if not value:
            yield Fault(key, "inference", f'"{key}" is empty', "name a service port of the protocol preopen", COMMON)
    elif slot:
        yield from _resource(key, slot, value)
    elif key == _SHMEM:
        yield from _faults(key, "resource", f"{TYPES}, BinarySize", values.size(value, "shmem"))
    else:
        yield _unknown(key)


def _faults(key: str, rule: str, source: str, wrong: values.Wrong) -> Iterator[Fault]:
    for message, mend in wrong:
        yield Fault(key, rule, f'"{key}": {message}', mend, source)


def _slot(name: str) -> str:
    """``cuda.device`` of ``resource.min.cuda.device``; empty for a label of another kind."""
    return next((name.removeprefix(kind) for kind in _SLOT_KINDS if name.startswith(kind)), "")


def _resource(key: str, slot: str, value: str) -> Iterator[Fault]:
    if slot == "mem":
        yield from _faults(key, "resource", f"{TYPES}, BinarySize", values.size(value, slot))
        return
    device, _, unit = slot.partition(".")
    if slot in _OBSOLETE_UNITS:
        mend = f"write {key.removesuffix(slot)}cuda.device or cuda.shares"
        yield Fault(key, "resource", f'"{key}": nothing counts {slot} today', mend, SLOTS)
    elif slot != "cpu" and not (values.DEVICE.match(device) and unit and unit.isprintable() and unit == unit.strip()):
        near = did_you_mean(slot, ("cpu", "mem", "cuda.device", "cuda.shares"))
        yield Fault(key, "resource", f'"{key}": no resource "{slot}"{near}', "write cpu, mem or DEVICE.device", SLOTS)
    else:
        yield from _faults(key, "resource", SLOTS, values.count(value))


def _endpoints(labels: Mapping[str, str]) -> Iterator[Fault]:
    named = labels.get(ENDPOINTS)
    if not named:
        return
    declared = {service.name: service.protocol for service in ports.read(labels.get(SERVICE_PORTS, ""))[0]}
    preopen = [name for name, protocol in declared.items() if protocol == "preopen"]
    for name in named.split(","):
        if name not in declared:
            message = f'"{ENDPOINTS}": no service port "{name}"{did_you_mean(name, preopen)}'
        elif name not in preopen:
            message = f'"{ENDPOINTS}": the service port "{name}" is {declared[name]}, not preopen'
        else:
            continue
        mend = f"declare {name.strip() or 'NAME'}:preopen:PORT in {SERVICE_PORTS}"
        yield Fault(ENDPOINTS, "inference", message, mend, f"{COMMON}, validate_image_labels")


def _legacy_only() -> frozenset[str]:
    return frozenset(_REPLACED) - set(_OF_TODAY)


def _legacy(key: str) -> Fault:
    if key in _OLD_OF_NVIDIA:
        mend = "leave it out"
        return Fault(key, "label-legacy", f'"{key}" is of nvidia-docker 1 and does nothing', mend, HISTORY)
    name = next(key.removeprefix(prefix) for prefix in (*_OLD_PREFIXES, PREFIX) if key.startswith(prefix))
    mend = _REPLACED.get(name, "leave it out")
    return Fault(key, "label-legacy", f'"{key}" is of an older generation and does nothing', mend, HISTORY)


def _unknown(key: str) -> Fault:
    name = ".".join(part for part in key.removeprefix(PREFIX).split(".") if part)
    if name in _legacy_only():
        return Fault(key, "label-unknown", f'no label "{key}"', f'"{name}" is of the past: {_REPLACED[name]}', COMMON)
    # The end of a misspelt name says most: ai.backend.ai.envs.corecount, ai.backend.corecount.
    last = name.rpartition(".")[2]
    near = list(nearest(name, _NAMES, 1)) or [known for known in _NAMES if known.rpartition(".")[2] == last]
    meant = f' (did you mean "{PREFIX}{near[0]}"?)' if near else ""
    return Fault(key, "label-unknown", f'no label "{key}"{meant}', "the platform reads no such label", COMMON)

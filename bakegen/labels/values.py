"""What the value of each of Backend.AI's labels may be: (message, mend) pairs of what is wrong with one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from bakegen.errors import counted, did_you_mean

Wrong = Iterator[tuple[str, str]]

FEATURES = ("batch", "operation", "private", "query", "tty", "uid-match", "user-input")
RUNTIMES = ("app", "python", "vendor.aws_polly", "vendor.h2o")
ROLES = ("COMPUTE", "INFERENCE", "SYSTEM")
DEVICE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_DISTRO = re.compile(r"(ubuntu|centos)[0-9]+\.[0-9]+\Z|alpine[0-9]+\.[0-9]+\Z")
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?\Z", re.ASCII)
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([kmgtpezy])(?:i?b|i?bytes?)?\Z|([0-9]+)\Z", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LEAST_SIZES = {"mem": (6 << 20, "6m"), "shmem": (1 << 20, "1m")}  # with less memory no engine starts a container


def kernelspec(value: str) -> Wrong:
    """The version of the specification: there is one."""
    if value != "1":
        yield f'"{value}" is no version of the kernel specification', 'write "1"'


def features(value: str) -> Wrong:
    """Words between blanks; the platform itself looks at those it knows and overlooks the others."""
    for word, number in Counter(value.split()).items():
        if word not in FEATURES:
            yield f'no feature "{word}"{did_you_mean(word, FEATURES)}', f"the features are {', '.join(FEATURES)}"
        elif number > 1:
            yield f'"{word}" stands twice', "write it once"


def base_distro(value: str) -> Wrong:
    """What the agent takes the image's C library for, out of the systems that it has a runner for."""
    if not _DISTRO.match(value):
        yield (
            f'the agent has no runner for "{value}"{did_you_mean(value, ("ubuntu22.04", "centos9.0", "alpine3.8"))}',
            "write ubuntu, centos or alpine and a version: going by the C library, debian12 is ubuntu22.04",
        )


def runtime_type(value: str) -> Wrong:
    """A runner of today: those of single languages are gone since December 2025."""
    if value not in RUNTIMES:
        mend = 'write "app" for what is no Python: the runners are ' + ", ".join(RUNTIMES)
        yield f'no runner "{value}"{did_you_mean(value, RUNTIMES)}: a session dies when it starts', mend


def runtime_path(value: str) -> Wrong:
    """An absolute path inside the image."""
    if not value.startswith("/"):
        yield f'"{value}" is no absolute path', "write where the interpreter is in the image, such as /usr/bin/python3"
    elif value != value.strip() or not value.isprintable():
        yield f'"{value}" has blanks at its end or characters that nobody sees', "write the path alone"


def role(value: str) -> Wrong:
    """One of three words, in capitals."""
    if value not in ROLES:
        yield f'no role "{value}"{did_you_mean(value, ROLES)}', f"the roles are {', '.join(ROLES)}"


def corecount(value: str) -> Wrong:
    """Names of environment variables between commas, or nothing."""
    for name in value.split(",") if value else ():
        if not _VARIABLE.match(name):
            yield f'"{name}" is no name of a variable', "write names with commas between them, and no blanks"


def accelerators(value: str) -> Wrong:
    """Names of devices between commas, or nothing. Which devices there are is up to the platform's plugins."""
    for name in value.split(",") if value else ():
        if not DEVICE.match(name):
            near = f' (did you mean "{name.strip().lower()}"?)' if DEVICE.match(name.strip().lower()) else ""
            mend = "write names such as cuda, rocm or atom-plus with commas between them, and no blanks"
            yield f'"{name}" is no device{near}', mend


def count(value: str) -> Wrong:
    """A number of cores or devices, or a part of one."""
    if not _DECIMAL.match(value):
        yield f'"{value}" is no number', 'write such as "1" or "0.5"; 0 is for what is welcome but not needed'


def size(value: str, slot: str) -> Wrong:
    """A size in bytes, with a unit: without one it is bytes, which nobody means."""
    found = bytes_of(value)
    if found is None:
        yield f'"{value}" is no size', 'write a number and a unit, such as "256m" or "1g"'
        return
    least, told = _LEAST_SIZES[slot]
    if found >= least:
        return
    if value.isdecimal():
        unit = "g" if slot == "mem" and found < 64 else "m"
        said = counted(found, "byte") + (f' is too little (did you mean "{value}{unit}"?)' if found else " is none")
    else:
        said = f'"{value}" is too little'
    yield said, f"write {told} or more, with its unit"


def bytes_of(value: str) -> int | None:
    """The bytes that BinarySize (common/types.py) reads, or None; of its spellings, those that leave no doubt."""
    match = _SIZE.match(value) if value.isascii() and len(value) < 40 else None
    if match is None:
        return None
    if match[3]:
        return int(match[3])
    return int(Fraction(match[1]) * (1 << 10 * ("kmgtpezy".index(match[2].lower()) + 1)))


def absolute(value: str) -> Wrong:
    """The folder that a model is mounted on."""
    if not value.startswith("/") or value != value.strip() or not value.isprintable():
        yield f'"{value}" is no absolute path', "write where the model is mounted, such as /models"


def filled(value: str) -> Wrong:
    """Any text but none."""
    if not value.strip():
        yield "it is empty", "write the model's format, such as triton"

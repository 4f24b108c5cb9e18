"""Labels: what every image says of itself, what a stack may not set, and what would give a secret away."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

OCI = "org.opencontainers.image."
REVISION = f"{OCI}revision"
VERSION = f"{OCI}version"
OF_THE_IMAGE = frozenset({f"{OCI}title", f"{OCI}description", VERSION, REVISION})
"""What every image says of itself and never has from its parent (OCI image specification, annotations)."""
_KEY = re.compile(r"[^\s=\x00-\x1f\x7f]+\Z")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
_RESERVED = {
    "com.docker.": "Docker keeps it for itself",
    "io.docker.": "Docker keeps it for itself",
    "org.dockerproject.": "Docker keeps it for itself",
    "moby.buildkit.": "BuildKit writes it",
    "dev.bakegen.": "bakegen writes it",
    "ai.backend.customized-image.": "Backend.AI's manager writes it when a session is committed",
}
_OWNED = {
    REVISION: "bakegen writes it from the variable BAKEGEN_REVISION",
    f"{OCI}created": "BuildKit writes it",
    **dict.fromkeys(
        (
            "ai.backend.agent-id",
            "ai.backend.kernel-id",
            "ai.backend.session-id",
            "ai.backend.owner",
            "ai.backend.owner-user-id",
            "ai.backend.owner-project-id",
            "ai.backend.internal.block-service-ports",
        ),
        "Backend.AI's agent writes it on containers",
    ),
}
_SECRET_WORDS = frozenset(
    {
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET",
        "SECRETS",
        "TOKEN",
        "CREDENTIAL",
        "CREDENTIALS",
        "APIKEY",
        "AUTHTOKEN",
    }
)
_SECRET_PAIRS = frozenset({("API", "KEY"), ("PRIVATE", "KEY"), ("ACCESS", "KEY"), ("SIGNING", "KEY"), ("SSH", "KEY")})
_SECRET_VALUES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{22,}|\bA[KS]IA[0-9A-Z]{16}\b"
    r"|\bglpat-[\w-]{20,}|\bhf_[A-Za-z0-9]{30,}|\bxox[bpars]-[\w-]{10,}|://[^/\s:@]+:[^/\s:@]+@"
)


def key_problem(key: str) -> str:
    """Why a stack may not set the label or annotation ``key``, or an empty string.

    Docker's documentation of object labels reserves its namespaces; the Backend.AI names are those its agent and
    manager write.
    """
    if not _KEY.match(key):
        return f'"{key}" is no label: a key holds no white space, no control characters and no ='
    why = _OWNED.get(key) or next((why for prefix, why in _RESERVED.items() if key.startswith(prefix)), None)
    return f'"{key}" is reserved: {why}' if why else ""


def value_problem(key: str, value: str) -> str:
    """Why ``value`` may not be that of the label ``key``, or an empty string: readers show it on terminals."""
    if any(unicodedata.category(char) in _UNSEEN for char in value):
        return f'the value of "{key}" holds control characters or line breaks: leave them out'
    return ""


def annotation_problem(key: str) -> str:
    """Why a stack may not set the annotation ``key``, or an empty string.

    Bake reads ``type:key`` and ``type[platform]:key``, up to the first colon, as a key and where it is written.
    """
    if ":" in key:
        return f'"{key}" is no annotation: a key holds no colon; it starts with a domain, such as org.example.key'
    return key_problem(key)


def secret_problem(name: str, value: str) -> str:
    """Why ``name = value`` looks like a secret that images and logs would give away, or an empty string."""
    words = [word for word in re.split(r"[^A-Z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()) if word]
    named = any(word in _SECRET_WORDS for word in words) or any(pair in _SECRET_PAIRS for pair in pairwise(words))
    if named:
        return f'"{name}" looks like a secret, {_READABLE}'
    return f'the value of "{name}" looks like a secret, {_READABLE}' if holds_secret(value) else ""


def holds_secret(text: str) -> bool:
    """Whether ``text`` has the form of a well-known kind of secret, or is a URL with a password in it."""
    return _SECRET_VALUES.search(text) is not None


_READABLE = "and anyone who has the image can read it: give it under secrets"

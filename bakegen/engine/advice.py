"""What to do about the failures that builders tell of in their own words."""

from __future__ import annotations

import re

EMULATE = (
    "register QEMU for it (package qemu-user-static, or docker run --privileged --rm tonistiigi/binfmt --install all)"
)
_KNOWN = (
    ("exec format error", f"the builder cannot run that platform: {EMULATE}"),
    (
        "exporting manifest lists|multi-platform build is not supported|multiple platforms feature",
        "this engine holds one platform of an image: name one with --platform, or use --push (or the containerd store)",
    ),
    (
        "cache export is not supported",
        "this builder writes no cache: choose another with --builder, or give the engine the containerd image store",
    ),
    ("no space left on device", "make room on the builder's disk (docker buildx prune)"),
    ("unauthorized|denied|no basic auth|authentication required", "log in to the registry (docker login)"),
    (
        "x509|certificate (?:signed|verify)|CERTIFICATE_VERIFY_FAILED",
        "hand the network's certificates to the builds ([network] in bakegen.toml)",
    ),
    (
        "connection refused|no such host|i/o timeout|temporary failure (?:in name )?resolv",
        "see that the builder reaches that address ([network] in bakegen.toml hands proxies and mirrors to builds)",
    ),
)


def advise(*texts: str) -> str:
    """What to do about a failure, told by any of ``texts``; without anything known: what always helps."""
    whole = "\n".join(texts)
    return next(
        (advice for pattern, advice in _KNOWN if re.search(pattern, whole, re.IGNORECASE)),
        "mend that step and build again; what is done is cached",
    )

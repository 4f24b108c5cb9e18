"""One thing wrong with an image's labels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """``key`` is the label at fault, empty where one is missing; the rest is as in a Finding."""

    key: str
    rule: str
    message: str
    mend: str
    source: str

    def __str__(self) -> str:
        return f"{self.message}: {self.mend}" if self.mend else self.message


COMMON = "lablup/backend.ai: common/docker.py"
PORTS = "lablup/backend.ai: common/service_ports.py"
TYPES = "lablup/backend.ai: common/types.py"
RUNNER = "lablup/backend.ai: kernel/__init__.py"
AGENT = "lablup/backend.ai: agent/docker/agent.py"
SLOTS = "lablup/backend.ai: manager/models/image/row.py"
GUIDE = "lablup/backend.ai: docs/dev/adding-kernels.rst"
HISTORY = "lablup/backend.ai-kernels: history"

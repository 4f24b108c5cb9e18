"""What came of building and testing: frozen data, told by the engine and shown by the renderers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BuildState = Literal["built", "cached", "failed", "canceled", "not run"]
TestState = Literal["passed", "failed", "error", "unavailable", "not run"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a build broke: the step as BuildKit names it, its platform, why, and the last lines it printed.

    ``step`` is empty where the build broke outside of any step; ``excerpt`` shows the place in the Dockerfile.
    """

    step: str
    platform: str
    message: str
    excerpt: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What came of one target.

    ``seconds`` runs from its first step's start to its last one's end. ``sizes`` holds (platform, bytes) as far as
    they are known, ``tags`` whole references (none where it was built only because others link to it), ``steps_run``
    and ``steps_cached`` the Dockerfile's steps on all platforms.
    """

    target: str
    state: BuildState
    seconds: float
    sizes: tuple[tuple[str, int], ...]
    tags: tuple[str, ...]
    digest: str | None
    steps_run: int
    steps_cached: int
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class TestResult:
    """What came of one smoke test of one image on one platform.

    ``layer`` (``stack/layer``) is where the test is written: the target's own or one it stands on. ``reason`` says
    why it did not pass. ``stdout`` and ``stderr`` hold the last lines.
    """

    target: str
    reference: str
    layer: str
    test: str
    platform: str
    state: TestState
    seconds: float
    reason: str
    stdout: tuple[str, ...]
    stderr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestReport:
    """All results, and the targets that no test is written for."""

    results: tuple[TestResult, ...]
    untested: tuple[str, ...]

    def count(self, *states: TestState) -> int:
        """How many results are one of ``states``."""
        return sum(result.state in states for result in self.results)

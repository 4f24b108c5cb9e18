"""What a build consists of while it runs: steps, and the news of what is finished."""

from __future__ import annotations

from dataclasses import dataclass, field

from bakegen.outcome import BuildState


@dataclass(slots=True)
class Step:
    """One vertex of BuildKit's graph. Targets that do the same share it, and children name their parents' too."""

    digest: str
    names: dict[str, str] = field(default_factory=dict)
    platforms: dict[str, str] = field(default_factory=dict)
    counts: bool = False
    exports: bool = False
    seen: float = 0.0
    began: float | None = None
    ended: float | None = None
    cached: bool = False
    error: str = ""
    canceled: bool = False

    @property
    def running(self) -> bool:
        """Whether it has started and not ended."""
        return self.began is not None and self.ended is None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return max(0.0, self.ended - self.began) if self.began is not None and self.ended is not None else 0.0


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of the Dockerfile that was run to its end, in seconds."""

    target: str
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TargetDone:
    """A target that is finished."""

    target: str
    state: BuildState
    seconds: float
    run: int
    cached: int


News = StepDone | TargetDone

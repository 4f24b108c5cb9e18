"""Labels of Backend.AI among a layer's: proven by the platform's own rules, and told where they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bakegen.load import Loaded, Source
from bakegen.plan import Pairs
from bakegen.resolve.axes import Path, Scope
from bakegen.resolve.shapes import Shape

_PREFIXES = ("ai.backend.", "io.sorna.", "com.lablup.", "com.nvidia.")


@dataclass
class LabelProof:
    """What is known of one layer's labels: each set of them is judged once."""

    scope: Scope
    shape: Shape
    loaded: Loaded
    seen: set[Pairs] = field(default_factory=set)

    def prove(self, labels: Pairs, *, published: bool) -> None:
        """Notes what is wrong with the labels of a target; only a ``published`` one has to have them all."""
        ours = tuple([pair for pair in labels if pair[0].startswith(_PREFIXES)])
        if not ours or ours in self.seen:
            return
        from bakegen.labels import backendai

        self.seen.add(ours)
        table = dict(ours)
        for fault in (*backendai.faults(table), *(backendai.missing(table) if published else ())):
            if fault.rule == "label-reserved":
                continue  # told where the label is bound
            source, path = self._place(fault.key)
            problem = source.problem(path, str(fault).removeprefix(f'"{fault.key}": '))
            if problem not in self.scope.problems:
                self.scope.problems.append(problem)

    def _place(self, key: str) -> tuple[Source, Path]:
        """Where the label that the image has is written: of several places, the one that counts."""
        stack = self.scope.loaded
        own, *above = _line_of(self.shape)
        if not key:
            return stack.source, own.path
        if key not in own.words.labels and key in stack.words.labels:
            return stack.source, ("labels", key)
        if key not in own.words.labels and key in self.loaded.project.labels:
            return self.loaded.source, ("labels", key)
        owner = next((shape for shape in (own, *above) if key in shape.words.labels), own)
        return stack.source, (*owner.path, "labels", key)


def _line_of(shape: Shape) -> Iterator[Shape]:
    """A layer and all that it may stand on, the nearest first."""
    yield shape
    for choice in shape.choices:
        if choice.shape is not None:
            yield from _line_of(choice.shape)

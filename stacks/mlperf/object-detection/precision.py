"""The quality of detections: average precision as COCO defines it, the mean over categories and ten overlaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torchvision.ops import box_iou

OVERLAPS = [0.5 + 0.05 * step for step in range(10)]
RECALLS = torch.linspace(0, 1, 101)

Things = dict[str, Tensor]
Overlap = Callable[[Things, Things], Tensor]


def boxes(found: Things, wanted: Things) -> Tensor:
    """How far each found box and each wanted one overlap, from 0 to 1."""
    return box_iou(found["boxes"], wanted["boxes"])


def masks(found: Things, wanted: Things) -> Tensor:
    """The same of masks."""
    ours = (found["masks"].flatten(1) > 0.5).float()
    theirs = wanted["masks"].flatten(1).float()
    both = ours @ theirs.T
    return both / (ours.sum(1)[:, None] + theirs.sum(1)[None] - both).clamp(min=1)


def average_precision(found: Sequence[Things], wanted: Sequence[Things], categories: int, overlap: Overlap) -> float:
    """From 0 to 1; ``found`` has scores, and labels from 1 to ``categories``."""
    overlaps = [overlap(ours, theirs) for ours, theirs in zip(found, wanted, strict=True)]
    precisions = []
    for category in range(1, categories + 1):
        if not any((theirs["labels"] == category).any() for theirs in wanted):
            continue
        precisions += [_precision(found, wanted, overlaps, category, enough) for enough in OVERLAPS]
    return sum(precisions) / len(precisions)


def _precision(
    found: Sequence[Things], wanted: Sequence[Things], overlaps: Sequence[Tensor], category: int, enough: float
) -> float:
    scores, right, total = [], [], 0
    for ours, theirs, overlap in zip(found, wanted, overlaps, strict=True):
        free = theirs["labels"] == category
        total += int(free.sum())
        mine = torch.nonzero(ours["labels"] == category).flatten()
        for number in mine[ours["scores"][mine].argsort(descending=True)].tolist():
            best = torch.where(free, overlap[number], torch.tensor(-1.0))
            hit = bool(best.numel() and best.max() >= enough)
            if hit:
                free[best.argmax()] = False
            scores.append(float(ours["scores"][number]))
            right.append(hit)
    if not scores:
        return 0.0
    hits = torch.tensor(right)[torch.tensor(scores).argsort(descending=True)].float().cumsum(0)
    precision = (hits / torch.arange(1, len(hits) + 1)).flip(0).cummax(0).values.flip(0)
    at = torch.searchsorted(hits / total, RECALLS)
    return float(torch.cat([precision, torch.zeros(1)])[at].mean())

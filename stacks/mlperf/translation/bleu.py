"""The quality of translations: BLEU (K. Papineni et al., 2002) of a whole corpus, one reference for each sentence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

LONGEST = 4


def bleu(said: Sequence[Sequence[int]], meant: Sequence[Sequence[int]]) -> float:
    """From 0 to 100; 0 where not even one run of four words is right."""
    hits, runs = [0] * LONGEST, [0] * LONGEST
    for ours, theirs in zip(said, meant, strict=True):
        for size in range(LONGEST):
            found, wanted = _runs(ours, size + 1), _runs(theirs, size + 1)
            hits[size] += sum((found & wanted).values())
            runs[size] += sum(found.values())
    if 0 in hits:
        return 0.0
    length, wanted_length = sum(map(len, said)), sum(map(len, meant))
    brevity = min(1.0, math.exp(1 - wanted_length / length))
    return 100 * brevity * math.exp(sum(math.log(hit / run) for hit, run in zip(hits, runs, strict=True)) / LONGEST)


def _runs(words: Sequence[int], size: int) -> Counter[tuple[int, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))

"""Reads a corpus laid out like the reference's of WMT: a tokenised sentence a line, two languages, one vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

PAD, UNKNOWN, BEGIN, END = range(4)
SOURCE, TARGET = "en", "de"


@dataclass(frozen=True)
class Batch:
    """Sentences of one step: numbers of words, time first; ``lengths`` are the sources'."""

    source: Tensor
    lengths: Tensor
    target: Tensor


@dataclass(frozen=True)
class Corpus:
    """Pairs of sentences as numbers of words, and the words."""

    words: tuple[str, ...]
    train: tuple[tuple[Tensor, Tensor], ...]
    test: tuple[tuple[Tensor, Tensor], ...]


def read(folder: Path, longest: int) -> Corpus:
    """Reads a corpus; training pairs with a sentence of more than ``longest`` words are left out.

    Raises OSError for files that are not there and ValueError for languages of unequal length.
    """
    listed = (folder / "vocab.bpe.32000").read_text(encoding="utf-8").split()
    words = ("<pad>", "<unk>", "<s>", "</s>", *listed)
    numbers = {word: number for number, word in enumerate(words)}
    train = _pairs(folder / "train.tok.clean.bpe.32000", numbers)
    test = _pairs(folder / "newstest2014.tok.bpe.32000", numbers)
    short = tuple(pair for pair in train if max(len(pair[0]), len(pair[1])) <= longest + 2)
    return Corpus(words, short, test)


def _pairs(stem: Path, numbers: dict[str, int]) -> tuple[tuple[Tensor, Tensor], ...]:
    sides = []
    for language in (SOURCE, TARGET):
        lines = Path(f"{stem}.{language}").read_text(encoding="utf-8").splitlines()
        sides.append([[numbers.get(word, UNKNOWN) for word in line.split()] for line in lines])
    if len(sides[0]) != len(sides[1]):
        raise ValueError(f"{stem}: {len(sides[0])} sentences of {SOURCE} and {len(sides[1])} of {TARGET}")
    return tuple(
        (torch.tensor([*source, END]), torch.tensor([BEGIN, *target, END]))
        for source, target in zip(*sides, strict=True)
    )


def batches(pairs: Sequence[tuple[Tensor, Tensor]], size: int, shuffle: torch.Generator | None) -> Iterator[Batch]:
    """The pairs in batches, in their order or shuffled."""
    order = range(len(pairs)) if shuffle is None else torch.randperm(len(pairs), generator=shuffle).tolist()
    for start in range(0, len(pairs), size):
        chosen = [pairs[number] for number in order[start : start + size]]
        sources, targets = [one for one, _ in chosen], [other for _, other in chosen]
        yield Batch(
            pad_sequence(sources, padding_value=PAD),
            torch.tensor([len(one) for one in sources]),
            pad_sequence(targets, padding_value=PAD),
        )

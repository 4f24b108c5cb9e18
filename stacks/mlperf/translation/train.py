"""Trains the translator until its translations of the test sentences reach a BLEU, 24 as in MLPerf's rules.

Ends with 0 when they do and with 1 when the epochs are over before. A small model is the default, for the synthetic
corpus; the reference's has --width 1024 --dropout 0.2 and translates by a beam search, which this one does not.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import torch
from bleu import bleu
from corpus import END, PAD, Corpus, batches, read
from model import Translator
from torch import nn


def options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run_and_time.sh", description=__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--longest", type=int, default=50)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--target", type=float, default=24.0)
    return parser.parse_args(words)


def epoch(
    model: Translator, optimizer: torch.optim.Optimizer, loss: nn.Module, corpus: Corpus, chosen: argparse.Namespace,
    shuffle: torch.Generator,
) -> list[float]:  # fmt: skip
    """Trains on every pair once; the loss of each step."""
    model.train()
    losses = []
    for batch in batches(corpus.train, chosen.batch, shuffle):
        scores = model(batch.source, batch.lengths, batch.target)
        found = loss(scores.flatten(0, 1), batch.target[1:].flatten())
        optimizer.zero_grad()
        found.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(found.item())
    return losses


def quality(model: Translator, corpus: Corpus, chosen: argparse.Namespace) -> float:
    """BLEU of the test sentences."""
    model.eval()
    said: list[list[int]] = []
    for batch in batches(corpus.test, chosen.batch, None):
        said += model.translate(batch.source, batch.lengths, chosen.longest)
    meant = [[word for word in target.tolist()[1:] if word != END] for _, target in corpus.test]
    return bleu(said, meant)


def main(words: list[str]) -> int:
    chosen = options(words)
    torch.manual_seed(chosen.seed)
    shuffle = torch.Generator().manual_seed(chosen.seed)
    corpus = read(chosen.dataset, chosen.longest)
    model = Translator(len(corpus.words), chosen.width, chosen.layers, chosen.dropout)
    optimizer = torch.optim.Adam(model.parameters(), lr=chosen.rate)
    loss = nn.CrossEntropyLoss(ignore_index=PAD, label_smoothing=chosen.smoothing)
    weights = sum(weight.numel() for weight in model.parameters())
    print(f"{len(corpus.train)} pairs of sentences, {len(corpus.words)} words, {weights:,} weights", flush=True)
    start, first = time.monotonic(), math.nan
    for number in range(1, chosen.epochs + 1):
        losses = epoch(model, optimizer, loss, corpus, chosen, shuffle)
        first, last = (losses[0] if number == 1 else first), sum(losses) / len(losses)
        reached = quality(model, corpus, chosen)
        seconds = time.monotonic() - start
        print(f"epoch {number}: loss {last:.3f}, BLEU {reached:.1f}, {seconds:.0f} s", flush=True)
        if reached >= chosen.target:
            print(f"the loss fell from {first:.3f} to {last:.3f}; BLEU {reached:.1f} of {chosen.target:.1f}")
            return 0
    print(f"BLEU {chosen.target:.1f} is not reached after {chosen.epochs} epochs", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

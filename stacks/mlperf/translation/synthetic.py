"""Writes a small synthetic corpus in the form of WMT's: sentences of a made-up language and their translations.

The translation of a sentence is the translation of each word by a fixed dictionary, in the opposite order. The corpus
is the same on every machine and every version of Python: its numbers come from SHA-256.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

WORDS, TRAIN, TEST, SHORTEST, LONGEST = 24, 4096, 128, 3, 8
SOURCE, TARGET = "en", "de"


def numbers(seed: str) -> Iterator[int]:
    """Endless numbers from 0 to 65535 that depend on ``seed`` alone."""
    block = 0
    while True:
        digest = hashlib.sha256(f"{seed} {block}".encode()).digest()
        yield from (int.from_bytes(digest[at : at + 2], "big") for at in range(0, len(digest), 2))
        block += 1


def sentences(seed: str, count: int) -> Iterator[tuple[str, str]]:
    """Pairs of a sentence and its translation."""
    draw = numbers(seed)
    for _ in range(count):
        length = SHORTEST + next(draw) % (LONGEST - SHORTEST + 1)
        words = [next(draw) % WORDS for _ in range(length)]
        yield " ".join(f"a{word}" for word in words), " ".join(f"b{word * 7 % WORDS}" for word in reversed(words))


def main(folder: Path) -> None:
    for name, seed, count in (
        ("train.tok.clean.bpe.32000", "train", TRAIN),
        ("newstest2014.tok.bpe.32000", "test", TEST),
    ):
        pairs = list(sentences(seed, count))
        for language, texts in ((SOURCE, [one for one, _ in pairs]), (TARGET, [other for _, other in pairs])):
            (folder / f"{name}.{language}").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    words = [f"{letter}{number}" for letter in "ab" for number in range(WORDS)]
    (folder / "vocab.bpe.32000").write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    (folder / "SYNTHETIC").write_text("translation\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

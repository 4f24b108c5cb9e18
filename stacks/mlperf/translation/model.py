"""A recurrent translator of GNMT's shape.

Y. Wu et al., "Google's Neural Machine Translation System", 2016, as MLPerf's reference has it: an encoder of LSTM
layers, the first in both directions; a decoder of LSTM layers, of which the first one's output asks a normalised
additive attention and every further one is given the answer; residual connections from the third layer on; one
vocabulary for both languages.
"""

from __future__ import annotations

import math

import torch
from corpus import BEGIN, END, PAD
from torch import Tensor, nn
from torch.nn.functional import softmax
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

State = list[tuple[Tensor, Tensor]]


class Attention(nn.Module):
    """Normalised additive attention: D. Bahdanau et al., 2015, with the weights of T. Salimans and D. Kingma, 2016."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.direction = nn.Parameter(torch.empty(width).uniform_(-0.1, 0.1))
        self.scale = nn.Parameter(torch.tensor(1 / math.sqrt(width)))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, queries: Tensor, memory: Tensor, hidden: Tensor) -> Tensor:
        """What each query (times, batch, width) finds in (words, batch, width); ``hidden``: (words, batch)."""
        mixed = torch.tanh(self.query(queries)[:, None] + self.key(memory)[None] + self.bias)
        weights = mixed @ (self.scale * self.direction / self.direction.norm())
        found = softmax(weights.masked_fill(hidden[None], -torch.inf), dim=1)
        return torch.einsum("twb,wbe->tbe", found, memory)


class Translator(nn.Module):
    """Sentences of the source language to scores of the next word of the target language."""

    def __init__(self, words: int, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.embed = nn.Embedding(words, width, padding_idx=PAD)
        self.both_ways = nn.LSTM(width, width, bidirectional=True)
        self.encoder = nn.ModuleList(nn.LSTM(2 * width if n == 0 else width, width) for n in range(layers - 1))
        self.asking = nn.LSTM(width, width)
        self.attention = Attention(width)
        self.decoder = nn.ModuleList(nn.LSTM(2 * width, width) for _ in range(layers - 1))
        self.scores = nn.Linear(width, words)
        self.dropout = nn.Dropout(dropout)

    def encode(self, source: Tensor, lengths: Tensor) -> Tensor:
        """The source's words in context: (words, batch, width)."""
        packed = pack_padded_sequence(self.dropout(self.embed(source)), lengths, enforce_sorted=False)
        x, _ = pad_packed_sequence(self.both_ways(packed)[0])
        for number, layer in enumerate(self.encoder):
            y = layer(self.dropout(x))[0]
            x = x + y if number > 0 else y
        return x

    def decode(
        self, target: Tensor, memory: Tensor, hidden: Tensor, state: State | None = None
    ) -> tuple[Tensor, State]:
        """Scores of the word after each of the target's, and the state to go on from."""
        before = iter(state) if state is not None else iter([None] * (1 + len(self.decoder)))
        x, last = self.asking(self.dropout(self.embed(target)), next(before))
        found = self.attention(x, memory, hidden)
        after = [last]
        for number, layer in enumerate(self.decoder):
            y, last = layer(torch.cat([self.dropout(x), found], dim=2), next(before))
            x = x + y if number > 0 else y
            after.append(last)
        return self.scores(self.dropout(x)), after

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """Scores of each word of the target after the first, given the ones before it."""
        return self.decode(target[:-1], self.encode(source, lengths), source == PAD)[0]

    @torch.no_grad()
    def translate(self, source: Tensor, lengths: Tensor, longest: int) -> list[list[int]]:
        """The likeliest next word, one after another, up to the end of the sentence or ``longest`` words."""
        memory, hidden = self.encode(source, lengths), source == PAD
        word = torch.full((1, source.shape[1]), BEGIN)
        state, said = None, []
        for _ in range(longest):
            scores, state = self.decode(word, memory, hidden, state)
            word = scores.argmax(dim=2)
            said.append(word[0])
        return [_until_end(sentence) for sentence in torch.stack(said, dim=1).tolist()]


def _until_end(sentence: list[int]) -> list[int]:
    return sentence[: sentence.index(END)] if END in sentence else sentence

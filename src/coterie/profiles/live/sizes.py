"""How many people are in each segment and stage, counted in the memory of a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from coterie.engines.stream import StreamEngine
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words

_BYTES = 8
_OF_BYTE = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(
    np.int64
)
"""The bits of each byte, the lowest first."""


class Sizes(NamedTuple):
    """Who is in what at one position of a stream, whatever they allowed.

    Parameters
    ----------
    offset, clock : int
        The position; the clock is microseconds UTC.
    holds : mapping
        (segment, stage) -> how many people; stage is empty for a segment.
    """

    offset: int
    clock: int
    holds: Mapping[tuple[str, str], int]


class Frozen(NamedTuple):
    """The memberships of everybody, copied: 62 bits a word, a row of words for each partition."""

    offset: int
    clock: int
    outputs: Sequence[tuple[str, str]]
    words: Sequence[Sequence[Words]]

    def counted(self) -> Sizes:
        """How many bits are set, each for itself."""
        by_word = (sum(map(_set, same)) for same in zip(*self.words, strict=True))
        counts = (n for bits in by_word for n in np.asarray(bits).tolist())
        holds = zip(self.outputs, counts, strict=False)  # the last word has bits to spare
        return Sizes(self.offset, self.clock, dict(holds))


def frozen(engine: StreamEngine) -> Frozen:
    """The memberships as they stand: a million people take some milliseconds a word."""
    outputs = list(engine.program.outputs)
    n_words = -(-len(outputs) // y.PER_WORD)
    words = [[part.row(y.BITS + w) for w in range(n_words)] for part in engine.parts]
    return Frozen(engine.offset, engine.clock, outputs, words)


def _set(words: Words) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many words have each bit set: each of their eight bytes is looked up once.

    A million words take 17 ms, and 56 where each bit is looked at.
    """
    places = np.ascontiguousarray(words, "<i8").view(np.uint8).reshape(-1, _BYTES).T
    counts = [np.bincount(byte, minlength=len(_OF_BYTE)) @ _OF_BYTE for byte in places]
    return np.concatenate(counts)[: y.PER_WORD]

"""How many people are in each segment and stage, counted in the memory of a stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from coterie.engines.stream import StreamEngine
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words


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
        holds = {
            output: sum(_set(part[b // y.PER_WORD], b % y.PER_WORD) for part in self.words)
            for b, output in enumerate(self.outputs)
        }
        return Sizes(self.offset, self.clock, holds)


def frozen(engine: StreamEngine) -> Frozen:
    """The memberships as they stand: a million people take some milliseconds a word."""
    outputs = list(engine.program.outputs)
    n_words = -(-len(outputs) // y.PER_WORD)
    words = [[part.row(y.BITS + w) for w in range(n_words)] for part in engine.parts]
    return Frozen(engine.offset, engine.clock, outputs, words)


def _set(words: Words, k: int) -> int:
    return int(np.count_nonzero(words & (1 << k)))

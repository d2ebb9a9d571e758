"""Which of many sets may hold a key, asked of all of them at once (Bloom, 1970)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BITS = 1 << 20
"""Positions of a filter; 16 to each of the 65,536 keys that a set holds."""

PROBES = 6
_SETS = 64

Words = NDArray[np.uint64]


class Filters:
    """Filters of many sets: the word at a position has a bit for each set.

    Notes
    -----
    A key that is in a set is always found; one that is in none is found in a given set of 65,536
    keys once in a thousand times. Two bytes a key.
    """

    def __init__(self) -> None:
        self._words: list[Words] = []
        self._sets: list[int | None] = []

    def __len__(self) -> int:
        return len(self.numbers())

    def numbers(self) -> set[int]:
        """The sets that are known."""
        return {number for number in self._sets if number is not None}

    def add(self, number: int, filter: bytes) -> None:  # noqa: A002 - what it is
        """Learn of a set by its filter (:func:`filter_of`)."""
        if None not in self._sets:
            self._sets += [None] * _SETS
            self._words.append(np.zeros(BITS, np.uint64))
        slot = self._sets.index(None)
        bits = np.unpackbits(np.frombuffer(filter, np.uint8)).view(np.bool_)
        words = self._words[slot // _SETS]
        np.bitwise_or(words, np.uint64(1 << slot % _SETS), out=words, where=bits)
        self._sets[slot] = number

    def drop(self, number: int) -> None:
        """Forget a set."""
        slot = self._sets.index(number)
        self._words[slot // _SETS] &= np.uint64(~(1 << slot % _SETS) & 2**64 - 1)
        self._sets[slot] = None

    def holders(self, keys: Words) -> Iterator[tuple[int, int]]:
        """Each key, by its place, with each set that may hold it.

        Parameters
        ----------
        keys : array of uint64, shape (n, 2)
            Hashes.
        """
        places = _positions(keys)
        for i, words in enumerate(self._words):
            found = words[places[0]]
            for probe in places[1:]:
                found &= words[probe]
            for place in np.flatnonzero(found):
                mask = int(found[place])
                while mask:
                    slot = (mask & -mask).bit_length() - 1
                    number = self._sets[i * _SETS + slot]
                    assert number is not None
                    yield int(place), number
                    mask &= mask - 1


def filter_of(keys: Words) -> bytes:
    """The filter of a set of hashes, shape (n, 2)."""
    bits = np.zeros(BITS, np.bool_)
    bits[_positions(keys).ravel()] = True
    return np.packbits(bits).tobytes()


def _positions(keys: Words) -> Words:
    steps = np.arange(PROBES, dtype=np.uint64)[:, None]
    found: Words = (keys[:, 0] + steps * (keys[:, 1] | np.uint64(1))) & np.uint64(BITS - 1)
    return found

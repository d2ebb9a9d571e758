"""Arrays that grow where they lie: nobody waits for half a gigabyte to be copied.

A large array is the beginning of one as large as half of the machine's memory. Pages that nobody
writes to take none of it.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

Words = Any
"""A NumPy array of int64."""

LARGE = 2**19
"""Words from which on copying takes longer than an event may wait."""


class Room:
    """Where one array grows."""

    def __init__(self) -> None:
        self._held: Words = np.zeros(0, np.int64)

    def longer(self, words: Words, size: int) -> Words:
        """The same words, and zeros behind them, `size` of both; the array given ends with it."""
        held = self._held
        if words.base is not held or size > len(held):
            held = _zeros(size)
            held[: len(words)] = words
            self._held = held
        return held[:size]


def _zeros(least: int) -> Words:
    if least > LARGE:
        try:
            return np.zeros(max(least, half_of_memory()), np.int64)
        except MemoryError:  # this machine gives no more than there is
            pass
    return np.zeros(least, np.int64)


def half_of_memory() -> int:
    """As many words; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 16
    except (AttributeError, ValueError, OSError):
        return 0

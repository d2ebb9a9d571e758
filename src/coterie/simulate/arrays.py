"""Small array idioms that the simulation shares, and its independent streams of randomness."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]


def stream(seed: int, cell: int, stage: int) -> np.random.Generator:
    """The random numbers of one stage of one cell, independent of every other's."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(cell, stage)))


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """The owner and the ordinal of every item, where owner `i` has ``counts[i]`` items.

    Examples
    --------
    >>> owner, ordinal = ragged(np.array([2, 0, 3]))
    >>> owner.tolist(), ordinal.tolist()
    ([0, 0, 2, 2, 2], [0, 1, 0, 1, 2])
    """
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    ends = np.cumsum(counts)
    return owner, np.arange(len(owner), dtype=np.int64) - np.repeat(ends - counts, counts)


def scramble(numbers: npt.NDArray[Any], seed: int) -> Words:
    """Opaque 64-bit words, one for each number: a bijection (splitmix64), so none collide."""
    with np.errstate(over="ignore"):
        word = numbers.astype(np.uint64) ^ _mixed(np.array([seed], dtype=np.uint64))
        return _mixed(word)


def _mixed(word: Words) -> Words:
    word = word + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def choose(rng: np.random.Generator, weights: Reals, rows: Ints) -> Ints:
    """One column for each row index, with that row's `weights` as chances."""
    cumulative = np.cumsum(weights, axis=1)
    cumulative /= cumulative[:, -1:]
    drawn = rng.random(len(rows))
    chosen: Ints = (drawn[:, None] >= cumulative[rows]).sum(axis=1)
    return chosen

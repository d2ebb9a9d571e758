"""Where the bars of a histogram begin and end: round numbers, evenly or by multiplying."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
FEW, MANY = 40, 30
"""Whole numbers up to so many have a bar each; else there are about so many bars."""
SKEWED = 20
"""A largest value so many times the median is better seen by powers of ten."""


def skewed(values: Numbers) -> bool:
    """Whether most values would be in the first bar of an even scale.

    Examples
    --------
    >>> skewed(np.array([1.0, 2.0, 3.0])), skewed(np.array([1.0, 2.0, 300.0]))
    (False, True)
    """
    above = values[values > 0]
    return bool(above.size) and float(above.max()) > SKEWED * float(np.median(above))


def whole(values: Numbers) -> bool:
    """Whether there are so few whole numbers that each can have a bar."""
    return bool(np.all(values == np.round(values))) and float(np.ptp(values)) <= FEW


def even(values: Numbers) -> Numbers:
    """Edges a round step apart.

    Examples
    --------
    >>> even(np.array([0.0, 97.0])).tolist()[:3], even(np.array([3.0, 3.0])).tolist()
    ([0.0, 5.0, 10.0], [3.0, 4.0])
    """
    low, high = float(values.min()), float(values.max())
    if low == high:
        return np.array([low, low + 1])
    step = _round_up((high - low) / MANY)
    first = math.floor(low / step)
    return np.asarray(step * np.arange(first, math.floor(high / step) + 2), np.float64)


def _round_up(step: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    ten = 10.0 ** math.floor(math.log10(step))
    return next(ten * n for n in (1, 2, 2.5, 5, 10) if ten * n >= step * (1 - 1e-9))


def powers(values: Numbers) -> Numbers:
    """Edges a fraction of a power of ten apart, for values above zero; whole numbers double.

    Examples
    --------
    >>> [round(edge, 2) for edge in powers(np.array([1.5, 1e12])).tolist()[:3]]
    [1.0, 3.16, 10.0]
    >>> powers(np.array([1.0, 9.0])).tolist()
    [1.0, 2.0, 4.0, 8.0, 16.0]
    """
    if np.all(values == np.round(values)):
        low, high = math.frexp(values.min())[1] - 1, math.frexp(values.max())[1]
        return np.asarray(2.0 ** np.arange(low, high + 1))
    least, most = math.log10(values.min()), math.log10(values.max())
    per = next(n for n in (20, 10, 5, 4, 2, 1, 0.5) if (most - least) * n <= MANY or n < 1)
    first = math.floor(least * per + 1e-9)
    return np.asarray(10.0 ** (np.arange(first, math.floor(most * per + 1e-9) + 2) / per))

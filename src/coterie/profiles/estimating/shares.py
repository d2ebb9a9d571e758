"""How many of everybody, by those of a random sample."""

from __future__ import annotations

import math

import msgspec

CONFIDENCE = 0.95
"""How often the interval holds the number that counting everybody would give."""

_Z = 1.959963984540054
"""The quantile of the standard normal distribution for `CONFIDENCE`, both sides together."""


class Share(msgspec.Struct, frozen=True):
    """A number of people.

    Parameters
    ----------
    n : int
        The number, or the likeliest one.
    low, high : int
        Between which it lies with `CONFIDENCE`, both included; `n` itself where all were counted.
    """

    n: int
    low: int
    high: int


def share(seen: int, sample: int, people: int) -> Share:
    """How many of all people are so, where some of a sample are.

    Parameters
    ----------
    seen : int
        Of the sample.
    sample, people : int
        How many people are in the sample, and in all.

    Notes
    -----
    Wilson's score interval (1927). It is not narrowed for a sample that is a large part of
    everybody, so it holds the number at least as often as it says; nobody of nobody is none.

    Examples
    --------
    >>> share(50, 1_000, 20_000)
    Share(n=1000, low=762, high=1307)
    >>> share(50, 1_000, 1_000)
    Share(n=50, low=50, high=50)
    """
    if sample >= people:
        return Share(seen, seen, seen)
    if not sample:
        return Share(0, 0, people)
    low, high = _wilson(seen / sample, sample)
    unseen = people - (sample - seen)
    return Share(
        round(seen / sample * people),
        max(seen, math.floor(low * people)),
        min(unseen, math.ceil(high * people)),
    )


def _wilson(part: float, n: int) -> tuple[float, float]:
    """The ends of Wilson's interval of a part that was seen in `n`."""
    shrunk = 1 + _Z**2 / n
    middle = (part + _Z**2 / (2 * n)) / shrunk
    half = _Z / shrunk * math.sqrt(part * (1 - part) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)

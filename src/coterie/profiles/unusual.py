"""Whether a segment moved otherwise than it does: its last day against the days before."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from coterie.profiles.flows import Flow

DAY, SPANS, LEAST = 24, 28, 7
"""Hours of a span, how many spans before it are looked at, and how many there must be."""

FAR = 4.0
"""Deviations from the median that are unusual."""

FEW, SHARE = 10, 0.02
"""So few people, and such a share of the segment, are never unusual."""

_NORMAL = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""


class Unusual(NamedTuple):
    """A segment that moved unusually.

    Parameters
    ----------
    by : int
        By how many it grew in the last 24 hours.
    usual : float
        The median of the spans before.
    """

    by: int
    usual: float


def unusual(hours: Mapping[int, Flow], now: int, since: int, size: int) -> Unusual | None:
    """Whether a segment grew or shrank unusually in the 24 hours that end with hour `now`.

    Parameters
    ----------
    hours : mapping of int to Flow
        Hour since 1970 -> who came and went (:class:`coterie.profiles.flows.Flows`).
    now, since : int
        The hour at hand, and the first that is wholly recorded.
    size : int
        How many people are in it.

    Notes
    -----
    The 28 spans of 24 hours before are compared, or as many as are recorded, at least 7. What is
    further than 4 deviations from their median is unusual; the deviation is the median absolute
    one times 1.4826, as the standard deviation of a normal distribution would be. A difference of
    fewer than 10 people, or of less than 2 % of the segment, is not told.

    Examples
    --------
    >>> quiet = {hour: Flow(1, 1) for hour in range(0, 240)}
    >>> unusual(quiet, 239, 0, 1000) is None
    True
    >>> unusual(quiet | {239: Flow(80, 0)}, 239, 0, 1000)
    Unusual(by=80, usual=0.0)
    """
    n_spans = min(SPANS, (now - DAY - since + 1) // DAY)
    if n_spans < LEAST:
        return None
    by, *before = (_net(hours, now - i * DAY) for i in range(n_spans + 1))
    usual = float(median(before))
    spread = _NORMAL * median(abs(each - usual) for each in before)
    far = abs(by - usual)
    if far <= FAR * spread or far < max(FEW, SHARE * size):
        return None
    return Unusual(by, usual)


def _net(hours: Mapping[int, Flow], last: int) -> int:
    """By how many it grew in the 24 hours that end with one."""
    return sum(hours[h].net for h in range(last - DAY + 1, last + 1) if h in hours)

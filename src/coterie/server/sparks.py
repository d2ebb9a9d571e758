"""The size of a segment on its way to now, out of who came and went."""

from __future__ import annotations

from collections.abc import Mapping

from coterie.profiles.flows import Flow

DAY = 24
HOURS, DAYS = 48, 30
"""How many points there are at most, of each resolution."""

Recorded = Mapping[int, Flow]


def moved(hours: Recorded, now: int, first: int) -> tuple[int, int]:
    """How many entered and left in the 24 hours that end with one, after the first recorded.

    Examples
    --------
    >>> moved({0: Flow(90, 0), 1: Flow(3, 1), 2: Flow(1, 0)}, 2, 0)
    (4, 1)
    """
    found = [hours[h] for h in range(max(first + 1, now - DAY + 1), now + 1) if h in hours]
    return sum(flow.entered for flow in found), sum(flow.left for flow in found)


def points(hours: Recorded, now: int, first: int, size: int, *, days: bool) -> list[int]:
    """The sizes at the end of each hour, or each 24 hours, oldest first; the last is `size`.

    Parameters
    ----------
    hours : mapping of int to Flow
        Hour since 1970 -> who came and went.
    now, first : int
        The hour at hand, and that of the first record: nothing is known before its end.
    days : bool
        Whether there is a point for each 24 hours back from now, at most 30; else for each hour,
        at most 48.

    Examples
    --------
    >>> points({0: Flow(90, 0), 1: Flow(3, 1), 2: Flow(1, 0)}, 2, 0, 93, days=False)
    [90, 92, 93]
    """
    step, most = (DAY, DAYS) if days else (1, HOURS)
    found, end = [size], now
    while len(found) < most and end - step >= first:
        size -= sum(hours[h].net for h in range(end - step + 1, end + 1) if h in hours)
        found.append(size)
        end -= step
    return found[::-1]

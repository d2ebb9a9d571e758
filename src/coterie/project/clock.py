"""Simulated time: a clock that begins at some instant and runs faster than the machine's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Faster:
    """A clock for :class:`coterie.project.Project` that runs `factor` times as fast.

    Parameters
    ----------
    start : datetime
        What it shows first; with a time zone.
    factor : float
        Its seconds in one second, more than 0.
    seconds : callable
        A clock that only ever grows, as `time.monotonic`.

    Examples
    --------
    >>> passed = iter([10.0, 12.0])
    >>> clock = Faster(datetime(2026, 1, 1, tzinfo=UTC), 900, lambda: next(passed))
    >>> print(clock())
    2026-01-01 00:30:00+00:00
    """

    def __init__(self, start: datetime, factor: float, seconds: Callable[[], float]) -> None:
        self._start = start.astimezone(UTC)
        self._factor = factor
        self._seconds = seconds
        self._began = seconds()

    def __call__(self) -> datetime:
        """The instant that it shows."""
        return self._start + timedelta(seconds=(self._seconds() - self._began) * self._factor)

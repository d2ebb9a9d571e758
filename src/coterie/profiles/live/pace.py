"""How far the clock may go by now: at once, at the pace at which it happened, or as it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

SECOND = 1_000_000
"""A second in microseconds."""

REST = 0.2
"""Seconds between two looks at a clock that goes by itself."""

Seconds = Callable[[], float]
Sleep = Callable[[float], None]


class Pace(Protocol):
    """Says how far the clock may go."""

    def reach(self, clock: int) -> int:
        """The instant up to which the clock may go by now; `clock` is where it stands."""

    def ended(self, clock: int) -> bool:
        """Whether there is nowhere further to go."""

    def rest(self, clock: int) -> None:
        """Wait until going on is worth it."""


class AtOnce:
    """As fast as the machine can.

    Parameters
    ----------
    until : int
        Where it ends, microseconds UTC.
    """

    def __init__(self, until: int) -> None:
        self._until = until

    def reach(self, clock: int) -> int:
        """The end."""
        return self._until

    def ended(self, clock: int) -> bool:
        """Whether the clock is there."""
        return clock >= self._until

    def rest(self, clock: int) -> None:
        """Go on at once."""


class Recorded:
    """As it happened, or so many times as fast.

    Parameters
    ----------
    until : int
        Where it ends, microseconds UTC.
    factor : float
        2 is twice as fast.
    seconds, sleep : callable
        A clock that only ever grows, and a way to wait.
    """

    def __init__(self, until: int, factor: float, seconds: Seconds, sleep: Sleep) -> None:
        self._until = until
        self._factor = factor
        self._seconds, self._sleep = seconds, sleep
        self._began: tuple[float, int] | None = None

    def reach(self, clock: int) -> int:
        """What has passed since the first time this was asked, added to the clock then."""
        if self._began is None:
            self._began = self._seconds(), clock
        at, start = self._began
        passed = int((self._seconds() - at) * self._factor * SECOND)
        return min(self._until, start + passed)

    def ended(self, clock: int) -> bool:
        """Whether the clock is at the end."""
        return clock >= self._until

    def rest(self, clock: int) -> None:
        """Wait a moment, unless it lags behind."""
        if self.reach(clock) <= clock + REST * self._factor * SECOND:
            self._sleep(REST)


class Following:
    """The machine's own clock, for ever.

    Parameters
    ----------
    now : callable
        Microseconds UTC.
    sleep : callable
    allowance : int
        Microseconds that events are given to come in: time alone moves the clock no nearer to now,
        as every event that it has passed is a late one. An event moves it to its own instant.
    """

    def __init__(self, now: Callable[[], int], sleep: Sleep, allowance: int = 0) -> None:
        self._now, self._sleep = now, sleep
        self._allowance = allowance
        self._newest = 0

    def heard(self, instants: Iterable[int]) -> None:
        """Know of events that occurred then; those ahead of the machine's clock say nothing."""
        now = self._now()
        newest = max((at for at in instants if at <= now), default=0)
        self._newest = max(self._newest, newest)

    def newest(self, clock: int) -> int:
        """The instant of the newest event, unless the clock is further: while others wait."""
        return max(clock, self._newest)

    def reach(self, clock: int) -> int:
        """The instant of the newest event, or now less the allowance, whichever is later."""
        now = self._now()
        return min(now, max(self._newest, now - self._allowance))

    def ended(self, clock: int) -> bool:
        """Never."""
        return False

    def rest(self, clock: int) -> None:
        """Wait a moment, unless it lags behind."""
        if self._now() <= clock + REST * SECOND:
            self._sleep(REST)

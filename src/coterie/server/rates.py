"""How many a second, of a number that only grows."""

from __future__ import annotations

from collections import deque

SPAN = 10.0


class Rate:
    """Remembers a count over the last seconds.

    Parameters
    ----------
    span : float
        Seconds.

    Examples
    --------
    >>> rate = Rate()
    >>> rate.note(0.0, 100)
    >>> rate.per_second() is None
    True
    >>> rate.note(2.0, 150)
    >>> rate.per_second()
    25.0
    """

    def __init__(self, span: float = SPAN) -> None:
        self._span = span
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, at: float, n: int) -> None:
        """Say that it was `n` at an instant, in seconds of a clock that only grows."""
        self._seen.append((at, n))
        while at - self._seen[0][0] > self._span and len(self._seen) > 2:
            self._seen.popleft()

    def per_second(self) -> float | None:
        """By how much it grew in a second; None before it was noted twice."""
        if not self._seen:
            return None
        (since, before), (at, n) = self._seen[0], self._seen[-1]
        return max(0.0, (n - before) / (at - since)) if at > since else None

"""Events that wait for the clock."""

from __future__ import annotations

import numpy as np

from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words

FEW = 4096


class Later:
    """Events ahead of the clock: many in the order of their instants, and some that came since.

    What came since is looked through each time; when it has become much it is sorted in.

    Parameters
    ----------
    stride : int
        The words of an event.
    """

    def __init__(self, stride: int) -> None:
        self._sorted: Words = np.zeros((0, stride), np.int64)
        self._fresh: list[Words] = []

    @property
    def rows(self) -> Words:
        """All of them, in any order."""
        if self._fresh:
            self._sort()
        return self._sorted

    def add(self, rows: Words) -> None:
        """Keep some more."""
        if len(rows):
            self._fresh.append(rows)

    def take(self, t: int) -> Words:
        """Those that are due at an instant; they wait no more."""
        n = int(np.searchsorted(self._sorted[:, y.E_AT], t, side="right"))
        found, self._sorted = [self._sorted[:n]] if n else [], self._sorted[n:]
        fresh, self._fresh = self._fresh, []
        for rows in fresh:
            due = rows[:, y.E_AT] <= t
            if due.all():
                found.append(rows)
            else:
                found.append(rows[due])
                self._fresh.append(rows[~due])
        if len(self._fresh) > 16 or sum(map(len, self._fresh)) > FEW:
            self._sort()
        return found[0] if len(found) == 1 else np.concatenate([self._sorted[:0], *found])

    def frozen(self) -> Later:
        """A copy that nothing is added to here."""
        other = Later(self._sorted.shape[1])
        other._sorted = self.rows.copy()
        return other

    def keep(self, which: Words) -> None:
        """Drop all others; `which` is true or false for each of :attr:`rows`."""
        self._sorted = self.rows[which]

    def _sort(self) -> None:
        rows = np.concatenate([self._sorted, *self._fresh])
        self._sorted = rows[np.argsort(rows[:, y.E_AT], kind="stable")]
        self._fresh = []

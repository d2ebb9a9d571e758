"""Events that wait for the clock."""

from __future__ import annotations

import numpy as np

from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words, drawn

FEW = 4096
MUCH = 2**16
"""Events that no room is kept for once they are gone."""


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
        self._fresh: Words = self._sorted
        self._n = 0

    def __len__(self) -> int:
        return len(self._sorted) + self._n

    @property
    def rows(self) -> Words:
        """All of them, in any order."""
        if self._n:
            self._sort()
        return self._sorted

    def room(self, n: int) -> Words:
        """Rows for so many more; whoever asks for them writes them."""
        first, self._n = self._n, self._n + n
        if self._n > len(self._fresh):
            longer: Words = np.empty((max(self._n, 2 * first), self._fresh.shape[1]), np.int64)
            longer[:first] = self._fresh[:first]
            self._fresh = longer
        return self._fresh[first : self._n]

    def add(self, rows: Words) -> None:
        """Keep some more."""
        self.room(len(rows))[:] = rows

    def take(self, t: int) -> Words:
        """Those that are due at an instant, by person, instant and key; they wait no more."""
        n = int(np.searchsorted(self._sorted[:, y.E_AT], t, side="right"))
        if n:
            self.add(self._sorted[:n])
            self._sorted = self._sorted[n:]
        found, self._n = drawn(self._fresh[: self._n], t)
        if self._n > FEW or len(self._fresh) > MUCH:
            self._sort()
        return found

    def frozen(self) -> Later:
        """A copy that nothing is added to here."""
        other = Later(self._sorted.shape[1])
        other._sorted = self.rows.copy()
        return other

    def keep(self, which: Words) -> None:
        """Drop all others; `which` is true or false for each of :attr:`rows`."""
        self._sorted = self.rows[which]

    def _sort(self) -> None:
        rows = np.concatenate([self._sorted, self._fresh[: self._n]])
        self._sorted = rows[np.argsort(rows[:, y.E_AT], kind="stable")]
        self._fresh, self._n = np.empty((0, rows.shape[1]), np.int64), 0

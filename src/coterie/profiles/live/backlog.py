"""Events that are stored already and still lie ahead of the clock, read slice by slice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from coterie.profiles.live.arrivals import Needs
from coterie.profiles.live.facts import Events, Facts

SLICE = 500_000
"""Events that are read at once."""

_SPANS = 20_000
"""Into how many spans of time the events ahead are counted."""


class Backlog:
    """The events after a horizon that moves with the clock; memory holds one slice of them.

    Parameters
    ----------
    facts : Facts
    horizon : int
        Microseconds UTC: what occurred up to then was given out.
    """

    def __init__(self, facts: Facts, horizon: int, size: int = SLICE) -> None:
        self._facts = facts
        self._size = size
        self.horizon = horizon
        self._ends: list[int] | None = None
        self._needs: Needs = {}
        self._slice: Events = {}
        self._instants = np.empty(0, np.int64)
        self._until = horizon

    def renew(self) -> None:
        """Read what lies ahead anew: there are new events, or others are asked for."""
        self._ends = None
        self._slice, self._until = {}, self.horizon
        self._instants = np.empty(0, np.int64)

    def stop(self, needs: Needs, n: int) -> int | None:
        """The instant by which `n` more events have occurred; None where fewer are left.

        A slice that holds fewer ends a batch as well.
        """
        self._fill(needs)
        if len(self._instants) >= n:
            return int(self._instants[n - 1])
        return int(self._instants[-1]) if self._ends else None

    def left(self, needs: Needs) -> bool:
        """Whether any event lies ahead."""
        self._fill(needs)
        return len(self._instants) > 0

    def upto(self, needs: Needs, until: int) -> list[Events]:
        """Everyone's events from the horizon to an instant, which is the horizon from then on.

        They come slice by slice, each event once.
        """
        given = []
        self._fill(needs)
        while len(self._instants) and self._instants[0] <= until:
            given.append(self._take(until))
            self._fill(needs)
        self.horizon = max(self.horizon, until)
        return given

    def _take(self, until: int) -> Events:
        """What a slice holds up to an instant; the rest stays in it."""
        taken, left = {}, {}
        for name, table in self._slice.items():
            n = int(np.searchsorted(table["at"].to_numpy(), until, side="right"))
            taken[name], left[name] = table.slice(0, n), table.slice(n)
        self._slice = {name: table for name, table in left.items() if table.num_rows}
        n = int(np.searchsorted(self._instants, until, side="right"))
        self._instants = self._instants[n:]
        return {name: table for name, table in taken.items() if table.num_rows}

    def _fill(self, needs: Needs) -> None:
        """See that the next slice is read, where there is one."""
        if needs != self._needs:
            self.renew()
            self._needs = needs
        if self._ends is None:
            self._ends = self._planned()
        while not len(self._instants) and self._ends:
            after, self._until = self._until, self._ends.pop(0)
            self._slice = self._facts.between(needs, after, self._until)
            instants = [table["at"].to_numpy() for table in self._slice.values()]
            self._instants = np.sort(np.concatenate([np.empty(0, np.int64), *instants]))

    def _planned(self) -> list[int]:
        """The last instants of the slices ahead, each of some hundred thousand events."""
        ends = self._facts.ends(self.horizon)
        if ends is None:
            return []
        width = (ends[1] - ends[0]) // _SPANS + 1
        return _cuts(self._facts.spans(self.horizon, width), width, self._size)


def _cuts(spans: pa.Table, width: int, size: int) -> list[int]:
    """The last instants of slices of at least `size` events, the last one smaller."""
    counted, cuts = 0, []
    last = spans["span"].to_pylist()[-1]
    for span, n in zip(spans["span"].to_pylist(), spans["n"].to_pylist(), strict=True):
        counted += n
        if counted >= size or span == last:
            cuts.append((span + 1) * width - 1)
            counted = 0
    return cuts

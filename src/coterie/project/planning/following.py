"""Draining by the tracking plan as its files say it now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.errors import CoterieError
from coterie.language.plan import TrackingPlan
from coterie.language.planfile import PlanStore

if TYPE_CHECKING:
    from coterie.collect.collector import Collector
    from coterie.collect.draining import Drain

LOOK = 500_000
"""Microseconds between two looks at the files."""

_Seen = list[tuple[str, int, int]]


class Followed:
    """A drain that judges by the plan files: an edit counts within a second.

    Parameters
    ----------
    drain : Drain
    plans : PlanStore
    made : callable
        Makes a collector by a plan.

    Notes
    -----
    Files that are no plan change nothing: whoever follows the log tells why they cannot be used,
    and what is in force stays.
    """

    def __init__(
        self, drain: Drain, plans: PlanStore, made: Callable[[TrackingPlan], Collector]
    ) -> None:
        self._drain = drain
        self._plans = plans
        self._made = made
        self._looked = 0
        self._seen = _look(plans.folder)

    @property
    def collector(self) -> Collector:
        """By which events are judged at the moment."""
        return self._drain.collector

    @property
    def end(self) -> int:
        """The number of the last request that was acknowledged."""
        return self._drain.end

    @property
    def behind(self) -> int:
        """How many requests wait."""
        return self._drain.behind

    def drain(self, now: int, most: int | None = None) -> int:
        """Give the next messages their fates by today's plan; see :class:`Drain`.

        Parameters
        ----------
        now : int
            Microseconds UTC.
        """
        if not 0 <= now - self._looked < LOOK:
            self._looked = now
            self._follow()
        return self._drain.drain(now) if most is None else self._drain.drain(now, most)

    def _follow(self) -> None:
        seen = _look(self._plans.folder)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            plan = self._plans.load()
            if plan != self._drain.collector.plan:
                made, former = self._made(plan), self._drain.collector
                self._drain.collector = made
                former.close()
        except CoterieError:
            return


def _look(folder: Path) -> _Seen:
    """Each plan file's name, time of change and size."""
    found: _Seen = []
    for path in sorted(folder.glob("*.toml")):
        try:
            state = path.stat()
        except OSError:  # it is gone since it was listed
            continue
        found.append((path.name, state.st_mtime_ns, state.st_size))
    return found

"""What a project's settings schedule, and what is due between two instants."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from itertools import groupby, takewhile
from zoneinfo import ZoneInfo

import msgspec

from coterie.errors import UnknownName, nearest
from coterie.language.library import Library
from coterie.profiles.stores import Stores
from coterie.project.schedules.cron import instants
from coterie.project.settings import Scheduled, Settings

EVERYTHING = "default"
KINDS = ("imports", "fits", "segments", "reports")
"""What is due at one instant happens in this order."""


class Line(msgspec.Struct, frozen=True):
    """One schedule: of which kind, for what, when."""

    kind: str
    name: str
    cron: str
    zone: str

    @property
    def key(self) -> str:
        """Its place in the settings: ``segments.default``."""
        return f"{self.kind}.{self.name}"

    def after(self, at: int) -> Iterator[int]:
        """The instants after one."""
        return instants(self.cron, ZoneInfo(self.zone), at)


def lines(settings: Settings, library: Library) -> list[Line]:
    """Every schedule of a project, in the order in which those of one instant happen.

    Raises
    ------
    UnknownName
        A schedule is for a segment or a definition that is not there.
    """
    groups = (*library.segments, *library.stages)
    _known("segments", settings.segments, groups)
    _known("fits", settings.fits, [name for name in library if library.fitted([name])])
    return [
        Line(kind, name, said.schedule, said.zone or settings.zone)
        for kind in KINDS
        for name, said in _table(settings, kind).items()
    ]


def start(stores: Stores) -> int | None:
    """The instant after which things are due: the clock; None before the first run.

    Notes
    -----
    A run that was killed has moved the clock and answered nothing: what was due at its instant is
    due still.
    """
    clock, done = stores.log.clock(), stores.ledger.last_run()
    if clock is None:
        return None
    return clock if done is not None and done.clock == clock else clock - 1


def _table(settings: Settings, kind: str) -> dict[str, Scheduled]:
    found: dict[str, Scheduled] = getattr(settings, kind)
    return found


def _known(kind: str, said: Collection[str], known: Collection[str]) -> None:
    for name in said:
        if name not in (EVERYTHING, *known):
            raise UnknownName(
                f"there are no {kind} named {name!r}", where=f"coterie.toml: {kind}.{name}",
                hint=nearest(name, (EVERYTHING, *known)),
            )  # fmt: skip


def due(scheduled: list[Line], after: int, until: int) -> Iterator[tuple[int, list[Line]]]:
    """Each instant of ``(after, until]`` at which something is due, with what it is, in order."""

    def firings(place: int, line: Line) -> Iterator[tuple[int, int]]:
        return ((at, place) for at in takewhile(lambda at: at <= until, line.after(after)))

    merged = heapq.merge(*(firings(i, line) for i, line in enumerate(scheduled)))
    for at, several in groupby(merged, key=lambda firing: firing[0]):
        yield at, [scheduled[place] for _, place in several]


def refitted(scheduled: list[Line], now_due: Collection[Line], library: Library) -> set[str]:
    """The fit keys that a run learns anew: those without a schedule, and those whose time it is.

    Parameters
    ----------
    now_due : collection of Line
        What is due at the run's instant.
    """
    everything = set(library.fitted())
    waiting = {line.key: _keys(line, library) for line in scheduled if line.kind == "fits"}
    own = {key for line, keys in waiting.items() if line != f"fits.{EVERYTHING}" for key in keys}
    if (general := f"fits.{EVERYTHING}") in waiting:
        waiting[general] = everything - own
    held = {key for keys in waiting.values() for key in keys}
    fresh = {key for line in now_due for key in waiting.get(line.key, ())}
    return (everything - held) | fresh


def _keys(line: Line, library: Library) -> set[str]:
    return set(library.fitted() if line.name == EVERYTHING else library.fitted([line.name]))

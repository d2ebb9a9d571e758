"""What a stream answers, as data."""

from __future__ import annotations

from coterie.profiles.live.parity import Differing
from coterie.project.reports import Report


class ReplayReport(Report, frozen=True):
    """Where a replay ended.

    Parameters
    ----------
    offset, clock : int
        The position: the log entry of the last tick, and its instant in microseconds UTC.
    people : int
        Who is known there.
    changes : int
        Entrances and exits since the run before.
    version : int
        Of the definitions.
    """

    offset: int
    clock: int
    people: int
    changes: int
    version: int


class ParityReport(Report, frozen=True):
    """The stream compared with SQL over all of history, at the stream's own position.

    Parameters
    ----------
    offset, clock : int
        The position; the clock is microseconds UTC.
    people, values, memberships : int
        How many were compared.
    strangers : int
        Profiles that only the stream or only SQL knows.
    differing : int
        Values that differ, memberships included.
    close : int
        Values that differ because a real lies within 1e-9 of a threshold; they count as equal.
    folded : int
        Memberships in which the fold of the change records differs from the stream.
    first : list of Differing
        The first values that differ, with what the plain-Python reference says.
    reached : dict of str to int
        Definition -> of how many people a live event reached the value since their state last came
        out of SQL.
    equal, live : bool
        Whether nothing differs; whether any value was reached live at all.
    """

    offset: int
    clock: int
    people: int
    values: int
    memberships: int
    strangers: int
    differing: int
    close: int
    folded: int
    first: list[Differing]
    reached: dict[str, int]
    equal: bool
    live: bool

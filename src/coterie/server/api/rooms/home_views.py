"""What the first page tells, as data."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class Group(msgspec.Struct, frozen=True):
    """A segment, or one stage of some, as it stands.

    Parameters
    ----------
    name : str
        ``vip``, or ``lifecycle.loyal``.
    kind : {"segment", "stages", "tiers"}
    purpose : str
        What its people may be used for.
    holds : int
        Who is in it now, whatever they allowed.
    audience : int or None
        Who of them may be used, by the answer published last; None where that had it not.
    entered, left : int
        In the last 24 hours, or since the first record.
    points : list of int
        Its size at the end of each of the last 48 hours or 30 days, the last of them now.
    """

    name: str
    kind: str
    purpose: str
    holds: int
    audience: int | None
    entered: int
    left: int
    points: list[int]

    @property
    def net(self) -> int:
        """By how many it grew."""
        return self.entered - self.left


class Attention(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that somebody should look at.

    Parameters
    ----------
    kind : str
        ``behind``, ``definitions``, ``delivery``, ``quarantine``, ``schedule``, ``segment`` or
        ``source``.
    name : str
        Which destination, schedule, segment or source.
    at : datetime or None
        Since when; of a schedule, when it was due.
    n : int or None
        How many rows, entries, or people by whom it grew.
    usual : float or None
        By how many people a segment grows on other days.
    said : str
        What went wrong, where the project says it.
    """

    kind: Literal[
        "behind", "definitions", "delivery", "quarantine", "schedule", "segment", "source"
    ]
    name: str = ""
    at: datetime | None = None
    n: int | None = None
    usual: float | None = None
    said: str = ""


class Overview(msgspec.Struct, frozen=True):
    """Where a project stands at one instant.

    Parameters
    ----------
    at : datetime
        Now by the project's clock where a stream runs here, else the instant of the last run.
    live : bool
        Whether sizes are those of this instant; else they are of the last run.
    people : int or None
        None where nothing was computed yet.
    rate : float or None
        Events stored in a second, of the last ten seconds.
    lag : float or None
        Seconds that the engine's clock is behind, 0 where nothing waits for it; None without one.
    received, stored, quarantined, waiting : int
        Messages by fate, and requests that have none yet.
    resolution : {"hours", "days"}
        Of the points.
    """

    at: datetime
    live: bool
    people: int | None
    rate: float | None
    lag: float | None
    received: int
    stored: int
    quarantined: int
    waiting: int
    resolution: Literal["hours", "days"]
    segments: list[Group]
    attention: list[Attention]

"""What the API answers, as data; every instant is UTC, to the microsecond."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Origin = Literal["stream", "history"]
"""Kept current in memory, or read from history as of the last run."""


class Held(msgspec.Struct, frozen=True):
    """A segment that somebody is in.

    Parameters
    ----------
    purpose : str
        What its people may be used for.
    may : bool
        Whether this one may be.
    since : datetime or None
        When they entered; None where no record says so.
    """

    purpose: str
    may: bool
    since: datetime | None


class Staged(msgspec.Struct, frozen=True):
    """The one of some stages that somebody is in."""

    stage: str
    purpose: str
    may: bool


class Profile(msgspec.Struct, frozen=True):
    """One person at one position.

    Parameters
    ----------
    profile : str
        The pseudonym.
    as_of : datetime
        The instant that the answer is true for.
    offset : int
        The last log entry that it knows.
    source : {"stream", "history"}
        Where it was read.
    traits : dict
        Name -> value; decimals are exact, unknown is null.
    segments, stages : dict
        Those that hold, by name, whoever may use them.
    permissions : dict of str to bool
        Purpose -> whether the person may be used for it.
    """

    profile: str
    as_of: datetime
    offset: int
    source: Origin
    traits: dict[str, Any]
    segments: dict[str, Held]
    stages: dict[str, Staged]
    permissions: dict[str, bool]


class Audience(msgspec.Struct, frozen=True):
    """What one purpose may know of one person: the audiences that they are in.

    Parameters
    ----------
    segments : dict of str to datetime or None
        Name -> since when.
    stages : dict of str to str
        Name -> stage.
    """

    profile: str
    as_of: datetime
    offset: int
    source: Origin
    purpose: str
    segments: dict[str, datetime | None]
    stages: dict[str, str]


class Moved(msgspec.Struct, frozen=True):
    """Somebody entered or left a segment or stage.

    Parameters
    ----------
    id : int
        Of the record; each has its own, in the order of their commits.
    stage : str or None
        None for a segment.
    change : {"entered", "exited"}
    at : datetime
        The instant of the change.
    cause, reason : str
        ``event``, ``time``, ``late`` …, and which event or definition.
    version : int
        Of the definitions.
    offset : int
        The log entry that brought it about.
    """

    id: int
    profile: str
    segment: str
    stage: str | None
    change: str
    at: datetime
    cause: str
    reason: str
    version: int
    offset: int


class StageSize(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many people are in one stage; see :class:`Segment`."""

    name: str
    audience: int
    holds: int | None = None


class Segment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A segment, or a set of stages.

    Parameters
    ----------
    kind : {"segment", "stages", "tiers"}
    purpose : str
    english : str
        The definition as a sentence.
    audience : int
        Who is in it and may be used for its purpose.
    holds : int or None
        Who is in it; not told to a token with a purpose.
    stages : list of StageSize
        Of stages and tiers.
    """

    name: str
    kind: str
    purpose: str
    english: str
    audience: int
    holds: int | None = None
    stages: list[StageSize] = []


class Segments(msgspec.Struct, frozen=True):
    """Every segment and set of stages, as of the answer published last."""

    as_of: datetime
    offset: int
    people: int
    segments: list[Segment]


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the project stands.

    Parameters
    ----------
    roles : dict of str to bool
        The roles of this process, and whether each does its work.
    received, stored, duplicate, quarantined, erased : int
        Messages by fate; ``received`` is the sum of the others.
    waiting : int
        Requests that were acknowledged and have no fate yet.
    clock : datetime or None
        Of the engine, or of the last run where none runs here.
    lag : float or None
        Seconds that the engine's clock is behind now; 0 where no entry waits for it.
    behind : int or None
        Entries of the log that the engine has not handled.
    people : int or None
    """

    name: str
    roles: dict[str, bool]
    received: int
    stored: int
    duplicate: int
    quarantined: int
    erased: int
    waiting: int
    clock: datetime | None = None
    lag: float | None = None
    behind: int | None = None
    people: int | None = None


class Health(msgspec.Struct, frozen=True):
    """Whether the process answers."""

    status: Literal["ok"]


class Readiness(msgspec.Struct, frozen=True):
    """Whether every role of the process does its work."""

    ready: bool
    roles: dict[str, bool]

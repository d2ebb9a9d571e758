"""What is told of one person, as data; every instant is UTC, to the microsecond."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Kind = Literal["declared", "counted", "derived", "fitted"]
"""Said by the person or a record, an aggregate over events, an expression, a model's output."""

Happening = Literal["event", "entered", "exited"]


class Found(msgspec.Struct, frozen=True):
    """Somebody whom an id may mean.

    Parameters
    ----------
    profile : str
        The pseudonym.
    first, last : datetime
        Of their events.
    """

    profile: str
    n_events: int
    first: datetime
    last: datetime


class Trait(msgspec.Struct, frozen=True):
    """One trait of a person.

    Parameters
    ----------
    value : Any
        Decimals are exact, instants aware, unknown is null.
    type : str
    kind : {"declared", "counted", "derived", "fitted"}
        How it came to be.
    english : str
        What it means.
    """

    name: str
    value: Any
    type: str
    kind: Kind
    english: str


class Membership(msgspec.Struct, frozen=True):
    """One segment, or set of stages, and whether a person is in it.

    Parameters
    ----------
    stage : str
        The one that holds; empty for a segment.
    holds : bool
        One of some stages always does.
    may : bool
        Whether the person may be used for its purpose.
    """

    name: str
    kind: Literal["segment", "stages", "tiers"]
    stage: str
    holds: bool
    purpose: str
    may: bool
    english: str


class Person(msgspec.Struct, frozen=True):
    """One person at one position.

    Parameters
    ----------
    as_of : datetime
    offset : int
        The last log entry that is known.
    now : datetime
        Where the project's clock stands.
    devices : list of str
        Pseudonyms of anonymous ids that belong to them.
    first, last : datetime or None
        Of the events up to `as_of`.
    permissions : dict of str to bool
        Purpose -> whether the person may be used for it.
    events : dict of str to int
        How many of each name, most first.
    learnt_after : list of str
        Definitions that rest on parameters which were learnt only after `as_of`.
    """

    profile: str
    as_of: datetime
    offset: int
    now: datetime
    devices: list[str]
    n_events: int
    first: datetime | None
    last: datetime | None
    permissions: dict[str, bool]
    traits: list[Trait]
    memberships: list[Membership]
    events: dict[str, int]
    learnt_after: list[str]


class Entry(msgspec.Struct, frozen=True):
    """Something that happened.

    Parameters
    ----------
    name : str
        Of the event, or of the segment (``lifecycle.loyal`` for a stage) entered or left.
    properties : dict
        What an event said.
    source : str
        Where an event came from.
    cause : str
        What brought an entrance or exit about.
    """

    at: datetime
    kind: Happening
    name: str
    properties: dict[str, Any] = {}
    source: str = ""
    cause: str = ""


class Session(msgspec.Struct, frozen=True):
    """What happened with less than half an hour between.

    Parameters
    ----------
    n : int
        How much of what was asked for happened in it, on whichever page.
    entries : list of Entry
        Those of this page, newest first.
    """

    started: datetime
    ended: datetime
    n: int
    entries: list[Entry]


class Story(msgspec.Struct, frozen=True):
    """A page of what happened, newest first."""

    as_of: datetime
    n: int
    page: int
    pages: int
    sessions: list[Session]


class Coming(msgspec.Struct, frozen=True):
    """Since when a membership is what it is, and when time alone changes it.

    Parameters
    ----------
    since : datetime or None
        By what is known now; None where it was never otherwise, or where nobody holds it.
    until : datetime or None
        None where time alone changes nothing within two years.
    since_exact, until_exact : bool
        False for whoever has more events than can be looked through: it has been so since then at
        least, or will be so until then at least.
    """

    name: str
    stage: str
    holds: bool
    since: datetime | None
    until: datetime | None
    since_exact: bool = True
    until_exact: bool = True


class Why(msgspec.Struct, frozen=True):
    """One part of a definition and what it is for this person; see :class:`Explained`."""

    text: str
    value: str
    holds: bool | None
    condition: bool
    n_events: int | None
    events: list[Entry]
    parts: list[Why]


class Needed(msgspec.Struct, frozen=True):
    """A value that would have to differ: what it is now, and what it would need to be."""

    text: str
    now: str
    needed: str


class Explained(msgspec.Struct, frozen=True):
    """Why a definition is what it is for a person.

    Parameters
    ----------
    value : str
    holds : bool or None
        Of a segment or one stage.
    may : bool or None
        Whether the person may be used for its purpose; None for a trait.
    since, until : datetime or None
        As for :class:`Coming`, within five years.
    since_exact, until_exact : bool
        As for :class:`Coming`.
    because : Why
        The definition with the value of each part.
    difference : list of Needed or None
        The fewest values that would have to differ; None where no change of single values does it.
    learnt : list of datetime
        When the parameters were learnt that it rests on.
    """

    profile: str
    name: str
    as_of: datetime
    english: str
    value: str
    holds: bool | None
    purpose: str
    may: bool | None
    since: datetime | None
    until: datetime | None
    because: Why
    difference: list[Needed] | None
    learnt: list[datetime]
    since_exact: bool = True
    until_exact: bool = True

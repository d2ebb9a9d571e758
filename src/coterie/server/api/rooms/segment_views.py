"""What is told of one segment, as data; every instant is UTC, to the microsecond."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from coterie.language.english import StageLine

Kind = Literal["segment", "stages", "tiers"]


class Definition(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a segment or set of stages is.

    Parameters
    ----------
    name : str
        A stage is named after its set, as in ``lifecycle.loyal``.
    kind : {"segment", "stages", "tiers"}
    purpose, basis : str
        What its people may be used for, and on which legal basis.
    english : str
        As a sentence.
    yaml : str
        The tree that engines are asked, as `coterie.language` reads it back.
    source, where : str
        What was written, and the file and line of it; empty where that cannot be told.
    traits : list of str
        Those that it rests on.
    stages : list of str
        Of a set of stages.
    lines : list of StageLine
        The same in English, one by one.
    description : str
        As whoever wrote it described it.
    """

    name: str
    kind: Kind
    purpose: str
    basis: str
    english: str
    yaml: str
    source: str = ""
    where: str = ""
    traits: list[str] = []
    stages: list[str] = []
    lines: list[StageLine] = []
    description: str = ""


class Step(msgspec.Struct, frozen=True):
    """What happened in one hour, day or week.

    Parameters
    ----------
    at : datetime
        Its beginning.
    size : int
        At its end.
    entered, left : int
    causes : dict of str to (int, int)
        Cause -> how many entered and left by it; ``first`` are those whom the first answer of all
        found inside.
    """

    at: datetime
    size: int
    entered: int
    left: int
    causes: dict[str, tuple[int, int]]


class History(msgspec.Struct, frozen=True):
    """A segment or stage over time, as it was believed.

    Parameters
    ----------
    unit : {"hour", "day", "week"}
        Of a step, by the project's zone; where nobody moved there is none.
    size : int
        Who is in it now, whatever they allowed.
    """

    name: str
    unit: Literal["hour", "day", "week"]
    size: int
    steps: list[Step]


class Person(msgspec.Struct, frozen=True):
    """Somebody who is in a segment or stage.

    Parameters
    ----------
    profile : str
        The pseudonym.
    may : bool
        Whether they may be used for its purpose.
    since : datetime or None
        When they entered; None where no record says so.
    traits : dict
        Name -> value; decimals are exact, unknown is null.
    """

    profile: str
    may: bool
    since: datetime | None
    traits: dict[str, Any]


class People(msgspec.Struct, frozen=True):
    """Some of the people of a segment or stage.

    Parameters
    ----------
    holds : int
        Who is in it.
    audience : int
        Who of them may be used for its purpose, by the answer published last.
    found : int
        Who is asked for, on all pages.
    page, pages : int
        This one, from 1, and how many there are.
    traits : list of str
        Those that are told of each.
    withdrawn : int
        Who is left out on this page as they may not be used any more.
    """

    name: str
    purpose: str
    holds: int
    audience: int
    found: int
    page: int
    pages: int
    traits: list[str]
    withdrawn: int
    people: list[Person]


class Change(msgspec.Struct, frozen=True):
    """Somebody entered or left.

    Parameters
    ----------
    cause, reason : str
        ``event``, ``time``, ``late`` …, and which event or definition.
    version : int
        Of the definitions.
    offset : int
        The log entry that brought it about.
    """

    profile: str
    change: Literal["entered", "exited"]
    at: datetime
    cause: str
    reason: str
    version: int
    offset: int


class Changes(msgspec.Struct, frozen=True):
    """Who entered and left a segment or stage, the newest first.

    Parameters
    ----------
    found : int
        Changes that are asked for, on all pages.
    """

    name: str
    found: int
    page: int
    pages: int
    changes: list[Change]


class Other(msgspec.Struct, frozen=True):
    """Another segment or stage.

    Parameters
    ----------
    theirs, both : int
        Who is in it, and who of them is in this one as well.
    share, of_theirs : float or None
        `both` of this one's people, and of the other's; None where nobody is.
    lift : float or None
        How many times as many as by chance; 1 where one tells nothing of the other.
    """

    name: str
    theirs: int
    both: int
    share: float | None
    of_theirs: float | None
    lift: float | None


class Overlap(msgspec.Struct, frozen=True):
    """Whom a segment shares with the others, of who may be used for its purpose.

    Parameters
    ----------
    everyone, own : int
        Who may be used, and who of them is in this one.
    """

    name: str
    purpose: str
    everyone: int
    own: int
    others: list[Other]


class Bar(msgspec.Struct, frozen=True, omit_defaults=True):
    """People whose value is one, or in a range: `since` is in it, `until` is not.

    Parameters
    ----------
    inside, everyone : float
        The share of the segment's people, and of everyone, whose value is known.
    """

    inside: float
    everyone: float
    value: str | None = None
    since: float | None = None
    until: float | None = None


class Spread(msgspec.Struct, frozen=True):
    """One trait of a segment's people against everyone's.

    Parameters
    ----------
    note : str
        Who is counted.
    traits : list of str
        Those that can be asked for; what the segment rests on comes first.
    """

    name: str
    trait: str
    note: str
    traits: list[str]
    bars: list[Bar]

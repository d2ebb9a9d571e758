"""What the settings answer, as data; every instant is UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from coterie.language.differences import Difference
from coterie.language.english import StageLine


class Written(msgspec.Struct, frozen=True):
    """One definition in force.

    Parameters
    ----------
    purpose : str
        Empty for a trait.
    where : str
        File and line.
    lines : list of StageLine
        Of stages and tiers, one by one.
    """

    name: str
    kind: Literal["trait", "segment", "stages", "tiers"]
    purpose: str
    english: str
    where: str
    lines: list[StageLine]


class Definitions(msgspec.Struct, frozen=True):
    """The definitions in force, and the files where they say something else.

    Parameters
    ----------
    version : int or None
        None before the first run.
    as_of : datetime or None
        Where the clock stood when the version came into force.
    unused : list of Difference
        What the files say otherwise, and nothing is answered by yet.
    mistakes : str
        Why the files cannot be used; empty where they can.
    """

    version: int | None
    as_of: datetime | None
    definitions: list[Written]
    unused: list[Difference]
    mistakes: str


class Version(msgspec.Struct, frozen=True):
    """Definitions that came into force: when, by whom, and what they changed.

    Parameters
    ----------
    as_of : datetime
        Where the project's clock stood.
    made_at : datetime
        When it was, by the machine's clock.
    """

    version: int
    as_of: datetime
    made_at: datetime
    author: str
    note: str
    differences: list[Difference]


class Versions(msgspec.Struct, frozen=True):
    """Every version of the definitions, newest first."""

    versions: list[Version]


class Compared(msgspec.Struct, frozen=True):
    """What two versions do not share; `new` is null for the files as they are now."""

    old: int
    new: int | None
    differences: list[Difference]


class Credential(msgspec.Struct, frozen=True):
    """A write key or token, by what it is told from others: the secret itself is kept nowhere.

    Parameters
    ----------
    id : str
        The first digits of its hash.
    name : str
        Of the source that sends with it, or of who holds the token.
    purpose : str
        What a token's holder may use people for; empty for everything, and for a write key.
    revoked_at : datetime or None
        Since when it works no more.
    """

    id: str
    name: str
    purpose: str
    added_at: datetime
    revoked_at: datetime | None


class Access(msgspec.Struct, frozen=True):
    """Who may send events, and who may ask from another machine."""

    keys: list[Credential]
    tokens: list[Credential]
    purposes: list[str]


class Made(msgspec.Struct, frozen=True):
    """A write key or token that works from now on.

    Parameters
    ----------
    secret : str
        What its holder sends; nobody can be told it again.
    """

    made: Credential
    secret: str


class Revoked(msgspec.Struct, frozen=True):
    """How many write keys or tokens work no more."""

    n: int


Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?![\s\S])")]
"""Letters, digits, - and _."""


class NewKey(msgspec.Struct, frozen=True):
    """Whose write key is to be made."""

    name: Name


class NewToken(msgspec.Struct, frozen=True):
    """Whose token is to be made, and what for; for everything where the purpose is empty."""

    name: Name
    purpose: str = ""


class Old(msgspec.Struct, frozen=True):
    """Which write key or token is to work no more; all of the name where the id is empty."""

    name: str
    id: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a firing: when it was due, when it was done, and what it said."""

    due_at: datetime
    done_at: datetime
    said: str
    failed: bool


class Job(msgspec.Struct, frozen=True):
    """One schedule.

    Parameters
    ----------
    schedule, zone : str
        A line of cron, and whose clock it goes by; `english` says it in words.
    next_at : datetime or None
    missed : int
        Firings between the project's clock and now that nothing has made up for, at most 1,000.
    """

    name: str
    schedule: str
    zone: str
    english: str
    next_at: datetime | None
    missed: int
    last: Outcome | None


class Jobs(msgspec.Struct, frozen=True):
    """Every schedule of the project."""

    as_of: datetime | None
    jobs: list[Job]


class Destination(msgspec.Struct, frozen=True):
    """Where changes of audiences are sent, and how many deliveries have which fate.

    Parameters
    ----------
    paused_at : datetime or None
        Since when nothing is sent, and `why`.
    """

    name: str
    url: str
    segments: list[str]
    traits: list[str]
    added_at: datetime
    paused_at: datetime | None
    why: str
    waiting: int
    delivered: int
    failed: int
    dropped: int


class Destinations(msgspec.Struct, frozen=True):
    """Every destination, by name."""

    destinations: list[Destination]

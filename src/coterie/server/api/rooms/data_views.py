"""Sources, tracking plan, violations and attributes, as data; every instant is UTC."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Source(msgspec.Struct, frozen=True):
    """Where facts come from.

    Parameters
    ----------
    keys : int
        Write keys that work.
    last : datetime or None
        When its newest event occurred; None where none of the last 60 days is known.
    silent : bool
        Whether it is heard of on most days, and was not for more than one.
    imported_at : datetime or None
        When a file of it was imported last.
    quarantined : int
        Its rows in quarantine.
    refused_at : datetime or None
        When the newest of them was refused, for `reason`, which `meaning` says in English.
    violations : int
        Values of the last 7 days that were not as planned.
    """

    name: str
    keys: int
    last: datetime | None
    silent: bool
    imported_at: datetime | None
    quarantined: int
    refused_at: datetime | None
    reason: str
    meaning: str
    violations: int


class Sources(msgspec.Struct, frozen=True):
    """Every source, by name.

    Parameters
    ----------
    at : datetime
        Now, by the project's clock.
    """

    at: datetime
    sources: list[Source]


class Property(msgspec.Struct, frozen=True):
    """One property of an event, as it is planned.

    Parameters
    ----------
    rules : list of str
        What else its values keep to, in English.
    """

    name: str
    type: str
    unit: str
    pii: str
    purpose: str
    owner: str
    required: bool
    description: str
    rules: list[str]


class Event(msgspec.Struct, frozen=True):
    """One event of the plan.

    Parameters
    ----------
    lines : list of str
        The events that items of its arrays become.
    """

    name: str
    description: str
    purpose: str
    owner: str
    lines: list[str]
    properties: list[Property]


class Version(msgspec.Struct, frozen=True):
    """A plan that was in force since an instant, and how many of its changes broke something."""

    version: int
    at: datetime
    events: int
    properties: int
    changes: int
    breaking: int


class Dictionary(msgspec.Struct, frozen=True):
    """The tracking plan as it is in the files now, and its versions, the newest first.

    Parameters
    ----------
    mode, unknown_events, unknown_properties : str
        What happens to what is not as planned, unless an event or property says otherwise.
    """

    version: int
    mode: str
    unknown_events: str
    unknown_properties: str
    events: list[Event]
    versions: list[Version]


class Violation(msgspec.Struct, frozen=True):
    """How often one rule was broken.

    Parameters
    ----------
    event, path : str
        By names of the plan; ``*`` for what it does not name.
    action : str
        ``observed``, ``coerced``, ``dropped`` or ``refused``.
    last : str
        The newest day of it, ISO 8601, UTC.
    """

    source: str
    event: str
    path: str
    rule: str
    action: str
    n: int
    last: str


class Day(msgspec.Struct, frozen=True):
    """How often something was done on one day (ISO 8601, UTC)."""

    day: str
    action: str
    n: int


class Violations(msgspec.Struct, frozen=True):
    """Values that were not as planned, the most frequent first, and the same by day.

    Parameters
    ----------
    days : int
        Up to today.
    sources : list of str
        Those with any, of all.
    """

    days: int
    n: int
    sources: list[str]
    violations: list[Violation]
    by_day: list[Day]


class Attribute(msgspec.Struct, frozen=True):
    """One trait over everybody.

    Parameters
    ----------
    unknown : float
        The share of people whose value is.
    stale_days : float or None
        The median of the days since the newest event that it rests on.
    information : float or None
        What it tells of the target, in bits; None without one.
    used_by : list of str
        The definitions that refer to it.
    remarks : list of str
        What keeps it from being relied upon.
    """

    name: str
    kind: str
    unit: str
    unknown: float
    distinct: int
    least: float | None
    middle: float | None
    most: float | None
    stale_days: float | None
    information: float | None
    used_by: list[str]
    remarks: list[str]


class Audit(msgspec.Struct, frozen=True):
    """What is held of people, and what of it is used.

    Parameters
    ----------
    people : int
        Who may be used for the purpose: attributes describe them.
    left_out : dict of str to str
        Traits that are not described, and why.
    unused : list of str
        Events and properties of the plan that no definition reads.
    idle : list of str
        Traits that decide no segment or stage.
    targets : list of str
        What attributes can be asked about.
    """

    at: datetime
    purpose: str
    people: int
    target: str
    attributes: list[Attribute]
    left_out: dict[str, str]
    unused: list[str]
    idle: list[str]
    targets: list[str]

"""What a project answers, as data: printed by the command, and JSON for other programs."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie.engines.held import Held
from coterie.profiles.counting import Group
from coterie.profiles.timeline import Happened

_JSON = msgspec.json.Encoder(decimal_format="number")


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """Anything that a project answers."""

    def as_json(self) -> str:
        """The report as JSON; instants are microseconds UTC, amounts exact numbers."""
        return msgspec.json.format(_JSON.encode(self), indent=2).decode()


class SegmentReport(Report, frozen=True):
    """Everybody's segments and stages at one position.

    Parameters
    ----------
    at, offset : int
        The position.
    people : int
        Who was known by then.
    version : int or None
        Of the definitions, when the answer is a run's.
    fitted_for_this : list of str
        Definitions that rest on a fit as of `at` which is not kept.
    notes : list of str
    """

    at: int
    offset: int
    people: int
    groups: list[Group]
    version: int | None = None
    fitted_for_this: list[str] = []
    notes: list[str] = []


class RunReport(Report, frozen=True):
    """What a run did."""

    offset: int
    clock: int
    people: int
    changes: int
    version: int
    last_event: int | None = None
    notes: list[str] = []


class Membership(msgspec.Struct, frozen=True):
    """One segment or stage that a person is in, and whether they may be used for its purpose."""

    name: str
    purpose: str
    may: bool
    stage: str = ""


class ProfileReport(Report, frozen=True):
    """One person at one position.

    Parameters
    ----------
    profile : str
        The pseudonym.
    traits : dict
        Name -> value; decimals are exact, instants ISO 8601, unknown is null.
    timeline : list of Happened
        The newest events, newest first.
    n_events : int
        How many there are in all.
    """

    profile: str
    at: int
    offset: int
    traits: dict[str, Any]
    segments: list[Membership]
    stages: list[Membership]
    permissions: dict[str, bool]
    timeline: list[Happened]
    n_events: int
    fitted_for_this: list[str] = []


class ExportReport(Report, frozen=True):
    """What an export wrote, and why it is not everybody.

    Parameters
    ----------
    holds, audience, written : int
        Who is in the segment; who of them may be used; rows in the file.
    message : str
        The same in a sentence.
    """

    segment: str
    purpose: str
    at: int
    holds: int
    audience: int
    written: int
    message: str
    file: str = ""


class StreamStatus(Report, frozen=True):
    """Where the stream of a project stands.

    Parameters
    ----------
    offset, clock : int
        Its position; the clock is microseconds UTC.
    behind : int
        Entries of the log after the position.
    lag : int
        Microseconds from the clock to the newest event, 0 where the clock is past it.
    waiting_records : int
        Change records that the lake does not have yet.
    snapshot : int or None
        The offset of the newest snapshot.
    sizes : dict of str to int
        Of the state in that snapshot: ``people``, ``bytes``, ``bytes_per_person``, the ``budget``
        of one person's windows, sets and waits, people who are ``cold`` as they took more, events
        ``waiting`` for the clock, people with a deadline ``due``, distinct ``texts``.
    held : list of Held
        What each distinct aggregate takes of it, the largest first.
    """

    offset: int
    clock: int
    behind: int
    lag: int
    waiting_records: int
    snapshot: int | None
    sizes: dict[str, int]
    held: list[Held]


class InboxStatus(Report, frozen=True):
    """Requests that were acknowledged and wait for their fate.

    Parameters
    ----------
    waiting : int
        Requests; a batch is one.
    lag : int
        Microseconds since the first of them came.
    drained : int
        Requests that have their fate.
    """

    waiting: int
    lag: int
    drained: int


class StatusReport(Report, frozen=True):
    """Where a project stands: the fates of all it received, its clock, its stores.

    Parameters
    ----------
    clock : int or None
        Microseconds UTC; None before the first run.
    log_offset, lake_offset : int
        The last entry, and the last that the lake holds.
    reasons : dict of str to int
        Rows in quarantine by reason.
    events : dict of str to int
        Rows of the lake by event name, line events counted apart.
    sizes : dict of str to int
        Bytes on disk.
    stream : StreamStatus or None
        Where the stream stands; None where nothing was ever replayed.
    inbox : InboxStatus or None
        What waits of what came over HTTP; None where nothing ever did.
    forgotten : int
        The offset up to which collected events are in the lake alone, 0 for none.
    """

    name: str
    zone: str
    received: int
    stored: int
    duplicate: int
    quarantined: int
    erased: int
    balanced: bool
    clock: int | None
    log_offset: int
    lake_offset: int
    n_runs: int
    version: int | None
    definitions: dict[str, int]
    reasons: dict[str, int]
    sizes: dict[str, int]
    stream: StreamStatus | None = None
    inbox: InboxStatus | None = None
    forgotten: int = 0

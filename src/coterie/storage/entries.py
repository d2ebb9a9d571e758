"""What the log holds, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import msgspec

from coterie.language.events import Event
from coterie.storage import payload as payloads

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    "offset" INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, at INTEGER NOT NULL, checksum INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS entry_kind ON entry (kind, "offset") WHERE kind <> 'event';
CREATE TABLE IF NOT EXISTS conflict (
    key BLOB, digest BLOB, PRIMARY KEY (key, digest)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS called (name TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT OR IGNORE INTO tally VALUES
    ('received', 0), ('duplicate', 0), ('conflict', 0), ('erased', 0);
"""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry: `at` is microseconds UTC (of an event, when it occurred)."""

    offset: int
    kind: str
    at: int
    payload: bytes

    @property
    def event(self) -> Event:
        """The event that this entry holds."""
        return payloads.decode(self.payload)

    @property
    def bare(self) -> Event:
        """The same for whoever does not ask for its context: that stays JSON."""
        return payloads.decode_bare(self.payload)


class Appended(msgspec.Struct, frozen=True):
    """What became of the events of one append; every one of them is counted once.

    Parameters
    ----------
    offsets : list of int
        Of the stored events, in the order given.
    n_stored, n_duplicate : int
        Newly stored; already stored with the same content.
    conflicts : list of int
        Positions in the given sequence of events whose id is stored with another content:
        they are not stored, and belong in quarantine with the reason ``conflict``.
    """

    offsets: list[int]
    n_stored: int
    n_duplicate: int
    conflicts: list[int]


class Tally(msgspec.Struct, frozen=True):
    """The fates of every event that was ever given to the log (law 11).

    `stored` counts the rows that are there now; the others count what happened. A conflicting
    content that comes again is a duplicate of the first, which is in quarantine.
    """

    received: int
    stored: int
    duplicate: int
    conflict: int
    erased: int

    @property
    def balanced(self) -> bool:
        """Whether every received event has exactly one fate."""
        return self.received == self.stored + self.duplicate + self.conflict + self.erased


class Owner(msgspec.Struct, frozen=True):
    """Whose an event is, read from its bytes without the rest."""

    source: str
    message_id: str
    user_id: str | None = None
    anonymous_id: str | None = None
    supersedes: str | None = None

    @property
    def person(self) -> str | None:
        """The pseudonym that the event lies under: its user's, else its device's."""
        return self.anonymous_id if self.user_id is None else self.user_id

    def among(self, people: Collection[str]) -> bool:
        """Whether the event belongs to one of these people."""
        return self.person in people


Elsewhere = Callable[[list[bytes]], Iterable[Owner]]
"""Says whose the facts of some keys are."""

"""Destinations in the ledger: where changes of audiences go, and how far each has looked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import outgoing as o
from coterie.storage import tables as t
from coterie.storage.ledger import Ledger

REMOVED = "removed"
"""Why what waits for a destination is dropped when it is removed."""


class Reached(NamedTuple):
    """How far changes were looked at.

    Parameters
    ----------
    record : int
        The number of the last record of the outbox.
    run : int
        The offset of the last run.
    revisit : int
        The last of those whose permissions may have changed.
    """

    record: int
    run: int
    revisit: int


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where the changes of some audiences are sent; instants are microseconds UTC.

    Parameters
    ----------
    segments : tuple of str
        ``hesitant``, or one of several stages: ``lifecycle.loyal``.
    traits : tuple of str
        What is said of each person.
    secret : bytes
        What messages are signed with, sealed.
    former, former_until
        The secret before it, sealed, which signs too until then.
    paused_at : int or None
        Since when nothing is sent; `why` says what paused it.
    reached : Reached
    erasures : int
        How many there were since it was added.
    """

    id: int
    name: str
    url: str
    segments: tuple[str, ...]
    traits: tuple[str, ...]
    secret: bytes
    former: bytes | None
    former_until: int | None
    added_at: int
    paused_at: int | None
    why: str
    reached: Reached
    erasures: int


Place = tuple[str, str, str]
"""A profile, a segment and a stage, empty for a segment."""


class Destinations:
    """The destinations in a ledger.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def every(self) -> list[Destination]:
        """Those that were not removed, by name."""
        c = o.destinations.c
        query = sa.select(o.destinations).where(c.removed_at.is_(None)).order_by(c.name)
        with self._ledger.writing() as db:
            return [_read(row) for row in db.execute(query).mappings()]

    def add(
        self,
        name: str,
        url: str,
        segments: Sequence[str],
        traits: Sequence[str],
        secret: bytes,
        at: int,
        inside: Iterable[Place] = (),
    ) -> Destination:
        """Send changes there from now on.

        Parameters
        ----------
        inside : iterable of (str, str, str)
            Who is in the audiences already: profile, segment, stage.
        """
        values = {
            "name": name, "url": url, "segments": json.dumps(segments),
            "traits": json.dumps(traits), "secret": secret, "added_at": at, "why": "",
            "last": 0, "erasures": 0,
        }  # fmt: skip
        with self._ledger.writing() as db:
            values |= _reached(db)._asdict()
            key = db.execute(sa.insert(o.destinations).values(values)).inserted_primary_key
            assert key is not None
            rows = [
                {"destination": key[0], "profile": p, "segment": s, "stage": g}
                for p, s, g in inside
            ]
            if rows:
                db.execute(insert(o.told).on_conflict_do_nothing(), rows)
            made = sa.select(o.destinations).where(o.destinations.c.id == key[0])
            return _read(db.execute(made).mappings().one())

    def pause(self, destination: int, at: int, why: str) -> None:
        """Send nothing more there; what changes meanwhile waits."""
        self._set(destination, paused_at=at, why=why)

    def resume(self, destination: int) -> None:
        """Send again, what waited first."""
        self._set(destination, paused_at=None, why="")

    def rotate(self, destination: int, secret: bytes, former_until: int) -> None:
        """Sign with another secret, and until an instant with the one before it too."""
        c = o.destinations.c
        change = sa.update(o.destinations).where(c.id == destination)
        with self._ledger.writing() as db:
            db.execute(change.values(former=c.secret, secret=secret, former_until=former_until))

    def remove(self, destination: int, at: int) -> int:
        """Send nothing more there ever, and return how many deliveries still waited.

        Its secrets go, and so does all that was to be sent and who was told; what became of each
        delivery stays.
        """
        d, c = o.deliveries, o.deliveries.c
        gone = {"removed_at": at, "secret": b"", "former": None}
        waiting = sa.and_(c.destination == destination, c.fate == "waiting")
        with self._ledger.writing() as db:
            key = o.destinations.c.id == destination
            db.execute(sa.update(o.destinations).where(key).values(gone))
            dropped = {"fate": "dropped", "why": REMOVED, "due_at": None, "last_at": at}
            n = db.execute(sa.update(d).where(waiting).values(dropped)).rowcount
            mine = c.destination == destination
            db.execute(sa.update(d).where(mine).values(sealed=None))
            db.execute(sa.delete(o.told).where(o.told.c.destination == destination))
        return int(n)

    def told(self, destination: int, profiles: Sequence[str]) -> set[Place]:
        """Which of these people a destination was told are in which audience."""
        c = o.told.c
        found: set[Place] = set()
        with self._ledger.writing() as db:
            for start in range(0, len(profiles), 500):
                some = c.profile.in_(profiles[start : start + 500])
                query = sa.select(c.profile, c.segment, c.stage).where(c.destination == destination)
                found |= {(row[0], row[1], row[2]) for row in db.execute(query.where(some))}
        return found

    def audience(self, destination: int, after: str, most: int) -> list[str]:
        """People whom a destination was told of, those after one, in order."""
        c = o.told.c
        mine = sa.and_(c.destination == destination, c.profile > after)
        query = sa.select(c.profile).distinct().where(mine).order_by(c.profile).limit(most)
        with self._ledger.writing() as db:
            return list(db.execute(query).scalars())

    def _set(self, destination: int, **values: Any) -> None:
        change = sa.update(o.destinations).where(o.destinations.c.id == destination)
        with self._ledger.writing() as db:
            db.execute(change.values(values))


def _reached(db: sa.Connection) -> Reached:
    """The end of what there is to look at."""
    rows = db.execute(sa.text("SELECT name, seq FROM sqlite_sequence"))
    given = {str(row[0]): int(row[1]) for row in rows}
    run = db.execute(sa.select(sa.func.max(t.runs.c.offset))).scalar()
    return Reached(given.get("outbox", 0), run or 0, given.get("revisits", 0))


def _read(row: Any) -> Destination:
    known = {name: row[name] for name in Destination.__struct_fields__ if name in row}
    known["segments"] = tuple(json.loads(row["segments"]))
    known["traits"] = tuple(json.loads(row["traits"]))
    reached = Reached(row["record"], row["run"], row["revisit"])
    return Destination(**known, reached=reached)

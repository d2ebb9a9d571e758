"""Deliveries in the ledger: each change once for each destination, until it has its fate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import outgoing as o
from coterie.storage.destinations import Destination, Reached
from coterie.storage.ledger import Ledger

Fate = Literal["waiting", "delivered", "failed", "dropped"]

_WAITS = sa.text("fate = 'waiting'")
_KEEP = """
INSERT OR IGNORE INTO deliveries (
    destination, record, sequence, message, profile, segment, stage, change, at, version, cause,
    sealed, enqueued_at, fate, why, attempts
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', '', 0)
"""
_INSIDE = "INSERT OR IGNORE INTO told (destination, profile, segment, stage) VALUES (?, ?, ?, ?)"
_OUTSIDE = "DELETE FROM told WHERE destination = ? AND profile = ? AND segment = ? AND stage = ?"
_FIRST = """
UPDATE deliveries SET due_at = ?1 WHERE due_at IS NULL AND id = (
    SELECT min(id) FROM deliveries WHERE destination = ?2 AND profile = ?3 AND fate = 'waiting'
)
"""
_DUE = """
SELECT * FROM deliveries WHERE destination = ? AND fate = 'waiting' AND due_at <= ?
ORDER BY due_at, id LIMIT ?
"""
_NEXT = "SELECT min(due_at) FROM deliveries WHERE destination = ? AND fate = 'waiting'"
_TRIED = (
    "INSERT OR REPLACE INTO attempts (delivery, number, at, status, said) VALUES (?, ?, ?, ?, ?)"
)
_BECAME = """
UPDATE deliveries SET attempts = ?1, last_at = ?2, why = ?3, fate = ?4, due_at = ?5,
    sealed = CASE ?6 WHEN 'delivered' THEN NULL ELSE sealed END
WHERE id = ?7 AND fate = 'waiting'
"""
_OLD = """
SELECT id FROM deliveries WHERE fate <> 'waiting' AND last_at < ? ORDER BY last_at, id LIMIT ?
"""
"""The words of 'waiting' stand in the statements, so that the indexes of what waits are used."""

ERASED, WITHDRAWN, SUPERSEDED = "erased", "withdrawn", "superseded"
"""Why a delivery is dropped: its person was erased, or allows it no more; another said more."""


class New(msgspec.Struct, frozen=True, kw_only=True):
    """A change to be sent.

    Parameters
    ----------
    record : str
        Which change it is: the same one is enqueued once.
    message : str
        The id by which the receiver knows a repetition.
    change : str
        ``entered`` or ``exited``.
    at : int
        Of the change, microseconds UTC.
    sealed : bytes
        What is sent, encrypted.
    """

    record: str
    sequence: int
    message: str
    profile: str
    segment: str
    stage: str
    change: str
    at: int
    version: int
    cause: str
    sealed: bytes


class Delivery(New, frozen=True, kw_only=True):
    """A change on its way; instants are microseconds UTC.

    Parameters
    ----------
    sealed : bytes or None
        None once it need not be sent again.
    fate : str
        ``waiting``, ``delivered``, ``failed`` or ``dropped``.
    why : str
        The last answer in words; of one that was dropped, the reason.
    due_at : int or None
        When it is tried next; None while another of the same person is before it.
    last_at : int or None
        Of the last attempt, or of its fate; None before both.
    """

    id: int
    destination: int
    sealed: bytes | None  # type: ignore[assignment]
    enqueued_at: int
    fate: str
    why: str
    attempts: int
    due_at: int | None
    last_at: int | None


class Outcome(NamedTuple):
    """What became of one attempt.

    Parameters
    ----------
    status : int
        Of the answer, 0 where there was none.
    said : str
        The answer in a few words, nothing of its body.
    fate : str
        Of the delivery: ``waiting`` where it is tried again at `due_at`.
    """

    delivery: Delivery
    at: int
    status: int
    said: str
    fate: Fate
    due_at: int | None


class Deliveries:
    """The deliveries in a ledger.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    # --- on the way in -----------------------------------------------------------------------

    def enqueue(self, to: Destination, reached: Reached, new: Sequence[New], at: int) -> bool:
        """Keep what is to be sent together with how far changes were looked at.

        Parameters
        ----------
        to : Destination
            As it was when the changes were read; where it stands elsewhere by now, or somebody
            was erased since, nothing is kept.
        at : int
            Now, microseconds UTC.

        Returns
        -------
        bool
            Whether it was kept.
        """
        c, destination = o.destinations.c, to.id
        here = sa.and_(c.id == to.id, c.removed_at.is_(None), c.erasures == to.erasures)
        for name, value in to.reached._asdict().items():
            here = sa.and_(here, c[name] == value)
        values = reached._asdict() | ({"last": new[-1].sequence} if new else {})
        rows = [_row(destination, one, at) for one in new]
        with self._ledger.writing() as db:
            if not db.execute(sa.update(o.destinations).where(here).values(values)).rowcount:
                return False
            if new:
                _tell(db, destination, new, at)
                db.exec_driver_sql(_KEEP, rows)
                _promote(db, destination, {one.profile for one in new}, at)
            _looked(db)
        return True

    def sequence(self, destination: int) -> int:
        """The number of the last delivery of a destination, 0 for none."""
        query = sa.select(o.destinations.c.last).where(o.destinations.c.id == destination)
        with self._ledger.writing() as db:
            return int(db.execute(query).scalar() or 0)

    # --- on the way out ----------------------------------------------------------------------

    def due(self, destination: int, now: int, most: int) -> list[Delivery]:
        """What is to be sent by now, the longest due first; one of each person."""
        with self._ledger.writing() as db:
            rows = db.exec_driver_sql(_DUE, (destination, now, most)).mappings()
            return [Delivery(**row) for row in rows]

    def next(self, destination: int) -> int | None:
        """When something is due there next, None where nothing waits."""
        with self._ledger.writing() as db:
            found = db.exec_driver_sql(_NEXT, (destination,)).scalar()
        return None if found is None else int(found)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of attempts, in one transaction."""
        tried = [(o.delivery.id, o.delivery.attempts + 1, o.at, o.status, o.said) for o in outcomes]
        became = [
            (o.delivery.attempts + 1, o.at, o.said, o.fate, o.due_at, o.fate, o.delivery.id)
            for o in outcomes
        ]
        over = [o for o in outcomes if o.fate != "waiting"]
        with self._ledger.writing() as db:
            db.exec_driver_sql(_TRIED, tried)
            db.exec_driver_sql(_BECAME, became)
            for destination in {o.delivery.destination for o in over}:
                mine = [o for o in over if o.delivery.destination == destination]
                people = {o.delivery.profile for o in mine}
                _promote(db, destination, people, max(o.at for o in mine))

    def retry(self, destination: int, at: int, number: int | None = None) -> tuple[int, int]:
        """Try failed deliveries again, and return how many, and how many were dropped instead.

        Parameters
        ----------
        number : int, optional
            The sequence of one of them; by default all.

        Notes
        -----
        One that a later delivery about the same person and audience came after is dropped: it
        would say what is true no more.
        """
        d, c = o.deliveries, o.deliveries.c
        later = o.deliveries.alias()
        same = [later.c[name] == c[name] for name in ("destination", "profile", "segment", "stage")]
        told = sa.exists().where(later.c.id > c.id, *same)
        mine = sa.and_(c.destination == destination, c.fate == "failed", c.sealed.is_not(None))
        if number is not None:
            mine = sa.and_(mine, c.sequence == number)
        with self._ledger.writing() as db:
            old = {"fate": "dropped", "why": SUPERSEDED, "sealed": None, "last_at": at}
            n_old = db.execute(sa.update(d).where(mine, told).values(old)).rowcount
            again = sa.update(d).where(mine).values(fate="waiting", attempts=c.attempts)
            people = list(db.execute(again.returning(c.profile)).scalars())
            for profile in set(people):
                line = sa.and_(c.destination == destination, c.profile == profile, _WAITS)
                db.execute(sa.update(d).where(line).values(due_at=None))
            _promote(db, destination, set(people), at)
        return len(people), int(n_old)

    # --- looking -----------------------------------------------------------------------------

    def counts(self) -> dict[int, dict[str, int]]:
        """How many deliveries each destination has of each fate; of those dropped, by reason."""
        found: dict[int, dict[str, int]] = {}
        with self._ledger.writing() as db:
            forgotten = db.execute(sa.select(o.forgotten)).all()
            for destination, fate, reason, n in [*_counted(db), *forgotten]:
                name = f"{fate}.{reason}" if reason else fate
                fates = found.setdefault(destination, {})
                fates[name] = fates.get(name, 0) + n
        return found

    def list(
        self, destination: int | None = None, fate: str | None = None, most: int = 100
    ) -> list[Delivery]:
        """The newest deliveries, newest first."""
        c = o.deliveries.c
        query = sa.select(o.deliveries).order_by(c.id.desc()).limit(most)
        if destination is not None:
            query = query.where(c.destination == destination)
        if fate is not None:
            query = query.where(c.fate == fate)
        with self._ledger.writing() as db:
            return [Delivery(**row) for row in db.execute(query).mappings()]

    def expire(self, before: int, most: int) -> int:
        """Forget deliveries that had their fate before an instant, the longest over first.

        Their attempts go with them; :meth:`counts` stays as it is.

        Parameters
        ----------
        before : int
            Microseconds UTC.
        most : int
            How many at most, so that others who write need not wait.

        Returns
        -------
        int
            How many were forgotten.
        """
        d, a = o.deliveries, o.attempts
        new = insert(o.forgotten)
        more = {"n": o.forgotten.c.n + new.excluded.n}
        add = new.on_conflict_do_update(["destination", "fate", "why"], set_=more)
        with self._ledger.writing() as db:
            old = list(db.exec_driver_sql(_OLD, (before, most)).scalars())
            if old:
                rows = [row._asdict() for row in _counted(db, d.c.id.in_(old))]
                db.execute(add, rows)
                db.execute(sa.delete(a).where(a.c.delivery.in_(old)))
                db.execute(sa.delete(d).where(d.c.id.in_(old)))
        return len(old)

    def forget(self, people: Collection[str], at: int) -> None:
        """Leave nothing of these people: what waits for them is dropped, the rest unnamed."""
        d, c = o.deliveries, o.deliveries.c
        with self._ledger.writing() as db:
            for person in people:
                mine = sa.update(d).where(c.profile == person)
                waits = mine.where(c.fate == "waiting")
                db.execute(waits.values(fate="dropped", why=ERASED, due_at=None, last_at=at))
                db.execute(mine.values(profile="", sealed=None))
                db.execute(sa.delete(o.told).where(o.told.c.profile == person))
                db.execute(sa.delete(o.revisits).where(o.revisits.c.profile == person))
            erasures = o.destinations.c.erasures
            db.execute(sa.update(o.destinations).values(erasures=erasures + 1))


def _row(destination: int, new: New, at: int) -> tuple[object, ...]:
    """A delivery as it is kept first."""
    return (
        destination, new.record, new.sequence, new.message, new.profile, new.segment, new.stage,
        new.change, new.at, new.version, new.cause, new.sealed, at,
    )  # fmt: skip


def _counted(db: sa.Connection, *where: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
    """Destination, fate, reason of those dropped, and how many deliveries have them."""
    c = o.deliveries.c
    why = sa.case((c.fate == "dropped", c.why), else_="").label("why")
    query = sa.select(c.destination, c.fate, why, sa.func.count().label("n")).where(*where)
    return list(db.execute(query.group_by(c.destination, c.fate, why)))


def _tell(db: sa.Connection, destination: int, new: Sequence[New], at: int) -> None:
    """Keep who is in an audience, by the last that is said of each."""
    last = {(one.profile, one.segment, one.stage): one for one in new}
    inside = [(destination, *place) for place, one in last.items() if one.change == "entered"]
    outside = [(destination, *place) for place, one in last.items() if one.change == "exited"]
    if inside:
        db.exec_driver_sql(_INSIDE, inside)
    if outside:
        db.exec_driver_sql(_OUTSIDE, outside)
    for one in new:
        if one.cause == "consent" and one.change == "exited":
            _withdraw(db, destination, one, at)


def _promote(db: sa.Connection, destination: int, people: Collection[str], at: int) -> None:
    """Let the first that waits for each person be due, where it is not yet."""
    rows = [(at, destination, person) for person in sorted(people)]
    if rows:
        db.exec_driver_sql(_FIRST, rows)


def _withdraw(db: sa.Connection, destination: int, new: New, at: int) -> None:
    """Drop entrances that wait: the person allows no use of them any more."""
    c = o.deliveries.c
    mine = [c[name] == getattr(new, name) for name in ("profile", "segment", "stage")]
    waits = sa.and_(c.destination == destination, *mine, _WAITS, c.change == "entered")
    gone = {"fate": "dropped", "why": WITHDRAWN, "sealed": None, "due_at": None, "last_at": at}
    db.execute(sa.update(o.deliveries).where(waits).values(gone))


def _looked(db: sa.Connection) -> None:
    """Forget the revisits that every destination has made."""
    c = o.destinations.c
    least = sa.select(sa.func.min(c.revisit)).where(c.removed_at.is_(None)).scalar_subquery()
    db.execute(sa.delete(o.revisits).where(o.revisits.c.id <= least))

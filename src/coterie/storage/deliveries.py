"""Deliveries in the ledger: each change once for each destination, until it has its fate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.storage import outgoing as o
from coterie.storage.destinations import Reached
from coterie.storage.ledger import Ledger

Fate = Literal["waiting", "delivered", "failed", "dropped"]

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

    def enqueue(
        self, destination: int, former: Reached, reached: Reached, new: Sequence[New], at: int
    ) -> bool:
        """Keep what is to be sent together with how far changes were looked at.

        Parameters
        ----------
        former : Reached
            From where; where the destination stands elsewhere by now, nothing is kept.
        at : int
            Now, microseconds UTC.

        Returns
        -------
        bool
            Whether it was kept.
        """
        c = o.destinations.c
        here = sa.and_(c.id == destination, c.removed_at.is_(None))
        for name, value in former._asdict().items():
            here = sa.and_(here, c[name] == value)
        values = reached._asdict() | ({"last": new[-1].sequence} if new else {})
        with self._ledger.writing() as db:
            if not db.execute(sa.update(o.destinations).where(here).values(values)).rowcount:
                return False
            for one in new:
                self._keep(db, destination, one, at)
            _looked(db)
        return True

    def _keep(self, db: sa.Connection, destination: int, new: New, at: int) -> None:
        place = {"destination": destination, "profile": new.profile, "segment": new.segment,
                 "stage": new.stage}  # fmt: skip
        if new.change == "entered":
            db.execute(insert(o.told).values(place).on_conflict_do_nothing())
        else:
            inside = [o.told.c[name] == value for name, value in place.items()]
            db.execute(sa.delete(o.told).where(*inside))
        if new.cause == "consent" and new.change == "exited":
            _withdraw(db, place)
        row = msgspec.structs.asdict(new) | {
            "destination": destination, "enqueued_at": at, "fate": "waiting", "why": "",
            "attempts": 0,
        }  # fmt: skip
        db.execute(insert(o.deliveries).values(row).on_conflict_do_nothing())
        _promote(db, destination, new.profile, at)

    def sequence(self, destination: int) -> int:
        """The number of the last delivery of a destination, 0 for none."""
        query = sa.select(o.destinations.c.last).where(o.destinations.c.id == destination)
        with self._ledger.writing() as db:
            return int(db.execute(query).scalar() or 0)

    # --- on the way out ----------------------------------------------------------------------

    def due(self, destination: int, now: int, most: int) -> list[Delivery]:
        """What is to be sent by now, the longest due first; one of each person."""
        c = o.deliveries.c
        wanted = sa.and_(c.destination == destination, c.fate == "waiting", c.due_at <= now)
        query = sa.select(o.deliveries).where(wanted).order_by(c.due_at, c.id).limit(most)
        with self._ledger.writing() as db:
            return [Delivery(**row) for row in db.execute(query).mappings()]

    def next(self, destination: int) -> int | None:
        """When something is due there next, None where nothing waits."""
        c = o.deliveries.c
        wanted = sa.and_(c.destination == destination, c.fate == "waiting", c.due_at.is_not(None))
        with self._ledger.writing() as db:
            found = db.execute(sa.select(sa.func.min(c.due_at)).where(wanted)).scalar()
        return None if found is None else int(found)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Keep what became of attempts, in one transaction."""
        d, c = o.deliveries, o.deliveries.c
        with self._ledger.writing() as db:
            for done in outcomes:
                number = done.delivery.attempts + 1
                db.execute(insert(o.attempts).prefix_with("OR REPLACE").values(
                    delivery=done.delivery.id, number=number, at=done.at, status=done.status,
                    said=done.said,
                ))  # fmt: skip
                change: dict[str, object] = {
                    "attempts": number, "last_at": done.at, "why": done.said, "fate": done.fate,
                    "due_at": done.due_at if done.fate == "waiting" else None,
                }  # fmt: skip
                if done.fate == "delivered":
                    change["sealed"] = None
                mine = sa.and_(c.id == done.delivery.id, c.fate == "waiting")
                db.execute(sa.update(d).where(mine).values(change))
                if done.fate != "waiting":
                    _promote(db, done.delivery.destination, done.delivery.profile, done.at)

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
            old = sa.update(d).where(mine, told).values(fate="dropped", why=SUPERSEDED, sealed=None)
            n_old = db.execute(old).rowcount
            again = sa.update(d).where(mine).values(fate="waiting", attempts=c.attempts)
            people = list(db.execute(again.returning(c.profile)).scalars())
            for profile in set(people):
                _requeue(db, destination, profile, at)
        return len(people), int(n_old)

    # --- looking -----------------------------------------------------------------------------

    def counts(self) -> dict[int, dict[str, int]]:
        """How many deliveries each destination has of each fate; of those dropped, by reason."""
        c = o.deliveries.c
        why = sa.case((c.fate == "dropped", c.why), else_="")
        query = sa.select(c.destination, c.fate, why, sa.func.count()).group_by(
            c.destination, c.fate, why
        )
        found: dict[int, dict[str, int]] = {}
        with self._ledger.writing() as db:
            for destination, fate, reason, n in db.execute(query):
                name = f"{fate}.{reason}" if reason else fate
                found.setdefault(destination, {})[name] = n
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


def _promote(db: sa.Connection, destination: int, profile: str, at: int) -> None:
    """Let the next of a person be due, where nobody else is before it."""
    d, c = o.deliveries, o.deliveries.c
    first = db.execute(_in_line(destination, profile)).first()
    if first is not None and first.due_at is None:
        db.execute(sa.update(d).where(c.id == first.id).values(due_at=at))


def _requeue(db: sa.Connection, destination: int, profile: str, at: int) -> None:
    """Let only the first of a person be due, after others came back before it."""
    d, c = o.deliveries, o.deliveries.c
    mine = sa.and_(c.destination == destination, c.profile == profile, c.fate == "waiting")
    db.execute(sa.update(d).where(mine).values(due_at=None))
    _promote(db, destination, profile, at)


def _in_line(destination: int, profile: str) -> sa.Select[tuple[int, int | None]]:
    """The first of a person that waits."""
    c = o.deliveries.c
    mine = sa.and_(c.destination == destination, c.profile == profile, c.fate == "waiting")
    return sa.select(c.id, c.due_at).where(mine).order_by(c.id).limit(1)


def _withdraw(db: sa.Connection, place: dict[str, object]) -> None:
    """Drop entrances that wait: the person allows no use of them any more."""
    c = o.deliveries.c
    mine = [c[name] == value for name, value in place.items()]
    waits = sa.and_(*mine, c.fate == "waiting", c.change == "entered")
    gone = sa.update(o.deliveries).where(waits)
    db.execute(gone.values(fate="dropped", why=WITHDRAWN, sealed=None, due_at=None))


def _looked(db: sa.Connection) -> None:
    """Forget the revisits that every destination has made."""
    c = o.destinations.c
    least = sa.select(sa.func.min(c.revisit)).where(c.removed_at.is_(None)).scalar_subquery()
    db.execute(sa.delete(o.revisits).where(o.revisits.c.id <= least))

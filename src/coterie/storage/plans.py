"""The tracking plans that were in force, one after the other."""

from __future__ import annotations

import hashlib

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from coterie.language.plan import TrackingPlan
from coterie.storage import tables as t
from coterie.storage.ledger import Ledger

_JSON = msgspec.json.Encoder(order="deterministic")
_READ = msgspec.json.Decoder(TrackingPlan)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that a run brought in.

    Parameters
    ----------
    version : int
        Counted from 1; a former plan that comes back is a version of its own.
    hash : str
        Of its canonical JSON: 16 hexadecimal digits.
    at : int
        Microseconds UTC.
    json : str
        The plan.
    """

    version: int
    hash: str
    at: int
    json: str

    @property
    def plan(self) -> TrackingPlan:
        """The plan as it was."""
        return _READ.decode(self.json)


def digest(plan: TrackingPlan) -> str:
    """Tells two plans apart, whatever order their files say things in.

    Examples
    --------
    >>> digest(TrackingPlan()) == digest(TrackingPlan(mode="observe"))
    False
    """
    return hashlib.blake2b(_JSON.encode(plan), digest_size=8).hexdigest()


def kept(ledger: Ledger) -> list[Kept]:
    """Every version, oldest first."""
    with ledger.writing() as db:
        rows = db.execute(sa.select(t.plans).order_by(t.plans.c.version)).mappings()
        return [Kept(**row) for row in rows]


def latest(ledger: Ledger) -> Kept | None:
    """The version in force, None before the first."""
    query = sa.select(t.plans).order_by(t.plans.c.version.desc()).limit(1)
    with ledger.writing() as db:
        row = db.execute(query).mappings().first()
    return None if row is None else Kept(**row)


def keep(ledger: Ledger, plan: TrackingPlan, at: int) -> Kept | None:
    """Make a plan the version in force; None where it is that already.

    Parameters
    ----------
    at : int
        Microseconds UTC.
    """
    now = digest(plan)
    before = latest(ledger)
    if before is not None and before.hash == now:
        return None
    version = 1 if before is None else before.version + 1
    new = Kept(version=version, hash=now, at=at, json=_JSON.encode(plan).decode())
    with ledger.writing() as db:
        db.execute(insert(t.plans).values(msgspec.structs.asdict(new)))
    return new

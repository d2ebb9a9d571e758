"""Messages become events of the log, or rows of the quarantine: each has its fate on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from coterie.collect.gate import refusal
from coterie.collect.personal import shielded
from coterie.collect.quarantine import Row
from coterie.collect.spec import EVENT_BYTES, Arrival, Refused, read, statement
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage import ledger as ledgers
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log


class Refusal(msgspec.Struct, frozen=True):
    """Why a message is in quarantine: where in the body, the reason, the path below and type."""

    path: str
    reason: str
    detail: str


class _Whose(msgspec.Struct, rename="camel"):
    user_id: str | int | None = None
    anonymous_id: str | int | None = None


_WHOSE = msgspec.json.Decoder(_Whose)


class _Read(NamedTuple):
    event: Event
    said_at: int
    arrival: Arrival


class Collector:
    """A door for messages of the Segment specification.

    Parameters
    ----------
    log, ledger : Log, Ledger
    pseudonymiser : Pseudonymiser
    plan : TrackingPlan
    most : int
        Bytes of one event.
    """

    def __init__(
        self, log: Log, ledger: Ledger, pseudonymiser: Pseudonymiser, plan: TrackingPlan,
        most: int = EVENT_BYTES,
    ) -> None:  # fmt: skip
        self.log = log
        self.ledger = ledger
        self.pseudonymiser = pseudonymiser
        self.plan = plan
        self.most = most

    def collect(self, arrivals: Sequence[Arrival], now: int) -> list[Refusal | None]:
        """Store what can be stored and quarantine the rest; when this returns, it is on disk.

        Parameters
        ----------
        now : int
            Microseconds UTC.

        Returns
        -------
        list of Refusal or None
            One for each message; None where it is stored, or was already.

        Notes
        -----
        The log and the ledger are two commits. Where the second fails nothing is answered, the
        sender tries again, and what the log has is a duplicate by then.

        Raises
        ------
        StoreError
            Nothing of these messages can be promised.
        """
        fates: list[Refusal | None] = [None] * len(arrivals)
        clean: list[tuple[int, _Read]] = []
        for i, arrival in enumerate(arrivals):
            try:
                clean.append((i, self._read(arrival, now)))
            except Refused as refused:
                fates[i] = Refusal(arrival.path, refused.reason, refused.detail)
        events = [each for _, each in clean]
        appended = self.log.append_events([e.event for e in events], [e.said_at for e in events])
        for position in appended.conflicts:
            i, each = clean[position]
            fates[i] = Refusal(each.arrival.path, "conflict", "messageId")
        pairs = zip(arrivals, fates, strict=True)
        rows = [self._row(arrival, fate, now) for arrival, fate in pairs if fate is not None]
        if rows:
            self.ledger.quarantine(rows)
        return fates

    def replay(self, messages: Sequence[tuple[str, Row]], now: int) -> frozenset[str]:
        """Collect messages out of the quarantine again, as they came then or were mended since.

        Parameters
        ----------
        messages : sequence of str and Row
            The source of each, and what was sealed of it.

        Returns
        -------
        frozenset of str
            The ids, in quarantine, of those that are refused again.
        """
        arrivals = [
            Arrival(
                source,
                row.raw.encode(),
                "$",
                row.route,
                row.received_at,
                row.sent_at,
                row.context.encode(),
            )
            for source, row in messages
        ]
        fates = self.collect(arrivals, now)
        again = zip(arrivals, fates, strict=True)
        return frozenset(self._id(arrival) for arrival, fate in again if fate is not None)

    def _read(self, arrival: Arrival, now: int) -> _Read:
        """The event as it may be stored."""
        stated = read(arrival, self.most)
        open_ = shielded(stated.event, self.plan, self.pseudonymiser)
        event = self.pseudonymiser.event(open_, self.plan)
        found = refusal(event, self.plan, now)
        if found is not None:
            raise Refused(*found)
        return _Read(event, stated.said_at, arrival)

    def _row(self, arrival: Arrival, fate: Refusal, now: int) -> ledgers.Refused:
        """What is kept of a refused message."""
        sent = arrival.sent_at
        row = Row(
            raw=_legible(arrival.body), route=arrival.route, received_at=arrival.received_at,
            sent_at=_legible(sent.encode(errors="ignore")) if isinstance(sent, str) else None,
            context=_legible(arrival.context),
        )  # fmt: skip
        return ledgers.Refused(
            id=self._id(arrival), source=arrival.source,
            file=f"/v1/{arrival.route}", row=_number(arrival.path), reason=fate.reason,
            detail=fate.detail, sealed=self.pseudonymiser.seal(msgspec.json.encode(row)),
            at=now, person=self._person(arrival.body),
        )  # fmt: skip

    def _id(self, arrival: Arrival) -> str:
        """What a refused message is known by: one that is sent again is the same row."""
        said = (arrival.source.encode(), arrival.route.encode(), statement(arrival.body))
        sealed = self.pseudonymiser.seal(b"\0".join(said))
        return hashlib.blake2b(sealed, digest_size=12).hexdigest()

    def _person(self, body: bytes) -> str | None:
        """The pseudonym of whom a message is about, where it says so."""
        try:
            said = _WHOSE.decode(body)
        except (ValueError, RecursionError):
            return None
        if said.user_id not in (None, ""):
            return self.pseudonymiser.person(str(said.user_id))
        device = said.anonymous_id
        return None if device in (None, "") else self.pseudonymiser.anonymous(str(device))


def _legible(said: bytes) -> str:
    return said.decode("utf-8", "backslashreplace")


def _number(path: str) -> int:
    """The number of a message in its batch, from 1."""
    _, _, rest = path.partition("[")
    return int(rest.rstrip("]") or 0) + 1

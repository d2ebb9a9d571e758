"""Messages become events of the log, or rows of the quarantine: each has its fate on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from coterie.collect.making import Names
from coterie.collect.quality.counting import Tally
from coterie.collect.receiver import Receiver
from coterie.collect.requests import Messages
from coterie.collect.rows import EVENT, Row
from coterie.collect.sharing import Made, Share, Sharing
from coterie.collect.spec import EVENT_BYTES, Arrival, statement
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage import ledger as ledgers
from coterie.storage.decided import Decided, Place
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


class Waited(NamedTuple):
    """Where messages come from that waited in the inbox.

    Parameters
    ----------
    places : sequence of (int, int)
        Of each message (:class:`coterie.storage.decided.Place`).
    decided : mapping of Place to bool
        Those that are in quarantine already, by a drain that did not end; true for conflicts.
    drained, last : int
        The last request that the log knows, and the one that it will know with these.
    """

    places: Sequence[tuple[int, int]]
    decided: Mapping[tuple[int, int], bool]
    drained: int
    last: int


_NEW = Waited((), {}, 0, 0)


class Collector:
    """A door for messages of the Segment specification.

    Parameters
    ----------
    log, ledger : Log, Ledger
    pseudonymiser : Pseudonymiser
    plan : TrackingPlan
    most : int
        Bytes of one event.
    workers : int
        Processes that share the making of events (:class:`coterie.collect.sharing.Sharing`).
    """

    def __init__(
        self, log: Log, ledger: Ledger, pseudonymiser: Pseudonymiser, plan: TrackingPlan,
        most: int = EVENT_BYTES, workers: int = 0,
    ) -> None:  # fmt: skip
        self.log = log
        self.ledger = ledger
        self.pseudonymiser = pseudonymiser
        self.plan = plan
        self.most = most
        self._tally = Tally()
        self._names = Names(log.names)
        self.sharing = Sharing((pseudonymiser, plan, most), self._names, self._tally, workers)
        self._decided = Decided(ledger)

    def collect(
        self, arrivals: Sequence[Arrival], now: int, waited: Waited = _NEW
    ) -> list[Refusal | None]:
        """Store what can be stored and quarantine the rest; when this returns, it is on disk.

        Parameters
        ----------
        now : int
            Microseconds UTC: when what is refused comes into quarantine. Messages that waited are
            judged as of their arrival, others as of now.
        waited : Waited, optional
            Of messages that waited in the inbox, where each stood there.

        Returns
        -------
        list of Refusal or None
            One for each message; None where it is stored, or was already, or is in quarantine by
            an earlier drain.

        Notes
        -----
        The log and the ledger are two commits, the ledger's first and within the log's, which
        has nothing where the other fails.

        Raises
        ------
        StoreError
            Nothing of these messages can be promised.
        """
        known = waited.decided
        wanted: Sequence[int] = range(len(arrivals))
        if known:
            wanted = [i for i in wanted if known.get(waited.places[i]) is not False]
        asked = [arrivals[i] for i in wanted] if known else arrivals
        shares = self.sharing.make(asked, None if waited.places else now)
        return self._keep(arrivals, wanted, self.sharing.settle(shares), now, waited)

    def store(
        self, arrivals: Messages, shares: Sequence[Share], now: int, waited: Waited
    ) -> list[Refusal | None]:
        """What :meth:`collect` does, with messages that were made ready, none decided before."""
        made = self.sharing.settle(shares)
        return self._keep(arrivals, range(len(arrivals)), made, now, waited)

    def _keep(
        self, arrivals: Messages, wanted: Sequence[int], made: Made, now: int, waited: Waited
    ) -> list[Refusal | None]:
        """Commit what was made of the wanted messages, and why others are refused."""
        fates: list[Refusal | None] = [None] * len(arrivals)
        known = waited.decided
        for n, why in made.refused.items():
            i = wanted[n]
            fates[i] = Refusal(arrivals[i].path, why.reason, why.detail)
        clean = [wanted[n] for n in made.places]

        def keep(conflicts: Sequence[int]) -> None:
            for position in conflicts:
                i = clean[position]
                fates[i] = Refusal(arrivals[i].path, "conflict", "messageId")
            self._quarantine(arrivals, fates, now, waited)

        conflicting = {n for n, i in enumerate(clean) if known and known.get(waited.places[i])}
        self.log.append_bundles(
            made.facts, lasting=False, drained=waited.last, conflicting=conflicting,
            names=self._names.new, before=keep,
        )  # fmt: skip
        self._names.kept()
        self._tally.keep(self.ledger)
        return fates

    def ready(self) -> bool:
        """Whether another process shares the work; they are begun by this, or by many messages."""
        return self.sharing.ready()

    def close(self) -> None:
        """End the processes that share the work; the stores stay open."""
        self.sharing.close()

    def _quarantine(
        self, arrivals: Messages, fates: Sequence[Refusal | None], now: int,
        waited: Waited,
    ) -> None:  # fmt: skip
        """Keep what is refused, and with it which messages of the inbox that was."""
        refused = [(i, fate) for i, fate in enumerate(fates) if fate is not None]
        if not refused:
            return
        rows = [self._row(arrivals[i], fate, now) for i, fate in refused]
        if not waited.places:
            self.ledger.quarantine(rows)
            return
        places = {Place(*waited.places[i]): fate.reason == "conflict" for i, fate in refused}
        keep = partial(self._decided.keep, places=places, drained=waited.drained)
        self.ledger.quarantine(rows, keep)

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
        events = [each for each in messages if each[1].route == EVENT]
        arrivals = [
            Arrival(
                source, row.raw.encode(), row.path, row.route, row.received_at, row.sent_at,
                row.context.encode(),
            )
            for source, row in messages
            if row.route != EVENT
        ]  # fmt: skip
        fates = self.collect(arrivals, now)
        again = zip(arrivals, fates, strict=True)
        door = Receiver(self.log, self.ledger, self.pseudonymiser, self.plan)
        refused = door.replay(events, now) if events else frozenset()
        return refused | {self._id(arrival) for arrival, fate in again if fate is not None}

    def _row(self, arrival: Arrival, fate: Refusal, now: int) -> ledgers.Refused:
        """What is kept of a refused message."""
        sent = arrival.sent_at
        row = Row(
            raw=_legible(arrival.body), route=arrival.route, received_at=arrival.received_at,
            sent_at=_legible(sent.encode(errors="ignore")) if isinstance(sent, str) else None,
            context=_legible(arrival.context), path=arrival.path,
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

"""Events that come as events: through the same pseudonyms and the same gate as messages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from coterie.collect.gate import Gate
from coterie.collect.quality.counting import Tally
from coterie.collect.rows import EVENT, Row
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.ledger import Ledger, Refused
from coterie.storage.log import Log
from coterie.storage.payload import Fact, decode, fact

_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class Received(msgspec.Struct):
    """The fates of the events given; every one has exactly one."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0


class _Read(NamedTuple):
    given: Event
    event: Event
    fact: Fact


class Receiver:
    """A door for raw events.

    Parameters
    ----------
    log, ledger : Log, Ledger
    pseudonymiser : Pseudonymiser
    plan : TrackingPlan
    """

    def __init__(
        self, log: Log, ledger: Ledger, pseudonymiser: Pseudonymiser, plan: TrackingPlan
    ) -> None:
        self.log = log
        self.ledger = ledger
        self.pseudonymiser = pseudonymiser
        self.plan = plan
        self.total = Received()
        self._gate = Gate(plan)
        self._tally = Tally()

    def receive(self, events: Iterable[Event], now: int) -> frozenset[str]:
        """Store events with raw identifiers, or put them into quarantine, in one transaction.

        Parameters
        ----------
        now : int
            Microseconds UTC.

        Returns
        -------
        frozenset of str
            The ids, in quarantine, of those that are refused.
        """
        clean: list[_Read] = []
        refused: list[Refused] = []
        for given in events:
            judged = self._gate.judge(given, now)
            self._tally.add(judged, now)
            event = self.pseudonymiser.event(judged.event, self.plan)
            if judged.refused is None:
                clean.append(_Read(given, event, fact(event)))
            else:
                refused.append(self._refused(given, event, *judged.refused, now))
        n = len(refused)
        appended = self.log.append_facts([each.fact for each in clean])
        refused += [
            self._refused(each.given, each.event, "conflict", "message_id", now)
            for each in (clean[i] for i in appended.conflicts)
        ]
        self._count(len(clean) + n, appended.n_stored, refused)
        self._tally.keep(self.ledger)
        return frozenset(row.id for row in refused)

    def _count(self, received: int, stored: int, refused: list[Refused]) -> None:
        kept = self.ledger.quarantine(refused) if refused else 0
        total = self.total
        total.received += received
        total.stored += stored
        total.quarantined += kept
        total.duplicate += received - stored - kept

    def replay(self, messages: Sequence[tuple[str, Row]], now: int) -> frozenset[str]:
        """Receive events out of the quarantine again, as they came then or were mended since.

        Parameters
        ----------
        messages : sequence of str and Row
            The source of each, and what was sealed of it.

        Returns
        -------
        frozenset of str
            The ids, in quarantine, of those that are refused again.
        """
        events: list[Event] = []
        broken: list[Refused] = []
        for source, row in messages:
            try:
                events.append(decode(row.raw.encode()))
            except (ValueError, RecursionError, ArithmeticError):
                said = ("broken_json", "no event", now)
                broken.append(self._row(row.raw.encode(), source, None, *said))
        if broken:
            self.ledger.quarantine(broken)
        return self.receive(events, now) | {row.id for row in broken}

    def _refused(self, given: Event, event: Event, reason: str, detail: str, now: int) -> Refused:
        person = event.user_id or event.anonymous_id
        return self._row(_JSON.encode(given), event.source, person, reason, detail, now)

    def _row(
        self, raw: bytes, source: str, person: str | None, reason: str, detail: str, now: int
    ) -> Refused:
        row = Row(raw=raw.decode(), route=EVENT, received_at=now)
        return Refused(
            id=hashlib.blake2b(self.pseudonymiser.seal(raw), digest_size=12).hexdigest(),
            source=source, file="", row=0, reason=reason, detail=detail, at=now, person=person,
            sealed=self.pseudonymiser.seal(msgspec.json.encode(row)),
        )  # fmt: skip

"""Events that come as events: through the same pseudonyms and the same gate as imported rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from coterie.collect.gate import refusal
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.ledger import Ledger, Refused
from coterie.storage.log import Log

if TYPE_CHECKING:
    from coterie.project.project import Project

_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")


class Received(msgspec.Struct):
    """The fates of the events given; every one has exactly one."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0


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

    def receive(self, events: Iterable[Event], now: int) -> None:
        """Store events with raw identifiers, or put them into quarantine, in one transaction.

        Parameters
        ----------
        now : int
            Microseconds UTC.
        """
        clean: list[Event] = []
        raw: list[Event] = []
        refused: list[Refused] = []
        for given in events:
            event = self.pseudonymiser.event(given, self.plan)
            found = refusal(event, self.plan, now)
            if found is None:
                clean.append(event)
                raw.append(given)
            else:
                refused.append(self._refused(given, event, *found, now))
        appended = self.log.append_events(clean)
        refused += [
            self._refused(raw[i], clean[i], "conflict", "message_id", now)
            for i in appended.conflicts
        ]
        self._count(len(clean) + len(refused) - len(appended.conflicts), appended.n_stored, refused)

    def _count(self, received: int, stored: int, refused: list[Refused]) -> None:
        kept = self.ledger.quarantine(refused) if refused else 0
        total = self.total
        total.received += received
        total.stored += stored
        total.quarantined += kept
        total.duplicate += received - stored - kept

    def _refused(self, given: Event, event: Event, reason: str, detail: str, now: int) -> Refused:
        sealed = self.pseudonymiser.seal(_JSON.encode(given))
        return Refused(
            id=hashlib.blake2b(sealed, digest_size=12).hexdigest(),
            source=event.source,
            file="",
            row=0,
            reason=reason,
            detail=detail,
            sealed=sealed,
            at=now,
            person=event.user_id or event.anonymous_id,
        )


def receive(project: Project, plan: TrackingPlan, batches: Iterable[list[Event]]) -> Received:
    """Bring raw events into a project; see :meth:`coterie.project.Project.receive`."""
    with project.writing() as stores:
        whole, _ = project.plans.extend(plan, "events")
        door = Receiver(stores.log, stores.ledger, project.pseudonymiser, whole)
        for batch in batches:
            door.receive(batch, project.now())
    return door.total

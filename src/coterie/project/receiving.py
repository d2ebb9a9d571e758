"""Events that come as events: through the same pseudonyms and the same gate as imported rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.collect.gate import refusal
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.profiles.stores import Stores
from coterie.project import folder as folders
from coterie.storage.inbox import Waiting
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


def collector(project: Project, plan: TrackingPlan | None = None) -> Collector:
    """What brings messages into this project's stores, by a plan or the one of its files."""
    stores, most = project.stores, project.settings.collect.event_bytes
    return Collector(stores.log, stores.ledger, project.pseudonymiser, plan or project.plan, most)


def draining(project: Project, plan: TrackingPlan | None = None) -> Drain:
    """What takes acknowledged requests out of the project's inbox.

    Parameters
    ----------
    plan : TrackingPlan, optional
        By which events are judged; by default that of the project's files.
    """
    return Drain(waiting(project), collector(project, plan))


def waiting(project: Project) -> Waiting:
    """The requests that wait in the project's inbox."""
    folder = project.folder / folders.DATA / folders.INBOX
    return Waiting(folder, project.pseudonymiser.inbox_key)


def drained(project: Project, stores: Stores) -> int:
    """Give every request that was acknowledged by now its fate; the caller holds the write lock.

    Returns
    -------
    int
        How many messages that were.

    Notes
    -----
    What comes while it works may wait: a busy collector would keep it here for ever.
    """
    if not (project.folder / folders.DATA / folders.INBOX).is_dir():
        return 0
    drain = draining(project)
    end, n = drain.end, 0
    while stores.log.drained() < end:
        n += drain.drain(project.now())
    return n


def receive(project: Project, plan: TrackingPlan, batches: Iterable[list[Event]]) -> Received:
    """Bring raw events into a project; see :meth:`coterie.project.Project.receive`."""
    with project.writing() as stores:
        whole, _ = project.plans.extend(plan, "events")
        door = Receiver(stores.log, stores.ledger, project.pseudonymiser, whole)
        for batch in batches:
            door.receive(batch, project.now())
    return door.total

"""What comes into a project: requests that wait in its inbox, and events as events."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.collect.receiver import Received as Received
from coterie.collect.receiver import Receiver
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.profiles.stores import Stores
from coterie.project import folder as folders
from coterie.project.planning.following import Followed
from coterie.storage.inbox import Waiting

if TYPE_CHECKING:
    from coterie.project.project import Project


def collector(project: Project, plan: TrackingPlan | None = None, *, workers: int = 0) -> Collector:
    """What brings messages into this project's stores, by a plan or the one of its files."""
    stores, most = project.stores, project.settings.collect.event_bytes
    return Collector(
        stores.log, stores.ledger, project.pseudonymiser, plan or project.plan, most, workers
    )


def draining(project: Project) -> Followed:
    """What takes acknowledged requests out of the inbox, by the plan files as they are then."""
    made = partial(collector, project, workers=project.settings.collect.workers)
    return Followed(Drain(waiting(project), made()), project.plans, made)


def waiting(project: Project) -> Waiting:
    """The requests that wait in the project's inbox."""
    folder = project.folder / folders.DATA / folders.INBOX
    return Waiting(folder, project.pseudonymiser.inbox_key)


def drained(project: Project, stores: Stores, *, whole: bool = False) -> int:
    """Give every request that was acknowledged by now its fate; the caller holds the write lock.

    Parameters
    ----------
    whole : bool
        Leave nothing of them in the inbox, as an erasure needs it; otherwise the newest may stay,
        sealed, until its segment is full.

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
    requests = waiting(project)
    drain = Drain(requests, collector(project))
    end, n = requests.part() if whole else drain.end, 0
    while stores.log.drained() < end:
        n += drain.drain(project.now())
    if whole:
        requests.forget(end)
    requests.close()
    return n


def receive(project: Project, plan: TrackingPlan, batches: Iterable[list[Event]]) -> Received:
    """Bring raw events into a project; see :meth:`coterie.project.Project.receive`."""
    with project.writing() as stores:
        whole, _ = project.plans.extend(plan, "events")
        door = Receiver(stores.log, stores.ledger, project.pseudonymiser, whole)
        for batch in batches:
            door.receive(batch, project.now())
    return door.total

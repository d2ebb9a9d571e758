"""From changes of segments to changes of audiences, each enqueued once for each destination.

The audience of a segment is who is in it and allows its use (law 13). What a destination was told
is kept; a change is enqueued where it makes the audience another than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from coterie.activate.webhooks.messages import Change, body, message_id
from coterie.storage.deliveries import Deliveries, New
from coterie.storage.destinations import Destination, Destinations, Place, Reached
from coterie.storage.pending import Pending

BATCH = 500
"""Changes that are looked at in one transaction."""


class Standing(NamedTuple):
    """One person and one audience, as known now.

    Parameters
    ----------
    holds : bool
        Whether the person is in the segment.
    may : bool
        Whether it may be used for its purpose.
    traits : dict
        Values as JSON has them.
    """

    holds: bool
    may: bool
    traits: dict[str, Any]


class Audience(Protocol):
    """Who is in what, and what that means."""

    def ready(self) -> bool:
        """Whether the answers are as new as the change records."""

    def terms(self) -> str:
        """What decides who may be used, beside people's own words: another text for other terms."""

    def standing(
        self, profile: str, segment: str, stage: str, traits: Sequence[str]
    ) -> Standing | None:
        """How a person stands now, None where nobody is known by that pseudonym."""

    def purpose(self, segment: str) -> str:
        """What a segment's people may be used for; empty where it is defined no more."""

    def definition(self, segment: str) -> str:
        """A segment in English; empty where it is defined no more."""


Runs = Callable[[int], Iterable[Change]]
"""The changes that the run at an offset recorded."""


class Enqueuer:
    """Looks at what changed, and enqueues what each destination is to be told.

    Parameters
    ----------
    destinations, deliveries, pending : Destinations, Deliveries, Pending
        Of one ledger.
    audience : Audience
    runs : callable
    seal : callable
        Encrypts what is kept until it is sent.
    now : callable
        Microseconds UTC.
    """

    def __init__(
        self,
        destinations: Destinations,
        deliveries: Deliveries,
        pending: Pending,
        *,
        audience: Audience,
        runs: Runs,
        seal: Callable[[bytes], bytes],
        now: Callable[[], int],
    ) -> None:
        self._destinations = destinations
        self._deliveries = deliveries
        self._pending = pending
        self._audience = audience
        self._runs = runs
        self._seal = seal
        self._now = now

    def ready(self) -> bool:
        """Whether it is known who stands where."""
        return self._audience.ready()

    def terms(self) -> str:
        """What decides who may be used, beside people's own words."""
        return self._audience.terms()

    def step(self, to: Destination) -> Reached | None:
        """Look at some of what is new for a destination; None where nothing is.

        Returns
        -------
        Reached
            How far it has looked then.

        Notes
        -----
        What a run recorded comes after the stream's records before it and before those after it.
        """
        at = to.reached
        run = self._pending.run(at.run)
        records = self._pending.records(at.record, BATCH, None if run is None else run[0])
        if records:
            changes = [_change(record) for record in records]
            return self._keep(to, self._moved(to, changes), at._replace(record=records[-1].id))
        if run is not None:
            return self._run(to, *run)
        revisits = self._pending.revisits(at.revisit, BATCH)
        if revisits:
            changes = list(self._permitted(to, revisits))
            return self._keep(to, changes, at._replace(revisit=revisits[-1][0]))
        return None

    def sweep(self, to: Destination) -> bool:
        """Look at everybody whom a destination was told of: who allows it no more leaves.

        For what nobody records, such as another legal basis in the project's settings.

        Returns
        -------
        bool
            Whether everybody was looked at; the destination may have moved on meanwhile.
        """
        last = ""
        while people := self._destinations.audience(to.id, last, BATCH):
            last = people[-1]
            changes = self._permitted(to, [(0, profile) for profile in people])
            gone = [change for change in changes if change.change == "exited"]
            if gone and self._keep(to, gone, to.reached) is None:
                return False
        return True

    def _run(self, to: Destination, offset: int, live: bool) -> Reached | None:
        """What a run recorded, unless the stream did so on its way there."""
        reached = to.reached._replace(run=offset)
        changes = [] if live else list(self._runs(offset))
        for start in range(0, len(changes), BATCH):  # again after a crash: who was told is known
            some = self._moved(to, changes[start : start + BATCH])
            if some and self._keep(to, some, to.reached) is None:
                return None
        return self._keep(to, [], reached)

    # --- what to tell --------------------------------------------------------------------------

    def _moved(self, to: Destination, changes: Sequence[Change]) -> list[Change]:
        """The changes of segments that are changes of what the destination was told."""
        wanted = set(to.segments)
        own = [c for c in changes if name_of(c.segment, c.stage) in wanted]
        told = self._destinations.told(to.id, sorted({c.profile for c in own}))
        found = []
        for change in own:
            place = change.profile, change.segment, change.stage
            if change.change == "exited" and place in told:
                told.discard(place)
                found.append(change)
            elif change.change == "entered" and place not in told and self._may(place):
                told.add(place)
                found.append(change)
        return found

    def _may(self, place: Place) -> bool:
        standing = self._audience.standing(*place, ())
        return standing is not None and standing.may

    def _permitted(self, to: Destination, people: Sequence[tuple[int, str]]) -> Iterator[Change]:
        """The changes of audiences that permissions alone bring about."""
        told = self._destinations.told(to.id, sorted({profile for _, profile in people}))
        seen: set[str] = set()
        for number, profile in people:
            if profile in seen:
                continue
            seen.add(profile)
            for name in to.segments:
                segment, _, stage = name.partition(".")
                change = self._permission((profile, segment, stage), told)
                if change:
                    yield Change(
                        f"c{number}.{name}" if number else "", profile, segment, stage, change,
                        self._now(), 0, "consent", "",
                    )  # fmt: skip

    def _permission(self, place: Place, told: set[Place]) -> str:
        standing = self._audience.standing(*place, ())
        may = standing is not None and standing.may
        if place in told:
            return "" if may else "exited"
        return "entered" if standing is not None and may and standing.holds else ""

    # --- keeping -------------------------------------------------------------------------------

    def _keep(self, to: Destination, changes: Sequence[Change], reached: Reached) -> Reached | None:
        first = self._deliveries.sequence(to.id) + 1
        new = [self._new(to, change, first + i) for i, change in enumerate(changes)]
        kept = self._deliveries.enqueue(to, reached, new, self._now())
        return reached if kept else None

    def _new(self, to: Destination, change: Change, sequence: int) -> New:
        record = change.record or f"s{sequence}"
        place = change.profile, change.segment, change.stage
        standing = self._audience.standing(*place, to.traits)
        traits = standing.traits if standing is not None and standing.may else {}
        said = body(
            change, sequence, self._audience.purpose(change.segment),
            self._audience.definition(change.segment), traits,
        )  # fmt: skip
        return New(
            record=record, sequence=sequence, message=message_id(to.id, to.added_at, record),
            profile=change.profile, segment=change.segment, stage=change.stage,
            change=change.change, at=change.at, version=change.version, cause=change.cause,
            sealed=self._seal(said),
        )  # fmt: skip


def name_of(segment: str, stage: str) -> str:
    """``vip``, or ``lifecycle.loyal``."""
    return f"{segment}.{stage}" if stage else segment


def _change(record: Any) -> Change:
    return Change(
        f"o{record.id}", record.profile, record.segment, record.stage, record.change, record.at,
        record.version, record.cause, record.reason,
    )  # fmt: skip

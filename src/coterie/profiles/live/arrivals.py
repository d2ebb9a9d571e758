"""Events of the log as an engine takes them, typed in memory as the lake would type them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from coterie.engines.stream.arriving import Arrival
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.language.types import Type
from coterie.profiles.live.known import Known
from coterie.storage.explode import exploded
from coterie.storage.units import Reader, reader

Needs = Mapping[str, Mapping[str, Type]]
"""Event name -> property -> type, as an engine asks for them."""

_UNPLANNED = PlannedEvent()


class Typing:
    """Reads events by one tracking plan for one engine.

    Parameters
    ----------
    plan : TrackingPlan
    needs : Needs
    """

    def __init__(self, plan: TrackingPlan, needs: Needs) -> None:
        self.plan = plan
        self.needs = needs
        self._readers = {name: self._of(name, kinds) for name, kinds in needs.items()}

    def _of(self, name: str, kinds: Mapping[str, Type]) -> list[tuple[str, Reader]]:
        planned = self.plan.events.get(name, _UNPLANNED)
        declared = {p: d for p, d in planned.properties.items() if p not in planned.explode}
        return [
            (prop, reader(declared[prop], kind)) if prop in declared else (prop, _unknown)
            for prop, kind in kinds.items()
        ]

    def arrivals(
        self, events: Sequence[tuple[int, Event]], known: Known, until: int | None
    ) -> Iterator[Arrival]:
        """The rows of events that stand, of somebody, up to an instant or ever."""
        superseded = known.superseded
        for _, event in events:
            at, profile = event.occurred_at, known.of(event.user_id, event.anonymous_id)
            if profile is None or (until is not None and at > until):
                continue
            for name, _, key, properties in exploded(event, self.plan):
                if superseded and event.key in superseded:
                    break
                values = [read(properties.get(p)) for p, read in self._readers.get(name, ())]
                yield Arrival(name, profile, at, key, values)


def _unknown(value: object) -> None:
    return None

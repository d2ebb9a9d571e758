"""From a message to what the log stores of it: one reading, and no look at what is harmless."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from coterie.collect.alike import Alike, Made
from coterie.collect.contexts import Contexts, named, whole
from coterie.collect.gate import Gate
from coterie.collect.limits import Refused, walk
from coterie.collect.personal import Hiding, harmless, kind
from coterie.collect.quality.counting import Tally
from coterie.collect.spec import EVENT_BYTES, Arrival, Stated, read
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.payload import SENT, Fact, canonical, made

_NAMES = 10_000
"""Sets of names of properties that are remembered."""

_NOBODY = PlannedEvent()


class Names:
    """Names of events that the plan does not have: so many and no more, for each is a folder.

    Parameters
    ----------
    known : callable
        Those that were admitted before; asked when the first one comes.
    """

    MOST = 1_000

    def __init__(self, known: Callable[[], set[str]]) -> None:
        self._known = known
        self._admitted: set[str] | None = None
        self.new: set[str] = set()

    def admit(self, name: str) -> bool:
        """Whether events may be called that."""
        if self._admitted is None:
            self._admitted = self._known()
        if name in self._admitted or name in self.new:
            return True
        if len(self._admitted) + len(self.new) >= self.MOST:
            return False
        self.new.add(name)
        return True

    def refusal(self) -> Refused:
        """What becomes of an event with a name too many."""
        return Refused("too_many_names", f"event: {self.MOST:,} names beside the plan's")

    def kept(self) -> None:
        """What was new is remembered by now."""
        if self._admitted is not None:
            self._admitted |= self.new
        self.new = set()


class Maker:
    """Makes messages ready for the log.

    Parameters
    ----------
    pseudonymiser : Pseudonymiser
    plan : TrackingPlan
    tally : Tally
        Counts what the gate says.
    names : Names
        Of events that the plan does not have.
    most : int
        Bytes of one event.

    Notes
    -----
    Everything personal is taken out as :func:`coterie.collect.personal.shielded` and
    :meth:`coterie.privacy.pseudonym.Pseudonymiser.event` do, which this asks only where a name or
    a value calls for it.
    """

    def __init__(
        self, pseudonymiser: Pseudonymiser, plan: TrackingPlan, tally: Tally, names: Names,
        most: int = EVENT_BYTES,
    ) -> None:  # fmt: skip
        self._pseudonymiser = pseudonymiser
        self._plan = plan
        self.names = names
        self._tally = tally
        self._most = most
        self._gate = Gate(plan)
        self._hiding = Hiding(pseudonymiser)
        self._harmless = lru_cache(maxsize=_NAMES)(self._are_harmless)
        self._contexts = Contexts(pseudonymiser)
        self._alike = Alike(pseudonymiser, self._gate, self._contexts, self._harmless, most)

    def many(self, arrivals: Sequence[Arrival], now: int | None) -> Made:
        """What :meth:`make` makes of those messages that are just as they should be.

        Names of events that the plan does not have are not admitted, but told.

        Parameters
        ----------
        now : int or None
            Microseconds UTC as of which they are judged; None for the arrival of each.
        """
        return self._alike.make(arrivals, now)

    def make(self, arrival: Arrival, now: int) -> Fact:
        """The event of a message as it may be stored.

        Parameters
        ----------
        now : int
            Microseconds UTC: as of when it is judged.

        Raises
        ------
        Refused
            It is no message of the specification, or not what the plan asks for.
        """
        stated = read(arrival, self._most)
        judged = self._gate.judge(stated.event, now)
        if judged.violations:
            self._tally.add(judged, now)
        if judged.refused is not None:
            raise Refused(*judged.refused)
        event = judged.event
        if event.name not in self._plan.events and not self.names.admit(event.name):
            raise self.names.refusal()
        as_it_is = event is stated.event and self._is_harmless(event)
        hidden = self._pseudonymiser
        context, unsent = self._context(stated, event)
        ready = Event(
            source=event.source, message_id=hidden.scrub(event.message_id), name=event.name,
            occurred_at=event.occurred_at, received_at=event.received_at, type=event.type,
            user_id=None if event.user_id is None else hidden.person(event.user_id),
            anonymous_id=(
                None if event.anonymous_id is None else hidden.anonymous(event.anonymous_id)
            ),
            properties=event.properties if as_it_is else self._hidden(event, event.properties),
            context=msgspec.Raw(context) if context else {},  # type: ignore[arg-type]
        )  # fmt: skip
        return made(ready, stated.said_at, unsent)

    def _is_harmless(self, event: Event) -> bool:
        """Whether properties may be stored just as they are."""
        said = event.properties
        if not self._harmless(event.name, event.type == "identify", tuple(said)):
            return False
        return all(map(harmless, said.values()))

    def _are_harmless(self, name: str, identifies: bool, props: tuple[str, ...]) -> bool:
        """Whether whatever stands under these names is nobody's."""
        planned = self._plan.events.get(name, _NOBODY)
        for prop in props:
            declared = planned.properties.get(prop)
            if declared is not None:
                known = declared.pii == "none"
            else:
                known = prop not in planned.explode and not kind(prop, identifies)
            if not known or self._pseudonymiser.scrub(prop) != prop:
                return False
        return True

    def _hidden(self, event: Event, values: dict[str, Any]) -> dict[str, Any]:
        walk(values, "properties", 0)
        said = self._hiding.properties(event, values, self._plan)
        found: dict[str, Any] = canonical(
            self._pseudonymiser.properties(said, event.name, self._plan)
        )
        return found

    def _context(self, stated: Stated, event: Event) -> tuple[bytes, bytes | None]:
        """The context as canonical JSON, and again without when the message was sent."""
        batch, message = stated.context
        if not (batch or message or event.context):
            return b"", None
        found = self._contexts.parts(batch, message)
        if not event.context and (plain := self._contexts.plain(found)):
            return plain, None
        parts = dict(found)
        for name, were in event.context.items():  # what the gate repaired
            parts[name] = named(name, self._hidden(event, were))
        if "sentAt" not in parts and "sent_at" not in parts:
            return whole(parts), None
        unsent = {name: part for name, part in parts.items() if name not in SENT}
        return whole(parts), whole(unsent)

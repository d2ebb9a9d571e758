"""From a message to what the log stores of it: one reading, and no look at what is harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from coterie.collect.gate import Gate
from coterie.collect.limits import Refused, field, walk
from coterie.collect.personal import Hiding, kind
from coterie.collect.quality.counting import Tally
from coterie.collect.spec import EVENT_BYTES, Arrival, Stated, fields, read
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.payload import SENT, Fact, canonical, made

_ENCODE = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode
_NAMES = 10_000
_PARTS = 1 << 15
_CONTEXT_BYTES = 4_096
"""Names of properties, fields of contexts, and bytes of a context that is remembered by field."""

_NOBODY = PlannedEvent()
_PLAIN = frozenset({Decimal, bool, type(None)})
_WHOLE = 10**18


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
    a value calls for it. Fields of contexts hardly vary, so their JSON is made once.
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
        self._order = lru_cache(maxsize=_NAMES)(_ordered)
        self._remembered = lru_cache(maxsize=_PARTS)(self._part)

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
        for value in said.values():
            is_a = type(value)
            if is_a is str:
                if "@" in value or "%40" in value or "\uff20" in value:
                    return False
            elif is_a is int:
                if not -_WHOLE < value < _WHOLE:
                    return False
            elif is_a not in _PLAIN:
                return False
        return True

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
        part = self._remembered if len(message) <= _CONTEXT_BYTES else self._part
        found = [part(name, bytes(raw)) for name, raw in fields(batch, message).items()]
        if not event.context and (order := self._order(tuple([name for name, _ in found]))):
            return b"{%s}" % b",".join([found[i][1] for i in order]), None
        parts = dict(found)
        for name, were in event.context.items():  # what the gate repaired
            parts[name] = _named(name, self._hidden(event, were))
        if "sentAt" not in parts and "sent_at" not in parts:
            return _object(parts), None
        unsent = {name: part for name, part in parts.items() if name not in SENT}
        return _object(parts), _object(unsent)

    def _part(self, name: str, raw: bytes) -> tuple[str, bytes]:
        """A field's name as it is stored, and its JSON with the name."""
        said = self._pseudonymiser.scrubbed(self._hiding.context({name: field(raw)}))
        ((stored, value),) = said.items()
        return stored, _named(stored, canonical(value))


def _ordered(names: tuple[str, ...]) -> tuple[int, ...]:
    """Where each field stands when they are sorted; nothing where they are no plain fields."""
    if len({*names}) < len(names) or not {*names}.isdisjoint(SENT):
        return ()
    return tuple(sorted(range(len(names)), key=names.__getitem__))


def _named(name: str, value: Any) -> bytes:
    return _ENCODE({name: value})[1:-1]


def _object(parts: Mapping[str, bytes]) -> bytes:
    return b"{%s}" % b",".join([part for _, part in sorted(parts.items())]) if parts else b""

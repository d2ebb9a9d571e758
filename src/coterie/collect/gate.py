"""The gate: what an event must be before it is stored, whatever door it came through."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from coterie.collect.quality.compiling import Checks, Compiler
from coterie.collect.quality.judging import Judging, Violation, sound
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.language.time import DAY

__all__ = ["COERCED", "REASONS", "Gate", "Judged", "Violation"]

COERCED = "coerced"
"""Where the context of an event keeps the originals of what was repaired, shaped as properties."""

REASONS = {
    "bad_format": "the text is not in the property's format",
    "bad_instant": "the instant is in none of the formats",
    "bad_length": "the text is shorter or longer than the property allows",
    "bad_unit": "the value is in another unit than the property",
    "broken_json": "the line or message is no JSON object",
    "broken_quoting": "a quote is not closed, or stands inside a cell",
    "columns": "the row has more or fewer cells than the header",
    "conflict": "the same id is stored with another content",
    "encoding": "the line is not in the file's encoding",
    "future": "the instant is more than 24 hours ahead",
    "mismatch": "the text does not fit the property's pattern",
    "missing": "a required value is missing",
    "no_match": "the second file has no such key",
    "not_a_number": "NaN and infinities are no amounts",
    "not_listed": "the text is none of those that the property allows",
    "nul": "the row or message holds the character U+0000",
    "out_of_range": "the number is less or more than the property allows",
    "redeclared": "a later row of this table declares the same person otherwise",
    "too_big": "the event is larger than its limit, 32 KB by default",
    "too_deep": "lists and objects lie more than 32 deep in each other",
    "too_large": "the number is beyond 2**40 units, or has more than 300 digits",
    "too_long": "the line is longer than 1 MiB, or a name or id than 255 characters",
    "too_many_names": "the plan does not have the event, and there are 1,000 such names already",
    "too_many_lines": "the order has more lines than one fact may have",
    "too_precise": "the number has more digits than the property's scale",
    "unforeseen": "the program failed on it; it is kept for a version that does not",
    "unknown_type": "the message is none of track, identify, page, screen, group, alias",
    "unnamed": "the event has no name in the tracking plan",
    "unplanned": "the tracking plan does not name the event, or one of its properties",
    "wrong_type": "the value has another type than the property",
}
"""Every reason for which a row or an event is quarantined, with its meaning."""


class Judged(NamedTuple):
    """What the gate says of an event: as it may be stored, or why it may not be.

    Parameters
    ----------
    event : Event
        As it came, or repaired; its identifiers are as they were.
    refused : tuple of str, or None
        A reason of :data:`REASONS`, and path and type.
    violations : tuple of Violation
    """

    event: Event
    refused: tuple[str, str] | None
    violations: tuple[Violation, ...]


class Gate:
    """What an event must be before it is stored, by one tracking plan.

    Parameters
    ----------
    plan : TrackingPlan
    typed : bool
        The items of arrays are of their types already, as an import's are.

    Raises
    ------
    PlanError
        The plan has a pattern that cannot be used, or a format or unit whose library is not
        installed.

    Notes
    -----
    Limits without which a store would break or a sum overflow hold in every mode: numbers beyond
    2**40 units, NaN, U+0000. Null is no value: only what is required minds it. What was said of a
    value's format or pattern is remembered.
    """

    def __init__(self, plan: TrackingPlan, *, typed: bool = False) -> None:
        self.plan = plan
        compiler = Compiler(plan, typed=typed)
        self._events = {name: compiler.event(name) for name in plan.events}

    def has(self, name: str) -> bool:
        """Whether the plan has events of a name."""
        return name in self._events

    def admits(self, name: str) -> bool:
        """Whether nothing has to be said of an event for its name alone."""
        return name in self._events or self.plan.unknown_events == "allow"

    def checks(self, name: str) -> Checks | None:
        """The rules of an event, or None where the plan does not have it."""
        return self._events.get(name)

    def judge(self, event: Event, now: int) -> Judged:
        """Hold an event with its raw identifiers against the plan.

        Parameters
        ----------
        now : int
            Microseconds UTC; beyond 24 hours later an instant is ``future``.

        Returns
        -------
        Judged
            The originals of what was repaired stand in its event's context under
            :data:`COERCED`, in the shape of the properties.

        Examples
        --------
        >>> from coterie.language.plan import PlannedEvent, Property
        >>> gate = Gate(TrackingPlan(mode="coerce", events={"Paid": PlannedEvent(
        ...     properties={"amount": Property(type="decimal", scale=2)})}))
        >>> paid = Event(source="web", message_id="m", name="Paid", occurred_at=0, received_at=0,
        ...     properties={"amount": "19,99"})
        >>> judged = gate.judge(paid, now=0)
        >>> judged.event.properties, judged.event.context
        ({'amount': Decimal('19.99')}, {'coerced': {'amount': '19,99'}})
        >>> judged.violations
        (Violation(path='properties.amount', rule='type', action='coerced'),)
        """
        if event.occurred_at > now + DAY:
            return Judged(event, ("future", "occurred_at: at most 24 hours ahead"), ())
        checks = self._events.get(event.name)
        if checks is None:
            return self._unnamed(event)
        if sound(checks, event.properties):
            return Judged(event, None, ())
        return _judged(event, checks)

    def _unnamed(self, event: Event) -> Judged:
        policy = self.plan.unknown_events
        if policy == "allow":
            return Judged(event, None, ())
        if policy == "observe":
            return Judged(event, None, (Violation("event", "unknown", "observed"),))
        refused = "unplanned", "event: a name that the plan does not have"
        return Judged(event, refused, (Violation("event", "unknown", "refused"),))


def _judged(event: Event, checks: Checks) -> Judged:
    judging = Judging()
    now, were = judging.object(checks, event.properties, "properties", "properties")
    if judging.refused is not None:
        refused = tuple(one for one in judging.violations if one.action == "refused")
        return Judged(event, judging.refused, refused)
    if any(one.action != "observed" for one in judging.violations):
        context = event.context | {COERCED: were} if were else event.context
        event = msgspec.structs.replace(event, properties=now, context=context)
    return Judged(event, None, tuple(judging.violations))

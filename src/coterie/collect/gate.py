"""The gate: what an event must be before it is stored, whatever door it came through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from coterie.collect.values import digits
from coterie.language.events import Event
from coterie.language.numbers import MAX_PROPERTY
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import DAY, parse_instant

REASONS = {
    "bad_instant": "the instant is in none of the formats",
    "broken_json": "the line or message is no JSON object",
    "broken_quoting": "a quote is not closed, or stands inside a cell",
    "columns": "the row has more or fewer cells than the header",
    "conflict": "the same id is stored with another content",
    "encoding": "the line is not in the file's encoding",
    "future": "the instant is more than 24 hours ahead",
    "missing": "a required value is missing",
    "no_match": "the second file has no such key",
    "not_a_number": "NaN and infinities are no amounts",
    "nul": "the row or message holds the character U+0000",
    "redeclared": "a later row of this table declares the same person otherwise",
    "too_big": "the event is larger than its limit, 32 KB by default",
    "too_deep": "lists and objects lie more than 32 deep in each other",
    "too_large": "the number is beyond 2**40 units, or has more than 300 digits",
    "too_long": "the line is longer than 1 MiB, or a name or id than 255 characters",
    "too_many_lines": "the order has more lines than one fact may have",
    "too_precise": "the number has more digits than the property's scale",
    "unforeseen": "the program failed on it; it is kept for a version that does not",
    "unknown_type": "the message is none of track, identify, page, screen, group, alias",
    "unnamed": "the event has no name in the tracking plan",
    "wrong_type": "the value has another type than the property",
}
"""Every reason for which a row or an event is quarantined, with its meaning."""


class Violation(NamedTuple):
    """One rule that a value broke, and what was done about it: never the value.

    Parameters
    ----------
    path : str
        Below the message: ``properties.email``.
    rule : str
        What was broken: ``type``, ``required``, ``format`` …
    action : str
        ``observed``, ``coerced`` or ``refused``.
    """

    path: str
    rule: str
    action: str


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
    """

    def __init__(self, plan: TrackingPlan) -> None:
        self.plan = plan

    def judge(self, event: Event, now: int, *, inside: bool = True) -> Judged:
        """Hold an event with its raw identifiers against the plan.

        Parameters
        ----------
        now : int
            Microseconds UTC; beyond 24 hours later an instant is ``future``.
        inside : bool
            Look at the items of exploded arrays, too; an import has typed them already.
        """
        return Judged(event, refusal(event, self.plan, now, inside=inside), ())


def refusal(
    event: Event, plan: TrackingPlan, now: int, *, inside: bool = True
) -> tuple[str, str] | None:
    """Why an event cannot be stored, as (reason, path and type), or None.

    Parameters
    ----------
    event : Event
        Before or after pseudonyms.
    now : int
        Microseconds UTC; beyond 24 hours later an instant is ``future``.
    inside : bool
        Look at the items of exploded arrays, too; an import has typed them already.

    Notes
    -----
    Properties that the plan does not know pass: they are kept beside the others as JSON.
    """
    if event.occurred_at > now + DAY:
        return "future", "occurred_at: at most 24 hours ahead"
    planned = plan.events.get(event.name)
    if planned is None:
        return None
    own = planned if inside else PlannedEvent(properties=planned.properties)
    return _properties(event.properties, own, plan, "properties")


def _properties(
    values: dict[str, Any], planned: PlannedEvent, plan: TrackingPlan, path: str
) -> tuple[str, str] | None:
    for name, declared in planned.properties.items():
        value = values.get(name)
        if value is None:
            if declared.required:
                return "missing", f"{path}.{name}"
        elif declared.pii == "none" and (reason := _value(value, declared)):
            return reason, f"{path}.{name}: {declared.kind}, not {type(value).__name__}"
    for array, line in planned.explode.items():
        items = values.get(array, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            return "wrong_type", f"{path}.{array}: a list of objects"
        for i, item in enumerate(items):
            found = _properties(item, _lines(plan, line, planned), plan, f"{path}.{array}[{i}]")
            if found:
                return found
    return None


def _lines(plan: TrackingPlan, line: str, parent: PlannedEvent) -> PlannedEvent:
    """The line event without what it inherits: that stands in the parent."""
    planned = plan.events.get(line, PlannedEvent())
    own = {n: p for n, p in planned.properties.items() if n not in parent.inherit}
    return PlannedEvent(properties=own, explode=planned.explode)


def _value(value: Any, declared: Property) -> str:
    """The reason why a value is not of its declared type, or nothing."""
    kind = declared.type
    if kind in ("integer", "decimal", "real"):
        return _number(value, declared)
    if kind == "boolean":
        return "" if isinstance(value, bool) else "wrong_type"
    if not isinstance(value, str):
        return "wrong_type"
    if "\0" in value:
        return "nul"
    return _instant(value) if kind == "instant" else ""


def _number(value: Any, declared: Property) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "wrong_type"
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return "not_a_number"
    if declared.type == "real":
        return ""
    if exact.adjusted() > 18 or abs(exact) > Decimal(MAX_PROPERTY).scaleb(-declared.scale):
        return "too_large"
    if digits(exact.normalize()) > declared.scale:
        return "wrong_type" if declared.type == "integer" else "too_precise"
    return ""


def _instant(value: str) -> str:
    try:
        parse_instant(value)
    except ValueError:
        return "bad_instant"
    return ""

"""What one tracking plan says otherwise than another, and what of it breaks something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.properties import NUMBERS
from coterie.language.types import scale_of

_STRICT = {"observe": 0, "coerce": 1, "enforce": 2}
_OPEN = {"allow": 0, "observe": 0, "drop": 1, "quarantine": 1}
_ENOUGH = ("max", "max_length")
_LEAST = ("min", "min_length")


class PlanChange(msgspec.Struct, frozen=True):
    """One difference between two plans.

    Parameters
    ----------
    where : str
        ``Order Completed``, ``Order Completed.revenue``, or ``plan``.
    change : str
        ``added``, ``removed``, ``type``, ``unit``, ``personal data``, ``required``, ``narrower``,
        ``wider``, ``lines`` or ``policy``.
    told : str
        What it was and what it is.
    breaking : bool
        Whether events, definitions or stored values that were right may be wrong then.
    """

    where: str
    change: str
    told: str
    breaking: bool


def compared(old: TrackingPlan, new: TrackingPlan) -> list[PlanChange]:
    """Every difference that matters, in the order of the events' names.

    Notes
    -----
    Descriptions, owners and purposes are words and break nothing; they are left out.

    Examples
    --------
    >>> of = lambda **said: TrackingPlan(events={"Paid": PlannedEvent(
    ...     properties={"n": Property(type="integer", **said)})})
    >>> [(one.where, one.change, one.breaking) for one in compared(of(), of(required=True))]
    [('Paid.n', 'required', True)]
    """
    return list(_plans(old, new))


def _plans(old: TrackingPlan, new: TrackingPlan) -> Iterator[PlanChange]:
    for name, order in (("unknown_events", _OPEN), ("unknown_properties", _OPEN)):
        a, b = getattr(old, name), getattr(new, name)
        if a != b:
            yield PlanChange("plan", "policy", f"{name}: {a}, now {b}", order[b] > order[a])
    for name in sorted({*old.events, *new.events}):
        if name not in new.events:
            yield PlanChange(name, "removed", "the event is not planned any more", breaking=True)
        elif name not in old.events:
            n = len(new.events[name].properties)
            yield PlanChange(name, "added", f"{n:,} properties", breaking=False)
        else:
            yield from _events(name, old, new)


def _events(name: str, old: TrackingPlan, new: TrackingPlan) -> Iterator[PlanChange]:
    a, b = old.events[name], new.events[name]
    yield from _lines(name, a, b)
    before, now = a.unknown_properties, b.unknown_properties
    if before != now:
        told = f"unknown_properties: {before or 'the plan'}, now {now or 'the plan'}"
        open_ = _OPEN[new.others_of(name)] > _OPEN[old.others_of(name)]
        yield PlanChange(name, "policy", told, open_)
    for prop in sorted({*a.properties, *b.properties}):
        where = f"{name}.{prop}"
        if prop not in b.properties:
            yield PlanChange(where, "removed", "the property is not planned any more", True)
        elif prop not in a.properties:
            said = b.properties[prop]
            told = f"{said.kind}{', required' if said.required else ''}"
            yield PlanChange(where, "added", told, said.required)
        else:
            yield from _properties(where, a.properties[prop], b.properties[prop])
            modes = old.mode_of(name, prop), new.mode_of(name, prop)
            if modes[0] != modes[1]:
                stricter = _STRICT[modes[1]] > _STRICT[modes[0]]
                change = "narrower" if stricter else "wider"
                yield PlanChange(where, change, f"mode: {modes[0]}, now {modes[1]}", stricter)


def _lines(name: str, a: PlannedEvent, b: PlannedEvent) -> Iterator[PlanChange]:
    for array in sorted({*a.explode, *b.explode}):
        before, now = a.explode.get(array), b.explode.get(array)
        if before != now:
            told = f"items of {array}: {before or 'no event'}, now {now or 'no event'}"
            yield PlanChange(name, "lines", told, before is not None)
    gone = [prop for prop in a.inherit if prop not in b.inherit]
    if gone:
        yield PlanChange(name, "lines", f"lines do not carry {', '.join(gone)} any more", True)


def _properties(where: str, a: Property, b: Property) -> Iterator[PlanChange]:
    if a.kind != b.kind:
        wider = _wider(a, b)
        yield PlanChange(where, "wider" if wider else "type", f"{a.kind}, now {b.kind}", not wider)
    if a.unit != b.unit and a.type in NUMBERS:
        yield PlanChange(where, "unit", f"{a.unit or 'none'}, now {b.unit or 'none'}", bool(a.unit))
    if a.pii != b.pii:
        yield PlanChange(where, "personal data", f"{a.pii}, now {b.pii}", breaking=True)
    if a.required != b.required:
        told = "it must be there now" if b.required else "it may be missing now"
        yield PlanChange(where, "required", told, b.required)
    for rule in ("min", "max", "min_length", "max_length", "pattern", "one_of", "format", "region"):
        before, now = getattr(a, rule), getattr(b, rule)
        if before != now:
            narrower = _narrower(rule, before, now)
            told = f"{rule}: {_shown(before)}, now {_shown(now)}"
            yield PlanChange(where, "narrower" if narrower else "wider", told, narrower)


def _wider(a: Property, b: Property) -> bool:
    """Whether every value of the old type is one of the new, and is read as such."""
    if b.type == "real":
        return a.type in NUMBERS
    return {a.type, b.type} <= {"integer", "decimal"} and scale_of(b.kind) >= scale_of(a.kind)


def _narrower(rule: str, before: Any, now: Any) -> bool:
    if not now and now != 0:
        return False
    if not before and before != 0:
        return True
    if rule == "one_of":
        return not {*before} <= {*now}
    if rule in _LEAST:
        return bool(now > before)
    return bool(now < before) if rule in _ENOUGH else True


def _shown(said: Any) -> str:
    if said is None or said in ("", ()):
        return "none"
    return ", ".join(said) if isinstance(said, tuple) else str(said)

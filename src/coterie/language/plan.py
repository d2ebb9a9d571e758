"""The tracking plan: the versioned schema of events and properties, and the data dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from coterie.errors import PlanError
from coterie.language.properties import Declared, Format, Mode, PiiClass, Property, check
from coterie.language.types import Type

Events = Literal["allow", "observe", "quarantine"]
Others = Literal["allow", "observe", "drop", "quarantine"]


__all__ = [
    "Declared", "Events", "Format", "Mode", "Others", "PiiClass", "PlannedEvent", "Property",
    "TrackingPlan",
]  # fmt: skip


class PlannedEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of the plan.

    Parameters
    ----------
    properties : dict of str to Property
    explode : dict of str to str
        Nested array property -> name of the line event that each of its items becomes. The
        line event is declared in the plan beside its parent; its message ids are the
        parent's with ``#0``, ``#1`` … appended, and it is counted apart.
    inherit : tuple of str
        Properties of this event that every line event also carries.
    mode : {"observe", "coerce", "enforce"}, optional
        Of properties that say none themselves; by default as the plan says.
    unknown_properties : {"allow", "observe", "drop", "quarantine"}, optional
        What happens to properties of this event that are not planned; by default as the plan says.
    """

    properties: dict[str, Property] = {}
    explode: dict[str, str] = {}
    inherit: tuple[str, ...] = ()
    description: str = ""
    purpose: str = ""
    owner: str = ""
    mode: Mode | None = None
    unknown_properties: Others | None = None


class TrackingPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every event and property that definitions may name.

    Parameters
    ----------
    mode : {"observe", "coerce", "enforce"}
        What happens where a property is another than declared: ``enforce`` puts the event into
        quarantine; ``coerce`` repairs what can be repaired without a guess, keeps the original in
        the event's context, and puts the rest into quarantine; ``observe`` stores the event and
        counts. Of several files the one that names another than the default says it for all.
    unknown_events : {"allow", "observe", "quarantine"}
        What happens to an event that the plan does not name.
    unknown_properties : {"allow", "observe", "drop", "quarantine"}
        What happens to a property that its event does not name. What is allowed or observed is
        kept beside the others as JSON.

    Examples
    --------
    >>> plan = TrackingPlan(
    ...     events={"Order Completed": PlannedEvent(
    ...         properties={"revenue": Property(type="decimal", scale=2, unit="GBP")})})
    >>> plan.kind("Order Completed", "revenue")
    Decimal(scale=2)
    """

    version: int = 1
    mode: Mode = "enforce"
    unknown_events: Events = "allow"
    unknown_properties: Others = "allow"
    events: dict[str, PlannedEvent] = {}

    def kind(self, event: str, name: str) -> Type:
        """The type of one property; `KeyError` where the plan has none of that name."""
        return self.events[event].properties[name].kind

    def properties(self) -> Iterator[tuple[str, str, Property]]:
        """Every ``(event, property, declaration)`` in name order."""
        for event in sorted(self.events):
            for name, declared in sorted(self.events[event].properties.items()):
                yield event, name, declared

    def mode_of(self, event: str, name: str) -> Mode:
        """What happens where this property is another than declared."""
        planned = self.events[event]
        return planned.properties[name].mode or planned.mode or self.mode

    def others_of(self, event: str) -> Others:
        """What happens to properties that this event does not name."""
        planned = self.events.get(event)
        return (planned.unknown_properties if planned else None) or self.unknown_properties

    def validate(self) -> None:
        """Refuse a plan that contradicts itself.

        Raises
        ------
        PlanError
            A scale outside 0-6, a rule that its type does not take or that nothing can keep, a
            unit told by a property that is not there, or an exploded array whose line event is
            not declared.
        """
        for event, name, declared in self.properties():
            check(declared, self.events[event].properties, f"{event}.{name}")
        for event, planned in self.events.items():
            for array, line in planned.explode.items():
                if line not in self.events:
                    raise PlanError(
                        "the line event of an exploded array is not declared",
                        where=f"{event}.{array}", got=repr(line), expected="an event of this plan",
                    )  # fmt: skip

"""The tracking plan: the versioned schema of events and properties, and the data dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from coterie.errors import PlanError
from coterie.language.types import Boolean, Decimal, Instant, Integer, Real, Text, Type

PiiClass = Literal["none", "identifier", "contact"]
Declared = Literal["integer", "decimal", "real", "text", "boolean", "instant"]


class Property(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One property of an event: its type, and what it may be used for.

    Parameters
    ----------
    type : str
        ``integer``, ``decimal``, ``real``, ``text``, ``boolean`` or ``instant``.
    scale : int
        Digits after the point of a decimal, 0 to 6.
    unit : str
        Free text such as ``GBP`` or ``seconds``.
    pii : {"none", "identifier", "contact"}
        Identifiers and contacts are stored as pseudonyms only.
    """

    type: Declared
    scale: int = 0
    unit: str = ""
    pii: PiiClass = "none"
    purpose: str = ""
    owner: str = ""
    description: str = ""
    required: bool = False

    @property
    def kind(self) -> Type:
        """The language's type of this property."""
        if self.type == "decimal":
            return Decimal(self.scale)
        kinds: dict[str, Type] = {
            "integer": Integer(), "real": Real(), "text": Text(),
            "boolean": Boolean(), "instant": Instant(),
        }  # fmt: skip
        return kinds[self.type]


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
    """

    properties: dict[str, Property] = {}
    explode: dict[str, str] = {}
    inherit: tuple[str, ...] = ()
    description: str = ""
    purpose: str = ""
    owner: str = ""


class TrackingPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every event and property that definitions may name.

    Examples
    --------
    >>> plan = TrackingPlan(
    ...     events={"Order Completed": PlannedEvent(
    ...         properties={"revenue": Property(type="decimal", scale=2, unit="GBP")})})
    >>> plan.kind("Order Completed", "revenue")
    Decimal(scale=2)
    """

    version: int = 1
    events: dict[str, PlannedEvent] = {}

    def kind(self, event: str, name: str) -> Type:
        """The type of one property; `KeyError` where the plan has none of that name."""
        return self.events[event].properties[name].kind

    def properties(self) -> Iterator[tuple[str, str, Property]]:
        """Every ``(event, property, declaration)`` in name order."""
        for event in sorted(self.events):
            for name, declared in sorted(self.events[event].properties.items()):
                yield event, name, declared

    def validate(self) -> None:
        """Refuse a plan that contradicts itself.

        Raises
        ------
        PlanError
            A scale outside 0-6, or an exploded array whose line event is not declared.
        """
        for event, name, declared in self.properties():
            if not 0 <= declared.scale <= 6:
                raise PlanError(
                    "a decimal keeps 0 to 6 digits after the point",
                    where=f"{event}.{name}", got=f"scale {declared.scale}", expected="0 to 6",
                )  # fmt: skip
        for event, planned in self.events.items():
            for array, line in planned.explode.items():
                if line not in self.events:
                    raise PlanError(
                        "the line event of an exploded array is not declared",
                        where=f"{event}.{array}", got=repr(line), expected="an event of this plan",
                    )  # fmt: skip

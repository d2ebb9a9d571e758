"""What a conformance case is, and the short words that the table is written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from coterie.engines.fits import Fits
from coterie.engines.reference import Fact, Value
from coterie.language.authoring import Defined, event
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import micros, parse_instant

HOUR = 3_600_000_000
BASE = micros(parse_instant("2011-06-01"))
END = 1_000_000
"""An offset after every fact of every case."""

Expected = tuple[tuple[int, int], dict[str, Value]]
"""A position ``(offset, t)``, and values of some definitions there."""

PLAN = TrackingPlan(
    events={
        "Order": PlannedEvent(
            properties={
                "revenue": Property(type="decimal", scale=2),
                "quantity": Property(type="integer"),
                "category": Property(type="text"),
                "gift": Property(type="boolean"),
                "due": Property(type="instant"),
                "weight": Property(type="real"),
            }
        ),
        "Cart": PlannedEvent(
            properties={
                "revenue": Property(type="decimal", scale=4),
                "category": Property(type="text"),
            }
        ),
        "View": PlannedEvent(
            properties={
                "revenue": Property(type="integer"),
                "category": Property(type="text"),
                "weight": Property(type="integer"),
            }
        ),
    }
)

order, cart, view = event("Order"), event("Cart"), event("View")


@dataclass(frozen=True)
class Case:
    """Definitions, the whole history of one profile, and what is true at some positions."""

    name: str
    definitions: Definitions
    history: tuple[Fact, ...]
    expected: tuple[Expected, ...]
    plan: TrackingPlan = PLAN
    fits: Callable[[Library], Fits] = lambda _: Fits()

    @cached_property
    def library(self) -> Library:
        """The definitions, checked."""
        purposes = {"analytics": "legitimate_interest"}
        return Library(self.definitions, self.plan, purposes, "analytics")


def case(
    name: str,
    found: dict[str, Defined],
    history: list[Fact],
    expected: list[Expected],
    **more: Any,
) -> Case:
    """A case whose definitions are written in Python."""
    return Case(name, named(found), tuple(history), tuple(expected), **more)


def library_of(case: Case) -> Library:
    """The checked library of a case; the same object each time."""
    return case.library


def at(hours: float, micro: int = 0) -> int:
    """So many hours and microseconds after the first instant of the table."""
    return BASE + round(hours * HOUR) + micro


def fact(
    key: int, name: str, when: int, offset: int, retired: int | None = None, **values: Any
) -> Fact:
    """A fact with a key of one byte, so that ties are easy to see."""
    return Fact(bytes([key]) + bytes(15), name, when, offset, retired, values)

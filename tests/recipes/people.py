"""A small shop for tests of recipes: people with a few events, read by the reference."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from coterie.engines.fits import Fit, Fits, fit
from coterie.engines.reference import Evaluation, Fact, evaluate
from coterie.language import nodes as n
from coterie.language.authoring import Defined
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import TrackingPlan
from coterie.language.time import micros, parse_instant
from coterie.language.types import Decimal as DecimalType
from coterie.recipes import templates

PLAN = msgspec.convert(tomllib.loads(templates.RETAIL_PLAN), TrackingPlan)
PURPOSES = {"analytics": "legitimate_interest", "marketing": "consent"}
NOW = micros(parse_instant("2024-07-01"))
MICROSECOND = timedelta(microseconds=1)


def flat(*recipes: Any) -> dict[str, Defined]:
    """The definitions of these recipes by their fields."""
    found: dict[str, Defined] = {}
    for recipe in recipes:
        assert is_dataclass(recipe)
        mine = {field.name: getattr(recipe, field.name) for field in fields(recipe)}
        assert not found.keys() & mine.keys()
        found |= mine
    return found


def library(*recipes: Any, plan: TrackingPlan = PLAN, **own: Defined) -> Library:
    """The recipes' definitions, and more, checked against a plan."""
    return Library(named({**flat(*recipes), **own}), plan, PURPOSES, "analytics")


def happened(name: str, ago: timedelta, **values: Any) -> Fact:
    """One event so long before `NOW`, its amounts in the units of the plan."""
    at = NOW - micros(ago)
    properties = PLAN.events[name].properties
    units = {key: _units(value, properties[key].kind) for key, value in values.items()}
    key = repr((name, at, sorted(units.items()))).encode()
    return Fact(key, name, at=at, offset=1, values=units)


def order(ago: timedelta, revenue: str = "10", **values: Any) -> Fact:
    return happened("Order Completed", ago, revenue=Decimal(revenue), **values)


def _units(value: Any, kind: object) -> Any:
    if isinstance(value, Decimal):
        assert isinstance(kind, DecimalType)
        return int(value.scaleb(kind.scale))
    return value


def now(
    of: Library, *facts: Fact, after: timedelta = timedelta(), fits: Fits | None = None
) -> dict[str, Any]:
    """Every value of one person, so long after `NOW`."""
    return evaluate(of, of.names, facts, offset=9, t=NOW + micros(after), fits=fits)


def fitted(of: Library, people: Mapping[str, Sequence[Fact]]) -> Fits:
    """Every population node of a library, fitted on these people at `NOW`."""
    known = Fits()
    for key, node in of.fitted().items():
        assert isinstance(node, n.Population | n.QuantileRank)
        seen = [Evaluation(of, facts, 9, NOW, known).value(node.of) for facts in people.values()]
        parameters = fit(node, of.type_of(node.of), seen)
        known = known.plus([Fit(key, 2, NOW, parameters)])
    return known


def everybody(of: Library, people: Mapping[str, Sequence[Fact]]) -> dict[str, dict[str, Any]]:
    """Every value of everybody at `NOW`, with what was fitted on them."""
    fits = fitted(of, people)
    return {name: now(of, *facts, fits=fits) for name, facts in people.items()}

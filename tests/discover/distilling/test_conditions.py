"""A condition means the same to a table's rows and to the trait language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.discover.crowd import Kind
from coterie.discover.distilling.conditions import Condition, met
from coterie.engines.fits import Fits
from coterie.engines.reference import Evaluation
from coterie.language import nodes as n
from coterie.language.definitions import Definitions, Segment, Trait
from coterie.language.library import Library
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from tests.discover.planted import AT, DAY

TYPES = {
    Kind.NUMBER: Property(type="decimal", scale=2),
    Kind.BOOLEAN: Property(type="boolean"),
    Kind.CATEGORY: Property(type="text"),
    Kind.ORDINAL: Property(type="text"),
    Kind.INSTANT: Property(type="instant"),
}
DTYPES = {
    Kind.NUMBER: "float64",
    Kind.BOOLEAN: "boolean",
    Kind.CATEGORY: "string",
    Kind.ORDINAL: "string",
    Kind.INSTANT: "datetime64[us, UTC]",
}
CENTS = st.integers(-500, 500)
TEXTS = st.sampled_from(["Gifts", "Home", "Outlet", 'a "b"'])
SOME = st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple)


def bounds(unit: Decimal) -> st.SearchStrategy[dict[str, Any]]:
    """One bound, or two in their order."""
    number = CENTS.map(lambda x: x * unit)
    two = st.tuples(number, number).map(sorted).map(lambda x: {"low": x[0], "high": x[1]})
    return st.one_of(number.map(lambda x: {"low": x}), number.map(lambda x: {"high": x}), two)


@st.composite
def conditions(draw: st.DrawFn, kind: Kind | None = None) -> Condition:
    """Any condition that rules are made of, or of one kind of trait."""
    kind = kind or draw(st.sampled_from(list(Kind)))
    unknown = draw(st.booleans())
    match kind:
        case Kind.CATEGORY | Kind.ORDINAL:
            asked = draw(st.sampled_from(["among", "beside"]))
            return Condition("x", kind, unknown=unknown, **{asked: draw(SOME)})
        case Kind.BOOLEAN:
            asked = draw(st.sampled_from(["low", "high"]))
            return Condition("x", kind, unknown=unknown, **{asked: Decimal(1)})
    return Condition("x", kind, unknown=unknown, **draw(bounds(Decimal("0.25"))))


def value(kind: Kind) -> st.SearchStrategy[Any]:
    """A value in an engine's units, or unknown; often on a bound."""
    known: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.NUMBER: CENTS.map(lambda x: x * 25),
        Kind.BOOLEAN: st.booleans(),
        Kind.INSTANT: CENTS.map(lambda x: AT - x * DAY // 4),
    }
    return st.none() | known.get(kind, TEXTS)


def of_row(condition: Condition, units: Any) -> bool:
    """What the condition says of a crowd with this one person."""
    shown = units
    if units is not None and condition.kind is Kind.NUMBER:
        shown = units / 100
    if condition.kind is Kind.INSTANT:
        shown = pd.NaT if units is None else pd.Timestamp(units, unit="us", tz="UTC")
    column = pd.Series([shown], dtype=DTYPES[condition.kind])
    return bool(condition.holds(pd.DataFrame({"x": column}), AT)[0])


def of_language(condition: Condition, units: Any) -> bool:
    """What a segment of the condition says of somebody whose trait has the value."""
    plan = TrackingPlan(events={"e": PlannedEvent(properties={"p": TYPES[condition.kind]})})
    trait = Trait(n.Last(n.Named("e"), value=n.Property("p")))
    found = Definitions({"x": trait, "that": Segment(condition.expression())})
    library = Library(found, plan, {"analytics": "legitimate_interest"}, "analytics")
    person = Evaluation(library, [], 0, AT, Fits(), {n.Ref("x"): units})
    return person.named("that") is True


@given(st.data())
def test_rows_and_language_agree(data: st.DataObject) -> None:
    """A condition holds of a row exactly where its expression is true, unknowns included."""
    condition = data.draw(conditions())
    units = data.draw(value(condition.kind))
    assert of_row(condition, units) == of_language(condition, units)


@given(st.data())
def test_conditions_met_together_are_one(data: st.DataObject) -> None:
    """Two conditions of one trait made one hold exactly where both do."""
    first = data.draw(conditions())
    second = data.draw(conditions(first.kind))
    units = data.draw(value(first.kind))
    (both,) = met([first, second])
    if first.kind is Kind.BOOLEAN and first.low != second.low:
        return  # true and not true: no path of a tree asks for both
    assert of_row(both, units) == (of_row(first, units) and of_row(second, units))


@pytest.mark.parametrize("unknown", [False, True])
def test_unknown_goes_where_it_is_sent(unknown: bool) -> None:
    """A value that is unknown meets the condition exactly where it says so."""
    condition = Condition("x", Kind.NUMBER, low=Decimal(3), unknown=unknown)
    assert of_language(condition, None) is unknown

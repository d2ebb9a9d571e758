"""Static checks: every error names file, definition, place and the nearest right name."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from coterie.errors import (
    Cycle,
    DefinitionError,
    DefinitionErrors,
    NoPurpose,
    UnknownName,
    WrongType,
)
from coterie.language import nodes as n
from coterie.language.definitions import Definition, Definitions, Segment, Stage, Stages, Trait
from coterie.language.library import Library
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import days, from_micros

PLAN = TrackingPlan(
    events={
        "Order Completed": PlannedEvent(
            properties={
                "revenue": Property(type="decimal", scale=2),
                "category": Property(type="text"),
                "gift": Property(type="boolean"),
                "due": Property(type="instant"),
                "weight": Property(type="real"),
            }
        ),
        "Page Viewed": PlannedEvent(properties={"revenue": Property(type="text")}),
    }
)
PURPOSES = {"analytics": "legitimate_interest", "marketing": "consent"}


def library(**found: Definition) -> Library:
    where = {name: f"definitions.py:{i}" for i, name in enumerate(found, 1)}
    return Library(Definitions(dict(found), where), PLAN, PURPOSES, "analytics")


def errors_of(**found: Definition) -> tuple[DefinitionError, ...]:
    with pytest.raises(DefinitionErrors) as caught:
        library(**found)
    return caught.value.errors


def error_of(value: n.Expr) -> DefinitionError:
    (error,) = errors_of(x=Trait(value))
    return error


order, page = n.Named("Order Completed"), n.Named("Page Viewed")
revenue, category = n.Property("revenue"), n.Property("category")
count, spend = n.Count(order), n.Sum(of=order, value=revenue)
last_at, kind = n.LastAt(order), n.Last(of=order, value=category)
age, heat = n.Age(last_at), n.Decayed(of=order, half_life=days(7))
weight, listed = (
    n.Sum(of=order, value=n.Property("weight")),
    n.Values(of=order, value=category, limit=2),
)
one, month, true, text = n.Number(Decimal(1)), n.Length(days(30)), n.Truth(True), n.Words("a")
moment = n.Moment(from_micros(0))
ZERO, TOO_LONG = timedelta(0), timedelta(days=1_000_001)


@pytest.mark.parametrize(
    ("value", "place", "hint"),
    [
        (n.Count(n.Named("Order Complete")), "x.of", "did you mean 'Order Completed'?"),
        (n.Count(n.Either((order, n.Named("Pages")))), "x.of.parts[1]", "known:"),
        (n.Sum(of=order, value=n.Property("revenu")), "x.value", "did you mean 'revenue'?"),
        (n.Count(n.Where(order, n.Property("gif"))), "x.of.that", "did you mean 'gift'?"),
        (n.Count(n.Then(n.Named("Ordr Completed"), page, days(1))), "x.of.first", "did you mean"),
        (n.Sum(of=n.Either((order, page)), value=revenue), "x.value", "none are declared yet"),
        (n.And((n.Ref("y"), true)), "x.parts[0]", "known: x"),
    ],
)
def test_unknown_name_has_the_nearest_right_one(value: n.Expr, place: str, hint: str) -> None:
    """An event, a property, a definition that there is none of."""
    error = error_of(value)
    assert isinstance(error, UnknownName)
    assert error.where == f"definitions.py:1: {place}"
    assert error.hint.startswith(hint)


def test_unknown_stage_has_the_nearest_right_one() -> None:
    """A stage is named as it was declared."""
    life = Stages((Stage("loyal", true), Stage("lost", true)), "new")
    (error,) = errors_of(life=life, x=Segment(n.Compare("==", n.Ref("life"), n.Words("loyl"))))
    assert isinstance(error, UnknownName)
    assert (error.where, error.hint) == ("definitions.py:2: x", "did you mean 'loyal'?")


def test_unknown_purpose_has_the_nearest_right_one() -> None:
    """A segment, and stages, are for a purpose that the project declares."""
    stages = Stages((Stage("a", true),), "b", purpose="analytic")
    errors = errors_of(x=Segment(true, "marketting"), y=stages)
    assert all(isinstance(error, NoPurpose) for error in errors)
    assert [error.where for error in errors] == ["definitions.py:1: x", "definitions.py:2: y"]
    assert [e.hint for e in errors] == ["did you mean 'marketing'?", "did you mean 'analytics'?"]


def test_missing_purpose_is_refused() -> None:
    """Without a purpose of its own nor the project's, a segment has no use."""
    with pytest.raises(DefinitionErrors) as caught:
        Library(Definitions({"x": Segment(true)}), PLAN, PURPOSES, "")
    assert isinstance(caught.value.errors[0], NoPurpose)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        # leaves
        (revenue, "x"),
        (n.At(), "x"),
        (n.Number(Decimal("0.1234567")), "x"),
        (n.Number(Decimal(2**63)), "x"),
        (n.Words("a\0"), "x"),
        (n.Words("\ud800"), "x"),
        (month, "x"),
        (n.Clock(days(1)), "x"),
        (n.Known(month), "x.of"),
        (n.Compare("<", age, n.Length(TOO_LONG)), "x.right"),
        # selections
        (n.Count(n.Where(order, revenue)), "x.of.that"),
        (n.Count(n.Where(order, n.Compare(">", count, one))), "x.of.that.left"),
        (n.Count(n.Where(order, n.Ref("y"))), "x.of.that"),
        (n.Count(n.Where(order, n.Compare("<", n.Age(n.At()), month))), "x.of.that.left"),
        (n.Count(n.Either(())), "x.of"),
        (n.Count(n.Then(order, page, ZERO)), "x.of"),
        (n.Count(n.Without(order, page, -days(1))), "x.of"),
        (n.Count(n.Sessions(order, ZERO)), "x.of"),
        (n.Count(n.Sessions(order, TOO_LONG)), "x.of"),
        # aggregates
        (n.Count(order, within=ZERO), "x"),
        (n.Count(order, within=TOO_LONG), "x"),
        (n.Count(order, since=count), "x.since"),
        (n.Sum(of=order, value=category), "x.value"),
        (n.Sum(of=order, value=n.Property("gift")), "x.value"),
        (n.Mean(of=order, value=n.Property("due")), "x.value"),
        (n.Min(of=order, value=n.Property("gift")), "x.value"),
        (n.Max(of=order, value=month), "x.value"),
        (n.First(of=order, value=month), "x.value"),
        (n.Last(of=order, value=spend), "x.value"),
        (n.Distinct(of=order, value=n.Property("weight")), "x.value"),
        (n.Top(of=order, value=n.Property("weight")), "x.value"),
        (n.Values(of=order, value=n.Property("weight"), limit=1), "x.value"),
        (n.Values(of=order, value=category, limit=0), "x"),
        (n.Decayed(of=order), "x"),
        (n.Decayed(of=order, half_life=days(1), rate=Decimal(1)), "x"),
        (n.Decayed(of=order, half_life=ZERO), "x"),
        (n.Decayed(of=order, rate=Decimal(0)), "x"),
        (n.Decayed(of=order, rate=Decimal(-1)), "x"),
        (n.Decayed(of=order, rate=Decimal(10**7)), "x"),
        (n.Decayed(of=order, half_life=days(1), step=ZERO), "x"),
        (n.Decayed(of=order, half_life=days(1), weight=category), "x.weight"),
        # operators
        (n.Arithmetic("+", spend, kind), "x.right"),
        (n.Arithmetic("+", age, one), "x.left"),
        (n.Arithmetic("*", one, heat), "x.right"),
        (n.Arithmetic("+", count, true), "x.right"),
        (n.Compare("==", weight, one), "x"),
        (n.Compare("!=", spend, weight), "x"),
        (n.Compare(">", kind, one), "x"),
        (n.Compare("==", last_at, one), "x"),
        (n.Compare("<", true, true), "x"),
        (n.Compare("==", listed, listed), "x"),
        (n.Compare("==", age, month), "x"),
        (n.Compare("<", age, one), "x"),
        (n.Compare("<", age, age), "x"),
        (n.Compare("<", month, month), "x"),
        (n.Compare("==", heat, one), "x"),
        (n.Compare("<", heat, spend), "x"),
        (n.Compare("<", heat, heat), "x"),
        (n.And((true, count)), "x.parts[1]"),
        (n.Or(()), "x"),
        (n.And(()), "x"),
        (n.Not(count), "x.of"),
        (n.Not(age), "x.of"),
        (n.Between(kind, one, one), "x"),
        (n.Between(weight, one, text), "x"),
        (n.IsIn(kind, ()), "x"),
        (n.IsIn(kind, (text, one)), "x"),
        (n.IsIn(weight, (one,)), "x"),
        (n.IsIn(listed, (text,)), "x"),
        (n.IsIn(kind, (n.Words("\0"),)), "x.options[0]"),
        (n.Match("contains", count, "a"), "x.of"),
        (n.Match("contains", kind, "\0"), "x"),
        (n.Has(kind, text), "x.of"),
        (n.Has(listed, one), "x"),
        (n.Case(()), "x"),
        (n.Case((), one), "x"),
        (n.Case((n.When(count, one),)), "x.whens[0].condition"),
        (n.Case((n.When(true, one), n.When(true, text))), "x"),
        (n.Case((n.When(true, heat),)), "x"),
        (n.Case((n.When(true, true),), one), "x"),
        (n.Coalesce(()), "x"),
        (n.Coalesce((age,)), "x"),
        (n.Coalesce((last_at, one)), "x"),
        (n.Coalesce((listed,)), "x"),
        (n.Age(count), "x.of"),
        (n.Age(last_at, ZERO), "x"),
        (age, "x"),
        # fitted
        (n.Population("mean", last_at), "x.of"),
        (n.Population("max", kind), "x.of"),
        (n.Population("max", heat), "x.of"),
        (n.Population("quantile", spend), "x"),
        (n.Population("quantile", spend, Decimal(1)), "x"),
        (n.Population("min", spend, Decimal("0.5")), "x"),
        (n.Population("min", spend, Decimal(5)), "x"),
        (n.QuantileRank(kind, 5), "x.of"),
        (n.QuantileRank(heat, 5), "x.of"),
        (n.QuantileRank(spend, 1), "x"),
        (n.Cluster("m", ()), "x"),
        (n.Cluster("m", (spend, kind)), "x.inputs[1]"),
        (n.Predict("m", (heat,)), "x.inputs[0]"),
    ],
)  # fmt: skip
def test_wrong_type_names_its_place(value: Any, place: str) -> None:
    """Each node takes what it can mean, and says where it was given something else."""
    error = error_of(value)
    assert isinstance(error, DefinitionError)
    assert error.where == f"definitions.py:1: {place}"


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (n.Arithmetic("+", age, one), "age(step=days(1))"),
        (n.Arithmetic("+", heat, one), "step=days(1)"),
        (n.Compare("<", heat, spend), "step=days(1)"),
        (n.QuantileRank(heat, 5), "step=days(1)"),
        (age, "age(step=days(1))"),
        (revenue, "event.last(property)"),
    ],
)
def test_wrong_type_hints_at_the_mend(value: Any, hint: str) -> None:
    """Ages and decaying sums say how they are stepped."""
    assert hint in error_of(value).hint


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN", "1e61"])
def test_number_that_is_none_cannot_be_a_constant(value: str) -> None:
    """NaN, infinities and numbers beyond all digits are refused where they are made."""
    with pytest.raises(WrongType):
        n.Number(Decimal(value))


@pytest.mark.parametrize("predicate", [count, kind, last_at, listed, n.Ref("other")])
def test_predicate_is_a_truth(predicate: n.Expr) -> None:
    """A segment and a stage are true or false of a person."""
    stages = Stages((Stage("a", true), Stage("b", predicate)), "c")
    errors = errors_of(other=Trait(count), x=Segment(predicate), y=stages)
    assert [e.where for e in errors] == ["definitions.py:2: x", "definitions.py:3: y[b]"]


@pytest.mark.parametrize(
    "stages",
    [
        Stages((), "a"),
        Stages((Stage("a", true),), "a"),
        Stages((Stage("a", true), Stage("a", true)), "b"),
        Stages((Stage("", true),), "b"),
        Stages((Stage("a\0", true),), "b"),
    ],
)
def test_stages_have_different_names(stages: Stages) -> None:
    """One stage besides the last at least, each with a name of its own that can be stored."""
    (error,) = errors_of(x=stages)
    assert error.where == "definitions.py:1: x"


@pytest.mark.parametrize("op", ["<", ">="])
def test_stages_without_order_do_not_compare(op: Any) -> None:
    """Only tiers have ranks; neither compares with a text of another definition."""
    life = Stages((Stage("a", true),), "b")
    errors = errors_of(
        life=life,
        x=Segment(n.Compare(op, n.Ref("life"), n.Words("a"))),
        y=Segment(n.Compare("==", n.Ref("life"), kind)),
    )
    assert [type(error) for error in errors] == [WrongType, WrongType]


def test_every_cycle_is_told() -> None:
    """A definition that needs itself, and two that need each other; the others are checked too."""
    errors = errors_of(
        own=Segment(n.Not(n.Ref("own"))),
        a=Trait(n.Ref("b")),
        b=Trait(n.Ref("c")),
        c=Trait(n.Ref("a")),
        user=Trait(n.Ref("a")),
        wrong=Trait(n.Not(one)),
    )
    assert [(type(error), error.got) for error in errors] == [
        (Cycle, "own -> own"),
        (Cycle, "a -> b -> c -> a"),
        (WrongType, "integer"),
    ]
    assert [e.where for e in errors][:2] == ["definitions.py:1: own", "definitions.py:2: a"]


def test_error_is_told_once() -> None:
    """Definitions that refer to a wrong one are not wrong themselves."""
    (error,) = errors_of(
        a=Trait(n.Sum(of=order, value=category)),
        b=Trait(n.Arithmetic("+", n.Ref("a"), one)),
        c=Segment(n.Compare(">", n.Ref("b"), one)),
    )
    assert error.where == "definitions.py:1: a.value"


def test_nothing_of_a_wrong_set_is_usable() -> None:
    """One wrong definition, and there is no library at all."""
    errors = errors_of(good=Trait(count), bad=Trait(n.Not(one)), worse=Segment(true, "x"))
    assert len(errors) == 2


def test_deep_definition_is_refused() -> None:
    """A tree deeper than engines can walk has an error, and no crash."""
    value: n.Expr = count
    for _ in range(2000):
        value = n.Arithmetic("+", value, one)
    assert "nested too deeply" in error_of(value).what


def test_duration_of_any_sensible_length_is_fine() -> None:
    """A thousand years, a microsecond, and a negative constant are durations."""
    assert library(
        a=Trait(n.Count(order, within=timedelta(days=365_250))),
        b=Trait(n.Count(order, within=timedelta(microseconds=1))),
        c=Segment(n.Compare(">", age, n.Length(-days(1)))),
    )

"""English: pleasant, and different where definitions differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings

from coterie import case as branches
from coterie import (
    days,
    event,
    hours,
    minutes,
    quantile_rank,
    recipes,
    segment,
    stages,
    tiers,
    trait,
)
from coterie.errors import DefinitionError
from coterie.language import nodes as n
from coterie.language.authoring import Defined
from coterie.language.definitions import Definition
from coterie.language.english import phrase, sentence, stage_lines
from coterie.language.library import Library
from coterie.language.load import definitions_in
from coterie.language.naming import named
from coterie.language.tree import Node
from coterie.language.wording import KEYWORDS, ZONE, moment
from tests.strategies import libraries

order, cart, view = event("Order Completed"), event("Product Added"), event("Product Viewed")


def said(**found: Defined) -> str:
    """The sentence of the last of these definitions."""
    definitions = named(found)
    *_, (name, definition) = definitions.by_name.items()
    return sentence(name, definition)


n_orders, spend = trait(order.count(within=days(30))), trait(order.sum("revenue"))


@pytest.mark.parametrize(
    ("defined", "expected"),
    [
        (
            segment((order.count(within=days(30)) >= 3) & (spend > 500)),
            "people with at least 3 'Order Completed' in the last 30 days "
            "and whose spend is above 500",
        ),
        (
            segment(
                cart.without(order, within=minutes(30)).any(within=hours(24))
                & ~order.any(since=cart.last_at()),
                purpose="marketing",
            ),
            "people with some ('Product Added' with no 'Order Completed' within 30 minutes) "
            "in the last 1 day and with no 'Order Completed' since the last 'Product Added', "
            "for marketing",
        ),
        (
            trait(order.where(order["revenue"] > 100).count(within=days(365))),
            "x is the number of 'Order Completed' where (its revenue is above 100) "
            "in the last 365 days",
        ),
        (
            trait((view | cart).decayed(half_life=days(7))),
            "x is the faded number of ('Product Viewed' or 'Product Added') halved every 7 days",
        ),
        (segment(order.last_at().age() < days(30)),
         "people whose time since the last 'Order Completed' is below 30 days"),
        (trait(quantile_rank(order.last_at(), 5)),
         "x is the rank of the time of the last 'Order Completed' among 5"),
        (trait(branches((spend > 10_000, "gold"), otherwise="none"), description="Loyal?"),
         'x is ("gold" if spend is above 10,000; otherwise "none") ("Loyal?")'),
        (stages({"new": n_orders < 3}, otherwise="old"),
         'x is the first of "new" for people whose n_orders is below 3; otherwise "old"'),
        (tiers({"gold": spend > 100}, otherwise="none"),
         'x is the highest tier of "gold" for people whose spend is above 100; otherwise "none"'),
        (segment((spend > 5) | ~spend.is_known()),
         "people whose spend is above 5 or whose spend is unknown"),
    ],
)  # fmt: skip
def test_sentence_reads_well(defined: Defined, expected: str) -> None:
    """What a marketer reads."""
    assert said(n_orders=n_orders, spend=spend, x=defined) == expected


# --- different definitions read differently ------------------------------------------------------


def _others(value: Any, kind: Any) -> Iterator[Any]:
    """Other values of a field, near enough to be confused with its own."""
    match value:
        case bool():
            yield not value
        case str() if get_origin(kind) is Literal:
            yield from (each for each in get_args(kind) if each != value)
        case str():
            yield from (f"{value} ", f"{value}x", value.swapcase(), f"'{value}'", "number", "")
        case int():
            yield value + 1
        case Decimal():
            yield from (value + 1, -value - 1, value / 10 + Decimal("0.1"))
        case timedelta():
            yield from (value + timedelta(microseconds=1), value * 2, timedelta(days=1), value * 24)
        case datetime():
            yield from (value + timedelta(microseconds=1), value + timedelta(days=1))
        case tuple():
            yield from ((*value, *value[-1:]), value[:-1], value[::-1], (value[:1] * 3))
    options = get_args(kind) if get_origin(kind) in (Union, UnionType) else ()
    if type(None) in options:
        yield from (None,) if value is not None else _given(options)
    if isinstance(value, Node) and n.Not in options:
        yield from (n.Not(value), n.Known(value), n.And((value,)), n.Coalesce((value,)))
    if isinstance(value, Node) and n.Named in options:
        yield from (n.Either((value,)), n.Either((value, value)), n.Where(value, n.Truth(True)))


def _given(options: tuple[Any, ...]) -> Iterator[Any]:
    if timedelta in options:
        yield from (timedelta(days=30), timedelta(0))
    if Decimal in options:
        yield Decimal("0.5")
    if n.Truth in options:
        yield from (n.Truth(False), n.Words("true"), n.Ref("true"), n.Property("true"))


def mutants(node: Node) -> Iterator[Any]:
    """The node with one field of one node below it changed."""
    for field in msgspec.structs.fields(type(node)):
        value = getattr(node, field.name)
        for other in _others(value, field.type):
            yield from _built(node, field.name, other)
        if isinstance(value, Node):
            for mutant in mutants(value):
                yield from _built(node, field.name, mutant)
        elif isinstance(value, tuple):
            for i, part in enumerate(value):
                for mutant in mutants(part) if isinstance(part, Node) else ():
                    yield from _built(node, field.name, (*value[:i], mutant, *value[i + 1 :]))


def _built(node: Node, field: str, value: Any) -> Iterator[Any]:
    try:
        changed = msgspec.structs.replace(node, **{field: value})
    except DefinitionError:
        return
    if changed != node:
        yield changed


def clashes(definition: Definition) -> Iterator[tuple[Any, Any, str]]:
    """Pairs of different definitions that read the same."""
    seen: dict[str, Any] = {}
    for each in (definition, *mutants(definition)):
        text = sentence("x", each)
        if seen.setdefault(text, each) != each:
            yield seen[text], each, text


@settings(max_examples=40)
@given(libraries(most=2, depth=3))
def test_changed_field_changes_the_sentence(library: Library) -> None:
    """Any field of any node changed, and the definition reads differently."""
    for name in library:
        assert not next(clashes(library.definition(name)), None)


def test_recipes_read_differently_from_any_change_of_them() -> None:
    """Every recipe definition, with each field of each node changed."""
    made = [
        recipes.affinity(["Tea", "Ale"]),
        recipes.basket(),
        recipes.carts(),
        recipes.emails(),
        recipes.engagement(),
        recipes.lifecycle(),
        recipes.loyalty(),
        recipes.rfm(),
        recipes.value(),
        recipes.visits(),
    ]
    for each in made:
        found = named(dict(definitions_in("x", each))).by_name
        assert found
        assert not [clash for definition in found.values() for clash in clashes(definition)]


SEEN: dict[str, Node] = {}


@given(libraries(most=3, depth=3))
def test_different_expressions_read_differently(library: Library) -> None:
    """Among all expressions that were ever generated, one phrase has one meaning."""
    for name in library:
        for node in n.walk(library.definition(name)):
            if isinstance(node, n.Expr):
                assert SEEN.setdefault(phrase(node), node) == node


def test_names_that_are_words_of_sentences_stand_apart() -> None:
    """A trait called `number` or `true` is not taken for the word."""
    assert phrase(n.Ref("true")) != phrase(n.Truth(True))
    assert phrase(n.Ref("number")) == "`number`"
    assert phrase(n.Property("unit price")) == "its `unit price`"


@given(libraries(most=3, depth=3))
def test_every_word_of_a_sentence_is_known(library: Library) -> None:
    """A word that sentences use bare is one that names are told apart from."""
    quoted = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`\\]|\\.)*`")
    for name in library:
        text = sentence("x", library.definition(name)).removeprefix("x is ")
        bare = quoted.sub(" ", text.replace("everyone's", "everyone"))
        names = {*library, *_properties(library), "UTC", "marketing"}
        assert set(re.findall(r"[A-Za-z_]\w*", bare)) <= KEYWORDS | names


def _properties(library: Library) -> set[str]:
    return {name for _, name, _ in library.plan.properties()}


def test_quotation_marks_inside_names_are_escaped() -> None:
    """An event's name cannot end its own quotation."""
    ends: Callable[[str], str] = lambda name: phrase(n.Count(n.Named(name)))  # noqa: E731
    assert ends("a' in the last 'b") == "the number of 'a\\' in the last \\'b'"
    assert ends('a"b') != ends('a\\"b')


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Havana", "Asia/Kathmandu"])
def test_instants_told_by_another_clock_are_told_apart(zone: str) -> None:
    """Each quarter of an hour of a year, the hour that comes twice as well; the zone is named."""

    def told() -> list[str]:
        ZONE.set(ZoneInfo(zone))
        start = datetime(2025, 1, 1, tzinfo=UTC)
        return [moment(start + timedelta(minutes=15 * i)) for i in range(366 * 96)]

    said = copy_context().run(told)
    assert len({*said}) == len(said)
    assert all(each.endswith(f" {zone}") for each in said)


def test_instant_at_the_calendars_end_is_told_in_utc() -> None:
    """Where no clock of another zone can show it."""

    def told() -> str:
        ZONE.set(ZoneInfo("Asia/Kathmandu"))
        return moment(datetime.max.replace(tzinfo=UTC))

    assert copy_context().run(told) == "9999-12-31 23:59:59.999999 UTC"


def test_stages_are_told_a_line_each() -> None:
    """In their order, and the rest of all people in the end; other definitions have no lines."""
    order = event("Order Completed")
    made = tiers({"gold": order.count() > 9, "silver": order.any()}, otherwise="none")
    found = named({"level": made, "buyers": segment(order.any())}).by_name
    assert [(each.stage, each.english) for each in stage_lines(found["level"])] == [
        ("gold", "people with more than 9 'Order Completed'"),
        ("silver", "people with some 'Order Completed'"),
        ("none", ""),
    ]
    assert stage_lines(found["buyers"]) == []

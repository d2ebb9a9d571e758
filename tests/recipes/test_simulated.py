"""Recipes about behaviour over a simulated shop, against an independent pandas computation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from coterie import recipes
from coterie.engines.reference import Fact, evaluate
from coterie.engines.sql import MemorySource, PostgresSource, Source, SqlEngine
from coterie.language.events import Event
from coterie.language.time import micros
from coterie.simulate import simulate
from coterie.simulate.catalogue import CATEGORIES
from tests.recipes.pandas_behaviour import describe
from tests.recipes.people import PLAN, library
from tests.support.comparing import assert_equal

NOW = pd.Timestamp("2025-12-05T19:00:00Z")
T = micros(NOW.to_pydatetime())
READ = ("product_id", "campaign_id")
LINE = "Product Purchased"


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """What 600 people did within a year, each event once, as far as the instant looked at."""
    shop = simulate(people=600, months=12, seed=5)
    once = {event.message_id: event for batch in shop.events() for event in batch}
    return [event for event in once.values() if event.occurred_at <= T]


def person(event: Event) -> str:
    return event.user_id or event.anonymous_id or ""


def lines(event: Event) -> Iterator[dict[str, Any]]:
    """The lines of an order; other events have none."""
    if event.name == "Order Completed":
        for item in event.properties["products"]:
            yield {"order_id": event.properties["order_id"], "category": item["category"]}


@pytest.fixture(scope="module")
def histories(events: list[Event]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for event in events:
        values = {name: event.properties[name] for name in READ if name in event.properties}
        facts = [Fact(event.key, event.name, at=event.occurred_at, offset=1, values=values)]
        facts += [
            Fact(event.key + bytes([i]), LINE, at=event.occurred_at, offset=1, values=line)
            for i, line in enumerate(lines(event))
        ]
        found[person(event)] += facts
    return found


@pytest.fixture(scope="module")
def expected(events: list[Event]) -> pd.DataFrame:
    rows = [
        {"person": person(e), "name": e.name, "at": e.occurred_at}
        | {name: e.properties.get(name) for name in READ}
        for e in events
    ]
    bought = [
        {"person": person(e), "at": e.occurred_at} | line for e in events for line in lines(e)
    ]
    table = pd.DataFrame(rows)
    table["at"] = pd.to_datetime(table["at"], unit="us", utc=True)
    return describe(table, pd.DataFrame(bought), NOW)


CHECKED = library(recipes.carts(), recipes.emails(), recipes.visits(), recipes.affinity(CATEGORIES))
NAMES = [name for name in CHECKED.names if name != "favourite_category"]  # its ties need keys


def test_every_recipe_about_behaviour_equals_an_independent_pandas_computation(
    histories: dict[str, list[Fact]], expected: pd.DataFrame
) -> None:
    """Carts, letters, visits and affinity of everybody, known or anonymous."""
    assert set(NAMES) == set(expected.columns)
    found = {who: evaluate(CHECKED, NAMES, facts, 9, T) for who, facts in histories.items()}
    for name in NAMES:
        assert_equal([found[who][name] for who in expected.index], expected[name])


def in_one_plan(source: Source, expected: pd.DataFrame) -> None:
    n = len(expected)
    spine = pa.table({"profile": list(expected.index), "offset": [9] * n, "t": [T] * n})
    found = SqlEngine(source, CHECKED).evaluate(NAMES, spine)
    source.backend.disconnect()
    for name in NAMES:
        assert_equal(found[name].to_pylist(), expected[name])


def test_they_equal_it_in_duckdb(histories: dict[str, list[Fact]], expected: pd.DataFrame) -> None:
    """All of them in one plan over everybody at once."""
    in_one_plan(MemorySource(PLAN, histories), expected)


def test_they_equal_it_in_postgresql(
    histories: dict[str, list[Fact]], expected: pd.DataFrame, postgres: dict[str, Any]
) -> None:
    """The same plan in another database."""
    in_one_plan(PostgresSource(PLAN, histories, **postgres), expected)


def test_the_simulated_shop_puts_every_recipe_about_behaviour_to_the_test(
    expected: pd.DataFrame,
) -> None:
    """Somebody is in each segment, somebody is not, and rates differ."""
    segments = ("interested_but_hesitant", "high_intent", "visit_spike", "category_affinity")
    assert all(set(expected[name]) == {True, False} for name in segments)
    rates = [name for name in expected if name.endswith("_rate")]
    assert all(expected[name].nunique() > 3 for name in rates)

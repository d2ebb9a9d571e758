"""The SQL of a few definitions, as each database gets it; and what it answers, beside it.

After a wanted change, ``COTERIE_SNAPSHOTS=write pytest tests/snapshots`` writes the files anew.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ibis
import pytest

from coterie.engines.sql import SqlEngine, TableSource
from coterie.language.authoring import segment, trait
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.time import days, hours, minutes
from tests.conformance.case import PLAN, at, cart, fact, order, view
from tests.conformance.parity import asked

FOLDER = Path(__file__).parent / "sql"
WRITE = os.environ.get("COTERIE_SNAPSHOTS") == "write"

spend = trait(order.sum("revenue"))
DEFINITIONS: dict[str, dict[str, Any]] = {
    "vip": {
        "spend": spend,
        "orders": trait(order.where(order["revenue"] > 0).count(within=days(30))),
        "vip": segment((spend / 3 > 100) & (order.count() >= 2)),
    },
    "favourite": {"favourite": trait((order | cart).top("category"))},
    "hesitant": {
        "hesitant": segment(
            cart.without(order, within=minutes(30)).any(within=hours(24))
            & ~order.any(since=cart.last_at())
        )
    },
    "converted": {"converted": trait(view.then(order, within=hours(1)).count())},
    "visits": {"visits": trait((view | cart).sessions(minutes(30)).count())},
    "engaged": {"engaged": trait(order.decayed("revenue", half_life=days(7), step=days(1)))},
}
HISTORY = {
    "ann": [
        fact(1, "View", at(0), 1),
        fact(2, "Order", at(0.5), 2, revenue=90_000, category="tea"),
        fact(3, "Cart", at(2), 3, category="ale"),
        fact(4, "Order", at(1.5), 4, revenue=10_000, category="tea"),
        fact(5, "View", at(2.25), 5),
    ]
}
ANSWERS: dict[str, dict[str, Any]] = {
    "vip": {"spend": 100_000, "orders": 2, "vip": True},
    "favourite": {"favourite": "tea"},
    "hesitant": {"hesitant": True},
    "converted": {"converted": 1},
    "visits": {"visits": 2},
    "engaged": {"engaged": None},
}


def library(name: str) -> Library:
    purposes = {"analytics": "legitimate_interest"}
    return Library(named(DEFINITIONS[name]), PLAN, purposes, "analytics")


def check(name: str, backend: Any, dialect: str) -> None:
    """Compare the SQL with the file, and execute it."""
    engine = SqlEngine(TableSource(backend, PLAN, {}), library(name))
    sql = engine.explain(library(name).names) + "\n"
    path = FOLDER / f"{name}.{dialect}.sql"
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(sql)
    assert sql == path.read_text()
    [answer] = asked(backend, library(name), HISTORY, [("ann", 5, at(3))])
    assert answer == ANSWERS[name]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_duckdb_gets_the_sql_on_file_and_answers_it(name: str) -> None:
    """A change of the SQL is seen before it is made, and what is seen has been executed."""
    backend = ibis.duckdb.connect()
    check(name, backend, "duckdb")
    backend.disconnect()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_postgres_gets_the_sql_on_file_and_answers_it(
    name: str, postgres: dict[str, str | int]
) -> None:
    """A change of the SQL is seen before it is made, and what is seen has been executed."""
    backend = ibis.postgres.connect(**postgres)
    check(name, backend, "postgres")
    backend.disconnect()

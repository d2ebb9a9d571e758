"""What the SQL engine promises beside its answers: order, refusals, and the SQL it shows."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pytest

from coterie.engines.fits import Fit, Fits
from coterie.engines.sql import MemorySource, SqlEngine, TableSource
from coterie.engines.sql.capabilities import check_complete
from coterie.engines.sql.dialects import DuckDB, dialect_of
from coterie.engines.sql.sources import column
from coterie.errors import StoreError, UnknownName, Unsupported
from coterie.language import nodes as n
from coterie.language.authoring import (
    event,
    population_mean,
    quantile_rank,
    segment,
    trait,
)
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import hours
from tests.conformance.case import PLAN, at, cart, fact, order, view

DEFINED = {
    "n": trait(order.count()),
    "spend": trait(order.sum("revenue")),
    "seen": trait((order | cart | view).last_at()),
    "late": trait(order.count(since=cart.last_at())),
    "waited": trait(cart.without(order, within=hours(1)).count()),
    "usual": trait(order.values("category", limit=2)),
}
DEFINED["rank"] = trait(quantile_rank(DEFINED["n"], 3))
DEFINED["good"] = segment(DEFINED["n"] >= 2)
HISTORIES = {
    "ann": [
        fact(1, "Order", at(0), 1, revenue=150, category="tea"),
        fact(2, "Cart", at(1), 2),
        fact(3, "Order", at(3), 3, revenue=250, category="ale"),
    ],
    "bob": [fact(4, "Order", at(2), 4, revenue=None)],
}


def library(defined: dict[str, Any], plan: TrackingPlan = PLAN) -> Library:
    return Library(named(defined), plan, {"analytics": "legitimate_interest"}, "analytics")


LIBRARY = library(DEFINED)


def spine(*points: tuple[str, int, int]) -> pa.Table:
    profile, offset, t = zip(*points, strict=True)
    return pa.table({"profile": profile, "offset": offset, "t": t})


@pytest.fixture(params=["duckdb_backend", "postgres_backend"])
def engine(request: pytest.FixtureRequest) -> SqlEngine:
    backend = request.getfixturevalue(request.param)
    return SqlEngine(TableSource(backend, PLAN, HISTORIES), LIBRARY)


def test_answers_keep_the_order_of_the_spine(engine: SqlEngine) -> None:
    """Rows may repeat and stand in any order; a stranger has no events."""
    points = [("bob", 9, at(9)), ("ann", 9, at(9)), ("zoe", 9, at(9)), ("ann", 9, at(9))]
    together = engine.evaluate(["n", "seen"], spine(*points)).to_pylist()
    ann = {"n": 2, "seen": at(3)}
    assert together == [{"n": 1, "seen": at(2)}, ann, {"n": 0, "seen": None}, ann]


def test_one_position_for_all_answers_as_many_positions_do(engine: SqlEngine) -> None:
    """A constant position is another statement with the same meaning."""
    points = [(who, 3, at(3)) for who in ("ann", "bob", "zoe")]
    alone = engine.evaluate(LIBRARY.names, spine(*points)).to_pylist()
    mixed = engine.evaluate(LIBRARY.names, spine(*points, ("ann", 1, at(1)))).to_pylist()
    assert mixed[:-1] == alone


def test_an_empty_spine_has_an_empty_answer(engine: SqlEngine) -> None:
    """No points, no rows, and still the columns."""
    empty = spine(("ann", 1, 1)).slice(0, 0)
    answer = engine.evaluate(["n", "usual"], empty)
    assert answer.num_rows == 0
    assert answer.schema == pa.schema([("n", pa.int64()), ("usual", pa.list_(pa.string()))])


def test_only_what_was_asked_for_comes_back(engine: SqlEngine) -> None:
    """A definition may need others; they are no columns of the answer, and the order is asked."""
    answer = engine.evaluate(["good", "n"], spine(("ann", 9, at(9))))
    assert answer.to_pylist() == [{"good": True, "n": 2}]


def test_nothing_is_left_behind(engine: SqlEngine) -> None:
    """After an evaluation the connection has the tables of the source alone."""
    ours = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'coterie%'"
    before = set(engine.source.backend.con.execute(ours).fetchall())
    engine.evaluate(LIBRARY.names, spine(("ann", 9, at(9))))
    assert set(engine.source.backend.con.execute(ours).fetchall()) == before


def test_each_point_sees_the_version_active_at_its_position(engine: SqlEngine) -> None:
    """A fit counts from its offset and its instant on, whichever comes later."""
    key = LIBRARY.fit_key(n.QuantileRank(n.Ref("n"), 3))
    fits = Fits([Fit(key, 1, at(1), {"edges": [0, 5]}), Fit(key, 3, at(2), {"edges": [9, 9]})])
    points = [("ann", 9, at(0)), ("ann", 9, at(1)), ("ann", 9, at(2)), ("ann", 2, at(2))]
    answer = engine.evaluate(["rank"], spine(*points), fits)
    assert answer["rank"].to_pylist() == [None, 2, 1, 2]


def test_an_unknown_name_is_refused(engine: SqlEngine) -> None:
    """The error has the nearest right name."""
    with pytest.raises(UnknownName, match="spent") as refused:
        engine.evaluate(["spent"], spine(("ann", 1, 1)))
    assert "'spend'" in str(refused.value)


def test_explained_sql_is_what_is_executed(engine: SqlEngine) -> None:
    """The statements that `explain` shows, run by hand, give the answer."""
    backend, point = engine.source.backend, ("ann", 9, at(9))
    dialect = dialect_of(backend)
    dialect.load("coterie_points", pa.table({"id": [0], "who": ["ann"]}))
    statements = engine.explain(["n", "usual", "late"], position=point[1:]).split(";\n\n")
    for statement in statements[:-1]:
        dialect.run(statement)
    kinds = [pa.int64(), pa.int64(), pa.list_(pa.string()), pa.int64()]
    schema = pa.schema([("id", kinds[0]), *((f"out_{i}", k) for i, k in enumerate(kinds[1:]))])
    found = dialect.fetch(statements[-1].rstrip(";"), schema).to_pylist()
    for name in [s.split('"')[1] for s in statements[:-1]] + ["coterie_points"]:
        dialect.drop(name)
    asked = engine.evaluate(["n", "usual", "late"], spine(point)).to_pylist()
    assert [list(row.values())[1:] for row in found] == [list(row.values()) for row in asked]


def test_names_that_databases_confuse_are_kept_apart(duckdb_backend: Any) -> None:
    """Properties that differ in case only, columns named as the event's own, odd letters."""
    names = ("SKU", "sku", "at", "profile", 'a "b"', "Größe", "x" * 90, "x" * 91)
    plan = TrackingPlan(
        events={"E": PlannedEvent(properties={name: Property(type="integer") for name in names})}
    )
    assert len({column(name).lower() for name in names}) == len(names)
    given = {f"t{i}": trait(event("E").sum(name)) for i, name in enumerate(names)}
    values = {name: i for i, name in enumerate(names)}
    source = TableSource(duckdb_backend, plan, {"ann": [fact(1, "E", 5, 1, **values)]})
    found = SqlEngine(source, library(given, plan)).evaluate(given, spine(("ann", 1, 5)))
    assert found.to_pylist() == [{f"t{i}": i for i in range(len(names))}]


def test_a_node_that_a_database_cannot_do_is_refused_by_name() -> None:
    """What an engine does not support is declared, and said before anything runs."""

    class Limited(DuckDB):
        unsupported = frozenset({n.Top})

    source = MemorySource(PLAN, {})
    engine = SqlEngine(source, library({"usual": trait(order.top("category"))}))
    engine._dialect = Limited(source.backend)
    with pytest.raises(Unsupported, match="Limited cannot do top"):
        engine.evaluate(["usual"], spine(("ann", 1, 1)))


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (([int],), "str in 0 places"),
        (([int, str], [str]), "str in 2 places"),
        (([int, str, float],), "does not have: float"),
    ],
)
def test_an_engine_that_forgets_a_node_fails_at_import(declared: Any, said: str) -> None:
    """Every node is rendered, lowered or unsupported: one of them, said once."""
    with pytest.raises(TypeError, match=said):
        check_complete("a toy engine", [int, str], *declared)


def test_an_unspoken_database_is_refused() -> None:
    """Another engine of Ibis is not tried on the off chance."""
    with pytest.raises(Unsupported, match="no dialect"):
        dialect_of(ibis.backends.BaseBackend.__new__(type("Other", (), {"name": "other"})))


@pytest.mark.parametrize(
    "options",
    ["ENCODING 'LATIN1' LOCALE 'C'", "LOCALE_PROVIDER icu ICU_LOCALE 'en' ENCODING 'UTF8'"],
)
def test_a_database_with_another_order_of_text_is_refused(
    postgres: dict[str, str | int], postgres_backend: Any, options: str
) -> None:
    """Text compares by code point, or the engine does not start."""
    con = postgres_backend.con
    con.execute(f"CREATE DATABASE elsewhere TEMPLATE template0 {options}")
    backend = ibis.postgres.connect(**postgres | {"database": "elsewhere"})
    try:
        with pytest.raises(StoreError, match="code point"):
            dialect_of(backend)
    finally:
        backend.disconnect()
        con.execute("DROP DATABASE elsewhere")


def test_reals_that_cancel_or_overflow_agree(engine: SqlEngine) -> None:
    """A sum of reals loses nothing on the way, and is null beyond 64 bits."""
    weights = {
        "ann": [1e20, 1.0, -1e20],
        "bob": [1e308, 1e308],
        "cid": [1e-320, 1e-320],
        "dan": [1e12, 0.001, -1e12, -7e-14],
    }
    histories = {
        who: [fact(i, "Order", at(0), i, weight=w) for i, w in enumerate(found, 1)]
        for who, found in weights.items()
    }
    source = TableSource(engine.source.backend, PLAN, histories)
    asked = SqlEngine(source, library({"kilos": trait(order.sum("weight"))}))
    answer = asked.evaluate(["kilos"], spine(*((who, 9, at(9)) for who in weights)))
    ann, bob, cid, dan = answer["kilos"].to_pylist()
    assert (ann, bob) == (1.0, None)
    assert cid == pytest.approx(0.0, abs=1e-300)
    assert dan == pytest.approx(0.001 - 7e-14, rel=1e-9)


def test_a_statistic_without_a_version_is_null(engine: SqlEngine) -> None:
    """A comparison with a null constant is unknown, not a test for null."""
    mean = trait(population_mean(DEFINED["n"]))
    asked = SqlEngine(
        engine.source,
        library({"n": DEFINED["n"], "same": trait(DEFINED["n"] == mean), "mean": mean}),
    )
    answer = asked.evaluate(["mean", "same"], spine(("ann", 9, at(9)))).to_pylist()
    assert answer == [{"mean": None, "same": None}]

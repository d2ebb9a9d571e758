"""A value of another type than planned is kept beside the others, and unknown to definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.collect.gate import Gate
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.types import Decimal, Integer
from coterie.storage import columns
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from coterie.storage.payload import canonical
from coterie.storage.units import reader
from tests.collect.quality.plans import ANYTHING, one

PLAN = TrackingPlan(
    events={
        "Paid": PlannedEvent(
            properties={
                "amount": Property(type="decimal", scale=2),
                "n": Property(type="integer"),
                "at": Property(type="instant"),
                "new": Property(type="boolean"),
            },
            explode={"items": "Item"},
        ),
        "Item": PlannedEvent(properties={"price": Property(type="integer")}),
    }
)


def event(number: int, **properties: object) -> Event:
    return Event(
        source="web", message_id=str(number), name="Paid", occurred_at=number, received_at=number,
        user_id="p", properties=properties,
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    events = [
        event(1, amount=5, n=1, items=[{"price": 2}, {"price": "three"}]),
        event(2, amount="much", n=2, at="soon", new="perhaps", items="none"),
        event(3, n="three", other=[1], items=[1, {"price": 9}]),
    ]
    with Log(tmp_path / "log.db") as log:
        log.append_events(events)
        made = Lake(tmp_path / "lake")
        made.flush(log, PLAN)
    made.compact()
    return made


def values(lake: Lake, name: str, prop: str) -> list[object]:
    kinds = {"amount": Decimal(2), "n": Integer(), "price": Integer()}
    with duckdb.connect() as con:
        sql = lake.scan(con, name, {prop: kinds[prop]}, 100)
        return [
            row[0] for row in con.sql(f'SELECT {prop} FROM ({sql}) ORDER BY "at", key').fetchall()
        ]


def test_what_does_not_fit_is_unknown_and_the_rest_is_read(lake: Lake) -> None:
    """Values before and after it keep their meaning; lines of no objects are no lines."""
    assert values(lake, "Paid", "amount") == [500, None, None]
    assert values(lake, "Paid", "n") == [1, 2, None]
    assert sorted(values(lake, "Item", "price"), key=str) == [2, None]


def test_what_does_not_fit_is_kept_as_it_came(lake: Lake) -> None:
    """As JSON in a column of its own, through a compaction; others are where they were."""
    with duckdb.connect() as con:
        rows = con.read_parquet(lake.files("Paid"), union_by_name=True)
        found = rows.order("occurred_at").select("unfit, extra").fetchall()
    assert [found[0][0], found[0][1], found[1][1]] == [None, None, None]
    assert json.loads(found[1][0]) == {
        "amount": "much", "at": "soon", "new": "perhaps", "items": "none",
    }  # fmt: skip
    assert json.loads(found[2][0]) == {"n": "three", "items": [1, {"price": 9}]}
    assert json.loads(found[2][1]) == {"other": [1]}
    with duckdb.connect() as con:
        told = lake.history(con, "p", PLAN)["properties"].to_pylist()
    assert "much" not in "".join(told)
    assert "three" not in "".join(told)


KINDS = ["integer", "decimal", "real", "text", "boolean", "instant"]


@given(st.sampled_from(KINDS), ANYTHING)
def test_stream_and_lake_agree_on_what_fits(kind: Any, value: Any) -> None:
    """Whatever the gate lets through because it is only observed is unknown to both, or to none."""
    declared = Property(type=kind, scale=2 if kind == "decimal" else 0)
    plan, event = one(declared, value, "observe")
    if value is None or Gate(plan).judge(event, 0).refused is not None:
        return
    made, odd = columns.fitting([value], declared, "E.p")
    assert (made.null_count == 1) is bool(odd)
    assert (reader(declared, declared.kind)(value) is None) is bool(odd)


@given(st.sampled_from(KINDS), ANYTHING)
def test_what_the_plan_enforces_always_fits(kind: Any, value: Any) -> None:
    """A value that the gate takes for right is never kept apart."""
    declared = Property(type=kind, scale=2 if kind == "decimal" else 0)
    plan, event = one(declared, value)
    if value is not None and Gate(plan).judge(event, 0).refused is None:
        assert columns.fitting([canonical(value)], declared, "E.p")[1] == []

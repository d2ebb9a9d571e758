"""Rows made of many events at once are those made of one after the other."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.storage.explode import Exploder
from coterie.storage.payload import decode_bare, decode_bares, encode

PLAN = TrackingPlan(
    events={
        "Bought": PlannedEvent(
            properties={
                "price": Property(type="decimal", scale=2), "n": Property(type="integer"),
                "items": Property(type="text"),
            },
            explode={"items": "Line"}, inherit=("price",),
        ),
        "Line": PlannedEvent(properties={"price": Property(type="decimal", scale=2)}),
        "Looked": PlannedEvent(
            properties={"n": Property(type="integer"), "at": Property(type="instant")}
        ),
    }
)  # fmt: skip
_VALUES = st.sampled_from(
    [None, 1, 2, Decimal("1.25"), "x", "2026-01-01T00:00:00Z", True, [], [{"price": 1}, {"odd": 2}],
     [1], {"price": 3}]
)  # fmt: skip
_EVENTS = st.lists(
    st.builds(
        Event, source=st.sampled_from(["web", "app"]), message_id=st.integers(0, 99).map(str),
        name=st.sampled_from(["Bought", "Line", "Looked", "Not planned"]),
        occurred_at=st.integers(0, 9), received_at=st.integers(0, 9),
        user_id=st.sampled_from([None, "ann"]), anonymous_id=st.sampled_from([None, "device"]),
        properties=st.dictionaries(st.sampled_from(["price", "n", "items", "at", "odd"]), _VALUES),
        context=st.sampled_from([{}, {"page": {"path": "/"}}]),
        supersedes=st.sampled_from([None, "5"]),
    ),
    max_size=12,
)  # fmt: skip


def rows(made: Exploder) -> dict[str, tuple[pa.Schema, pa.Table]]:
    """By event name, in the order of offsets."""
    return {
        name: (table.schema, table.sort_by([("offset", "ascending"), ("key", "ascending")]))
        for name, table in made.tables()
    }


@given(_EVENTS, st.integers(1, 5))
def test_rows_of_many_are_those_of_each(events: list[Event], n: int) -> None:
    """Heads, properties, lines, what is not planned, and what does not fit."""
    one, many = Exploder(PLAN), Exploder(PLAN)
    for offset, event in enumerate(events, 1):
        one.add(event, offset)
    for start in range(0, len(events), n):
        few = events[start : start + n]
        many.add_many(few, range(start + 1, start + 1 + len(few)))
    assert rows(one) == rows(many)


@given(_EVENTS)
def test_events_decoded_together_are_those_decoded_alone(events: list[Event]) -> None:
    """Numbers keep their form, and a context stays JSON."""
    payloads = [encode(event) for event in events]
    assert list(decode_bares(payloads)) == [decode_bare(payload) for payload in payloads]

"""Every source gives the same events: the lake's answers are those of the plain history."""

from __future__ import annotations

import gc
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from coterie.engines.reference import Fact, evaluate
from coterie.engines.sql import LakeSource, SqlEngine
from coterie.language.authoring import event, trait
from coterie.language.events import Event, event_key
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import hours
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.conformance.parity import same

HOUR = 3_600_000_000
PLAN = TrackingPlan(
    events={
        "Order": PlannedEvent(
            properties={
                "revenue": Property(type="decimal", scale=2),
                "SKU": Property(type="text"),
                "at": Property(type="instant"),
                "gift": Property(type="boolean"),
                "weight": Property(type="real"),
            }
        ),
        "Cart": PlannedEvent(properties={"quantity": Property(type="integer")}),
        "Never": PlannedEvent(properties={"revenue": Property(type="decimal", scale=4)}),
    }
)
order, cart, never = event("Order"), event("Cart"), event("Never")
LIBRARY = Library(
    named(
        {
            "n": trait(order.count()),
            "spend": trait((order | never).sum("revenue")),
            "items": trait(order.values("SKU", limit=2)),
            "due": trait(order.max("at")),
            "gift": trait(order.last("gift")),
            "kilos": trait(order.sum("weight")),
            "quantity": trait(cart.sum("quantity", within=hours(2))),
            "won": trait(cart.then(order, within=hours(2)).count()),
        }
    ),
    PLAN,
    {},
    "",
)


def order_event(message: str, hour: int, who: str, **more: object) -> Event:
    properties = {"SKU": f"s{hour}", "at": "1970-01-01T05:00:00Z", "gift": hour % 2 == 0}
    amounts = {"revenue": Decimal("12.50") + hour, "weight": Decimal("0.25")}
    return Event(
        source="shop",
        message_id=message,
        name="Order",
        occurred_at=hour * HOUR,
        received_at=hour * HOUR,
        user_id=who,
        properties=properties | amounts,
        **more,  # type: ignore[arg-type]
    )


def cart_event(message: str, hour: int, who: str) -> Event:
    return Event(
        source="shop",
        message_id=message,
        name="Cart",
        occurred_at=hour * HOUR,
        received_at=hour * HOUR,
        anonymous_id=who,
        properties={"quantity": hour},
    )


LOGGED = [
    cart_event("c1", 1, "phone"),
    order_event("o1", 2, "ann", anonymous_id="phone"),
    order_event("o2", 5, "bob"),
    cart_event("c2", 4, "phone"),
    order_event("o3", 3, "ann", supersedes="o1"),
]
DEVICES = {"phone": "ann"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    found = Lake(tmp_path / "lake")
    with Log(tmp_path / "log.db") as log:
        for each in LOGGED:
            log.append_events([each])
            found.flush(log, PLAN)
    return found


def facts(who: str) -> list[Fact]:
    """The same events as the reference takes them."""
    retired = {"o1": 5}
    return [
        Fact(
            event_key("shop", each.message_id),
            each.name,
            each.occurred_at,
            offset,
            retired.get(each.message_id),
            units(each),
        )
        for offset, each in enumerate(LOGGED, 1)
        if (each.user_id or DEVICES[str(each.anonymous_id)]) == who
    ]


def units(each: Event) -> dict[str, object]:
    found = dict(each.properties)
    if "revenue" in found:
        found |= {"revenue": int(found["revenue"] * 100), "at": 5 * HOUR, "weight": 0.25}
    return found


def test_the_lake_answers_as_the_plain_history_does(lake: Lake) -> None:
    """At every prefix from the first identification on, and at every hour."""
    points = [(who, n, t * HOUR) for who in ("ann", "bob") for n in (2, 3, 4, 5) for t in range(8)]
    who, offset, t = zip(*points, strict=True)
    spine = pa.table({"profile": who, "offset": offset, "t": t})
    found = SqlEngine(LakeSource(lake), LIBRARY).evaluate(LIBRARY.names, spine)
    for (profile, n, instant), answer in zip(points, found.to_pylist(), strict=True):
        wanted = evaluate(LIBRARY, LIBRARY.names, facts(profile), n, instant)
        assert all(same(answer[name], wanted[name]) for name in wanted), (profile, n, instant)


@pytest.mark.parametrize("offset", [2, 3, 4, 5, 9])
@pytest.mark.parametrize("last", [4, 5, 9])
def test_one_position_answers_as_the_plain_history_does(lake: Lake, offset: int, last: int) -> None:
    """Offsets are compared only where something lies beyond, and nothing beyond is seen."""
    people, seen = ["ann", "bob"], min(offset, last)
    spine = pa.table({"profile": people, "offset": [offset] * 2, "t": [9 * HOUR] * 2})
    found = SqlEngine(LakeSource(lake, last), LIBRARY).evaluate(LIBRARY.names, spine)
    for profile, answer in zip(people, found.to_pylist(), strict=True):
        wanted = evaluate(LIBRARY, LIBRARY.names, facts(profile), seen, 9 * HOUR)
        assert all(same(answer[name], wanted[name]) for name in wanted), profile


def test_no_offset_is_compared_where_nothing_lies_beyond(lake: Lake) -> None:
    """A question about all that is known does not pay for reading every event's offset."""
    engine = SqlEngine(LakeSource(lake), LIBRARY)
    assert '"offset" <=' in engine.explain(["n"], (4, 9 * HOUR))
    assert '"offset" <=' not in engine.explain(["n"], (5, 9 * HOUR))


def test_a_source_sees_no_further_than_its_offset(lake: Lake) -> None:
    """What came after the offset of the source is not there, whatever the spine asks for."""
    spine = pa.table({"profile": ["bob"], "offset": [9], "t": [9 * HOUR]})
    [answer] = SqlEngine(LakeSource(lake, 2), LIBRARY).evaluate(["n"], spine).to_pylist()
    assert answer == {"n": 0}


def test_what_spills_leaves_with_the_source(lake: Lake) -> None:
    """Rows that do not fit the memory stand in a private folder that does not stay."""
    source = LakeSource(lake)
    [[place]] = source.backend.con.execute("SELECT current_setting('temp_directory')").fetchall()
    assert Path(place).stat().st_mode & 0o077 == 0
    del source
    gc.collect()
    assert not Path(place).exists()

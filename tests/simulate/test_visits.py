"""Visits, carts, orders and the plan that every event fits."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.simulate import Shop, simulate

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
PYTHON: dict[str, type] = {"integer": int, "decimal": Decimal, "text": str, "boolean": bool}


def check(plan: TrackingPlan, name: str, said: dict[str, Any]) -> None:
    """Refuse a property that the plan lacks, one of another type, and a required one missing."""
    planned = plan.events[name]
    for key, value in said.items():
        if key in planned.explode:
            carried = {inherited: said[inherited] for inherited in planned.inherit}
            for line in value:
                check(plan, planned.explode[key], carried | line)
            continue
        declared = planned.properties[key]
        assert type(value) is PYTHON[declared.type]
        if declared.type == "decimal":
            assert value.as_tuple().exponent == -declared.scale
    required = {key for key, declared in planned.properties.items() if declared.required}
    assert required <= set(said)


def test_every_event_fits_the_plan(shop: Shop, events: list[Event]) -> None:
    """Names, types, scales and required properties are the plan's, in line events as well."""
    plan = shop.plan()
    plan.validate()
    for event in events:
        check(plan, event.name, event.properties)
    exploded = {line for planned in plan.events.values() for line in planned.explode.values()}
    assert {event.name for event in events} == set(plan.events) - exploded


def test_every_property_of_the_plan_is_used_and_described(shop: Shop, events: list[Event]) -> None:
    """The plan holds nothing that never comes, and says what everything is for."""
    plan = shop.plan()
    used = {(event.name, key) for event in events for key in event.properties}
    for name, key, declared in plan.properties():
        assert declared.description
        assert declared.owner
        assert declared.purpose
        assert name == "Product Purchased" or (name, key) in used
    personal = {(key, d.pii) for _, key, d in plan.properties() if d.pii != "none"}
    assert personal == {
        ("email", "contact"), ("first_name", "identifier"), ("last_name", "identifier"),
    }  # fmt: skip


def test_lines_sum_to_their_order_to_the_cent(events: list[Event]) -> None:
    """Quantity times price over the lines is the revenue, and every price is positive."""
    orders = [event.properties for event in events if event.name == "Order Completed"]
    for order in orders:
        assert all(line["price"] > 0 for line in order["products"])
        total = sum(line["quantity"] * line["price"] for line in order["products"])
        assert total == order["revenue"]
    assert len({order["order_id"] for order in orders}) == len(orders)
    assert {len(order["products"]) for order in orders} >= {1, 2, 3, 4}


def test_orders_were_in_the_cart_and_at_the_checkout(histories: list[list[Event]]) -> None:
    """What is bought was added within the visit, and the checkout's worth is the order's."""
    for history in histories:
        added: Counter[str] = Counter()
        checkouts = {}
        for event in history:
            if event.name == "Product Added":
                added[event.properties["product_id"]] += event.properties["quantity"]
            elif event.name == "Checkout Started":
                checkouts[event.properties.get("order_id")] = event.properties
            elif event.name == "Order Completed":
                started = checkouts[event.properties["order_id"]]
                assert started["value"] == event.properties["revenue"]
                for line in event.properties["products"]:
                    added[line["product_id"]] -= line["quantity"]
        assert all(n >= 0 for n in added.values())


def test_refunds_give_back_at_most_what_was_paid(histories: list[list[Event]]) -> None:
    """A refund follows its order, once, with a negative amount no larger than it."""
    n_refunds = 0
    for history in histories:
        paid: dict[str, Decimal] = {}
        for event in history:
            if event.name == "Order Completed":
                paid[event.properties["order_id"]] = event.properties["revenue"]
            if event.name == "Order Refunded":
                n_refunds += 1
                assert -paid.pop(event.properties["order_id"]) <= event.properties["revenue"] < 0
    assert n_refunds > 100


def test_carts_are_abandoned_and_emptied(histories: list[list[Event]]) -> None:
    """Many carts are followed by no order within 30 minutes, and some products are removed."""
    carts = left = 0
    for history in histories:
        orders = [e.occurred_at for e in history if e.name == "Order Completed"]
        for cart in (e.occurred_at for e in history if e.name == "Product Added"):
            carts += 1
            left += not any(cart < order < cart + 30 * MINUTE for order in orders)
    assert 0.1 < left / carts < 0.6
    assert any(e.name == "Product Removed" for history in histories for e in history)


def test_visits_hold_several_steps_in_quick_succession(histories: list[list[Event]]) -> None:
    """Steps of a visit are less than ten minutes apart, and most visits see several pages."""
    sizes = []
    for history in histories:
        last = -HOUR
        for event in (e for e in history if e.anonymous_id is not None):
            if event.occurred_at - last >= 30 * MINUTE:
                sizes.append(0)
            sizes[-1] += event.name in ("page", "Product Viewed")
            last = event.occurred_at
    assert sum(size >= 2 for size in sizes) / len(sizes) > 0.6


def test_nights_are_quiet(events: list[Event]) -> None:
    """The evening has more page views than the small hours."""
    by_hour = Counter(event.occurred_at // HOUR % 24 for event in events if event.name == "page")
    assert by_hour[20] > 4 * by_hour[3]


def test_visits_crowd_before_christmas_and_gift_buyers_most(
    shop: Shop, histories: list[list[Event]], truth: list[dict[str, Any]]
) -> None:
    """Of half a year's visits without an order, December has more than its share of days."""
    last = shop.parameters.until

    def december(persona: str) -> float:
        """How many times more page views a day than on the average of the last 183."""
        at = [
            event.occurred_at
            for history, row in zip(histories, truth, strict=True)
            if row["persona"] == persona and history[0].occurred_at < last - 190 * DAY
            if row["last_order_at"] is None
            or row["last_order_at"].timestamp() * 1e6 < last - 183 * DAY
            for event in history
            if event.name == "page" and event.occurred_at > last - 183 * DAY
        ]
        return sum(moment > last - 31 * DAY for moment in at) / len(at) / (31 / 183)

    assert december("window shopper") > 1.15
    assert december("gift buyer") > 1.5


@pytest.mark.parametrize("people", [1_000, 3_000])
def test_no_group_that_a_shop_looks_for_is_empty(people: int) -> None:
    """Gold spenders, frequent buyers, spikes, hesitant and keen people, at risk, won back."""
    shop = simulate(people=people, months=12, seed=11)
    until = shop.parameters.until
    groups: Counter[str] = Counter()
    ids: dict[str, list[Event]] = {}
    owner = {
        device: row["user_id"] or device
        for row in shop.truth().to_pylist()
        for device in row["anonymous_ids"]
    }
    for batch in shop.events():
        for event in batch:
            ids.setdefault(event.user_id or owner[event.anonymous_id or ""], []).append(event)
    for history in ids.values():
        history.sort(key=lambda event: event.occurred_at)
        for group, holds in groups_of(history, until).items():
            groups[group] += holds
    assert all(groups.values()), groups


def groups_of(history: list[Event], until: int) -> dict[str, bool]:
    """What of the recipes' groups one person is in at `until`, in a few plain lines."""
    orders = [e for e in history if e.name == "Order Completed"]
    paid = [e.properties["revenue"] for e in orders]
    ordered = [e.occurred_at for e in orders]
    half_year = [e.properties["revenue"] for e in orders if e.occurred_at > until - 26 * WEEK]
    added = [e.occurred_at for e in history if e.name == "Product Added"]
    pages = [e.occurred_at for e in history if e.name == "page"]
    last_order = max(ordered, default=0)
    gaps = [after - before for before, after in pairwise(ordered)]
    today = sum(at > until - DAY for at in pages)
    recently = sum(at > until - 28 * DAY for at in pages)
    return {
        "gold": sum(paid) > 10_000,
        "frequent and high": len(half_year) >= 52 and sum(half_year) / len(half_year) > 100,
        "spike": today > 3 * recently / 28 > 0,
        "hesitant": any(until - DAY < at <= until - 30 * MINUTE for at in added)
        and last_order < max(added),
        "high intent": sum(at > last_order for at in added) >= 3,
        "at risk": len(orders) >= 3 and 60 * DAY < until - last_order < 120 * DAY,
        "churned": bool(orders) and until - last_order > 180 * DAY,
        "won back": any(gap > 120 * DAY for gap in gaps) and until - last_order < 60 * DAY,
        "recent and above 1,000": sum(paid) > 1_000 and until - last_order < 30 * DAY,
        "loyal to a category": max(
            Counter(line["category"] for e in orders for line in e.properties["products"]).values(),
            default=0,
        ) > 3,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_shop_is_written_whole(form: Any, tmp_path: Path) -> None:
    """Every delivery, the truth and the plan are in the folder; amounts are exact."""
    shop = simulate(people=60, months=4)
    wanted = [event for batch in shop.events() for event in batch]
    path = shop.write(tmp_path / "shop", form)
    decode = msgspec.json.Decoder(Event, float_hook=Decimal).decode
    if form == "jsonl":
        assert [decode(line) for line in path.read_bytes().splitlines()] == wanted
    else:
        rows = pq.read_table(path).to_pylist()
        assert [row["message_id"] for row in rows] == [event.message_id for event in wanted]
    assert pq.read_table(path.parent / "truth.parquet").equals(shop.truth())
    plan = (path.parent / "tracking_plan.json").read_bytes()
    assert msgspec.json.decode(plan, type=TrackingPlan) == shop.plan()

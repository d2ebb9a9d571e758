"""Spending: tiers, averages and value at both sides of their thresholds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coterie import days, minutes, recipes, weeks
from coterie.language.plan import TrackingPlan
from tests.recipes.people import MICROSECOND, PLAN, happened, library, now, order

SPENDING = library(recipes.loyalty(), recipes.basket(), recipes.value())


@pytest.mark.parametrize(
    ("revenue", "tier"),
    [
        ("0", "none"), ("0.01", "bronze"), ("1000", "bronze"), ("1000.01", "silver"),
        ("10000", "silver"), ("10000.01", "gold"),
    ],
)  # fmt: skip
def test_a_tier_begins_above_its_threshold(revenue: str, tier: str) -> None:
    """Gold is above 10,000, not at it."""
    assert now(SPENDING, order(days(400), revenue))["loyalty_tier"] == tier


@pytest.mark.parametrize("returned", ["-200", "200"])
def test_a_return_counts_against_net_spend_whatever_its_sign(returned: str) -> None:
    """Some sources write returns as negative amounts, some as positive ones."""
    refund = happened("Order Refunded", days(1), revenue=Decimal(returned))
    values = now(SPENDING, order(days(2), "10100"), refund)
    assert (values["gross_spend"], values["loyalty_tier"]) == (1_010_000, "gold")
    assert (values["net_spend"], values["net_loyalty_tier"]) == (990_000, "silver")


def test_a_return_without_an_order_is_a_debt() -> None:
    """Net spend may be below zero; gross spend never is."""
    values = now(SPENDING, happened("Order Refunded", days(1), revenue=Decimal("-5")))
    assert (values["gross_spend"], values["net_spend"]) == (0, -500)


def test_net_spend_is_gross_where_a_shop_records_no_returns() -> None:
    """A plan without refunds is no error, as long as the recipe is told."""
    plan = TrackingPlan(events={"Order Completed": PLAN.events["Order Completed"]})
    values = now(library(recipes.loyalty(refund=None), plan=plan), order(days(1), "12"))
    assert values["net_spend"] == values["gross_spend"] == 1_200


def test_the_average_order_is_of_known_amounts() -> None:
    """Scale 6, half away from zero; unknown without an order."""
    values = now(SPENDING, order(days(1), "10"), order(days(2), "10"), order(days(3), "0.01"))
    assert values["average_order_value"] == 6_670_000
    assert now(SPENDING)["average_order_value"] is None


@pytest.mark.parametrize(
    ("n_orders", "revenue", "expected"),
    [(52, "100.01", True), (51, "500", False), (52, "100", False)],
)
def test_a_frequent_shopper_of_value_orders_twice_a_week_for_more_than_100(
    n_orders: int, revenue: str, expected: bool
) -> None:
    """52 orders or more within 26 weeks, above 100 on average."""
    often = [order(minutes(i), revenue) for i in range(n_orders)]
    assert now(SPENDING, *often)["frequent_high_value"] is expected


def test_a_frequent_shopper_is_one_for_exactly_26_weeks() -> None:
    """The orders leave the window together, at its exact end."""
    often = [order(days(0), "101", order_id=str(i)) for i in range(52)]
    assert now(SPENDING, *often, after=weeks(26) - MICROSECOND)["frequent_high_value"]
    assert not now(SPENDING, *often, after=weeks(26))["frequent_high_value"]


@pytest.mark.parametrize(
    ("revenue", "ago", "expected"),
    [
        ("500", 1, (False, False)), ("500.01", 1, (True, False)), ("1000.01", 1, (True, True)),
        ("1000.01", 30, (False, False)),
    ],
)  # fmt: skip
def test_value_is_above_its_threshold_with_a_purchase_of_30_days(
    revenue: str, ago: float, expected: tuple[bool, bool]
) -> None:
    """What was spent at any time counts, as long as something was bought lately."""
    values = now(SPENDING, order(days(ago), revenue))
    assert (values["active_above_500"], values["active_above_1000"]) == expected

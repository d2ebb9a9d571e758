"""Carts, letters, visits and affinity: what people do before and besides ordering."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coterie import days, hours, minutes, recipes, segment
from coterie.engines.reference import Fact
from tests.recipes.people import MICROSECOND, happened, library, now, order

CARTS = library(recipes.carts())
EMAILS = library(recipes.emails())
VISITS = library(recipes.visits())


def added(ago: timedelta, product: str = "p") -> Fact:
    return happened("Product Added", ago, product_id=product)


def hesitant(*facts: Fact, after: timedelta) -> bool:
    return now(CARTS, *facts, after=after)["interested_but_hesitant"] is True


def test_hesitation_begins_30_minutes_after_the_cart_with_no_new_event() -> None:
    """Not a microsecond before, and for a day."""
    cart = added(days(0))
    assert not hesitant(cart, after=minutes(30) - MICROSECOND)
    assert hesitant(cart, after=minutes(30))
    assert hesitant(cart, after=hours(24) + minutes(30) - MICROSECOND)
    assert not hesitant(cart, after=hours(24) + minutes(30))


@pytest.mark.parametrize("ago", [minutes(10), minutes(29), hours(-1)])
def test_an_order_ends_or_forestalls_hesitation(ago: timedelta) -> None:
    """Whoever ordered after the cart does not hesitate, however long it took."""
    cart, bought = added(minutes(30)), order(ago)
    assert not hesitant(cart, bought, after=hours(2))


def test_an_order_before_the_cart_does_not_count() -> None:
    """What was bought earlier was something else."""
    assert hesitant(order(hours(1)), added(minutes(30)), after=timedelta())


def test_high_intent_is_several_products_and_no_order_within_a_week() -> None:
    """The same product twice is one; an order of the week ends it, an older one does not."""
    three = [added(days(i), f"p{i}") for i in range(3)]
    assert now(CARTS, *three)["high_intent"]
    assert not now(CARTS, *three[:2], added(days(3), "p0"))["high_intent"]
    assert not now(CARTS, *three, order(days(6)))["high_intent"]
    assert now(CARTS, *three, order(days(7)))["high_intent"]
    assert not now(CARTS, *three, after=days(5))["high_intent"]


def test_the_abandonment_rate_is_the_share_of_carts_that_no_order_followed() -> None:
    """Products added within a day of each other are one cart; an order within a day buys it."""
    bought = [added(days(20)), added(days(20) - hours(2)), order(days(20) - hours(3))]
    left = [added(days(10)), added(days(5)), order(days(4))]
    young = [added(hours(1))]
    assert now(CARTS, *bought)["cart_abandonment_rate"] == 0
    assert now(CARTS, *bought, *left)["cart_abandonment_rate"] == 666_667
    assert now(CARTS, *bought, *left, *young)["cart_abandonment_rate"] == 500_000
    assert now(CARTS)["cart_abandonment_rate"] is None


def test_letters_opened_twice_count_once() -> None:
    """Rates are shares of the letters delivered; unknown where none was."""
    sent = [happened("Email Delivered", days(i), campaign_id=f"c{i}") for i in range(3)]
    opened = [happened("Email Opened", minutes(i), campaign_id="c0") for i in range(2)]
    clicked = [happened("Email Link Clicked", minutes(1), campaign_id="c0")]
    values = now(EMAILS, *sent, *opened, *clicked)
    assert (values["email_open_rate"], values["email_click_rate"]) == (333_333, 333_333)
    assert now(EMAILS, *sent)["email_open_rate"] == 0
    assert set(now(EMAILS).values()) == {None}


def pages(*ago: timedelta) -> list[Fact]:
    return [happened("page", age) for age in ago]


def test_a_spike_is_more_than_3_times_the_daily_mean_of_28_days() -> None:
    """With 28 visits in 28 days the mean is 1, and three visits are no spike yet."""
    quiet = pages(*(days(1 + i) for i in range(25)))
    today = pages(hours(1), hours(2), hours(3))
    three = now(VISITS, *quiet, *today)
    assert (three["visits_1d"], three["visits_28d"], three["visit_spike"]) == (3, 28, False)
    assert now(VISITS, *quiet[:24], *today)["visit_spike"]  # 3 of 27: above three times the mean


def test_pages_seen_within_half_an_hour_are_one_visit() -> None:
    """Half an hour without a page begins the next visit."""
    one = pages(minutes(60), minutes(31))
    two = pages(minutes(60), minutes(30))
    assert now(VISITS, *one)["visits_1d"] == 1
    assert now(VISITS, *two)["visits_1d"] == 2


def test_a_newcomer_is_a_spike_unless_more_visits_are_asked_for() -> None:
    """One visit of a month is 28 times its mean."""
    patient = library(recipes.visits(at_least=2))
    assert now(VISITS, *pages(hours(1)))["visit_spike"]
    assert not now(patient, *pages(hours(1)))["visit_spike"]
    assert now(patient, *pages(hours(1), hours(2)))["visit_spike"]


def line(number: int, category: str, copy: int = 0) -> Fact:
    at = days(number) - timedelta(seconds=copy)
    return happened("Product Purchased", at, order_id=str(number), category=category)


def test_affinity_counts_orders_and_not_their_lines() -> None:
    """More than 3 purchases in one category; four lines of one order are one purchase."""
    affinity = library(recipes.affinity(["Garden", "Toys"]))
    four = [line(i, "Garden") for i in range(4)]
    mixed = [*four[:3], line(5, "Toys"), line(6, "Books")]
    copies = [line(1, "Garden", copy) for copy in range(4)]
    assert now(affinity, *four)["category_affinity"]
    assert not now(affinity, *mixed)["category_affinity"]
    assert not now(affinity, *copies)["category_affinity"]
    assert now(affinity, *mixed)["favourite_category"] == "Garden"


def test_an_affinity_for_one_category_can_be_a_segment_of_its_own() -> None:
    """The same rule, for a name of the project's choice."""
    gardeners = library(gardeners=segment(recipes.bought_often("Garden", more_than=1)))
    assert now(gardeners, line(1, "Garden"), line(2, "Garden"))["gardeners"]
    assert not now(gardeners, line(1, "Garden"))["gardeners"]

"""The engagement score against its formula, worked out by hand and by floating point."""

from __future__ import annotations

import math

import pytest

from coterie import days, hours, recipes
from tests.recipes.people import everybody, library, now, order

ENGAGEMENT = library(recipes.engagement())
PEOPLE = {
    "best": [order(days(0), "60"), order(days(10), "20"), order(days(20), "20")],
    "middle": [order(days(15), "50")],
    "oldest": [order(days(30), "25")],
    "nobody": [],
}


def faded(*ago: float) -> float:
    return math.fsum(math.exp(-0.1 * age) for age in ago)


def test_the_score_is_its_formula() -> None:
    """0.4 x (1 - recency/max) + 0.3 x frequency/max + 0.3 x monetary/max, exactly."""
    found = {name: v["engagement_score"] for name, v in everybody(ENGAGEMENT, PEOPLE).items()}
    assert found == {
        "best": 1_000_000,
        "middle": 450_000,  # 0.4 x (1 - 15/30) + 0.3 x 1/3 + 0.3 x 50/100
        "oldest": 175_000,  # 0.4 x (1 - 30/30) + 0.3 x 1/3 + 0.3 x 25/100
        "nobody": None,
    }


def test_the_decayed_score_fades_each_order_by_its_age() -> None:
    """Frequency and money are sums of exp(-0.1 x days), each compared with the largest."""
    found = everybody(ENGAGEMENT, PEOPLE)
    best = faded(0, 10, 20)
    money = 60 + 20 * faded(10, 20)
    assert found["best"]["decayed_frequency"] == pytest.approx(best, rel=1e-12)
    assert found["best"]["decayed_monetary"] == pytest.approx(money, rel=1e-12)
    assert found["best"]["decayed_engagement_score"] == pytest.approx(1, rel=1e-12)
    expected = 0.4 / 2 + 0.3 * faded(15) / best + 0.3 * 50 * faded(15) / money
    assert found["middle"]["decayed_engagement_score"] == pytest.approx(expected, rel=1e-12)
    assert found["nobody"]["decayed_engagement_score"] is None


def test_recency_counts_whole_days_and_steps_at_exact_instants() -> None:
    """A day less a microsecond is 0 days, a day is 1."""
    fact = order(days(0))
    assert now(ENGAGEMENT, fact, after=days(1) - hours(1))["recency_days"] == 0
    assert now(ENGAGEMENT, fact, after=days(1))["recency_days"] == 1


def test_nobody_is_behind_where_all_ordered_today() -> None:
    """The largest recency is 0 on a shop's first day, and a share of it no error."""
    found = everybody(ENGAGEMENT, {"a": [order(hours(1), "5")], "b": [order(hours(2), "10")]})
    assert found["a"]["engagement_score"] == 850_000
    assert found["b"]["engagement_score"] == 1_000_000


def test_nobody_has_a_score_before_the_first_fit() -> None:
    """Without a population there is nobody to be compared with."""
    assert now(ENGAGEMENT, order(days(1)))["engagement_score"] is None

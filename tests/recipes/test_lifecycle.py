"""Lifecycle: every stage at both sides of the instant where it begins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coterie import days, recipes
from coterie.engines.reference import Fact
from tests.recipes.people import MICROSECOND, library, now, order

LIFECYCLE = library(recipes.lifecycle())


def orders(*ago: float) -> list[Fact]:
    return [order(days(age)) for age in ago]


def stage(facts: list[Fact], after: timedelta = timedelta()) -> str:
    found = now(LIFECYCLE, *facts, after=after)["lifecycle_stage"]
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        ([], "prospect"),
        ([0], "new"),
        ([0, 29], "new"),
        ([0, 1, 2], "active"),
        ([0, 30], "active"),
        ([31], "active"),
        ([5, 10, 20, 30, 40], "active"),
        ([5, 10, 20, 30, 40, 50], "loyal"),
        ([89], "active"),
        ([90], "at risk"),
        ([90, 91, 92, 93, 94, 95], "at risk"),
        ([179], "at risk"),
        ([180], "churned"),
        ([1, 181], "won back"),
        ([1, 180.9], "active"),
        ([29, 209], "won back"),
        ([30, 210], "active"),
        ([1, 2, 3, 4, 5, 185], "won back"),
        ([95, 300], "at risk"),
    ],
)
def test_each_history_is_at_its_stage(ago: list[float], expected: str) -> None:
    """The stages follow their precedence, over days since each order."""
    assert stage(orders(*ago)) == expected


@pytest.mark.parametrize(
    ("wait", "before", "after"),
    [(30, "new", "active"), (90, "active", "at risk"), (180, "at risk", "churned")],
)
def test_a_stage_changes_by_time_alone_at_its_exact_instant(
    wait: float, before: str, after: str
) -> None:
    """Nothing happens a microsecond before."""
    assert stage(orders(0), days(wait) - MICROSECOND) == before
    assert stage(orders(0), days(wait)) == after


def test_active_within_30_days_leaves_out_the_thirtieth_day_itself() -> None:
    """The window is open where it begins."""
    assert now(LIFECYCLE, *orders(0), after=days(30) - MICROSECOND)["active_30d"]
    assert not now(LIFECYCLE, *orders(0), after=days(30))["active_30d"]

"""What is told as unusual is far from what is usual, and of some size."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coterie.profiles.flows import Flow
from coterie.profiles.unusual import LEAST, unusual

DAY = 24
MONTH = 30 * DAY


def weeks(per_day: int, seed: int = 7) -> dict[int, Flow]:
    """A month of people who come and go at random, as many one way as the other."""
    random = Random(seed)
    return {h: Flow(random.randrange(per_day), random.randrange(per_day)) for h in range(MONTH)}


def test_a_day_like_the_others_is_usual() -> None:
    """Whatever the days are like."""
    assert all(unusual(weeks(4, seed), MONTH - 1, 0, 500) is None for seed in range(50))


def test_a_day_that_doubles_a_segment_is_told() -> None:
    """With by how many, and what is usual."""
    hours = weeks(2) | {MONTH - 1: Flow(500, 0)}
    found = unusual(hours, MONTH - 1, 0, 1000)
    assert found is not None
    assert found.by > 400
    assert abs(found.usual) < 50


def test_a_rush_out_is_told_as_well() -> None:
    """Downwards, with its sign."""
    found = unusual(weeks(2) | {MONTH - 1: Flow(0, 500)}, MONTH - 1, 0, 1000)
    assert found is not None
    assert found.by < -400


@given(st.integers(0, LEAST * DAY + DAY - 2))
def test_too_short_a_past_says_nothing(now: int) -> None:
    """Seven whole days before the last are needed."""
    assert unusual({now: Flow(500, 0)}, now, 0, 1000) is None


@given(st.integers(0, 9))
def test_a_handful_is_never_unusual(n: int) -> None:
    """Where nobody ever moves, nine people are no news."""
    assert unusual({MONTH: Flow(n, 0)}, MONTH, 0, 50) is None


def test_a_small_share_of_a_large_segment_is_not_told() -> None:
    """A hundred of a million."""
    assert unusual({MONTH: Flow(100, 0)}, MONTH, 0, 1_000_000) is None
    assert unusual({MONTH: Flow(100, 0)}, MONTH, 0, 1_000) is not None

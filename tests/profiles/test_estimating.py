"""Counts by a sample: the people of it are asked alike, and the interval holds what it says."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coterie.profiles.estimating import share


@given(st.data())
def test_interval_is_wilsons(data: st.DataObject) -> None:
    """Against scipy, to the person; and never fewer than were seen, nor more than may be."""
    sample = data.draw(st.integers(1, 5_000))
    seen = data.draw(st.integers(0, sample))
    people = data.draw(st.integers(sample + 1, 10**7))
    found = share(seen, sample, people)
    truth = stats.binomtest(seen, sample).proportion_ci(method="wilson")
    assert found.low == pytest.approx(max(seen, truth.low * people), abs=1)
    assert found.high == pytest.approx(min(people - sample + seen, truth.high * people), abs=1)
    assert seen <= found.low <= found.n <= found.high <= people - sample + seen


def test_interval_holds_the_number_as_often_as_it_says() -> None:
    """Of many random samples of a population whose number is known."""
    rng = random.Random(7)
    people = [i < 2_300 for i in range(20_000)]
    found = [share(sum(rng.sample(people, 500)), 500, 20_000) for _ in range(1_000)]
    held = sum(each.low <= 2_300 <= each.high for each in found)
    assert 930 <= held <= 985


def test_all_are_counted_without_doubt() -> None:
    """Nobody of nobody is none; of a sample of nobody nothing is known."""
    assert share(3, 10, 10) == share(3, 10, 9)
    assert (share(0, 0, 0).low, share(0, 0, 0).high) == (0, 0)
    assert (share(0, 0, 9).low, share(0, 0, 9).high) == (0, 9)

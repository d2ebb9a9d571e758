"""Thresholds are as round as they can be, and still divide the same people."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.discover.distilling.rounding import SLACK, readable, roundest

REALS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4))


@given(st.lists(REALS, min_size=2, max_size=60, unique=True), st.data())
def test_a_threshold_divides_nearly_the_same_people(
    values: list[float], data: st.DataObject
) -> None:
    """No more people change sides than the slack allows."""
    array = np.array(sorted(values))
    cut = data.draw(st.integers(0, len(array) - 2))
    found = float(readable(array, (array[cut] + array[cut + 1]) / 2))
    moved = abs(int((array < found).sum()) - (cut + 1))
    assert moved <= int(len(array) * SLACK)
    assert 0 < (array < found).sum() < len(array)


@given(REALS, REALS)
def test_a_threshold_has_few_digits(a: float, b: float) -> None:
    """It lies in the gap, and no number of the gap with one digit less was passed over."""
    low, high = sorted((a, b))
    if high - low < 1e-3:
        return
    found = roundest(low, high, (low + high) / 2)
    assert Decimal(repr(low)) < found <= Decimal(repr(high))
    exponent = found.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    assert exponent >= -6
    if found:
        step = Decimal(1).scaleb(exponent + 1)
        multiple = (Decimal(repr(high)) / step).to_integral_value("ROUND_FLOOR") * step
        assert multiple <= Decimal(repr(low))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(2, 3, "3"), (2.1, 9, "5"), (0.27, 0.34, "0.3"), (1_934, 2_106, "2000"), (0, 1, "1"),
     (-1, 0, "0"), (0.1, 0.1000001, "0.100001")],
)  # fmt: skip
def test_readable_numbers(low: float, high: float, said: str) -> None:
    """What a person would have written."""
    assert str(roundest(low, high, (low + high) / 2)) == said

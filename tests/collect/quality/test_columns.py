"""What was found right of a column's values is remembered, and nothing else is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from coterie.collect.quality import columns
from coterie.collect.quality.columns import Look, doubtful
from coterie.collect.quality.kinds import checks
from coterie.language.plan import Property

_PRICE = checks(Property(type="decimal", scale=2))


def look(asked: list[Any]) -> Look:
    """At prices; what is looked at is told."""

    def check(value: Any) -> str:
        asked.append(value)
        return _PRICE(value)

    return Look(check, False, {})


def test_a_right_number_is_looked_at_once_and_a_wrong_one_always() -> None:
    """Between columns as well."""
    asked: list[Any] = []
    prices = look(asked)
    said = [Decimal("1.5"), Decimal("0.125"), Decimal("1.5")]
    assert list(doubtful(prices, said)) == [1]
    assert list(doubtful(prices, said)) == [1]
    assert sorted(asked) == [Decimal("0.125"), Decimal("0.125"), Decimal("1.5")]


def test_values_that_are_equal_and_of_other_types_are_looked_at_apart() -> None:
    """One, true and a decimal of it; a text and nothing stand between them."""
    whole = Look(lambda value: "" if type(value) is int else "wrong_type", False, {})
    assert sorted(doubtful(whole, [1, 1, True, None, "1", Decimal(1)])) == [2, 4, 5]
    assert sorted(doubtful(whole, [True, 1, Decimal(1)])) == [0, 2]


def test_as_many_numbers_are_remembered_as_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then they begin anew."""
    monkeypatch.setattr(columns, "_MOST", 3)
    prices = look([])
    for start in range(0, 20, 2):
        assert not doubtful(prices, [start, start + 1])
        assert prices.known is not None
        assert len(prices.known[int]) <= 3

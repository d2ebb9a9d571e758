"""RFM against the published grid and a plain computation of quintiles."""

from __future__ import annotations

import re
from itertools import product

import pytest

from coterie import days, recipes
from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Fact
from coterie.language.time import DAY, micros
from tests.recipes.people import NOW, everybody, library, now, order

RFM = library(recipes.rfm())
SEGMENTS = RFM.segments

# As published: G. Martin, "RFM Segmentation with Python" (2018), recency before frequency. Its
# misspelling is mended, and its lowest cell is Putler's "lost" here.
GRID = {
    "11": "lost",
    "[1-2][1-2]": "hibernating",
    "[1-2][3-4]": "at_risk",
    "[1-2]5": "cant_lose_them",
    "3[1-2]": "about_to_sleep",
    "33": "need_attention",
    "[3-4][4-5]": "loyal_customers",
    "41": "promising",
    "51": "new_customers",
    "[4-5][2-3]": "potential_loyalists",
    "5[4-5]": "champions",
}


def published(recency: int, frequency: int) -> str:
    return next(name for cell, name in GRID.items() if re.fullmatch(cell, f"{recency}{frequency}"))


def edges() -> Fits:
    """Edges by which days 5 to 1 ago, 1 to 5 orders and 1 to 5 of money rank 1 to 5."""
    values = {
        "recency_rank": [NOW - ago * DAY for ago in (5, 4, 3, 2)],
        "frequency_rank": [1, 2, 3, 4],
        "monetary_rank": [100, 200, 300, 400],
    }
    return Fits(
        Fit(key, 1, 0, {"edges": values[name]}) for name in values for key in RFM.fitted([name])
    )


def ranked(recency: int, frequency: int, money: int) -> list[Fact]:
    last = days(6 - recency)
    free = [order(last + days(n), "0") for n in range(1, frequency)]
    return [order(last, str(money)), *free]


@pytest.mark.parametrize(("recency", "frequency"), list(product(range(1, 6), repeat=2)))
def test_every_cell_of_the_grid_has_exactly_its_published_name(
    recency: int, frequency: int
) -> None:
    """All 125 combinations of ranks are in one segment, whatever the rank of money."""
    for money in range(1, 6):
        values = now(RFM, *ranked(recency, frequency, money), fits=edges())
        assert values["rfm_score"] == 100 * recency + 10 * frequency + money
        assert [name for name in SEGMENTS if values[name]] == [published(recency, frequency)]
        title = values["rfm_segment"].replace("'", "").replace(" ", "_")
        assert title == published(recency, frequency)


def test_who_never_ordered_has_no_rank_and_moves_no_edge() -> None:
    """Quintiles are of buyers: any number of visitors changes none of them."""
    buyers = {f"b{i}": [order(days(i), str(i))] for i in range(1, 11)}
    visitors: dict[str, list[Fact]] = {f"v{i}": [] for i in range(50)}
    alone, among = everybody(RFM, buyers), everybody(RFM, buyers | visitors)
    assert {name: among[name] for name in buyers} == alone
    nobody = among["v0"]
    assert nobody["rfm_segment"] == "unranked"
    assert {nobody[name] for name in RFM.traits} == {None}
    assert not any(nobody[name] for name in SEGMENTS)


def test_quintiles_of_ten_buyers_are_two_each() -> None:
    """The latest and the dearest fifth rank 5, the earliest and cheapest rank 1."""
    buyers = {i: [order(days(i), str(i))] for i in range(1, 11)}
    found = everybody(RFM, {str(i): facts for i, facts in buyers.items()})
    assert [found[str(i)]["recency_rank"] for i in buyers] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert [found[str(i)]["monetary_rank"] for i in buyers] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert {found[str(i)]["frequency_rank"] for i in buyers} == {1}


def test_a_rank_never_changes_by_time_alone() -> None:
    """Recency ranks the instant of the last order, so waiting moves nobody."""
    facts = ranked(5, 4, 3)
    before, after = (now(RFM, *facts, after=wait, fits=edges()) for wait in (days(0), days(900)))
    assert before == after
    assert before["last_order_at"] == NOW - micros(days(1))

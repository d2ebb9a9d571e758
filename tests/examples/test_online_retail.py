"""The UCI wholesaler: every definition against pandas, and the figures that were published."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.examples.pandas_retail import describe
from tests.examples.projects import Example
from tests.support.comparing import assert_equal

pytestmark = pytest.mark.xdist_group("online_retail")  # one worker imports it
NOW = pd.Timestamp("2011-12-10", tz="UTC")
SERVICES = ("POST", "DOT", "C2", "M", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK")
PENCE = 1000  # prices have three digits after the point


def read(folder: Path) -> pd.DataFrame:
    """The lines that name a customer, with exact amounts."""
    lines = pd.read_csv(folder / "uci_online_retail" / "online_retail.csv.gz", dtype=str)
    lines = lines[lines["CustomerID"].notna()].rename(columns={"CustomerID": "person"})
    pence = lines["UnitPrice"].map(lambda price: int(Decimal(price) * PENCE))
    lines["units"] = pence * lines["Quantity"].astype("int64")
    lines["at"] = pd.to_datetime(lines["InvoiceDate"], utc=True)
    return lines


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> pd.DataFrame:
    return read(shared_data)


@pytest.fixture(scope="module")
def invoices(lines: pd.DataFrame) -> pd.DataFrame:
    found = lines.groupby(["person", "InvoiceNo"], as_index=False).agg(
        at=("at", "min"), units=("units", "sum")
    )
    return found.assign(cancelled=found["InvoiceNo"].str.startswith("C"))


@pytest.fixture(scope="module")
def orders(invoices: pd.DataFrame) -> pd.DataFrame:
    return invoices[~invoices["cancelled"]]


@pytest.fixture(scope="module")
def expected(invoices: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    return describe(orders, invoices[invoices["cancelled"]], NOW, PENCE)


def test_every_recipe_equals_an_independent_pandas_computation(
    online_retail: Example, expected: pd.DataFrame
) -> None:
    """Every definition of every recipe, for each of 4,372 people."""
    people = list(expected.index)
    assert len(people) == len(online_retail.table) == 4_372
    for name in expected.columns:
        assert_equal(online_retail.of(people, name), expected[name])


def test_what_pandas_computes_is_all_that_the_recipes_define(
    online_retail: Example, expected: pd.DataFrame
) -> None:
    """No definition of the example is left unlooked at."""
    own = {"favourite_product", "slipping"}
    assert set(online_retail.names) == {*expected.columns, *own}


def test_the_favourite_product_is_on_most_lines(
    online_retail: Example, lines: pd.DataFrame
) -> None:
    """Where one product leads alone; ties need the order of lines within an invoice."""
    bought = lines[~lines["InvoiceNo"].str.startswith("C") & ~lines["StockCode"].isin(SERVICES)]
    counts = bought.groupby("person")["StockCode"].value_counts()
    best = counts.groupby("person").max().reindex(counts.index, level="person")
    alone = counts[counts == best].reset_index("StockCode")["StockCode"]
    alone = alone[~alone.index.duplicated(keep=False)]
    assert len(alone) > 1_000
    assert online_retail.of(list(alone.index), "favourite_product") == list(alone)


def test_who_is_slipping_away_ordered_often_until_two_months_ago(
    online_retail: Example, orders: pd.DataFrame
) -> None:
    """Six orders or more within 26 weeks, the last of them 60 days ago or longer."""
    half_year = orders[orders["at"] > NOW - pd.Timedelta(weeks=26)].groupby("person")["at"]
    expected = half_year.agg(["size", "max"])
    slipping = (expected["size"] >= 6) & (expected["max"] < NOW - pd.Timedelta(days=60))
    assert online_retail.counts("slipping")[True] == slipping.sum() > 0
    assert all(online_retail.of(list(expected.index[slipping]), "slipping"))


def test_quintiles_are_those_published(online_retail: Example) -> None:
    """Frequency edges 1, 2, 3, 6; monetary edges 250.040, 489.600, 942.260, 2,059.450."""
    assert online_retail.edges("frequency_rank") == [1, 2, 3, 6]
    assert online_retail.edges("monetary_rank") == [250_040, 489_600, 942_260, 2_059_450]
    ranks = online_retail.counts("frequency_rank")
    assert [ranks[rank] for rank in (1, 2, 3, 4, 5)] == [1494, 835, 508, 802, 700]
    assert ranks[None] == 4_372 - 4_339


def test_counts_are_those_published(online_retail: Example) -> None:
    """Gold 104 gross and 97 net, 1,629 active within 30 days, 3 frequent and of high value."""
    assert online_retail.counts("loyalty_tier")["gold"] == 104
    assert online_retail.counts("net_loyalty_tier")["gold"] == 97
    assert online_retail.counts("active_30d")[True] == 1_629
    assert online_retail.counts("frequent_high_value")[True] == 3
    assert online_retail.counts("champions")[True] == 603


def test_each_ranked_buyer_is_in_one_named_segment(online_retail: Example) -> None:
    """The eleven segments share out 4,339 buyers and leave nobody over."""
    named = [
        "champions", "loyal_customers", "potential_loyalists", "new_customers", "promising",
        "need_attention", "about_to_sleep", "at_risk", "cant_lose_them", "hibernating", "lost",
    ]  # fmt: skip
    assert sum(online_retail.counts(name)[True] for name in named) == 4_339
    stages = online_retail.counts("rfm_segment")
    assert stages["unranked"] == 33
    assert sorted(stages.values()) == sorted([33, *(online_retail.counts(n)[True] for n in named)])

"""The bicycle shop: two tables joined, against pandas and the figures that were published."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.examples.pandas_retail import describe
from tests.examples.projects import Example
from tests.support.comparing import assert_equal

pytestmark = pytest.mark.xdist_group("adventureworks")  # one worker imports it
NOW = pd.Timestamp("2019-07-01", tz="UTC")
ONE = 10_000  # prices have four digits after the point


@pytest.fixture(scope="module")
def customers(shared_data: Path) -> pd.DataFrame:
    file = shared_data / "adventureworks" / "AdventureWorks_Customers.csv.gz"
    return pd.read_csv(file, dtype=str).set_index("CustomerKey").sort_index()


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> pd.DataFrame:
    folder = shared_data / "adventureworks"
    years = sorted(folder.glob("AdventureWorks_Sales_*.csv.gz"))
    sales = pd.concat([pd.read_csv(year, dtype=str) for year in years], ignore_index=True)
    products = pd.read_csv(folder / "AdventureWorks_Products.csv.gz", dtype=str)
    sold = sales.merge(products, on="ProductKey", validate="many_to_one")
    price = sold["ProductPrice"].map(lambda text: int(Decimal(text) * ONE))
    sold["units"] = price * sold["OrderQuantity"].astype("int64")
    sold["at"] = pd.to_datetime(sold["OrderDate"], format="%m/%d/%Y", utc=True)
    return sold.rename(columns={"CustomerKey": "person"})


@pytest.fixture(scope="module")
def expected(lines: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    orders = lines.groupby(["person", "OrderNumber"], as_index=False).agg(
        at=("at", "min"), units=("units", "sum")
    )
    return describe(orders, orders[:0], NOW, ONE, everybody=customers.index)


def test_every_recipe_equals_an_independent_pandas_computation(
    adventureworks: Example, expected: pd.DataFrame
) -> None:
    """Every definition of every recipe, for each of 18,148 profiles."""
    people = list(expected.index)
    assert len(people) == len(adventureworks.table) == 18_148
    for name in expected.columns:
        assert_equal(adventureworks.of(people, name), expected[name])


def test_revenue_is_that_of_the_product_file(
    adventureworks: Example, expected: pd.DataFrame
) -> None:
    """24,914,586.8193 over 17,411 buyers: orders carry no price of their own."""
    spent = [units for units in adventureworks.values("monetary") if units is not None]
    assert len(spent) == 17_411
    assert sum(spent) == 249_145_868_193


def test_53_people_have_more_than_3_orders_in_one_subcategory(
    adventureworks: Example, lines: pd.DataFrame
) -> None:
    """The same 53 as in pandas; 50 of them for tyres and tubes."""
    orders = lines.groupby(["person", "ProductSubcategoryKey"])["OrderNumber"].nunique()
    often = orders[orders > 3].reset_index()
    people = sorted(set(often["person"]))
    assert adventureworks.counts("category_affinity")[True] == len(people) == 53
    assert all(adventureworks.of(people, "category_affinity"))
    tubes = sorted(often.loc[often["ProductSubcategoryKey"] == "37", "person"])
    assert adventureworks.counts("cyclists")[True] == len(tubes) == 50
    assert all(adventureworks.of(tubes, "cyclists"))


def test_the_favourite_subcategory_is_on_most_lines(
    adventureworks: Example, lines: pd.DataFrame
) -> None:
    """Where one leads alone; ties need the order of the lines."""
    counts = lines.groupby("person")["ProductSubcategoryKey"].value_counts()
    best = counts.groupby("person").max().reindex(counts.index, level="person")
    alone = counts[counts == best].reset_index("ProductSubcategoryKey")
    alone = alone[~alone.index.duplicated(keep=False)]["ProductSubcategoryKey"]
    assert len(alone) > 5_000
    assert adventureworks.of(list(alone.index), "favourite_category") == list(alone)


def test_what_the_customer_table_declares_is_known_of_everybody(
    adventureworks: Example, customers: pd.DataFrame, expected: pd.DataFrame
) -> None:
    """Income as text such as "$90,000 " is read as an amount, also of those without an order."""
    income = customers["AnnualIncome"].str.strip(" $").str.replace(",", "").astype(int)
    bands = pd.cut(income, [-1, 49_999, 99_999, 10**9], labels=["low", "middle", "high"])
    people = list(customers.index)
    assert adventureworks.of(people, "income") == income.tolist()
    assert adventureworks.of(people, "income_band") == bands.astype(str).tolist()
    children = customers["TotalChildren"].astype(int)
    waiting = (children >= 2) & (income >= 50_000) & expected["frequency"].isna()
    assert_equal(adventureworks.of(people, "promising_families"), waiting)


def test_tiers_differ_only_where_something_was_given_back(adventureworks: Example) -> None:
    """The shop records no returns, so net is gross."""
    assert adventureworks.values("net_spend") == adventureworks.values("gross_spend")
    assert adventureworks.counts("net_loyalty_tier") == adventureworks.counts("loyalty_tier")

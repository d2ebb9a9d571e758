"""What a plain pandas computation says of the same orders: no part of Coterie is used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

QUINTILES = (0.2, 0.4, 0.6, 0.8)
MICRO = 10**6
GRID = {
    "champions": "5[45]", "loyal_customers": "[34][45]", "potential_loyalists": "[45][23]",
    "new_customers": "51", "promising": "41", "need_attention": "33", "about_to_sleep": "3[12]",
    "at_risk": "[12][34]", "cant_lose_them": "[12]5", "hibernating": "12|2[12]", "lost": "11",
}  # fmt: skip


def describe(
    orders: pd.DataFrame,
    returns: pd.DataFrame,
    t: pd.Timestamp,
    one: int,
    everybody: Iterable[str] = (),
) -> pd.DataFrame:
    """Every figure of the retail recipes, a row a person.

    Parameters
    ----------
    orders, returns : DataFrame
        ``person``, ``at`` (UTC) and ``units`` (exact integers; those of returns are negative).
    t : Timestamp
        The instant they are described at.
    one : int
        How many units make one of the currency.
    everybody : iterable of str
        People who are known without an order, too.
    """
    known = {*orders["person"], *returns["person"], *everybody}
    people = pd.Index(sorted(known), name="person")
    by = orders.groupby("person")
    found = pd.DataFrame(index=people)
    found["first_order_at"], found["last_order_at"] = by["at"].min(), by["at"].max()
    found["frequency"] = by.size()
    found["monetary"] = by["units"].sum()
    buyer = found["frequency"].notna()
    _ranks(found[buyer], found)
    _engagement(found, orders, t, one)
    _lifecycle(found, orders, t)
    _spending(found, orders, returns, t, one)
    return found


def edges(values: pd.Series[Any]) -> list[Any]:
    """The discrete quintile edges: the first value with at least the share up to it."""
    ordered = np.sort(values.to_numpy())
    return [ordered[int(np.ceil(q * len(ordered) - 1e-9)) - 1] for q in QUINTILES]


def _ranks(buyers: pd.DataFrame, found: pd.DataFrame) -> None:
    ranked = {"recency": "last_order_at", "frequency": "frequency", "monetary": "monetary"}
    for name, column in ranked.items():
        rank = 1 + sum((buyers[column] > edge).astype(int) for edge in edges(buyers[column]))
        found[f"{name}_rank"] = rank
    ranks = [found[f"{name}_rank"] for name in ranked]
    found["rfm_score"] = 100 * ranks[0] + 10 * ranks[1] + ranks[2]
    cell = (10 * ranks[0] + ranks[1]).astype("Int64").astype("string")
    found["rfm_segment"] = "unranked"
    for name, pattern in GRID.items():
        found[name] = cell.str.fullmatch(pattern).fillna(value=False).astype(bool)
        title = name.replace("cant", "can't").replace("_", " ")
        found.loc[found[name], "rfm_segment"] = title


def _engagement(found: pd.DataFrame, orders: pd.DataFrame, t: pd.Timestamp, one: int) -> None:
    recency = (t - found["last_order_at"]).dt.days
    found["recency_days"] = recency
    lag = _divided(recency, recency.max())
    shares = [_divided(found[c], found[c].max()) for c in ("frequency", "monetary")]
    found["engagement_score"] = (
        _tenths(4, MICRO - lag) + _tenths(3, shares[0]) + _tenths(3, shares[1])
    )
    faded = np.exp(-0.1 * ((t - orders["at"]) / pd.Timedelta(days=1)))
    found["decayed_frequency"] = faded.groupby(orders["person"]).sum()
    found["decayed_monetary"] = (faded * orders["units"] / one).groupby(orders["person"]).sum()
    sums = [found[f"decayed_{c}"] / found[f"decayed_{c}"].max() for c in ("frequency", "monetary")]
    found["decayed_engagement_score"] = (
        _tenths(4, MICRO - lag) / MICRO + 0.3 * sums[0] + 0.3 * sums[1]
    )


def _divided(a: pd.Series[Any], b: int) -> pd.Series[Any]:
    """``a / b`` in millionths, half away from zero."""
    exact = a.astype("Int64")
    return (2 * exact * MICRO + int(b)) // (2 * int(b))


def _tenths(n: int, millionths: pd.Series[Any]) -> pd.Series[Any]:
    return (2 * n * millionths + 10) // 20


def _lifecycle(found: pd.DataFrame, orders: pd.DataFrame, t: pd.Timestamp) -> None:
    day = pd.Timedelta(days=1)
    n = found["frequency"].fillna(0)
    first, last = t - found["first_order_at"], t - found["last_order_at"]
    ordered = orders.sort_values("at", kind="stable")
    back = ordered[ordered.groupby("person")["at"].diff() >= 180 * day].groupby("person")["at"]
    returned = (t - back.max()).reindex(found.index)
    conditions = {
        "prospect": n == 0,
        "new": (n < 3) & (first < 30 * day),
        "churned": last >= 180 * day,
        "at risk": last >= 90 * day,
        "won back": returned < 30 * day,
        "loyal": n >= 6,
    }
    found["lifecycle_stage"] = np.select(
        list(conditions.values()), list(conditions), default="active"
    )
    found["active_30d"] = last < 30 * day


def _spending(
    found: pd.DataFrame, orders: pd.DataFrame, returns: pd.DataFrame, t: pd.Timestamp, one: int
) -> None:
    gross = found["monetary"].fillna(0).astype("int64")
    back = returns.groupby("person")["units"].sum().reindex(found.index, fill_value=0)
    found["gross_spend"], found["net_spend"] = gross, gross + back
    for name in ("gross", "net"):
        spend = found[f"{name}_spend"]
        tier = np.select(
            [spend > 10_000 * one, spend > 1_000 * one, spend > 0],
            ["gold", "silver", "bronze"], default="none",
        )  # fmt: skip
        found["loyalty_tier" if name == "gross" else "net_loyalty_tier"] = tier
    bought = found["monetary"].astype("Int64") * (MICRO // one)
    n = found["frequency"].astype("Int64")
    found["average_order_value"] = (2 * bought + n) // (2 * n)
    window = orders[orders["at"] > t - pd.Timedelta(weeks=26)].groupby("person")["units"]
    often = (window.size() >= 52) & (window.sum() > 100 * one * window.size())
    found["frequent_high_value"] = often.reindex(found.index, fill_value=False)
    for amount in (500, 1_000):
        found[f"active_above_{amount}"] = found["active_30d"] & (gross > amount * one)

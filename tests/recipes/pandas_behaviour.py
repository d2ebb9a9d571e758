"""What a plain pandas computation says of carts, letters, visits and what is bought often."""

from __future__ import annotations

from typing import Any

import pandas as pd

DAY, HOUR, MINUTE = pd.Timedelta(days=1), pd.Timedelta(hours=1), pd.Timedelta(minutes=1)
MICRO = 10**6


def describe(events: pd.DataFrame, lines: pd.DataFrame, t: pd.Timestamp) -> pd.DataFrame:
    """Every figure of the recipes about behaviour, a row a person.

    Parameters
    ----------
    events : DataFrame
        ``person``, ``name``, ``at``, ``product_id``, ``campaign_id``.
    lines : DataFrame
        ``person``, ``order_id`` and ``category`` of the lines of orders.
    t : Timestamp
        The instant they are described at; nothing is later.
    """
    found = pd.DataFrame(index=pd.Index(sorted(set(events["person"])), name="person"))
    named = dict(iter(events.groupby("name")))
    cart, order = named["Product Added"], named["Order Completed"]
    _carts(found, cart, order, t)
    _letters(found, named)
    _visits(found, named["page"], t)
    often = lines.groupby(["person", "category"])["order_id"].nunique() > 3
    found["category_affinity"] = _flag(found, often[often].index.get_level_values("person"))
    return found


def _flag(found: pd.DataFrame, people: Any) -> pd.Series[bool]:
    return pd.Series(found.index.isin(set(people)), found.index)


def _starts(rows: pd.DataFrame, gap: pd.Timedelta) -> pd.DataFrame:
    """The first of each run of rows that are less than a gap apart, one an instant."""
    ordered = rows.drop_duplicates(["person", "at"]).sort_values(["person", "at"])
    since = ordered.groupby("person")["at"].diff()
    return ordered[since.isna() | (since >= gap)]


def _unfollowed(
    rows: pd.DataFrame, by: pd.DataFrame, within: pd.Timedelta, t: pd.Timestamp
) -> pd.DataFrame:
    """The rows that nothing of `by` followed, once the time for it is over."""
    pairs = rows[["person", "at"]].reset_index().merge(by[["person", "at"]], on="person")
    followed = pairs[(pairs["at_y"] > pairs["at_x"]) & (pairs["at_y"] < pairs["at_x"] + within)]
    return rows[~rows.index.isin(followed["index"]) & (rows["at"] + within <= t)]


def _carts(found: pd.DataFrame, cart: pd.DataFrame, order: pd.DataFrame, t: pd.Timestamp) -> None:
    left = _unfollowed(cart, order, 30 * MINUTE, t)
    left = left[left["at"] + 30 * MINUTE > t - DAY]
    last_cart, last_order = (rows.groupby("person")["at"].max() for rows in (cart, order))
    bought = last_order.reindex(found.index) > last_cart.reindex(found.index)
    found["interested_but_hesitant"] = _flag(found, left["person"]) & ~bought
    week = cart[cart["at"] > t - 7 * DAY].groupby("person")["product_id"].nunique()
    recent = order.loc[order["at"] > t - 7 * DAY, "person"]
    found["high_intent"] = _flag(found, week[week >= 3].index) & ~_flag(found, recent)
    begun = _starts(cart, DAY)
    abandoned = _unfollowed(begun, order, DAY, t).groupby("person").size()
    found["cart_abandonment_rate"] = _rate(found, abandoned, begun.groupby("person").size())


def _rate(found: pd.DataFrame, some: pd.Series[Any], of: pd.Series[Any]) -> pd.Series[Any]:
    """Millionths, half away from zero; missing where there is nothing to share."""
    whole = of.reindex(found.index).astype("Int64")
    part = some.reindex(found.index, fill_value=0).astype("Int64")
    return (2 * part * MICRO + whole) // (2 * whole)


def _letters(found: pd.DataFrame, named: dict[Any, pd.DataFrame]) -> None:
    n = {
        name: named[name].groupby("person")["campaign_id"].nunique()
        for name in ("Email Delivered", "Email Opened", "Email Link Clicked")
    }
    found["email_open_rate"] = _rate(found, n["Email Opened"], n["Email Delivered"])
    found["email_click_rate"] = _rate(found, n["Email Link Clicked"], n["Email Delivered"])


def _visits(found: pd.DataFrame, pages: pd.DataFrame, t: pd.Timestamp) -> None:
    begun = _starts(pages, 30 * MINUTE)
    for n in (1, 28):
        counted = begun[begun["at"] > t - n * DAY].groupby("person").size()
        found[f"visits_{n}d"] = counted.reindex(found.index, fill_value=0)
    found["visit_spike"] = 28 * found["visits_1d"] > 3 * found["visits_28d"]

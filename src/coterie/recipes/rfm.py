"""RFM: recency, frequency and monetary value, their quintiles, and the segments named by them."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.language.authoring import (
    Defined,
    DefinedStages,
    Expression,
    Selected,
    case,
    quantile_rank,
    segment,
    stages,
    trait,
)  # fmt: skip
from coterie.recipes.events import ORDER


@dataclass(frozen=True, eq=False)
class Rfm:
    """What :func:`rfm` defines.

    Parameters
    ----------
    last_order_at, frequency, monetary : Defined
        When somebody last ordered, how often, and for how much; null without an order.
    recency_rank, frequency_rank, monetary_rank : Defined
        1 (lowest) to 5 (highest) among buyers; null without an order, or before the first fit.
    rfm_score : Defined
        The three ranks as one number, 111 to 555.
    champions, ... : Defined
        Segments; a ranked buyer is in exactly one of the eleven.
    rfm_segment : DefinedStages
        The name of that one, else ``unranked``.
    """

    last_order_at: Defined
    frequency: Defined
    monetary: Defined
    recency_rank: Defined
    frequency_rank: Defined
    monetary_rank: Defined
    rfm_score: Defined
    champions: Defined
    loyal_customers: Defined
    potential_loyalists: Defined
    new_customers: Defined
    promising: Defined
    need_attention: Defined
    about_to_sleep: Defined
    at_risk: Defined
    cant_lose_them: Defined
    hibernating: Defined
    lost: Defined
    rfm_segment: DefinedStages


def rfm(order: Selected = ORDER, revenue: str = "revenue", *, purpose: str = "") -> Rfm:
    """Quintiles of recency, frequency and monetary value, and the segments named by them.

    Parameters
    ----------
    order : Selected
        The events that count as a purchase.
    revenue : str
        The property that holds an order's worth; returns are not taken off.
    purpose : str
        What the segments are for; empty means the project's default purpose.

    Notes
    -----
    Ranks are 1 + the number of quintile edges below the value, over everybody with an order;
    people of equal value share a rank, so ranks are not equally large. Recency ranks the instant
    of the last order, not its age, so a rank changes by an order or a refit and never by time
    alone. Somebody without an order has no rank and is in no segment.

    The names are Putler's (N. Jain, "RFM Analysis for Successful Customer Segmentation"). The
    grid that gives each pair of ranks one of them is G. Martin's ("RFM Segmentation with
    Python", 2018), with recency across and frequency up; its lowest corner, there part of
    hibernating, is Putler's lost here::

        5 | can't lose them |     loyal customers     | champions
        4 |     at risk     |     loyal customers     | champions
        3 |     at risk     | need attn. |    potential loyalists
        2 |   hibernating   | to sleep   |    potential loyalists
        1 | lost |  hibern. | to sleep   |  promising |    new
             1        2           3            4           5

    Examples
    --------
    >>> from coterie import recipes
    >>> rfm = recipes.rfm()
    >>> rfm.champions
    <defined ref>
    """
    made = order.any()
    last_order_at = trait(order.last_at(), description="When the last order was made")
    frequency = trait(case((made, order.count())), description="How many orders were made")
    monetary = trait(order.sum(revenue), description="What all orders were worth, before returns")
    r = trait(quantile_rank(last_order_at, 5), description="5 for the fifth who ordered last")
    f = trait(quantile_rank(frequency, 5), description="5 for the fifth with the most orders")
    m = trait(quantile_rank(monetary, 5), description="5 for the fifth with the most revenue")
    named = _segments(r, f, purpose)
    return Rfm(
        last_order_at, frequency, monetary, r, f, m,
        rfm_score=trait(r * 100 + f * 10 + m, description="Ranks of recency, frequency, money"),
        **named,
        rfm_segment=stages(
            {_title(name): one for name, one in named.items()}, otherwise="unranked",
            purpose=purpose, description="The one RFM segment that a ranked buyer is in",
        ),
    )  # fmt: skip


def _segments(r: Defined, f: Defined, purpose: str) -> dict[str, Defined]:
    """The grid: a rank of recency and one of frequency are in exactly one of these."""
    cells: dict[str, tuple[Expression, str]] = {
        "champions": ((r == 5) & (f >= 4), "Bought just now, and often"),
        "loyal_customers": (r.between(3, 4) & (f >= 4), "Buy often, and not long ago"),
        "potential_loyalists": ((r >= 4) & f.between(2, 3), "Bought lately, more than once"),
        "new_customers": ((r == 5) & (f == 1), "Bought just now, for the first time"),
        "promising": ((r == 4) & (f == 1), "Bought lately, once"),
        "need_attention": ((r == 3) & (f == 3), "In the middle both ways"),
        "about_to_sleep": ((r == 3) & (f <= 2), "Seldom, and a while ago: soon lost"),
        "at_risk": ((r <= 2) & f.between(3, 4), "Used to buy often, long ago"),
        "cant_lose_them": ((r <= 2) & (f == 5), "Used to buy most often, long ago"),
        "hibernating": (
            (r <= 2) & (f <= 2) & ((r == 2) | (f == 2)),
            "Seldom, and long ago",
        ),
        "lost": ((r == 1) & (f == 1), "Lowest both ways"),
    }
    return {
        name: segment(that, purpose=purpose, description=description)
        for name, (that, description) in cells.items()
    }


def _title(name: str) -> str:
    return name.replace("cant", "can't").replace("_", " ")

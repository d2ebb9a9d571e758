"""Spending: loyalty tiers, the average order, and who is worth much."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.language.authoring import (
    Defined,
    DefinedStages,
    Expression,
    Selected,
    case,
    coalesce,
    segment,
    tiers,
    trait,
)  # fmt: skip
from coterie.language.time import days, weeks
from coterie.recipes.events import ORDER, REFUND

SIX_MONTHS = weeks(26)


@dataclass(frozen=True, eq=False)
class Loyalty:
    """What :func:`loyalty` defines.

    Parameters
    ----------
    gross_spend, net_spend : Defined
        What all orders were worth, before and after returns; 0 without any.
    loyalty_tier, net_loyalty_tier : DefinedStages
        ``none``, ``bronze``, ``silver`` or ``gold`` by gross and by net spend.
    """

    gross_spend: Defined
    net_spend: Defined
    loyalty_tier: DefinedStages
    net_loyalty_tier: DefinedStages


def loyalty(
    order: Selected = ORDER,
    refund: Selected | None = REFUND,
    revenue: str = "revenue",
    *,
    gold: int = 10_000,
    silver: int = 1_000,
    purpose: str = "",
) -> Loyalty:
    """Loyalty tiers by what somebody spent over a lifetime.

    Parameters
    ----------
    order : Selected
        The events that count as a purchase.
    refund : Selected or None
        What was given back of them; None where a shop has no record of it, so that net is gross.
    revenue : str
        The property that holds the amount of both. A refund counts against spend whether its
        source writes it as ``-5.00`` or as ``5.00``.
    gold, silver : int
        A tier is for a spend above this, not at it; bronze is above nothing.
    purpose : str
        What the tiers are for; empty means the project's default purpose.
    """
    gross = trait(
        coalesce(order.sum(revenue), 0), description="What all orders were worth, before returns"
    )
    net = trait(
        gross - _returned(refund, revenue) if refund is not None else gross,
        description="What all orders were worth, after returns",
    )
    return Loyalty(
        gross,
        net,
        _tiers(gross, gold, silver, purpose, "Loyalty tier by spend before returns"),
        _tiers(net, gold, silver, purpose, "Loyalty tier by spend after returns"),
    )


def _returned(refund: Selected, revenue: str) -> Expression:
    back = refund[revenue]
    return coalesce(refund.sum(case((back < 0, -back), otherwise=back)), 0)


def _tiers(
    spend: Expression, gold: int, silver: int, purpose: str, description: str
) -> DefinedStages:
    return tiers(
        {"gold": spend > gold, "silver": spend > silver, "bronze": spend > 0},
        otherwise="none", purpose=purpose, description=description,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Basket:
    """What :func:`basket` defines.

    Parameters
    ----------
    average_order_value : Defined
        The mean worth of an order, before returns; null without one.
    frequent_high_value : Defined
        Who orders at least twice a week, for more than 100 on average, over 6 months.
    """

    average_order_value: Defined
    frequent_high_value: Defined


def basket(order: Selected = ORDER, revenue: str = "revenue", *, purpose: str = "") -> Basket:
    """The average order, and high-value frequent shoppers.

    Parameters
    ----------
    order : Selected
        The events that count as a purchase.
    revenue : str
        The property that holds an order's worth.
    purpose : str
        What the segment is for; empty means the project's default purpose.

    Notes
    -----
    Six months are 26 weeks, so "at least 2 orders a week" is a rate: 52 orders or more among
    them, also where some week has none. The average is that of the same 26 weeks.
    """
    often = order.count(within=SIX_MONTHS) >= 52
    return Basket(
        average_order_value=trait(order.mean(revenue), description="What an order is worth"),
        frequent_high_value=segment(
            often & (order.mean(revenue, within=SIX_MONTHS) > 100), purpose=purpose,
            description="At least 2 orders a week, worth more than 100 on average, over 6 months",
        ),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Value:
    """What :func:`value` defines.

    Parameters
    ----------
    active_above_500, active_above_1000 : Defined
        Who spent more than this over a lifetime, and ordered within the last 30 days.
    """

    active_above_500: Defined
    active_above_1000: Defined


def value(
    order: Selected = ORDER, revenue: str = "revenue", *, purpose: str = "marketing"
) -> Value:
    """Buyers of value who are there now: audiences for an offer, so their purpose is marketing.

    Parameters
    ----------
    order : Selected
        The events that count as a purchase.
    revenue : str
        The property that holds an order's worth; returns are not taken off.
    purpose : str
        What the segments are for; empty means the project's default purpose.
    """
    spend, active = order.sum(revenue), order.any(within=days(30))
    return Value(
        *(
            segment(
                (spend > amount) & active, purpose=purpose,
                description=f"Spent more than {amount:,} and ordered within the last 30 days",
            )
            for amount in (500, 1_000)
        )
    )  # fmt: skip

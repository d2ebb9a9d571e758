"""Engagement: one number of recency, frequency and money, and the same with fading orders."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from coterie.language.authoring import (
    Defined,
    Expression,
    Selected,
    case,
    coalesce,
    population_max,
    trait,
)  # fmt: skip
from coterie.language.time import days
from coterie.recipes.events import ORDER

RECENCY, FREQUENCY, MONEY = Decimal("0.4"), Decimal("0.3"), Decimal("0.3")
"""What each part weighs in the score."""


@dataclass(frozen=True, eq=False)
class Engagement:
    """What :func:`engagement` defines.

    Parameters
    ----------
    recency_days : Defined
        Whole days since the last order; null without one.
    engagement_score : Defined
        0.4 x (1 - recency/max) + 0.3 x frequency/max + 0.3 x monetary/max.
    decayed_frequency, decayed_monetary : Defined
        Orders, and their revenue, each faded by ``exp(-rate x days)``.
    decayed_engagement_score : Defined
        The score with the faded sums for frequency and money.
    """

    recency_days: Defined
    engagement_score: Defined
    decayed_frequency: Defined
    decayed_monetary: Defined
    decayed_engagement_score: Defined


def engagement(
    order: Selected = ORDER, revenue: str = "revenue", *, rate: Decimal = Decimal("0.1")
) -> Engagement:
    """How engaged a buyer is compared with the most engaged: 1 at best.

    Parameters
    ----------
    order : Selected
        The events that count as a purchase.
    revenue : str
        The property that holds an order's worth; returns are not taken off.
    rate : Decimal
        How fast an order fades in the decayed form: by ``exp(-rate x days)``.

    Notes
    -----
    Each ``max`` is that of everybody with an order at the last fit. Somebody without an order has
    no score, and nobody has one before the first fit. Between fits a score may leave 0 to 1, as
    somebody's recency passes the largest that was fitted.

    Recency steps at whole days after the last order, so it is exact and its changes are known
    ahead. The decayed sums are frozen at midnight UTC: a first order has no decayed score before
    the next midnight.
    """
    recency = trait(
        order.last_at().age(step=days(1)), description="Whole days since the last order"
    )
    frequency = case((order.any(), order.count()))
    faded_frequency = trait(
        order.decayed(rate=rate, step=days(1)), description="Orders, fading by the day"
    )
    faded_monetary = trait(
        order.decayed(revenue, rate=rate, step=days(1)), description="Revenue, fading by the day"
    )
    # The largest recency is 0 where everybody ordered today: nobody is behind then.
    recent = RECENCY * (1 - coalesce(recency / population_max(recency), 0))
    return Engagement(
        recency_days=recency,
        engagement_score=trait(
            recent + FREQUENCY * _share(frequency) + MONEY * _share(order.sum(revenue)),
            description="0.4 recency, 0.3 frequency and 0.3 money, each compared with the best",
        ),
        decayed_frequency=faded_frequency,
        decayed_monetary=faded_monetary,
        decayed_engagement_score=trait(
            recent + FREQUENCY * _share(faded_frequency) + MONEY * _share(faded_monetary),
            description="The engagement score with orders that fade by the day",
        ),
    )


def _share(value: Expression) -> Expression:
    return value / population_max(value)

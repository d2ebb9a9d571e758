"""Lifecycle: where a person stands between the first order and the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from coterie.language.authoring import Defined, DefinedStages, Selected, segment, stages, trait
from coterie.language.time import days
from coterie.recipes.events import ORDER

MONTH, QUARTER, HALF_YEAR = days(30), days(90), days(180)


@dataclass(frozen=True, eq=False)
class Lifecycle:
    """What :func:`lifecycle` defines.

    Parameters
    ----------
    first_order_at : Defined
        When somebody first ordered; null without an order.
    active_30d : Defined
        Who ordered within the last 30 days.
    lifecycle_stage : DefinedStages
        ``prospect``, ``new``, ``churned``, ``at risk``, ``won back``, ``loyal`` or ``active``.
    """

    first_order_at: Defined
    active_30d: Defined
    lifecycle_stage: DefinedStages


def lifecycle(
    order: Selected = ORDER,
    *,
    settled_orders: int = 3,
    settled_after: timedelta = MONTH,
    loyal_orders: int = 6,
    risk_after: timedelta = QUARTER,
    churned_after: timedelta = HALF_YEAR,
    purpose: str = "",
) -> Lifecycle:
    """The stage of a customer's life; exactly one holds at any instant.

    Parameters
    ----------
    order : Selected
        The events that count as a purchase.
    settled_orders, settled_after : int, timedelta
        A new customer becomes active with so many orders, or so long after the first.
    loyal_orders : int
        With so many orders an active customer is loyal.
    risk_after, churned_after : timedelta
        So long after the last order somebody is at risk, then churned. Neither may be shorter
        than `settled_after`, which comes first.
    purpose : str
        What the stages are for; empty means the project's default purpose.

    Notes
    -----
    In order of precedence: a *prospect* has no order; a *new* customer fewer than
    `settled_orders`, the first of them less than `settled_after` ago; a *churned* one none for
    `churned_after`; one *at risk* none for `risk_after`; one *won back* ordered less than
    `settled_after` ago after a pause of `churned_after` or more; a *loyal* one has `loyal_orders`
    or more; everybody else is *active*.
    """
    orders, first, last = order.count(), order.first_at(), order.last_at()
    starts = order.sessions(churned_after)  # a first order, and each one after a long pause
    back = (starts.count() >= 2) & (starts.last_at().age() < settled_after)
    return Lifecycle(
        first_order_at=trait(first, description="When the first order was made"),
        active_30d=segment(
            order.any(within=days(30)), purpose=purpose,
            description="Ordered within the last 30 days",
        ),
        lifecycle_stage=stages(
            {
                "prospect": orders == 0,
                "new": (orders < settled_orders) & (first.age() < settled_after),
                "churned": last.age() >= churned_after,
                "at risk": last.age() >= risk_after,
                "won back": back,
                "loyal": orders >= loyal_orders,
            },
            otherwise="active", purpose=purpose,
            description="Where a customer stands between the first order and the last",
        ),
    )  # fmt: skip

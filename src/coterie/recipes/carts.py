"""Carts: filled and left, by a person's own habit and right now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from coterie.language.authoring import Defined, Selected, segment, trait
from coterie.language.time import days, hours, minutes
from coterie.recipes.events import CART, ORDER

DAY, WEEK = days(1), days(7)


@dataclass(frozen=True, eq=False)
class Carts:
    """What :func:`carts` defines.

    Parameters
    ----------
    interested_but_hesitant : Defined
        Who put something in the cart within a day, then ordered nothing for 30 minutes, nor since.
    high_intent : Defined
        Who put several products in the cart within a week, and bought nothing in it.
    cart_abandonment_rate : Defined
        The share of carts that no order followed within a day; null without a cart.
    """

    interested_but_hesitant: Defined
    high_intent: Defined
    cart_abandonment_rate: Defined


def carts(
    cart: Selected = CART,
    order: Selected = ORDER,
    product: str = "product_id",
    *,
    several: int = 3,
    abandoned_after: timedelta = DAY,
    purpose: str = "marketing",
) -> Carts:
    """Carts that wait for an order; the segments call for a reminder, so they are marketing.

    Parameters
    ----------
    cart, order : Selected
        A product was put in the cart; an order was paid.
    product : str
        The property of `cart` that names the product.
    several : int
        High intent is so many different products, or more.
    abandoned_after : timedelta
        A cart begins with the first product added for so long, and is abandoned when no order
        came within the same length of time.
    purpose : str
        What the segments are for; empty means the project's default purpose.

    Notes
    -----
    Hesitation begins exactly 30 minutes after a product was added, with no new event, and ends
    with an order, or a day later. A cart too young to be abandoned counts as one that is not.
    """
    left = cart.without(order, within=minutes(30)).any(within=hours(24))
    begun = cart.sessions(abandoned_after)
    abandoned = begun.without(order, within=abandoned_after)
    return Carts(
        interested_but_hesitant=segment(
            left & ~order.any(since=cart.last_at()), purpose=purpose,
            description="Put something in the cart, then ordered nothing for 30 minutes",
        ),
        high_intent=segment(
            (cart.distinct(product, within=WEEK) >= several) & ~order.any(within=WEEK),
            purpose=purpose,
            description="Put several products in the cart this week, and bought nothing",
        ),
        cart_abandonment_rate=trait(
            abandoned.count() / begun.count(),
            description="The share of carts that no order followed",
        ),
    )  # fmt: skip

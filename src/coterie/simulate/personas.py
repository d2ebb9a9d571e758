"""The kinds of people who come to the shop, and how each differs in what can be observed.

A persona never alters the buying process: rates, dropout and spend are drawn for all buyers
alike, and `loyal` is then the name of those whom the draw made frequent. What a persona sets is
when they joined, what they look at, how they use coupons and carts, and how they treat letters.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from coterie.simulate.arrays import Reals
from coterie.simulate.catalogue import CATEGORIES, GIFTS, OUTLET

Buying = Literal["bg/nbd", "steady", "never"]


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of people.

    Parameters
    ----------
    share : float
        The part of all people that is of this kind (exact in every thousand).
    buying : {"bg/nbd", "steady", "never"}
        The process of their orders; steady buyers are planted outside the BG/NBD population.
    visits : float
        Visits a week that end without an order, in an average week.
    p_cart, p_coupon, p_consent, p_open, p_click : float
        Chances: of a cart in a visit, a coupon in an order, marketing consent at sign-up, a
        letter being opened, an opened one being clicked.
    tilt : dict of int to float
        Categories that draw them, and how many times more than another.
    gifts : bool
        Whether they visit by the calendar of presents.
    """

    name: str
    share: float
    buying: Buying
    visits: float
    p_cart: float = 0.2
    p_coupon: float = 0.08
    p_consent: float = 0.6
    p_open: float = 0.35
    p_click: float = 0.15
    tilt: dict[int, float] = {}
    gifts: bool = False


PERSONAS = (
    Persona(
        name="wholesaler", share=0.001, buying="steady", visits=0.3,
        p_coupon=0.0, p_consent=0.9, p_open=0.5,
    ),
    Persona(name="loyal", share=0.14, buying="bg/nbd", visits=0.12,
            p_coupon=0.05, p_consent=0.8, p_open=0.6, p_click=0.25),
    Persona(name="bargain hunter", share=0.20, buying="bg/nbd", visits=0.14,
            p_cart=0.35, p_coupon=0.7, p_consent=0.75, p_open=0.5, p_click=0.3,
            tilt={OUTLET: 10}),
    Persona(name="gift buyer", share=0.10, buying="bg/nbd", visits=0.13,
            p_consent=0.45, tilt={GIFTS: 16}, gifts=True),
    Persona(name="everyday", share=0.18, buying="bg/nbd", visits=0.08),
    Persona(name="newcomer", share=0.08, buying="bg/nbd", visits=0.4,
            p_coupon=0.3, p_consent=0.65, p_open=0.45),
    Persona(name="window shopper", share=0.15, buying="never", visits=0.28,
            p_cart=0.3, p_consent=0.5, p_open=0.3, p_click=0.2),
    Persona(name="prospect", share=0.10, buying="never", visits=0.03,
            p_cart=0.05, p_consent=0.55, p_open=0.15, p_click=0.08),
    Persona(name="visitor", share=0.049, buying="never", visits=0.03, p_cart=0.05, p_consent=0.0),
)  # fmt: skip

NAMES = tuple(persona.name for persona in PERSONAS)
WHOLESALER, LOYAL, NEWCOMER, VISITOR = (
    NAMES.index(name) for name in ("wholesaler", "loyal", "newcomer", "visitor")
)
IS_BG_NBD = np.array([persona.buying == "bg/nbd" for persona in PERSONAS])
BUYS = np.array([persona.buying != "never" for persona in PERSONAS])
LIKES_GIFTS = np.array([persona.gifts for persona in PERSONAS])


def figures(name: str) -> Reals:
    """One numeric attribute of every persona, in the order of `PERSONAS`."""
    return np.array([getattr(persona, name) for persona in PERSONAS], dtype=np.float64)


def tastes() -> Reals:
    """The weight of every category for every persona (a row each)."""
    weights = np.ones((len(PERSONAS), len(CATEGORIES)))
    for row, persona in enumerate(PERSONAS):
        for category, times in persona.tilt.items():
            weights[row, category] = times
    return weights

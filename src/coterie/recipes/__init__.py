"""Recipes: the traits and segments that most shops want, written in the language alone.

A recipe is a function whose arguments name the events and properties it reads, each with the
name that the Segment specification gives it. It returns a frozen dataclass whose fields are
definitions; assign it in ``definitions.py`` and every field becomes a definition of that name::

    from coterie import recipes

    rfm = recipes.rfm()                    # champions, at_risk, recency_rank and the others
    loyalty = recipes.loyalty(gold=5_000)  # gross_spend, loyalty_tier and the others

No two recipes define the same name. What describes people has the project's default purpose;
what exists to send them something (`value`, `carts`) is for ``marketing``. Both can be changed
by ``purpose=``.
"""

from coterie.recipes.affinity import Affinity, affinity, bought_often
from coterie.recipes.carts import Carts, carts
from coterie.recipes.emails import Emails, emails
from coterie.recipes.engagement import Engagement, engagement
from coterie.recipes.lifecycle import Lifecycle, lifecycle
from coterie.recipes.rfm import Rfm, rfm
from coterie.recipes.spending import Basket, Loyalty, Value, basket, loyalty, value
from coterie.recipes.visits import Visits, visits

__all__ = [
    "Affinity",
    "Basket",
    "Carts",
    "Emails",
    "Engagement",
    "Lifecycle",
    "Loyalty",
    "Rfm",
    "Value",
    "Visits",
    "affinity",
    "basket",
    "bought_often",
    "carts",
    "emails",
    "engagement",
    "lifecycle",
    "loyalty",
    "rfm",
    "value",
    "visits",
]

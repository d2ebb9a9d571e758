"""What `coterie init --recipe retail` writes: definitions to edit, and the plan they read."""

from __future__ import annotations

from importlib.resources import files

RETAIL = '''\
"""What this shop says about its people. Edit it, then `coterie run`."""

from coterie import days, event, recipes, segment

order = event("Order Completed")

# Each recipe defines the traits and segments that are its fields; `coterie segments` lists them.
# A recipe whose events have not been imported answers 0, false or unknown until they are.
rfm = recipes.rfm()  # quintiles, champions, at_risk, cant_lose_them and the others
engagement = recipes.engagement()
lifecycle = recipes.lifecycle()  # prospect, new, active, loyal, at risk, churned, won back
loyalty = recipes.loyalty(gold=10_000, silver=1_000)
basket = recipes.basket()
value = recipes.value()  # marketing: its audience is whoever allowed that
carts = recipes.carts()  # marketing
emails = recipes.emails()
visits = recipes.visits(at_least=2)
affinity = recipes.affinity(
    # The departments of your own shop go here.
    categories=[
        "Garden", "Kitchen", "Books", "Toys", "Sport", "Home", "Fashion", "Beauty", "Electronics",
        "Pets", "Gifts", "Outlet",
    ]
)

# Your own definitions take the name of the variable they are assigned to.
bought_this_week = segment(order.any(within=days(7)), description="Ordered within a week")
'''
"""The text of `definitions.py`."""

RETAIL_PLAN = files("coterie.recipes").joinpath("retail.toml").read_text("utf-8")
"""The text of `tracking_plan/retail.toml`: the events that `RETAIL` reads."""

RETAIL_SAMPLES = files("coterie.recipes").joinpath("retail_profiles.yaml").read_text("utf-8")
"""The text of `tests/profiles.yaml`: people whom `RETAIL` is tried on."""

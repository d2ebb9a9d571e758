"""What the bicycle shop says about its customers: a customer table joined to their orders."""

from coterie import declared, event, recipes, segment, tiers, trait

order = event("Order Completed")

rfm = recipes.rfm()
engagement = recipes.engagement()
lifecycle = recipes.lifecycle()
loyalty = recipes.loyalty(refund=None, gold=10_000, silver=1_000)  # returns are not recorded
basket = recipes.basket()
value = recipes.value()
affinity = recipes.affinity(categories=[str(subcategory) for subcategory in range(1, 38)])

# What the customer table declares, beside what the orders say.
income = trait(declared("annual_income"), description="Yearly income, as declared")
income_band = tiers(
    {"high": income >= 100_000, "middle": income >= 50_000, "low": income.is_known()},
    otherwise="unknown",
    description="Yearly income in three bands",
)
promising_families = segment(
    (declared("total_children") >= 2) & (income_band >= "middle") & ~order.any(),
    description="Families with a middle income or more that never ordered",
)
cyclists = segment(
    recipes.bought_often("37"),
    description="More than 3 orders of tyres and tubes",
)

"""What the wholesaler says about its customers: orders, and what was cancelled of them.

The invoices know nothing of carts, pages or letters, so the recipes about those are not here.
"""

from coterie import days, event, recipes, segment, trait, weeks

order, line = event("Order Completed"), event("Product Purchased")

rfm = recipes.rfm()
engagement = recipes.engagement()
lifecycle = recipes.lifecycle()
loyalty = recipes.loyalty(gold=10_000, silver=1_000)
basket = recipes.basket()
value = recipes.value()

# The wholesaler's own: which product somebody buys most often, and who is slipping away.
favourite_product = trait(
    line.where(line["kind"] == "product").top("product_id"),
    description="The stock code on most lines, the most recent of equals",
)
slipping = segment(
    (order.count(within=weeks(26)) >= 6) & (order.last_at().age() > days(60)),
    description="Six orders or more within half a year, none of them within 60 days",
)

"""Five traits and three segments that stream processors are asked for beside coterie."""

from coterie import days, event, hours, segment, trait

page, viewed, cart = event("page"), event("Product Viewed"), event("Product Added")
order, opened = event("Order Completed"), event("Email Opened")

orders_30d = trait(order.count(within=days(30)))
spend_30d = trait(order.sum("revenue", within=days(30)))
carts_1h = trait(cart.count(within=hours(1)))
last_seen = trait((page | viewed | cart | order | opened).last_at())
spend = trait(order.sum("revenue"))

abandoned_cart = segment(cart.without(order, within=hours(1)).any(within=days(1)))
vip = segment((orders_30d >= 3) & (spend_30d > 300))
high_spenders = segment(spend > 1000)

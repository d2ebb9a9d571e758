"""Twelve traits and ten segments of a shop, as a user writes them."""

from coterie import days, event, hours, segment, trait

page, viewed, cart = event("page"), event("Product Viewed"), event("Product Added")
order, opened = event("Order Completed"), event("Email Opened")

pages_1h = trait(page.count(within=hours(1)))
views_7d = trait(viewed.count(within=days(7)))
carts_1h = trait(cart.count(within=hours(1)))
orders_30d = trait(order.count(within=days(30)))
spend_30d = trait(order.sum("revenue", within=days(30)))
orders = trait(order.count())
spend = trait(order.sum("revenue"))
largest_order = trait(order.max("revenue"))
last_seen = trait((page | viewed | cart | order | opened).last_at())
interest = trait((viewed | cart | order).decayed(half_life=days(7)))
last_category = trait(viewed.last("category"))
opened_30d = trait(opened.any(within=days(30)))

vip = segment((orders_30d >= 3) & (spend_30d > 300))
high_spenders = segment(spend > 1000)
abandoned_cart = segment(cart.without(order, within=hours(1)).any(within=days(1)))
browsing = segment(pages_1h >= 5)
interested = segment((interest > 2) & (orders == 0))
inactive = segment(last_seen.age() > days(14))
readers = segment(opened_30d & (orders == 0))
win_back = segment((orders >= 2) & (last_seen.age() > days(21)))
fans_of_c00 = segment((last_category == "c-00") & (views_7d >= 3))
generous = segment((largest_order > 200) & ((carts_1h >= 1) | (orders_30d >= 1)))

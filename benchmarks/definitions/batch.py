"""The twelve traits and ten segments, as a user writes them."""

from coterie import days, event, hours, segment, trait

order, page = event("Order Completed"), event("page")
viewed, opened = event("Product Viewed"), event("Email Opened")

orders = trait(order.count())
revenue = trait(order.sum("revenue"))
revenue_30d = trait(order.sum("revenue", within=days(30)))
largest_order = trait(order.max("revenue"))
last_channel = trait(order.last("channel"))
last_order_at = trait(order.last_at())
pages_1h = trait(page.count(within=hours(1)))
pages_7d = trait(page.count(within=days(7)))
pages_30d = trait(page.count(within=days(30)))
products = trait(viewed.distinct("product_id"))
favourite = trait(viewed.top("category"))
interest = trait(viewed.decayed(half_life=days(7)))

regulars = segment(orders >= 3)
big_spenders = segment(revenue > 500)
spending_now = segment(revenue_30d > 100)
browsing_now = segment((pages_7d >= 2) & (pages_1h == 0))
interested = segment(interest > 1.5)
explorers = segment((products >= 5) & (pages_30d >= 1))
app_buyers = segment((last_channel == "app") & (largest_order > 80))
fans_of_c00 = segment((favourite == "c-00") & (orders >= 1))
inactive = segment((last_order_at.age() > days(60)) & ~page.any(within=days(30)))
reading_only = segment(opened.any(within=days(30)) & ~order.any())

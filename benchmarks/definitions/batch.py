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

reading = opened.any(within=days(30))
ordering = order.any(within=days(30))
silence = last_order_at.age()

champions = segment((orders >= 5) & (revenue > 500) & (silence < days(60)))
lapsing_big_spenders = segment((revenue > 500) & (silence > days(60)) & (pages_30d == 0))
hesitant = segment((interest > 1) & (pages_7d >= 2) & ~ordering)
fans_of_c00 = segment((favourite == "c-00") & (products >= 5) & (orders >= 2))
app_regulars = segment((last_channel == "app") & (orders >= 3) & (revenue_30d > 100))
win_back = segment(reading & (orders >= 2) & (silence > days(90)))
readers = segment(reading & (pages_30d >= 1) & (orders == 0))
second_order = segment((orders == 1) & (largest_order > 100) & (interest > 0.5))
just_left = segment((pages_7d >= 3) & (pages_1h == 0) & (interest > 1))
cross_sell = segment((products >= 8) & (last_channel == "web") & (pages_30d >= 2))

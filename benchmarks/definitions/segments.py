"""The twelve traits and a hundred segments over them: ten kinds of rule, ten thresholds each."""

from types import SimpleNamespace

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


def _rules(i):
    return {
        f"champions_{i}": (orders >= i + 1) & (revenue > 100 * i) & (silence < days(60)),
        f"lapsing_{i}": (revenue > 100 * i) & (silence > days(60)) & (pages_30d == 0),
        f"hesitant_{i}": (interest > 0.25 * i) & (pages_7d >= 2) & ~ordering,
        f"fans_{i}": (favourite == f"c-{i:02}") & (products >= 5) & (orders >= 2),
        f"app_regulars_{i}": (last_channel == "app") & (orders >= 3) & (revenue_30d > 20 * i),
        f"win_back_{i}": reading & (orders >= 2) & (silence > days(30 + 10 * i)),
        f"readers_{i}": reading & (pages_30d >= i) & (orders == 0),
        f"second_order_{i}": (orders == 1) & (largest_order > 20 * i) & (interest > 0.5),
        f"just_left_{i}": (pages_7d >= i) & (pages_1h == 0) & (interest > 1),
        f"cross_sell_{i}": (products >= i) & (last_channel == "web") & (pages_30d >= 2),
    }


one_hundred = SimpleNamespace(
    **{name: segment(rule) for i in range(10) for name, rule in _rules(i).items()}
)

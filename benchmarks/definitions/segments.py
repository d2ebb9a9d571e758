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


def _rules(i):
    return {
        f"regulars_{i}": orders >= i + 1,
        f"big_spenders_{i}": revenue > 100 * i,
        f"spending_now_{i}": revenue_30d > 20 * i,
        f"browsing_now_{i}": (pages_7d >= i) & (pages_1h == 0),
        f"interested_{i}": interest > 0.25 * i,
        f"explorers_{i}": (products >= i) & (pages_30d >= 1),
        f"app_buyers_{i}": (last_channel == "app") & (largest_order > 20 * i),
        f"fans_{i}": (favourite == f"c-{i:02}") & (orders >= 1),
        f"inactive_{i}": (last_order_at.age() > days(30 + 10 * i)) & ~page.any(within=days(30)),
        f"reading_only_{i}": opened.any(within=days(30)) & (orders <= i),
    }


one_hundred = SimpleNamespace(
    **{name: segment(rule) for i in range(10) for name, rule in _rules(i).items()}
)

"""A hundred different traits: twelve kinds, each over eight or nine windows."""

from types import SimpleNamespace

from coterie import days, event, hours, trait

order, page, viewed = event("Order Completed"), event("page"), event("Product Viewed")

_windows = [None, hours(1), days(1), days(7), days(30), days(60), days(90), days(180), days(270)]
_kinds = {
    "orders": lambda within: order.count(within=within),
    "revenue": lambda within: order.sum("revenue", within=within),
    "average": lambda within: order.mean("revenue", within=within),
    "largest_order": lambda within: order.max("revenue", within=within),
    "last_channel": lambda within: order.last("channel", within=within),
    "last_order_at": lambda within: order.last_at(within=within),
    "pages": lambda within: page.count(within=within),
    "seconds": lambda within: page.sum("seconds", within=within),
    "first_path": lambda within: page.first("path", within=within),
    "products": lambda within: viewed.distinct("product_id", within=within),
    "favourite": lambda within: viewed.top("category", within=within),
    "interest": lambda within: viewed.decayed(half_life=days(7), within=within),
}


def _name(kind, window):
    return f"{kind}_ever" if window is None else f"{kind}_{window.total_seconds() / 3600:.0f}h"


_every = {_name(k, w): make(w) for w in _windows for k, make in _kinds.items()}
one_hundred = SimpleNamespace(**{k: trait(v) for k, v in list(_every.items())[:100]})

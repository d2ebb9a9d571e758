"""Selections without order: predicates, unions, absolute windows, mixed types of one property."""

from __future__ import annotations

from coterie import hours, instant, segment, trait
from tests.conformance.case import END, Case, at, cart, case, fact, order, view

where = case(
    "a row predicate that is unknown leaves the event out",
    {
        "big": trait(order.where(order["revenue"] > 10).count()),
        "not_big": trait(order.where(~(order["revenue"] > 10)).count()),
        "unpriced": trait(order.where(order["revenue"].is_unknown()).count()),
        "two": trait(order.where(order["revenue"] > 10, order["quantity"] >= 2).sum("revenue")),
        "gifts": trait(order.where(order["gift"]).any()),
        "mixed": trait(order.where((order["revenue"] > 10) | (order["quantity"] == 7)).count()),
        "worth": trait(order.sum(order["revenue"] * order["quantity"])),
        "late": trait(order.where(order["due"] < order.at).count()),
        "tea": trait(order.where(order["category"].is_in(["tea", "ale"])).count()),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1000, quantity=2, gift=True, due=at(1), category="tea"),
        fact(2, "Order", at(1), 2, revenue=1001, quantity=2, due=at(1), category="Tea"),
        fact(3, "Order", at(2), 3, revenue=None, quantity=7, gift=False, due=at(1), category="ale"),
        fact(4, "Order", at(3), 4, revenue=5000, quantity=None, gift=None),
    ],
    [
        ((0, at(9)), {
            "big": 0, "not_big": 0, "unpriced": 0, "two": None, "gifts": False, "mixed": 0,
            "worth": None, "late": 0, "tea": 0,
        }),
        ((1, at(9)), {"big": 0, "not_big": 1, "gifts": True, "worth": 2000, "late": 0, "tea": 1}),
        ((2, at(9)), {"big": 1, "not_big": 1, "two": 1001, "worth": 4002, "late": 0, "tea": 1}),
        ((3, at(9)), {"big": 1, "unpriced": 1, "mixed": 2, "worth": 4002, "late": 1, "tea": 2}),
        ((4, at(9)), {
            "big": 2, "not_big": 1, "unpriced": 1, "two": 1001, "gifts": True, "mixed": 3,
            "worth": 4002, "late": 1, "tea": 2,
        }),
    ],
)  # fmt: skip

absolute = case(
    "an absolute window is a predicate on the instant of the event",
    {
        "june": trait(order.where(order.at >= instant("2011-06-01")).count()),
        "early": trait(order.where(order.at < instant("2011-06-01T02:00")).sum("revenue")),
        "one_hour": trait(
            order.where(
                order.at.between(instant("2011-06-01T01:00"), instant("2011-06-01T02:00"))
            ).count()
        ),
    },
    [
        fact(1, "Order", at(0, -1), 1, revenue=1),
        fact(2, "Order", at(0), 2, revenue=20),
        fact(3, "Order", at(1), 3, revenue=300),
        fact(4, "Order", at(2, -1), 4, revenue=4000),
        fact(5, "Order", at(2), 5, revenue=50000),
        fact(6, "Order", at(2, 1), 6, revenue=600000),
    ],
    [
        ((END, at(9)), {"june": 5, "early": 4321, "one_hour": 3}),
        ((END, at(1)), {"june": 2, "early": 321, "one_hour": 1}),
        ((1, at(9)), {"june": 0, "early": 1, "one_hour": 0}),
    ],
)

union = case(
    "a union has each event once, and counts names together",
    {
        "any_two": trait((order | cart).count()),
        "twice": trait((order | order).count()),
        "overlap": trait(
            (order.where(order["revenue"] > 1) | order.where(order["quantity"] > 1)).count()
        ),
        "last_kind": trait((order | cart | view).last("category")),
        "kinds": trait((order | cart | view).distinct("category")),
        "recent": trait((order | cart | view).count(within=hours(1))),
        "tea": trait((order | cart).where(order["category"] == "tea").count()),
    },
    [
        fact(1, "Order", at(0), 1, revenue=200, quantity=2, category="tea"),
        fact(2, "Order", at(0), 2, revenue=50, quantity=1, category="ale"),
        fact(3, "Cart", at(0), 3, category="tea"),
        fact(4, "View", at(1), 4, category="zen"),
    ],
    [
        ((0, at(1)), {"any_two": 0, "twice": 0, "overlap": 0, "last_kind": None, "kinds": 0}),
        ((2, at(1)), {"any_two": 2, "twice": 2, "overlap": 1, "last_kind": "ale", "tea": 1}),
        ((4, at(1, -1)), {"any_two": 3, "last_kind": "tea", "kinds": 2, "recent": 3, "tea": 2}),
        ((4, at(1)), {"any_two": 3, "last_kind": "zen", "kinds": 3, "recent": 1, "tea": 2}),
    ],
)

scales = case(
    "a property of several scales counts at the largest, and with a real it is real",
    {
        "money": trait((order | cart | view).sum("revenue")),
        "most": trait((order | cart | view).max("revenue")),
        "last": trait((order | view).last("revenue")),
        "list": trait((order | cart | view).values("revenue", limit=3)),
        "same": trait((order | cart | view).distinct("revenue")),
        "kilos": trait((order | view).sum("weight")),
        "third": trait((order | view).where(order["weight"] / 3 > 0.333333).count()),
        "exact_third": trait(view.where(view["weight"] / 3 > 0.333333).count()),
        "dear": trait((order | cart | view).where(order["revenue"] >= 3).count()),
    },
    [
        fact(1, "Order", at(0), 1, revenue=300, weight=1.5),
        fact(2, "Cart", at(1), 2, revenue=25_001),
        fact(3, "View", at(2), 3, revenue=3, weight=1),
    ],
    [
        ((1, at(9)), {"money": 30_000, "most": 30_000, "last": 300, "list": [30_000]}),
        ((2, at(9)), {"money": 55_001, "most": 30_000, "list": [25_001, 30_000], "dear": 1}),
        ((3, at(9)), {
            "money": 85_001, "most": 30_000, "last": 300, "list": [30_000, 25_001], "same": 2,
            "kilos": 2.5, "third": 2, "exact_third": 0, "dear": 2,
        }),
    ],
)  # fmt: skip

row_values = case(
    "values may be computed from the event",
    {
        "unit": trait(order.last(order["revenue"] / order["quantity"])),
        "size": trait(order.top(order["quantity"] * 2 - 1)),
        "gift_first": trait(order.first(order["gift"] & (order["quantity"] > 1))),
        "dearest": trait(order.max(order["revenue"] + order["quantity"])),
        "wait": segment(order.where(order["due"] > order.at).any()),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1000, quantity=3, gift=True, due=at(0)),
        fact(2, "Order", at(1), 2, revenue=1000, quantity=0, gift=None, due=at(1, 1)),
        fact(3, "Order", at(2), 3, revenue=-500, quantity=3, gift=False),
    ],
    [
        ((1, at(9)), {"unit": 3_333_333, "size": 5, "gift_first": True, "wait": False}),
        ((2, at(9)), {"unit": 3_333_333, "size": -1, "gift_first": True, "wait": True}),
        ((3, at(9)), {"unit": -1_666_667, "size": 5, "gift_first": True, "dearest": 1300}),
    ],
)  # fmt: skip

CASES: tuple[Case, ...] = (where, absolute, union, scales, row_values)

"""What depends on the order of events: then, without, sessions, since; and their nesting."""

from __future__ import annotations

from coterie import hours, instant, segment, trait
from tests.conformance.case import Case, at, cart, case, fact, order, view

bought = cart.then(order, within=hours(2))
then = case(
    "then is strictly after and strictly within, and consumes nothing",
    {
        "n": trait(bought.count()),
        "spend": trait(bought.sum("revenue")),
        "first_at": trait(bought.first_at()),
        "last_at": trait(bought.last_at()),
        "soon": segment(bought.any(within=hours(1))),
    },
    [
        fact(1, "Cart", at(0), 1),
        fact(2, "Order", at(0), 2, revenue=1),
        fact(3, "Order", at(0, 1), 3, revenue=20),
        fact(4, "Order", at(2, -1), 4, revenue=300),
        fact(5, "Order", at(2), 5, revenue=4000),
        fact(6, "Cart", at(1), 6, retired=7),
    ],
    [
        ((0, at(9)), {"n": 0, "spend": None, "first_at": None, "soon": False}),
        ((2, at(9)), {"n": 0, "spend": None}),
        ((3, at(9)), {"n": 1, "spend": 20, "first_at": at(0, 1)}),
        ((5, at(0)), {"n": 0}),
        ((5, at(0, 1)), {"n": 1, "soon": True}),
        ((5, at(1)), {"n": 1, "soon": True}),
        ((5, at(1, 1)), {"n": 1, "soon": False}),
        ((5, at(9)), {"n": 2, "spend": 320, "first_at": at(0, 1), "last_at": at(2, -1)}),
        ((6, at(9)), {"n": 3, "spend": 4320, "last_at": at(2)}),
        ((7, at(9)), {"n": 2, "spend": 320, "last_at": at(2, -1)}),
    ],
)

twice = case(
    "two carts before one order are one order",
    {"n": trait(bought.count())},
    [
        fact(1, "Cart", at(0), 1),
        fact(2, "Cart", at(0.5), 2),
        fact(3, "Order", at(1), 3),
        fact(4, "Order", at(1), 4),
    ],
    [((3, at(9)), {"n": 1}), ((4, at(9)), {"n": 2})],
)

left = cart.without(order, within=hours(1))
without = case(
    "without occurs when the wait is over, unless something came strictly between",
    {
        "n": trait(left.count()),
        "first_at": trait(left.first_at()),
        "kind": trait(left.last("category")),
        "money": trait(left.sum("revenue")),
        "hot": segment(left.any(within=hours(1))),
        "after_one": trait(left.where(cart.at >= instant("2011-06-01T01:00")).count()),
        "after_two": trait(left.where(cart.at >= instant("2011-06-01T02:00")).count()),
    },
    [
        fact(1, "Cart", at(0), 1, category="tea", revenue=25_000),
        fact(2, "Order", at(0), 2),
        fact(3, "Order", at(1), 3),
        fact(4, "Order", at(1, -1), 4, retired=5),
        fact(5, "Order", at(5), 5),
        fact(6, "Order", at(0, 1), 6),
    ],
    [
        ((1, at(1, -1)), {"n": 0, "first_at": None, "kind": None, "money": None, "hot": False}),
        ((1, at(1)), {"n": 1, "first_at": at(1), "kind": "tea", "money": 25_000, "hot": True}),
        ((1, at(2, -1)), {"n": 1, "hot": True, "after_one": 1, "after_two": 0}),
        ((1, at(2)), {"n": 1, "hot": False}),
        ((3, at(1)), {"n": 1, "first_at": at(1), "after_one": 1}),
        ((4, at(1)), {"n": 0, "first_at": None, "kind": None, "hot": False, "after_one": 0}),
        ((5, at(1)), {"n": 1, "kind": "tea"}),
        ((6, at(1)), {"n": 0, "money": None}),
    ],
)

visits = view.sessions(hours(1))
sessions = case(
    "a session starts where nothing came in the open gap before",
    {
        "n": trait(visits.count()),
        "kind": trait(visits.first("category")),
        "last_at": trait(visits.last_at()),
        "recent": trait(visits.count(within=hours(1))),
    },
    [
        fact(2, "View", at(0), 1, category="b"),
        fact(1, "View", at(0), 2, category="a"),
        fact(3, "View", at(1, -1), 3, category="c"),
        fact(4, "View", at(2, -1), 4, category="d"),
        fact(5, "View", at(2, -2), 5, category="e"),
    ],
    [
        ((0, at(9)), {"n": 0, "kind": None, "last_at": None}),
        ((1, at(9)), {"n": 1, "kind": "b"}),
        ((2, at(9)), {"n": 1, "kind": "a"}),
        ((3, at(9)), {"n": 1, "last_at": at(0)}),
        ((4, at(2, -2)), {"n": 1, "last_at": at(0), "recent": 0}),
        ((4, at(2, -1)), {"n": 2, "last_at": at(2, -1), "recent": 1}),
        ((4, at(3, -1)), {"n": 2, "recent": 0}),
        ((4, at(0)), {"n": 1, "recent": 1}),
        ((5, at(9)), {"n": 1, "last_at": at(0)}),
    ],
)

exact_gap = case(
    "an event exactly one gap later starts a session",
    {"n": trait(visits.count())},
    [fact(1, "View", at(0), 1), fact(2, "View", at(1), 2), fact(3, "View", at(2, -1), 3)],
    [((1, at(9)), {"n": 1}), ((2, at(9)), {"n": 2}), ((3, at(9)), {"n": 2})],
)

since = case(
    "since is open at its start, and since an unknown instant there is nothing",
    {
        "n": trait(order.count(since=cart.last_at())),
        "ever": trait(order.any(since=cart.last_at())),
        "spend": trait(order.sum("revenue", since=cart.last_at())),
        "from_june": trait(order.count(since=instant("2011-06-01"))),
        "both": trait(order.count(since=cart.first_at(), within=hours(1))),
        "ahead": trait(order.count(since=order.max("due"))),
        "hesitant": segment(cart.any() & ~order.any(since=cart.last_at())),
    },
    [
        fact(1, "Order", at(0), 1, revenue=100, due=at(20)),
        fact(2, "Cart", at(0), 2),
        fact(3, "Order", at(0, 1), 3, revenue=300),
        fact(4, "Cart", at(1), 4),
        fact(5, "Order", at(2), 5, revenue=None),
    ],
    [
        ((0, at(9)), {"n": 0, "ever": False, "spend": None, "from_june": 0, "hesitant": False}),
        ((1, at(9)), {"n": 0, "ever": False, "spend": None, "from_june": 0, "hesitant": False}),
        ((2, at(9)), {"n": 0, "ever": False, "spend": None, "ahead": 0, "hesitant": True}),
        ((3, at(9)), {"n": 1, "ever": True, "spend": 300, "from_june": 1, "hesitant": False}),
        ((3, at(1)), {"both": 1}),
        ((3, at(1, 1)), {"both": 0}),
        ((4, at(1, -1)), {"n": 1, "hesitant": False}),
        ((4, at(1)), {"n": 0, "spend": None, "hesitant": True}),
        ((5, at(2)), {"n": 1, "ever": True, "spend": None, "hesitant": False}),
    ],
)

bounced = visits.without(cart, within=hours(2))
nested = case(
    "ordered selections nest",
    {
        "visits_with_order": trait(visits.then(order, within=hours(3)).count()),
        "bounced": trait(bounced.count()),
        "bounced_then": trait(bounced.then(order, within=hours(2)).sum("revenue")),
        "waves": trait((view | cart).sessions(hours(2)).count()),
        "buying_waves": trait(bought.sessions(hours(3)).count()),
        "quiet": trait(left.without(view, within=hours(1)).last_at()),
        "either": trait((left | visits).count()),
    },
    [
        fact(1, "View", at(0), 1),
        fact(2, "View", at(0.5), 2),
        fact(3, "Cart", at(2.5), 3),
        fact(4, "Order", at(3), 4, revenue=700),
        fact(5, "Order", at(4), 5, revenue=90),
    ],
    [
        ((2, at(2, -1)), {"bounced": 0, "either": 1}),
        ((2, at(2)), {"bounced": 1, "either": 1}),
        ((3, at(3.5)), {"bounced": 1, "waves": 2, "quiet": None, "either": 2}),
        ((3, at(4.5)), {"quiet": at(4.5)}),
        # the visit of 0:00 bounced at 2:00, which lies in (1:00, 3:00) but not in (2:00, 4:00)
        ((5, at(9)), {
            "visits_with_order": 0, "bounced": 1, "bounced_then": 700, "waves": 2,
            "buying_waves": 1, "quiet": None, "either": 1,
        }),
    ],
)  # fmt: skip

CASES: tuple[Case, ...] = (then, twice, without, sessions, exact_gap, since, nested)

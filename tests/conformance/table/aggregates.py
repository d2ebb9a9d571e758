"""Foldable aggregates: empty, nulls, ties, late, superseded, and both edges of windows."""

from __future__ import annotations

from coterie import days, hours, segment, trait
from tests.conformance.case import END, Case, at, case, fact, order

# Two orders of one instant (keys 2 and 3), one late (offset 5), one superseded (6, by 7).
ORDERS = [
    fact(1, "Order", at(0), 1, revenue=1000, quantity=1, category="tea", gift=True, due=at(5),
         weight=1.5),
    fact(2, "Order", at(2), 2, revenue=None, quantity=2, category="tea"),
    fact(3, "Order", at(2), 3, revenue=2550, quantity=2, category="ale", gift=False, due=at(3),
         weight=0.5),
    fact(4, "Order", at(5), 4, revenue=-550, category=None, gift=True, due=at(5), weight=2.0),
    fact(0, "Order", at(1), 5, revenue=1000, quantity=5, category="zen", gift=False),
    fact(9, "Order", at(4), 6, retired=7, revenue=99999, quantity=7, category="ale"),
    fact(8, "Order", at(4), 7, revenue=100, quantity=7, category="ale"),
]  # fmt: skip

LIFETIME = {
    "n": trait(order.count()),
    "ever": trait(order.any()),
    "spend": trait(order.sum("revenue")),
    "mean": trait(order.mean("revenue")),
    "least": trait(order.min("revenue")),
    "most": trait(order.max("revenue")),
    "first": trait(order.first("revenue")),
    "last": trait(order.last("revenue")),
    "first_at": trait(order.first_at()),
    "last_at": trait(order.last_at()),
    "kinds": trait(order.distinct("category")),
    "favourite": trait(order.top("category")),
    "recent": trait(order.values("category", limit=2)),
}
NOTHING = {
    "n": 0, "ever": False, "spend": None, "mean": None, "least": None, "most": None,
    "first": None, "last": None, "first_at": None, "last_at": None, "kinds": 0,
    "favourite": None, "recent": None,
}  # fmt: skip

lifetime = case(
    "foldable aggregates over a lifetime",
    LIFETIME,
    ORDERS,
    [
        ((0, at(10)), NOTHING),
        ((END, at(0, -1)), NOTHING),
        ((END, at(0)), {
            "n": 1, "ever": True, "spend": 1000, "mean": 10_000_000, "least": 1000, "most": 1000,
            "first": 1000, "last": 1000, "first_at": at(0), "last_at": at(0), "kinds": 1,
            "favourite": "tea", "recent": ["tea"],
        }),
        ((4, at(5, -1)), {
            "n": 3, "ever": True, "spend": 3550, "mean": 17_750_000, "least": 1000, "most": 2550,
            "first": 1000, "last": 2550, "first_at": at(0), "last_at": at(2), "kinds": 2,
            "favourite": "tea", "recent": ["ale", "tea"],
        }),
        ((4, at(5)), {
            "n": 4, "ever": True, "spend": 3000, "mean": 10_000_000, "least": -550, "most": 2550,
            "first": 1000, "last": -550, "first_at": at(0), "last_at": at(5), "kinds": 2,
            "favourite": "tea", "recent": ["ale", "tea"],
        }),
        ((5, at(5)), {"n": 5, "spend": 4000, "mean": 10_000_000, "kinds": 3, "favourite": "tea"}),
        ((6, at(5)), {"n": 6, "spend": 103_999, "most": 99_999, "favourite": "ale"}),
        ((7, at(5)), {"n": 6, "spend": 4100, "mean": 8_200_000, "most": 2550, "favourite": "ale"}),
    ],
)  # fmt: skip

typed = case(
    "aggregates of whole numbers, truths, instants and reals",
    {
        "pieces": trait(order.sum("quantity")),
        "mean_pieces": trait(order.mean("quantity")),
        "usual": trait(order.top("quantity")),
        "counts": trait(order.values("quantity", limit=5)),
        "first_gift": trait(order.first("gift")),
        "last_gift": trait(order.last("gift")),
        "top_gift": trait(order.top("gift")),
        "gifts": trait(order.distinct("gift")),
        "gift_list": trait(order.values("gift", limit=3)),
        "soonest": trait(order.min("due")),
        "latest": trait(order.max("due")),
        "due": trait(order.last("due")),
        "top_due": trait(order.top("due")),
        "due_list": trait(order.values("due", limit=1)),
        "dues": trait(order.distinct("due")),
        "kilos": trait(order.sum("weight")),
        "mean_kilos": trait(order.mean("weight")),
        "light": trait(order.min("weight")),
        "heavy": trait(order.max("weight")),
        "first_kilos": trait(order.first("weight")),
        "last_kilos": trait(order.last("weight")),
        "a_category": trait(order.min("category")),
        "z_category": trait(order.max("category")),
        "last_category": trait(order.last("category")),
    },
    ORDERS,
    [
        ((4, at(5)), {
            "pieces": 5, "mean_pieces": 1_666_667, "usual": 2, "counts": [2, 1],
            "first_gift": True, "last_gift": True, "top_gift": True, "gifts": 2,
            "gift_list": [True, False], "soonest": at(3), "latest": at(5), "due": at(5),
            "top_due": at(5), "due_list": [at(5)], "dues": 2, "kilos": 4.0, "mean_kilos": 4 / 3,
            "light": 0.5, "heavy": 2.0, "first_kilos": 1.5, "last_kilos": 2.0,
            "a_category": "ale", "z_category": "tea", "last_category": "ale",
        }),
        ((4, at(2)), {
            "pieces": 5, "usual": 2, "last_gift": False, "top_gift": False, "due": at(3),
            "top_due": at(3), "due_list": [at(3)], "kilos": 2.0, "last_kilos": 0.5,
        }),
        ((5, at(5)), {
            "pieces": 10, "mean_pieces": 2_500_000, "usual": 2, "counts": [2, 5, 1],
            "top_gift": True, "z_category": "zen",
        }),
        ((7, at(5)), {"pieces": 17, "mean_pieces": 3_400_000, "counts": [7, 2, 5, 1]}),
        ((0, at(5)), {
            "pieces": None, "mean_pieces": None, "usual": None, "counts": None, "first_gift": None,
            "top_gift": None, "gifts": 0, "gift_list": None, "soonest": None, "due_list": None,
            "kilos": None, "mean_kilos": None, "light": None, "a_category": None,
        }),
    ],
)  # fmt: skip

W = hours(3)
WITHIN = {
    "n": trait(order.count(within=W)),
    "ever": trait(order.any(within=W)),
    "spend": trait(order.sum("revenue", within=W)),
    "mean": trait(order.mean("revenue", within=W)),
    "least": trait(order.min("revenue", within=W)),
    "most": trait(order.max("revenue", within=W)),
    "first": trait(order.first("revenue", within=W)),
    "last": trait(order.last("revenue", within=W)),
    "first_at": trait(order.first_at(within=W)),
    "last_at": trait(order.last_at(within=W)),
    "kinds": trait(order.distinct("category", within=W)),
    "favourite": trait(order.top("category", within=W)),
    "recent": trait(order.values("category", limit=2, within=W)),
}
FIRST = {
    "n": 1, "ever": True, "spend": 1000, "mean": 10_000_000, "least": 1000, "most": 1000,
    "first": 1000, "last": 1000, "first_at": at(0), "last_at": at(0), "kinds": 1,
    "favourite": "tea", "recent": ["tea"],
}  # fmt: skip
BOTH = {
    "n": 2, "ever": True, "spend": 1500, "mean": 7_500_000, "least": 500, "most": 1000,
    "first": 1000, "last": 500, "first_at": at(0), "last_at": at(2), "kinds": 2,
    "favourite": "ale", "recent": ["ale", "tea"],
}  # fmt: skip
SECOND = {
    "n": 1, "ever": True, "spend": 500, "mean": 5_000_000, "least": 500, "most": 500,
    "first": 500, "last": 500, "first_at": at(2), "last_at": at(2), "kinds": 1,
    "favourite": "ale", "recent": ["ale"],
}  # fmt: skip

windows = case(
    "a window of three hours is open at its start and closed at its end",
    WITHIN,
    [
        fact(1, "Order", at(0), 1, revenue=1000, category="tea"),
        fact(2, "Order", at(2), 2, revenue=500, category="ale"),
    ],
    [
        ((2, at(0, -1)), NOTHING),
        ((2, at(0)), FIRST),
        ((2, at(2, -1)), FIRST),
        ((2, at(2)), BOTH),
        ((2, at(3, -1)), BOTH),
        ((2, at(3)), SECOND),
        ((2, at(5, -1)), SECOND),
        ((2, at(5)), NOTHING),
        ((1, at(2)), FIRST),
        ((1, at(3)), NOTHING),
    ],
)

keys = case(
    "simultaneous events are told apart by their keys, as unsigned bytes",
    {
        "first": trait(order.first("category")),
        "last": trait(order.last("category")),
        "favourite": trait(order.top("category")),
        "recent": trait(order.values("category", limit=3)),
    },
    [
        fact(0x80, "Order", at(0), 1, category="b"),
        fact(0x7F, "Order", at(0), 2, category="a"),
        fact(0xFF, "Order", at(0), 3, category="c"),
        fact(0x90, "Order", at(0), 4, category=None),
    ],
    [
        ((1, at(0)), {"first": "b", "last": "b", "favourite": "b", "recent": ["b"]}),
        ((2, at(0)), {"first": "a", "last": "b", "favourite": "b", "recent": ["b", "a"]}),
        ((4, at(0)), {"first": "a", "last": "c", "favourite": "c", "recent": ["c", "b", "a"]}),
    ],
)

top_ties = case(
    "ties of top go to the most recent, however often either came before",
    {"favourite": trait(order.top("category")), "usual": trait(order.top("quantity"))},
    [
        fact(1, "Order", at(0), 1, category="a", quantity=9),
        fact(2, "Order", at(1), 2, category="b", quantity=1),
        fact(3, "Order", at(2), 3, category="b", quantity=1),
        fact(4, "Order", at(3), 4, category="a", quantity=9),
        fact(5, "Order", at(4), 5, category="c", quantity=5),
    ],
    [
        ((END, at(1)), {"favourite": "b", "usual": 1}),
        ((END, at(2)), {"favourite": "b", "usual": 1}),
        ((END, at(3)), {"favourite": "a", "usual": 9}),
        ((END, at(4)), {"favourite": "a", "usual": 9}),
        ((2, at(4)), {"favourite": "b", "usual": 1}),
    ],
)

faded = case(
    "decayed sums fade by half each half-life, or by a rate a day",
    {
        "heat": trait(order.decayed(half_life=hours(1))),
        "slow": trait(order.decayed(rate=1)),
        "money": trait(order.decayed("revenue", half_life=hours(1))),
        "near": trait(order.decayed(half_life=hours(1), within=hours(2))),
        "frozen": trait(order.decayed(half_life=hours(1), step=hours(1))),
        "daily": trait(order.decayed("revenue", half_life=days(1), step=days(1))),
        "warm": segment(order.decayed(half_life=hours(1)) > 0.4),
        "cold": segment(order.decayed(half_life=hours(1)) <= 0.3),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1000),
        fact(2, "Order", at(2.5), 2, revenue=-550),
        fact(3, "Order", at(2.5), 3),
    ],
    [
        ((0, at(5)), {
            "heat": None, "slow": None, "money": None, "near": None, "frozen": None,
            "daily": None, "warm": False, "cold": False,
        }),
        ((END, at(0)), {
            "heat": 1.0, "slow": 1.0, "money": 10.0, "near": 1.0, "frozen": 1.0, "daily": 10.0,
            "warm": True, "cold": False,
        }),
        ((END, at(1)), {"heat": 0.5, "money": 5.0, "frozen": 0.5, "warm": True, "cold": False}),
        ((END, at(1.5)), {"heat": 0.3535533905932738, "frozen": 0.5, "warm": False, "cold": False}),
        ((END, at(2, -1)), {"near": 0.25000000004813523, "frozen": 0.5, "cold": True}),
        ((END, at(2)), {"heat": 0.25, "near": None, "frozen": 0.25, "warm": False, "cold": True}),
        ((END, at(2.5)), {
            "heat": 2.1767766952966369, "money": 1.7677669529663689, "near": 2.0, "frozen": 0.25,
            "warm": True,
        }),
        ((END, at(3)), {"frozen": 0.125 + 2 * 0.7071067811865476, "near": 1.4142135623730951}),
        ((1, at(24)), {"slow": 0.36787944117144233, "daily": 5.0}),
        ((1, at(47.9)), {"daily": 5.0}),
    ],
)  # fmt: skip

unweighted = case(
    "weights that are unknown are skipped, negative ones count as nothing",
    {
        "money": trait(order.decayed("revenue", half_life=hours(1))),
        "kilos": trait(order.decayed("weight", half_life=hours(1))),
    },
    [
        fact(1, "Order", at(0), 1),
        fact(2, "Order", at(0), 2, revenue=-100, weight=3.0),
        fact(3, "Order", at(0), 3, revenue=250),
    ],
    [
        ((1, at(1)), {"money": None, "kilos": None}),
        ((2, at(1)), {"money": 0.0, "kilos": 1.5}),
        ((3, at(1)), {"money": 1.25, "kilos": 1.5}),
    ],
)

ahead = case(
    "an event ahead of the clock waits until it is due",
    {"n": trait(order.count()), "last_at": trait(order.last_at())},
    [fact(1, "Order", at(6), 1), fact(2, "Order", at(2), 2)],
    [
        ((1, at(6, -1)), {"n": 0, "last_at": None}),
        ((1, at(6)), {"n": 1, "last_at": at(6)}),
        ((2, at(6, -1)), {"n": 1, "last_at": at(2)}),
        ((2, at(6)), {"n": 2, "last_at": at(6)}),
    ],
)

huge = case(
    "sums of the largest values fit, and the smallest steps are kept",
    {"spend": trait(order.sum("revenue")), "mean": trait(order.mean("revenue"))},
    [
        fact(1, "Order", at(0), 1, revenue=2**40),
        fact(2, "Order", at(0), 2, revenue=2**40),
        fact(3, "Order", at(0), 3, revenue=-1),
    ],
    [
        ((2, at(0)), {"spend": 2**41, "mean": 2**40 * 10_000}),
        # (2**41 - 1) hundredths by three: 733,007,751,850.33333… hundredths
        ((3, at(0)), {"spend": 2**41 - 1, "mean": 7_330_077_518_503_333}),
    ],
)

CASES: tuple[Case, ...] = (
    lifetime,
    typed,
    windows,
    keys,
    top_ties,
    faded,
    unweighted,
    ahead,
    huge,
)

"""Three-valued logic, choosing, lists: what unknown does, and what a segment makes of it."""

from __future__ import annotations

from coterie import case as branches
from coterie import coalesce, segment, trait
from tests.conformance.case import Case, at, case, fact, order, view

gift, pieces, due = order.last("gift"), order.last("quantity"), order.last("due")
yes, no = view.count() >= 0, view.count() < 0

three_valued = case(
    "and, or and not know what they can know",
    {
        "itself": trait(gift),
        "and_yes": trait(gift & yes),
        "and_no": trait(gift & no),
        "or_yes": trait(gift | yes),
        "or_no": trait(gift | no),
        "opposite": trait(~gift),
        "same": trait(gift == True),  # noqa: E712 (the language's own comparison)
        "both": trait(gift & (pieces > 1)),
        "one_of": trait(gift | (pieces > 1)),
    },
    [
        fact(1, "Order", at(0), 1),
        fact(2, "Order", at(1), 2, gift=True, quantity=1),
        fact(3, "Order", at(2), 3, gift=False),
        fact(4, "Order", at(3), 4, quantity=2),
    ],
    [
        ((0, at(9)), {
            "itself": None, "and_yes": None, "and_no": False, "or_yes": True, "or_no": None,
            "opposite": None, "same": None, "both": None, "one_of": None,
        }),
        ((1, at(9)), {"itself": None, "and_no": False, "or_yes": True, "opposite": None}),
        ((2, at(9)), {
            "itself": True, "and_yes": True, "and_no": False, "or_yes": True, "or_no": True,
            "opposite": False, "same": True, "both": False, "one_of": True,
        }),
        ((3, at(9)), {
            "itself": False, "and_yes": False, "or_yes": True, "or_no": False, "opposite": True,
            "same": False, "both": False, "one_of": False,
        }),
        ((4, at(9)), {"both": False, "one_of": True}),
    ],
)  # fmt: skip

wants = segment(gift)
holding = case(
    "a segment holds only where its predicate is true",
    {
        "wants": wants,
        "outside": segment(~wants),
        "refuses": segment(~gift),
        "both": segment(wants & (pieces > 1)),
        "seen": trait(wants),
        "unsure": trait(gift.is_unknown()),
    },
    [
        fact(1, "Order", at(0), 1, quantity=2),
        fact(2, "Order", at(1), 2, gift=True),
        fact(3, "Order", at(2), 3, gift=False, quantity=1),
    ],
    [
        ((0, at(9)), {
            "wants": False, "outside": True, "refuses": False, "both": False, "seen": False,
            "unsure": True,
        }),
        ((1, at(9)), {"wants": False, "outside": True, "refuses": False, "unsure": True}),
        ((2, at(9)), {
            "wants": True, "outside": False, "refuses": False, "both": True, "seen": True,
            "unsure": False,
        }),
        ((3, at(9)), {
            "wants": False, "outside": True, "refuses": True, "both": False, "seen": False,
        }),
    ],
)  # fmt: skip

choosing = case(
    "a case takes the first true branch; an unknown condition is passed over",
    {
        "size": trait(branches((pieces > 10, "large"), (pieces > 1, "some"), otherwise="one")),
        "gifted": trait(branches((gift, "gift"), (pieces == 1, "single"))),
        "truth": trait(branches((pieces > 1, gift), otherwise=False)),
        "when": trait(coalesce(due, order.last_at())),
        "known": trait(pieces.is_known()),
        "heard": trait(coalesce(gift, False)),
    },
    [
        fact(1, "Order", at(0), 1, due=at(7)),
        fact(2, "Order", at(1), 2, quantity=1),
        fact(3, "Order", at(2), 3, quantity=11, gift=True),
    ],
    [
        ((0, at(9)), {
            "size": "one", "gifted": None, "truth": False, "when": None, "known": False,
            "heard": False,
        }),
        ((1, at(9)), {"size": "one", "gifted": None, "when": at(7), "known": False}),
        ((2, at(9)), {"size": "one", "gifted": "single", "truth": False, "known": True}),
        ((3, at(9)), {"size": "large", "gifted": "gift", "truth": True, "heard": True}),
    ],
)  # fmt: skip

prices = order.values("revenue", limit=2)
lists = case(
    "a list keeps the most recent different values, and has compares by value",
    {
        "prices": trait(prices),
        "has_one": trait(prices.has(1)),
        "has_half": trait(prices.has(2.5)),
        "kinds": trait(order.values("category", limit=1).has("tea")),
        "days": trait(order.values("due", limit=3)),
        "gifts": trait(order.values("gift", limit=2).has(False)),
        "known": trait(prices.is_known()),
    },
    [
        fact(1, "Order", at(0), 1, revenue=100, category="tea", due=at(3), gift=True),
        fact(2, "Order", at(1), 2, revenue=250, category="ale", due=at(2)),
        fact(3, "Order", at(2), 3, revenue=100, due=at(3), gift=False),
        fact(4, "Order", at(3), 4, revenue=400),
    ],
    [
        ((0, at(9)), {
            "prices": None, "has_one": None, "has_half": None, "kinds": None, "days": None,
            "gifts": None, "known": False,
        }),
        ((1, at(9)), {
            "prices": [100], "has_one": True, "has_half": False, "kinds": True, "gifts": False,
            "known": True,
        }),
        ((2, at(9)), {
            "prices": [250, 100], "has_half": True, "kinds": False, "days": [at(2), at(3)],
        }),
        ((3, at(9)), {"prices": [100, 250], "kinds": False, "days": [at(3), at(2)], "gifts": True}),
        ((4, at(9)), {"prices": [400, 100], "has_one": True, "has_half": False}),
    ],
)  # fmt: skip

CASES: tuple[Case, ...] = (three_valued, holding, choosing, lists)

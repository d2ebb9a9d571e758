"""Stages and tiers: the first true predicate wins, tiers compare by rank; references."""

from __future__ import annotations

from coterie import case as branches
from coterie import days, segment, stages, tiers, trait
from tests.conformance.case import Case, at, case, fact, order

n, spend, gift = trait(order.count()), trait(order.sum("revenue")), trait(order.last("gift"))
recent = order.any(within=days(1))
life = stages({"giver": gift, "active": recent, "lost": n > 0}, otherwise="prospect")

lifecycle = case(
    "exactly one stage holds: the first whose predicate is true",
    {
        "n": n,
        "gift": gift,
        "life": life,
        "is_active": segment(life.at("active")),
        "not_lost": segment(life != "lost"),
        "either": segment(life.is_in(["giver", "lost"])),
        "ive": trait(life.ends_with("ive")),
        "weight": trait(branches((life == "giver", 2), (life == "active", 1), otherwise=0)),
    },
    [
        fact(1, "Order", at(0), 1),
        fact(2, "Order", at(1), 2, gift=True),
        fact(3, "Order", at(2), 3, gift=False),
    ],
    [
        ((0, at(9)), {
            "life": "prospect", "is_active": False, "not_lost": True, "either": False, "ive": False,
            "weight": 0,
        }),
        ((1, at(0)), {"life": "active", "is_active": True, "ive": True, "weight": 1}),
        ((1, at(24, -1)), {"life": "active"}),
        ((1, at(24)), {"life": "lost", "is_active": False, "not_lost": False, "either": True}),
        ((2, at(9)), {"life": "giver", "either": True, "weight": 2}),
        ((2, at(99)), {"life": "giver"}),
        ((3, at(26, -1)), {"life": "active"}),
        ((3, at(26)), {"life": "lost", "weight": 0}),
    ],
)  # fmt: skip

tier = tiers({"gold": spend > 100, "silver": spend > 10, "iron": spend > 0}, otherwise="none")
loyalty = case(
    "tiers compare by rank, listed from the highest",
    {
        "spend": spend,
        "tier": tier,
        "at_least_silver": segment(tier >= "silver"),
        "above_silver": segment(tier > "silver"),
        "below_silver": segment(tier < "silver"),
        "at_most_silver": segment(tier <= "silver"),
        "below_all": segment(tier < "none"),
        "above_all": segment(tier > "gold"),
        "from_all": segment(tier >= "none"),
        "inside": segment(tier.between("iron", "silver")),
        "is_gold": trait(tier == "gold"),
    },
    [
        fact(1, "Order", at(0), 1, revenue=1),
        fact(2, "Order", at(1), 2, revenue=1000),
        fact(3, "Order", at(2), 3, revenue=9000),
        fact(4, "Order", at(3), 4, revenue=-20_000),
    ],
    [
        ((0, at(9)), {
            "tier": "none", "at_least_silver": False, "below_silver": True, "below_all": False,
            "above_all": False, "from_all": True, "inside": False, "is_gold": False,
        }),
        ((1, at(9)), {"tier": "iron", "below_silver": True, "inside": True}),
        ((2, at(9)), {
            "tier": "silver", "at_least_silver": True, "above_silver": False, "below_silver": False,
            "at_most_silver": True, "inside": True,
        }),
        ((3, at(9)), {
            "tier": "gold", "at_least_silver": True, "above_silver": True, "at_most_silver": False,
            "above_all": False, "inside": False, "is_gold": True,
        }),
        ((4, at(9)), {"tier": "none", "from_all": True}),
    ],
)  # fmt: skip

unsure = case(
    "a stage of unknown truth is passed over, and a chosen stage may be unknown",
    {
        "spend": spend,
        "tier": tier,
        "taken": trait(branches((order.any(), tier))),
        "taken_up": trait(branches((order.any(), tier)) >= "iron"),
        "taken_below": trait(branches((order.any(), tier)) < "none"),
    },
    [fact(1, "Order", at(0), 1), fact(2, "Order", at(1), 2, revenue=500)],
    [
        ((0, at(9)), {"tier": "none", "taken": None, "taken_up": None, "taken_below": None}),
        ((1, at(9)), {"tier": "none", "taken": "none", "taken_up": False, "taken_below": False}),
        ((2, at(9)), {"tier": "iron", "taken": "iron", "taken_up": True, "taken_below": False}),
    ],
)

CASES: tuple[Case, ...] = (lifecycle, loyalty, unsure)

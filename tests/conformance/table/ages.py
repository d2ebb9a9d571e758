"""What changes by time alone: ages compared with durations, and ages counted in steps."""

from __future__ import annotations

from coterie import days, hours, instant, segment, trait
from tests.conformance.case import END, Case, at, case, fact, order

age = order.last_at().age()

compared = case(
    "an age crosses a duration at its exact instant",
    {
        "below": trait(age < hours(3)),
        "at_most": trait(age <= hours(3)),
        "above": trait(age > hours(3)),
        "at_least": trait(age >= hours(3)),
        "turned": trait(hours(3) > age),
        "inside": trait(age.between(hours(1), hours(3))),
        "known": trait(age.is_known()),
        "lapsed": segment(~(age < hours(3))),
    },
    [fact(1, "Order", at(0), 1), fact(2, "Order", at(4), 2)],
    [
        ((0, at(1)), {
            "below": None, "at_most": None, "above": None, "at_least": None, "inside": None,
            "known": False, "lapsed": False,
        }),
        ((1, at(1, -1)), {"below": True, "inside": False, "known": True}),
        ((1, at(1)), {"below": True, "turned": True, "inside": True, "lapsed": False}),
        ((1, at(3, -1)), {"below": True, "at_most": True, "above": False, "at_least": False}),
        ((1, at(3)), {
            "below": False, "at_most": True, "above": False, "at_least": True, "turned": False,
            "inside": True, "lapsed": True,
        }),
        ((1, at(3, 1)), {"at_most": False, "above": True, "inside": False}),
        ((END, at(4, -1)), {"below": False, "lapsed": True}),
        ((END, at(4)), {"below": True, "inside": False, "lapsed": False}),
    ],
)  # fmt: skip

due = order.last("due")
ahead = case(
    "the age of an instant to come is below nothing",
    {
        "over": segment(due.age() >= hours(0)),
        "soon": segment(due.age() > -hours(1)),
        "steps": trait(due.age(step=hours(1))),
    },
    [fact(1, "Order", at(0), 1, due=at(5))],
    [
        ((1, at(0)), {"over": False, "soon": False, "steps": -5}),
        ((1, at(1, -1)), {"steps": -5}),
        ((1, at(1)), {"steps": -4}),
        ((1, at(4)), {"soon": False, "steps": -1}),
        ((1, at(4, 1)), {"soon": True, "steps": -1}),
        ((1, at(5, -1)), {"over": False, "steps": -1}),
        ((1, at(5)), {"over": True, "soon": True, "steps": 0}),
    ],
)

steps = case(
    "a stepped age counts whole steps, and may be reckoned with",
    {
        "hours": trait(order.first_at().age(step=hours(1))),
        "days": trait(order.first_at().age(step=days(1))),
        "half": trait(order.first_at().age(step=hours(1)) / 2),
        "since_june": segment((order.first_at() >= instant("2011-06-01")) & order.any()),
    },
    [fact(1, "Order", at(0, 1), 1), fact(2, "Order", at(0, -1), 2)],
    [
        ((0, at(9)), {"hours": None, "days": None, "half": None, "since_june": False}),
        ((1, at(1)), {"hours": 0, "half": 0, "since_june": True}),
        ((1, at(1, 1)), {"hours": 1, "half": 500_000}),
        ((1, at(24)), {"hours": 23, "days": 0}),
        ((1, at(24, 1)), {"hours": 24, "days": 1}),
        ((2, at(24, -1)), {"hours": 24, "days": 1, "since_june": False}),
    ],
)

CASES: tuple[Case, ...] = (compared, ahead, steps)

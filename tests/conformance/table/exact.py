"""Exact numbers: scales, rounding half away from zero, division by zero, 64 bits; and reals."""

from __future__ import annotations

from typing import Any

from coterie import case as branches
from coterie import coalesce, segment, trait
from coterie.language import nodes as n
from coterie.language.authoring import Expression, Value, node_of
from tests.conformance.case import Case, at, case, fact, order

HUGE = 2**62


def of(op: Any, left: Value, right: Value) -> Expression:
    """Arithmetic on constants, which Python itself would work out."""
    return Expression(n.Arithmetic(op, node_of(left), node_of(right)))


price, pieces, kilos = order.last("revenue"), order.last("quantity"), order.last("weight")

arithmetic = case(
    "arithmetic keeps the scale of its operands, at most six digits",
    {
        "plus": trait(price + pieces),
        "minus": trait(price - pieces),
        "square": trait(price * price),
        "fourth": trait(price * price * price * price),
        "each": trait(price / pieces),
        "part": trait(pieces / price),
        "negative": trait(-price),
        "by_zero": trait(price / (pieces - 3)),
        "whole": trait(pieces * pieces),
        "heavy": trait(price * kilos),
        "light": trait(pieces / kilos),
        "real_by_zero": trait(kilos / (pieces - 3)),
        "lifted": trait(kilos + 0.25),
    },
    [fact(1, "Order", at(0), 1, revenue=1005, quantity=3, weight=2.0), fact(2, "Order", at(1), 2)],
    [
        ((0, at(0)), {
            "plus": None, "each": None, "negative": None, "by_zero": None, "heavy": None,
        }),
        ((1, at(0)), {
            "plus": 1305, "minus": 705, "square": 1_010_025, "each": 3_350_000, "part": 298_507,
            # 10.05**3 is 1015.075125; times 10.05 it is 10201.50500625, kept to six digits
            "fourth": 10_201_505_006, "negative": -1005, "by_zero": None, "whole": 9,
            "heavy": 20.1, "light": 1.5, "real_by_zero": None, "lifted": 2.25,
        }),
        ((2, at(1)), {"plus": 1305, "each": 3_350_000, "by_zero": None}),
    ],
)  # fmt: skip

rounding = case(
    "a half is rounded away from zero",
    {
        "up": trait(of("/", 1, 2_000_000)),
        "down": trait(of("/", -1, 2_000_000)),
        "less": trait(of("/", 1, 2_000_001)),
        "third": trait(of("/", 1, 3)),
        "two_thirds": trait(of("/", -2, 3)),
        "seven_digits": trait(of("*", 0.0005, 0.0005) * 2),
        "half_product": trait(of("*", 0.0005, 0.001)),
        "minus_half": trait(of("*", -0.0005, 0.001)),
    },
    [],
    [
        ((0, at(0)), {
            "up": 1, "down": -1, "less": 0, "third": 333_333, "two_thirds": -666_667,
            # 0.0005 * 0.0005 is 0.00000025: nothing at six digits, and twice nothing is nothing
            "seven_digits": 0, "half_product": 1, "minus_half": -1,
        }),
    ],
)  # fmt: skip

overflow = case(
    "what does not fit 64 bits is unknown, but comparisons never overflow",
    {
        "fits": trait(of("-", -HUGE, HUGE)),
        "too_much": trait(of("+", HUGE, HUGE)),
        "times": trait(of("*", HUGE, pieces)),
        "rescaled": trait(of("+", HUGE, 0.01)),
        "divided": trait(of("/", HUGE, 2)),
        "then_known": trait(coalesce(of("+", HUGE, HUGE), 7)),
        "more": segment(of("*", HUGE, 1) > price),
        "less": segment(price < of("*", HUGE, 1)),
        "branch": trait(branches((pieces == 2, of("*", HUGE, 1)), otherwise=price)),
    },
    [fact(1, "Order", at(0), 1, revenue=1, quantity=2), fact(2, "Order", at(1), 2, quantity=1)],
    [
        ((0, at(9)), {"fits": -(2**63), "too_much": None, "times": None, "more": False}),
        ((1, at(9)), {
            "fits": -(2**63), "too_much": None, "times": None, "rescaled": None, "divided": None,
            "then_known": 7, "more": True, "less": True, "branch": None,
        }),
        ((2, at(9)), {"times": HUGE, "more": True, "branch": 1}),
    ],
)  # fmt: skip

compared = case(
    "numbers of different scales compare by value",
    {
        "equal": trait(price == pieces),
        "unequal": trait(price != 3),
        "at_least": trait(price >= 3.0),
        "above": trait(price > 2.999999),
        "inside": trait(price.between(2.5, pieces)),
        "either": trait(price.is_in([1, 3, 2.755])),
        "real_above": trait(kilos > 1),
        "real_below": trait(kilos < price),
    },
    [
        fact(1, "Order", at(0), 1, revenue=300, quantity=3, weight=1.5),
        fact(2, "Order", at(1), 2, revenue=250, quantity=2, weight=0.5),
    ],
    [
        ((0, at(9)), {
            "equal": None, "unequal": None, "at_least": None, "inside": None, "either": None,
            "real_above": None, "real_below": None,
        }),
        ((1, at(9)), {
            "equal": True, "unequal": False, "at_least": True, "above": True, "inside": True,
            "either": True, "real_above": True, "real_below": True,
        }),
        ((2, at(9)), {
            "equal": False, "unequal": True, "at_least": False, "above": False, "inside": False,
            "either": False, "real_above": False, "real_below": True,
        }),
    ],
)  # fmt: skip

common = case(
    "branches of several scales share the largest, and with a real they are real",
    {
        "amount": trait(branches((pieces > 2, pieces), otherwise=price)),
        "first_known": trait(coalesce(pieces, price, 0)),
        "as_real": trait(branches((pieces > 2, pieces), otherwise=kilos)),
        "maybe_real": trait(coalesce(kilos, pieces)),
    },
    [
        fact(1, "Order", at(0), 1, revenue=250),
        fact(2, "Order", at(1), 2, quantity=3),
        fact(3, "Order", at(2), 3, quantity=1, weight=0.5),
    ],
    [
        ((0, at(9)), {"amount": None, "first_known": 0, "as_real": None, "maybe_real": None}),
        ((1, at(9)), {"amount": 250, "first_known": 250, "as_real": None, "maybe_real": None}),
        ((2, at(9)), {"amount": 300, "first_known": 300, "as_real": 3.0, "maybe_real": 3.0}),
        ((3, at(9)), {"amount": 250, "first_known": 100, "as_real": 0.5, "maybe_real": 0.5}),
    ],
)

CASES: tuple[Case, ...] = (arithmetic, rounding, overflow, compared, common)

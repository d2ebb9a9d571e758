"""Text compares by code point and folds the ASCII letters only; nothing in it is a pattern."""

from __future__ import annotations

from coterie import segment, trait
from tests.conformance.case import Case, at, case, fact, order

kind = order.last("category")

matching = case(
    "contains, starts, ends and equals read text as it is",
    {
        "percent": trait(kind.contains("%")),
        "score": trait(kind.contains("_")),
        "slash": trait(kind.contains("\\")),
        "quote": trait(kind.contains("'")),
        "nothing": trait(kind.contains("")),
        "starts": trait(kind.starts_with("a")),
        "ends": trait(kind.ends_with("z")),
        "equal": trait(kind.equals("a%_z")),
    },
    [
        fact(1, "Order", at(0), 1, category="abcz"),
        fact(2, "Order", at(1), 2, category="a%_z"),
        fact(3, "Order", at(2), 3, category="it's \\ z\n"),
        fact(4, "Order", at(3), 4, category=""),
    ],
    [
        ((0, at(9)), {"percent": None, "nothing": None, "starts": None, "equal": None}),
        ((1, at(9)), {
            "percent": False, "score": False, "slash": False, "quote": False, "nothing": True,
            "starts": True, "ends": True, "equal": False,
        }),
        ((2, at(9)), {"percent": True, "score": True, "starts": True, "ends": True, "equal": True}),
        ((3, at(9)), {"slash": True, "quote": True, "starts": False, "ends": False}),
        ((4, at(9)), {"nothing": True, "starts": False, "equal": False, "percent": False}),
    ],
)  # fmt: skip

folding = case(
    "folding knows A to Z and no other letter",
    {
        "equal": trait(kind.equals("TeA", ignore_case=True)),
        "strict": trait(kind.equals("TeA")),
        "accent": trait(kind.equals("CAFÉ", ignore_case=True)),
        "dotted": trait(kind.contains("i", ignore_case=True)),
        "kelvin": trait(kind.starts_with("k", ignore_case=True)),
        "sharp": trait(kind.ends_with("SS", ignore_case=True)),
    },
    [
        fact(1, "Order", at(0), 1, category="tEa"),
        fact(2, "Order", at(1), 2, category="cafÉ"),
        fact(3, "Order", at(2), 3, category="café"),
        fact(4, "Order", at(3), 4, category="\u0130\u0131"),
        fact(5, "Order", at(4), 5, category="\u212aß"),
        fact(6, "Order", at(5), 6, category="KISS"),
    ],
    [
        ((1, at(9)), {"equal": True, "strict": False, "accent": False, "dotted": False}),
        ((2, at(9)), {"accent": True, "equal": False}),
        ((3, at(9)), {"accent": False}),
        ((4, at(9)), {"dotted": False}),
        ((5, at(9)), {"kelvin": False, "sharp": False}),
        ((6, at(9)), {"kelvin": True, "sharp": True, "dotted": True}),
    ],
)

order_of_text = case(
    "text is ordered by code point, whatever a language or UTF-16 would say",
    {
        "least": trait(order.min("category")),
        "most": trait(order.max("category")),
        "before_a": trait(kind < "a"),
        "up_to_emoji": trait(kind <= "\U0001f600"),
        "after_ffff": trait(kind > "\uffff"),
        "same": trait(kind == "a"),
        "among": trait(kind.is_in(["a", "\uffff"])),
        "between": segment(kind.between("Z", "b")),
    },
    [
        fact(1, "Order", at(0), 1, category="a"),
        fact(2, "Order", at(1), 2, category="Z"),
        fact(3, "Order", at(2), 3, category="\uffff"),
        fact(4, "Order", at(3), 4, category="\U0001f600"),
        fact(5, "Order", at(4), 5, category=""),
    ],
    [
        ((0, at(9)), {"least": None, "before_a": None, "among": None, "between": False}),
        ((1, at(9)), {
            "least": "a", "most": "a", "before_a": False, "same": True, "among": True,
            "between": True,
        }),
        ((2, at(9)), {"least": "Z", "most": "a", "before_a": True, "same": False, "between": True}),
        ((3, at(9)), {
            "most": "\uffff", "up_to_emoji": True, "after_ffff": False, "among": True,
            "between": False,
        }),
        ((4, at(9)), {"most": "\U0001f600", "up_to_emoji": True, "after_ffff": True}),
        ((5, at(9)), {"least": "", "before_a": True, "up_to_emoji": True, "between": False}),
    ],
)  # fmt: skip

CASES: tuple[Case, ...] = (matching, folding, order_of_text)

"""Sliding windows by hand-made histories: what leaves takes with it exactly what it brought."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from coterie import hours, minutes, segment, trait
from coterie.language.authoring import Defined
from tests.conformance.case import at, cart, order, view
from tests.stream.following import follow
from tests.stream.host import Manner
from tests.stream.shop import Log

MANNERS = [Manner(), Manner(5, bounded=True, restarts=True, partitions=4)]
every_manner = pytest.mark.parametrize("manner", MANNERS, ids=str)
W = hours(2)


def hourly(rows: Iterable[dict[str, Any]], **found: Defined) -> Log:
    """An order at every half hour, the clock at, before and after each, until all have left."""
    log = Log(**found)
    rows = list(rows)
    for i, row in enumerate(rows):
        log.event("Order", at(i / 2), **row)
    for half in range(len(rows) + 6):
        log.tick(at(half / 2, -1)).tick(at(half / 2)).tick(at(half / 2, 1))
    return log


def check(log: Log, manner: Manner) -> None:
    """The oracle's values after every entry, live and after a hand-off in the middle."""
    follow(log.story(), 0, manner)
    follow(log.story(), len(log.entries) // 2, manner)


@every_manner
def test_sums_of_reals_lose_nothing_to_what_has_left(manner: Manner) -> None:
    """1e20 comes and goes, and what is left is not 0 but the small one that stayed."""
    weights = (1.0, 1e20, 0.125, -1e20, 1e-3, 3e300, -3e300, 1e-320, 0.1, 0.2, 1e308, 1e308, 0.3)
    kilos = order.sum("weight", within=W)
    check(
        hourly(
            ({"weight": weight} for weight in weights),
            kilos=trait(kilos), mean=trait(order.mean("weight", within=W)),
            ever=trait(order.sum("weight")), light=segment(kilos < 0.45),
        ),
        manner,
    )  # fmt: skip


@every_manner
def test_extremes_come_back_when_what_hid_them_leaves(manner: Manner) -> None:
    """The smallest and largest, first and last of a window, with ties and unknowns."""
    values = (5, -3, None, 9, 9, -3, 4, None, None, None, None, None, 0, 2**40, -(2**40))
    texts = ("b", "a", "a", None, "é", "\uffff", "\U0001f600", "", "Z", "z", None, None, "ß")
    rows = [
        {"revenue": values[i % len(values)], "category": texts[i % len(texts)],
         "gift": (True, False, None)[i % 3], "due": at(-i)}
        for i in range(16)
    ]  # fmt: skip
    check(
        hourly(
            rows,
            least=trait(order.min("revenue", within=W)), most=trait(order.max("revenue", within=W)),
            low=trait(order.min("category", within=W)), high=trait(order.max("category", within=W)),
            lowest=trait(order.min("category")), highest=trait(order.max("category")),
            first=trait(order.first("category", within=W)),
            gift=trait(order.last("gift", within=W)),
            due=trait(order.max("due", within=W)), seen=trait(order.last_at(within=W)),
            begun=trait(order.first_at(within=W)), emoji=segment(order.max("category") > "\uffff"),
        ),
        manner,
    )  # fmt: skip


@every_manner
def test_the_most_frequent_changes_as_its_occurrences_leave(manner: Manner) -> None:
    """Top, values and distinct over a window; a tie goes to the most recent, then the key."""
    kinds = (
        "tea",
        "ale",
        "tea",
        "",
        "ale",
        "ale",
        None,
        "tea",
        "rum",
        "tea",
        "é",
        "é",
        None,
        "tea",
    )
    check(
        hourly(
            ({"category": kind, "revenue": i % 3, "gift": i % 2 == 0}
             for i, kind in enumerate(kinds)),
            top=trait(order.top("category", within=W)), usual=trait(order.top("category")),
            recent=trait(order.values("category", limit=2, within=W)),
            ever=trait(order.values("category", limit=3)),
            kinds=trait(order.distinct("category", within=W)),
            amounts=trait(order.distinct("revenue")), gift=trait(order.top("gift", within=W)),
            tea=segment(order.top("category", within=W) == "tea"),
            one=segment(order.values("revenue", limit=2, within=hours(1)).has(Decimal("0.01"))),
        ),
        manner,
    )  # fmt: skip


@every_manner
def test_ties_at_one_instant_go_to_the_larger_key(manner: Manner) -> None:
    """Whatever the order of arrival, when they are ahead, late or both."""
    log = Log(
        first=trait(order.first("category")), last=trait(order.last("category", within=W)),
        top=trait(order.top("category", within=W)), few=trait(order.values("category", limit=2)),
        visits=trait(order.sessions(minutes(30)).last("category")),
    )  # fmt: skip
    log.event("Order", at(1), key=30, category="c").event("Order", at(1), key=10, category="a")
    log.event("Order", at(1), key=20, category="b").tick(at(1)).tick(at(1, 1))
    log.event("Order", at(1), key=5, category="late").event("Order", at(1), key=99, category="z")
    check(log.tick(at(2)).tick(at(9)), manner)


@every_manner
def test_unions_of_scales_and_types_are_added_exactly(manner: Manner) -> None:
    """Orders of scale 2, carts of 4 and views of 0 in one window; and of waits for them."""
    money = (order | cart | view).sum("revenue", within=W)
    left = cart.without(order, within=hours(1))
    log = Log(
        money=trait(money), mean=trait((order | cart).mean("revenue", within=W)),
        rich=segment(money >= 3), odd=trait((left | order).sum("revenue", within=W)),
        ratio=trait(order.sum("revenue") / (cart.sum("revenue", within=W))),
    )  # fmt: skip
    for i in range(8):
        log.event(("Order", "Cart", "View")[i % 3], at(i / 2), revenue=(99, 12_345, 1)[i % 3])
        log.tick(at(i / 2)).tick(at(i / 2 + 0.25))
    check(log.tick(at(5)).tick(at(12)), manner)


@every_manner
def test_a_long_history_in_one_window(manner: Manner) -> None:
    """A few hundred events of one person grow and shrink every kind of state."""
    log = Log(
        n=trait(order.count(within=W)), kilos=trait(order.sum("weight", within=W)),
        top=trait(order.top("category", within=W)), kinds=trait(order.distinct("category")),
        least=trait(order.min("revenue", within=W)), won=trait(cart.then(order, within=W).count()),
        left=trait(cart.without(order, within=minutes(3)).count(within=W)),
        visits=trait((order | cart).sessions(minutes(2)).count(within=W)),
        few=trait(order.values("revenue", limit=5, within=W)),
        busy=segment(order.count(within=W) > 60),
    )  # fmt: skip
    for i in range(240):
        name, when = ("Cart", at(i / 60)) if i % 7 == 3 else ("Order", at(i / 60 + i % 5 / 100))
        values = {"weight": i % 11 / 8} if name == "Order" else {}
        log.event(name, when, revenue=i * 37 % 101, category=f"c{i * i % 23}", **values)
    for half in range(12):
        log.tick(at(half / 2))
    follow(log.story(), 0, manner)
    follow(log.story(), 240, manner)

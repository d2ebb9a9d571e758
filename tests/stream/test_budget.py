"""People who take more memory than their budget: let go, given back, and never another answer."""

from __future__ import annotations

from random import Random

import pytest

from coterie.engines.reference import Fact
from coterie.engines.stream import StreamEngine
from coterie.language.authoring import segment, trait
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.time import hours
from tests.conformance.case import PLAN, at, cart, fact, order, view
from tests.stream.host import tables

busy = trait(order.count(within=hours(3)))
DEFINED = {
    "busy": busy,
    "kinds": trait(order.distinct("category")),
    "spent": trait(order.sum("revenue", within=hours(5))),
    "waits": trait(cart.without(order, within=hours(1)).count()),
    "since": trait(order.count(since=cart.last_at())),
    "hot": segment(busy >= 3),
    "calm": segment((busy < 2) & view.any(within=hours(4))),
}
LIBRARY = Library(named(DEFINED), PLAN, {"analytics": "legitimate_interest"}, "analytics")


def history(seed: int) -> list[tuple[str, Fact]]:
    """Two people with much to remember, and one with little."""
    random = Random(seed)
    found = []
    for i in range(120):
        who = random.choice(("ann", "ann", "bob", "bob", "cid" if i % 10 == 0 else "ann"))
        name = random.choice(("Order", "Order", "Cart", "View"))
        values = {"category": f"c{random.randrange(30)}", "revenue": random.randrange(900)}
        when = at(random.randrange(48) / 2)
        found.append((who, fact(i, name, when, i + 1, **(values if name == "Order" else {}))))
    return found


def replayed(budget: int, facts: list[tuple[str, Fact]], steps: int) -> tuple[StreamEngine, int]:
    """An engine that was taken through a day, and how often somebody was given back."""
    engine = StreamEngine(LIBRARY, at(-1), budget=budget)
    needs = {name: engine.needs().get(name, {}) for name in PLAN.events}
    for name, table in tables(PLAN, needs, facts).items():
        engine.feed(name, table)
    given_back = 0
    for step in range(steps + 1):
        t = at(-1 + 30 * step / steps)
        cold = engine.cold(t)
        given_back += len(cold)
        engine.warm(cold, tables(PLAN, needs, [each for each in facts if each[0] in cold]))
        engine.advance(t, offset=step)
    everyone = engine.cold()
    engine.warm(everyone, tables(PLAN, needs, [each for each in facts if each[0] in everyone]))
    return engine, given_back + len(everyone)


@pytest.mark.parametrize("seed", range(4))
def test_people_over_their_budget_are_answered_alike(seed: int) -> None:
    """Values, memberships and every record are those of an engine without a budget."""
    facts = history(seed)
    free, none = replayed(2**30, facts, 40)
    tight, often = replayed(256, facts, 40)
    assert none == 0
    assert often > 10
    assert tight.changes() == free.changes()
    assert tight.read(LIBRARY.names) == free.read(LIBRARY.names)
    assert tight.digest() == free.digest()


def test_who_is_let_go_holds_no_chunks() -> None:
    """What is let go is memory: the sizes say so."""
    facts = history(7)
    free, _ = replayed(2**30, facts, 40)
    tight = StreamEngine(LIBRARY, at(-1), budget=256)
    needs = {name: tight.needs().get(name, {}) for name in PLAN.events}
    mine = [each for each in facts if each[0] == "ann" and each[1].at <= at(12)]
    tight.advance(at(12), offset=1)
    tight.rebuild(["ann"], tables(PLAN, needs, mine), cause="start", offset=1)
    assert tight.cold() == ["ann"]
    assert tight.members()["profile"].unique().to_pylist() in (["ann"], [])
    assert free.cold() == []


IDLE = Library(
    named(
        {
            "busy": busy,
            "hot": segment(busy >= 3),
            "gone": segment(order.last_at().age() > hours(5)),
        }
    ),
    PLAN,
    {"analytics": "legitimate_interest"},
    "analytics",
)


@pytest.mark.parametrize("budget", [0, 256])
def test_deadlines_that_change_nothing_are_passed_though_each_is_followed_by_letting_go(
    budget: int,
) -> None:
    """One a call: the window is empty after 3 hours, which nobody sees, and then 5 are over."""
    engine = StreamEngine(IDLE, at(-1), budget=budget)
    needs = {name: engine.needs().get(name, {}) for name in PLAN.events}
    given = tables(PLAN, needs, [("ann", fact(1, "Order", at(0), 1))])
    engine.feed("Order", given["Order"])
    for _ in range(10):
        engine.warm(engine.cold(at(10)), given)
        if engine.advance(at(10), offset=1, limit=1):
            break
    told = engine.changes().select(["segment", "change", "at"]).to_pylist()
    assert [(row["segment"], row["change"]) for row in told] == [("gone", "entered")]

"""Change records by hand: each at its exact instant, with its cause and the entry that made it."""

from __future__ import annotations

import math
from itertools import combinations

import pytest

from coterie import days, hours, minutes, quantile_rank, segment, stages, trait
from coterie.engines.reference import Fact
from coterie.engines.stream import StreamEngine
from tests.conformance.case import HOUR, PLAN, at, cart, order, view
from tests.stream.host import Host, Manner, table
from tests.stream.shop import Log, library, said

MANNERS = [
    Manner(),
    Manner(7, bounded=True, partitions=4),
    Manner(8, batched=True, restarts=True),
]
every_manner = pytest.mark.parametrize("manner", MANNERS, ids=str)

active = segment(order.any(within=hours(2)))


@every_manner
def test_entering_and_leaving_within_one_tick_are_two_changes(manner: Manner) -> None:
    """The clock passed both instants at once; each has its own record."""
    host = Log(active=active).event("Order", at(1)).tick(at(9)).followed(manner)
    assert said(host, "active") == [("entered", at(1), "event"), ("exited", at(3), "time")]
    assert [change.offset for change in host.changes] == [2, 2]


@every_manner
def test_an_event_keeps_a_window_open_at_the_instant_it_would_end(manner: Manner) -> None:
    """At one instant the window ends and an event comes: one evaluation, and nothing changes."""
    log = Log(active=active).event("Order", at(1)).event("Order", at(3)).tick(at(4))
    assert said(log.followed(manner), "active") == [("entered", at(1), "event")]
    apart = Log(active=active).event("Order", at(1)).event("Order", at(3, 1)).tick(at(4))
    assert said(apart.followed(manner), "active") == [
        ("entered", at(1), "event"), ("exited", at(3), "time"), ("entered", at(3, 1), "event"),
    ]  # fmt: skip


@every_manner
def test_simultaneous_events_are_one_unit(manner: Manner) -> None:
    """Nobody is seen between two events of one instant, whatever their names and keys."""
    odd = segment((order.count() + cart.count() * 2 + view.count()) == 1)
    log = Log(odd=odd, bought=segment(order.any()))
    log.event("Order", at(1), key=9).event("Cart", at(1), key=2).event("View", at(1), key=5)
    assert said(log.tick(at(2)).followed(manner), "odd") == []


@pytest.mark.parametrize("partitions", [1, 2])
def test_changes_of_one_instant_are_told_person_by_person(partitions: int) -> None:
    """By name, and then by segment, whichever partitions the people are in."""
    asked = library(active=active, bought=segment(order.any()))
    for one, other in combinations("abcde", 2):
        engine = StreamEngine(asked, at(0), partitions=partitions)
        facts = [(who, Fact(who.encode() * 16, "Order", at(1), 1)) for who in (other, one)]
        engine.feed("Order", table(PLAN, "Order", {}, facts))
        engine.advance(at(2), offset=2)
        told = engine.changes().select(["profile", "segment"]).to_pylist()
        wanted = [(who, name) for who in (one, other) for name in ("active", "bought")]
        assert [tuple(each.values()) for each in told] == wanted


@every_manner
def test_an_event_at_the_instant_of_the_clock_is_late(manner: Manner) -> None:
    """The clock was there: the difference is a correction, with the clock as its instant."""
    log = Log(active=active).tick(at(1)).event("Order", at(1)).event("Order", at(1, 1))
    host = log.tick(at(1, 1)).tick(at(4)).followed(manner)
    assert said(host, "active") == [("entered", at(1), "late"), ("exited", at(3, 1), "time")]


@every_manner
def test_a_late_event_corrects_at_the_clock(manner: Manner) -> None:
    """What is only known now changes now; the past is not written anew."""
    log = Log(active=active).event("View", at(0)).tick(at(2)).event("Order", at(1)).tick(at(9))
    host = log.followed(manner)
    assert said(host, "active") == [("entered", at(2), "late"), ("exited", at(3), "time")]
    passed = Log(active=active).event("View", at(0)).tick(at(5)).event("Order", at(1)).tick(at(9))
    assert said(passed.followed(manner), "active") == []


@every_manner
def test_waits_mature_within_a_tick(manner: Manner) -> None:
    """A cart without an order becomes one in the middle of a tick; an order in time prevents it."""
    left = cart.without(order, within=hours(1))
    log = Log(hesitant=segment(left.any(within=minutes(30))), n=trait(left.count()))
    log.event("Cart", at(0)).event("Cart", at(2)).event("Order", at(2.5)).event("Cart", at(3))
    log.event("Order", at(4))  # at the very end of the wait: too late to prevent it
    host = log.tick(at(9)).followed(manner)
    assert said(host, "hesitant") == [
        ("entered", at(1), "time"), ("exited", at(1.5), "time"),
        ("entered", at(4), "event"), ("exited", at(4.5), "time"),
    ]  # fmt: skip
    assert host.values()["ann"]["n"] == 2


@every_manner
def test_nested_waits_and_sessions_mature_in_turn(manner: Manner) -> None:
    """A wait whose events are themselves waits; a session of them; what follows one."""
    visits = view.sessions(hours(1))
    bounced = visits.without(cart, within=hours(2))
    twice = bounced.without(order, within=hours(1))
    log = Log(
        n=trait(twice.count()),
        quiet=segment(twice.any(within=hours(1))),
        back=segment(twice.then(view, within=hours(3)).any()),
        waves=trait((bounced | cart).sessions(hours(3)).count()),
    )
    log.event("View", at(0)).event("View", at(0.5)).event("View", at(1.5)).event("Order", at(2))
    log.event("Cart", at(3)).event("View", at(6)).event("View", at(9.5))
    host = log.tick(at(5)).tick(at(20)).followed(manner)
    # the visits of 0:00, 6:00 and 9:30 bounced 2 hours later, and no order came for one more; the
    # cart of 3:00 is no part of it, but of the unit of that instant
    assert said(host, "quiet") == [
        ("entered", at(3), "event"), ("exited", at(4), "time"),
        ("entered", at(9), "time"), ("exited", at(10), "time"),
        ("entered", at(12.5), "time"), ("exited", at(13.5), "time"),
    ]  # fmt: skip
    assert said(host, "back") == [("entered", at(9.5), "event")]


@every_manner
def test_ages_change_at_their_exact_instant(manner: Manner) -> None:
    """`age() > days(1)` holds one microsecond after a day, `>=` at it, steps at each day."""
    log = Log(
        over=segment(order.last_at().age() > days(1)),
        full=segment(order.last_at().age() >= days(1)),
        third=segment(order.last_at().age(step=days(1)) == 2),
        due=segment(order.last("due").age() >= hours(0)),
    )
    host = log.event("Order", at(1), due=at(7)).tick(at(100)).followed(manner)
    assert said(host, "over") == [("entered", at(25, 1), "time")]
    assert said(host, "full") == [("entered", at(25), "time")]
    assert said(host, "third") == [("entered", at(49), "time"), ("exited", at(73), "time")]
    assert said(host, "due") == [("entered", at(7), "time")]


@every_manner
def test_a_fading_sum_leaves_where_it_crosses(manner: Manner) -> None:
    """Two orders count 2, and after half a day of half-lives of one day sqrt(2)."""
    log = Log(keen=segment(order.decayed(half_life=days(1)) > 1.5))
    host = log.event("Order", at(0)).event("Order", at(0)).tick(at(100)).followed(manner)
    [_, (word, when, cause)] = said(host, "keen")
    exact = at(0) + 24 * HOUR * math.log2(2 / 1.5)
    assert (word, cause) == ("exited", "time")
    assert abs(when - exact) < 130  # microseconds in which the sum is within 1e-9 of 1.5


@every_manner
def test_frozen_sums_move_by_steps(manner: Manner) -> None:
    """A frozen sum sees an event at the next whole step, and fades at whole steps alone."""
    warm = order.decayed(half_life=days(1), step=days(1))
    log = Log(warm=segment(warm > 0.4), value=trait(warm))
    host = log.event("Order", at(12)).tick(at(13)).tick(at(100)).followed(manner)
    # at 24 h it is 2 ** -0.5 = 0.71, at 48 h 0.35
    assert said(host, "warm") == [("entered", at(24), "time"), ("exited", at(48), "time")]


@every_manner
def test_since_an_instant_that_moves(manner: Manner) -> None:
    """A start that moves forward takes events out, and one that moves back takes them in."""
    log = Log(
        after_cart=segment(order.any(since=cart.last_at())),
        after_due=trait(order.count(since=order.last("due"))),
        after_least=trait(order.sum("revenue", since=order.min("due"))),
        recent=trait(order.sum("revenue", since=cart.first_at(), within=hours(3))),
    )
    log.event("Order", at(0), due=at(2), revenue=100).event("Cart", at(1))
    log.event("Order", at(3), due=at(-1), revenue=250).event("Cart", at(4))
    log.event("Order", at(5), due=at(4), revenue=50)
    for hour in range(12):
        log.tick(at(hour)).tick(at(hour, 1))
    host = log.followed(manner)
    assert [word for word, _, _ in said(host, "after_cart")] == ["entered", "exited", "entered"]


@every_manner
def test_stages_leave_one_for_another(manner: Manner) -> None:
    """An exit and an entrance of one instant; somebody without events is in no stage."""
    life = stages({"new": order.first_at().age() < hours(5), "loyal": order.count() >= 2},
                  otherwise="gone")  # fmt: skip
    log = Log(life=life).event("Order", at(0)).event("Order", at(1)).tick(at(1)).tick(at(9))
    assert said(log.followed(manner), "life") == [
        ("+new", at(0), "event"), ("-new", at(5), "time"), ("+loyal", at(5), "time"),
    ]  # fmt: skip


@every_manner
def test_merges_splits_and_erasures_say_so(manner: Manner) -> None:
    """After a merge the other is gone, after a split back again; after an erasure nobody is."""
    log = Log(two=segment(order.count() >= 2), some=segment(~order.any(within=hours(1))))
    log.event("Order", at(0), "ann").event("Order", at(1), "phone").tick(at(3))
    log.merge("phone", "ann").merge("phone", "phone").merge("ann", "phone").erase("phone")
    host = log.tick(at(9)).followed(manner)
    assert [(c.profile, c.enters, c.cause) for c in host.changes if c.segment == "two"] == [
        ("ann", True, "merge"), ("ann", False, "split"),
        ("phone", True, "merge"), ("phone", False, "erase"),
    ]  # fmt: skip
    assert host.members() == set()
    assert host.values() == {}


@every_manner
def test_facts_ahead_are_merged_and_erased_with_their_profile(manner: Manner) -> None:
    """What waits for the clock belongs to whom its device belongs to."""
    log = Log(some=segment(order.any())).event("Order", at(5), "phone").event("Order", at(6), "eve")
    host = log.tick(at(1)).merge("phone", "ann").erase("eve").tick(at(9)).followed(manner)
    assert [(c.profile, c.at, c.cause) for c in host.changes] == [("ann", at(5), "event")]


@every_manner
def test_a_superseding_event_takes_the_place_of_another(manner: Manner) -> None:
    """Whether the two lie behind the clock or ahead of it."""
    log = Log(rich=segment(order.sum("revenue") >= 10)).event("Order", at(0), revenue=400)
    log.tick(at(1)).instead(1, "Order", at(0), revenue=1000).tick(at(2))
    log.instead(3, "Order", at(3), revenue=999).tick(at(2.5))
    log.instead(5, "Order", at(4), revenue=2000).tick(at(9))
    assert said(log.followed(manner), "rich") == [
        ("entered", at(1), "late"), ("exited", at(2), "late"), ("entered", at(4), "event"),
    ]  # fmt: skip


@every_manner
def test_a_repeated_event_is_one(manner: Manner) -> None:
    """The same key again changes nothing, late or ahead."""
    log = Log(n=trait(order.count())).event("Order", at(0)).event("Order", at(0), key=1)
    log.tick(at(1)).event("Order", at(0), key=1).event("Order", at(5), key=1).tick(at(9))
    assert log.followed(manner).values() == {"ann": {"n": 1}}


@every_manner
def test_an_edit_moves_people_at_the_clock(manner: Manner) -> None:
    """New, changed and dropped segments, with cause ``edit``; the unchanged say nothing."""
    log = Log(kept=segment(order.any()), turned=segment(order.any()), gone=segment(order.any()))
    log.event("Order", at(0), weight=2.0).event("Cart", at(6)).tick(at(1))
    log.edit(
        kept=segment(order.any()), turned=segment(~order.any()),
        fresh=segment(order.sum("weight") > 1), carted=segment(cart.any()),
    )  # fmt: skip
    host = log.tick(at(9)).followed(manner)
    assert said(host, "kept") == [("entered", at(0), "event")]
    assert said(host, "turned")[1:] == said(host, "gone")[1:] == [("exited", at(1), "edit")]
    assert said(host, "fresh") == [("entered", at(1), "edit")]
    assert said(host, "carted") == [("entered", at(6), "event")]


@every_manner
def test_after_an_edit_less_may_be_read_of_an_event(manner: Manner) -> None:
    """A property that no definition reads any more is not asked for, now or among what waits."""
    log = Log(gifts=trait(order.where(order["gift"]).count()), n=trait(order.count()))
    log.event("Order", at(2), gift=True).event("Order", at(0), gift=True).tick(at(1))
    log.edit(n=trait(order.count()), some=segment(order.any(within=hours(1))))
    log.event("Order", at(3)).tick(at(3)).edit(gifts=trait(order.where(order["gift"]).count()))
    host = log.event("Order", at(4), gift=True).tick(at(9)).followed(manner)
    assert host.values() == {"ann": {"gifts": 3}}


@every_manner
def test_a_refit_moves_everyone_at_the_clock(manner: Manner) -> None:
    """Without a version nobody has a rank; each version re-evaluates everyone."""
    spend = order.sum("revenue")
    log = Log(best=segment(quantile_rank(spend, 2) == 2))
    log.event("Order", at(0), revenue=500).tick(at(1)).refit(at(1), best={"edges": [499]})
    log.tick(at(2)).refit(at(2), best={"edges": [500]}).event("Order", at(3), revenue=1)
    assert said(log.tick(at(9)).followed(manner), "best") == [
        ("entered", at(1), "refit"), ("exited", at(2), "refit"), ("entered", at(3), "event"),
    ]  # fmt: skip


@every_manner
def test_a_hand_off_says_who_is_in(manner: Manner) -> None:
    """At the start everyone's memberships enter at the clock; windows then end by themselves."""
    log = Log(active=active).event("Order", at(1)).event("Order", at(8)).tick(at(2)).tick(at(20))
    host = Host(log.story(), 3, manner).finish()
    assert said(host, "active") == [
        ("entered", at(2), "start"), ("exited", at(3), "time"),
        ("entered", at(8), "event"), ("exited", at(10), "time"),
    ]  # fmt: skip

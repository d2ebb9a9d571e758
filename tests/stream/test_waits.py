"""Waits that end and begin event by event: of names, of predicates, of what is ordered itself."""

from __future__ import annotations

import pytest

from coterie import hours, minutes, segment, trait
from tests.conformance.case import at, cart, order, view
from tests.stream.following import follow
from tests.stream.host import Manner
from tests.stream.shop import Log

MANNERS = [Manner(), Manner(5, bounded=True, restarts=True, partitions=4)]
every_manner = pytest.mark.parametrize("manner", MANNERS, ids=str)


@every_manner
def test_events_of_other_names_end_no_wait_and_begin_none(manner: Manner) -> None:
    """A wait for a session's start beside one for an order, and views that concern neither."""
    left = cart.without(order, within=hours(1))
    alone = cart.without(view.sessions(gap=minutes(30)), within=hours(1))
    log = Log(
        abandoned=segment(left.any(within=hours(3))), unseen=segment(alone.any(within=hours(2))),
        lefts=trait(left.count()), unseens=trait(alone.count()),
    )  # fmt: skip
    for i, name in enumerate(["Cart", "View", "View", "Cart", "Order", "Cart", "Cart", "View"]):
        log.event(name, at(i / 4)).tick(at(i / 4))
    for i in range(20):
        log.tick(at(2 + i / 4, 1))
    follow(log.story(), 0, manner)
    follow(log.story(), len(log.entries) // 2, manner)

"""Somebody whose events come in another order goes back to a state of a moment ago, unseen."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie import days, hours, segment, trait
from coterie.engines.stream.rewinding import remember
from tests.conformance.case import at, cart, order
from tests.strategies import stories
from tests.stream import following
from tests.stream.following import follow
from tests.stream.host import Host, Manner
from tests.stream.shop import Log, said
from tests.stream.story import Story
from tests.stream.test_overtaking import Overtaking

generated = settings(suppress_health_check=list(HealthCheck))
HOUR = 3_600 * 1_000_000


class Rewinding(Overtaking):
    """A host that overtakes, whose engine keeps states of so many hours ago."""

    hours = 24

    def __post_init__(self) -> None:
        super().__post_init__()
        remember(self.engine, self.hours * HOUR)

    def restart(self) -> None:
        super().restart()
        remember(self.engine, self.hours * HOUR)


@pytest.fixture(autouse=True)
def rewinding(monkeypatch: pytest.MonkeyPatch) -> type[Rewinding]:
    """Stories are followed by that host."""
    monkeypatch.setattr(following, "Host", Rewinding)
    monkeypatch.setattr(Rewinding, "hours", 24)
    monkeypatch.setattr(Overtaking, "applied", 0)
    Rewinding.applied = 0
    return Rewinding


@settings(generated, max_examples=120)
@given(stories(), st.integers(0, 2), st.sampled_from([1, 5, 24, 24 * 400]))
def test_rewinding_says_what_the_reference_says(
    rewinding: type[Rewinding], story: Story, start: int, kept: int
) -> None:
    """Every value, membership and record after every entry, as of a rebuild (laws 5 and 6)."""
    rewinding.hours = kept
    follow(story, start)


@settings(generated, max_examples=40)
@given(stories(), st.integers(0, 9), st.sampled_from([1, 24, 24 * 400]))
def test_batches_restarts_and_partitions_change_nothing(
    rewinding: type[Rewinding], story: Story, seed: int, kept: int
) -> None:
    """In the end everything is as where each late event was a rebuild."""
    rewinding.hours = kept
    manner = Manner(seed, batched=True, bounded=True, restarts=True, partitions=3)
    found, wanted = rewinding(story, 0, manner).finish(), Host(story).finish()
    assert found.members() == wanted.members()
    assert found.digest() == wanted.digest()


@settings(generated, max_examples=40)
@given(stories(), st.integers(200, 900))
def test_states_over_the_budget_are_never_brought_back(
    rewinding: type[Rewinding], story: Story, budget: int
) -> None:
    """Whose state was let go has it out of history, whatever was kept."""
    found = rewinding(story, 0, Manner(budget=budget)).finish()
    wanted = Host(story).finish()
    assert found.members() == wanted.members()
    assert found.digest() == wanted.digest()


def test_late_event_before_a_deadline_that_was_acted_on_takes_it_back(
    rewinding: type[Rewinding],
) -> None:
    """A cart became an abandoned one at four; an order at three needs no history to undo that."""
    left = segment(cart.without(order, within=hours(3)).any(within=hours(9)))
    log = Log(left=left).event("Cart", at(1)).tick(at(6)).event("Order", at(3)).tick(at(7))
    host = rewinding(log.story()).finish()
    assert rewinding.applied == 1
    assert said(host, "left") == [("entered", at(4), "time"), ("exited", at(6), "late")]


def test_two_events_that_changed_places_are_counted_in_their_order(
    rewinding: type[Rewinding],
) -> None:
    """The earlier one comes second, again and again, and windows hold both."""
    n, latest = trait(order.count(within=days(1))), trait(order.last_at())
    log = Log(n=n, latest=latest).event("Order", at(3)).tick(at(3))
    log.event("Order", at(2)).event("Order", at(5)).tick(at(5)).event("Order", at(4)).tick(at(6))
    host = rewinding(log.story()).finish()
    assert rewinding.applied == 2
    [found] = host.values().values()
    assert (found["n"], found["latest"]) == (4, at(5))


def test_what_lies_further_back_than_is_kept_is_a_rebuild(rewinding: type[Rewinding]) -> None:
    """Two events later, each by more than is kept, nothing of before the first is there."""
    rewinding.hours = 1
    log = Log(n=trait(order.count())).event("Order", at(3)).tick(at(3))
    log.event("Order", at(6)).tick(at(6)).event("Order", at(9)).tick(at(9))
    host = rewinding(log.event("Order", at(2)).tick(at(10)).story()).finish()
    assert rewinding.applied == 0
    assert next(iter(host.values().values()))["n"] == 4


def test_large_states_are_not_kept(
    rewinding: type[Rewinding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copies of many of them would fill the memory; such a person's history is read."""
    monkeypatch.setattr("coterie.engines.stream.rewinding.LARGE", 4)
    log = Log(n=trait(order.count())).event("Order", at(3)).tick(at(3))
    host = rewinding(log.event("Order", at(2)).tick(at(4)).story()).finish()
    assert rewinding.applied == 0
    assert next(iter(host.values().values()))["n"] == 2

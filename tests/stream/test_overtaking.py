"""Late events that nothing has passed are applied in memory, and nobody can tell from a rebuild."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie import hours, segment, trait
from coterie.engines.reference.evaluation import convert
from coterie.engines.stream.arriving import Arrival, Arriving
from coterie.engines.stream.lateness import overtake
from tests.conformance.case import at, cart, order
from tests.strategies import stories
from tests.stream import following
from tests.stream.following import follow
from tests.stream.host import Host, Manner, needed
from tests.stream.shop import Log, said
from tests.stream.story import Arrived, Story

generated = settings(suppress_health_check=list(HealthCheck))


class Overtaking(Host):
    """A host that takes events one by one, and overtakes with the late ones where it can."""

    applied = 0

    def _feed(self, batch: Sequence[Arrived]) -> None:
        fresh, superseding = list[Arrival](), dict[str, str]()
        for entry in batch:
            known = len(self.world.known)
            changed = self.world.take(entry)
            if self.world.known.get(entry.fact.key) is not entry:
                continue
            if len(self.world.known) == known:
                superseding |= changed
            else:
                fresh.append(self._arrival(entry))
        arriving = Arriving(self.engine)
        late = [a for a in arriving.feed(fresh) if a.profile not in superseding]
        whose = dict.fromkeys((a.profile for a in late), "late")
        left = overtake(self.engine, arriving, late, offset=self.world.offset) if late else []
        type(self).applied += len(whose) - len(left)
        self._rebuild(dict.fromkeys(left, "late") | superseding)

    def _arrival(self, entry: Arrived) -> Arrival:
        fact, plan = entry.fact, self.world.library.plan
        kinds = needed(self.engine)[fact.name]
        values = [
            convert(fact.values.get(prop), plan.kind(fact.name, prop), kind)
            for prop, kind in kinds.items()
        ]
        return Arrival(fact.name, self.world.profile(entry.device), fact.at, fact.key, values)


@pytest.fixture(autouse=True)
def overtaking(monkeypatch: pytest.MonkeyPatch) -> type[Overtaking]:
    """Stories are followed by that host."""
    monkeypatch.setattr(following, "Host", Overtaking)
    Overtaking.applied = 0
    return Overtaking


@settings(generated, max_examples=120)
@given(stories(), st.integers(0, 2))
def test_overtaking_says_what_the_reference_says(story: Story, start: int) -> None:
    """Every value, membership and record after every entry, as of a rebuild (laws 5 and 6)."""
    follow(story, start)


@settings(generated, max_examples=40)
@given(stories(), st.integers(0, 9))
def test_batches_restarts_and_partitions_change_nothing(story: Story, seed: int) -> None:
    """In the end everything is as where each late event was a rebuild."""
    manner = Manner(seed, batched=True, bounded=True, restarts=True, partitions=3)
    found, wanted = Overtaking(story, 0, manner).finish(), Host(story).finish()
    assert found.members() == wanted.members()
    assert found.digest() == wanted.digest()


def test_late_event_after_the_last_unit_is_applied_in_memory(
    overtaking: type[Overtaking],
) -> None:
    """Its own deadline that has passed since is passed as well; only the difference is recorded."""
    recent, n = segment(order.any(within=hours(2))), trait(order.count())
    log = Log(recent=recent, n=n).event("Order", at(1)).tick(at(9))
    log.event("Order", at(4)).event("Order", at(8)).tick(at(11))
    host = overtaking(log.story()).finish()
    assert overtaking.applied == 2  # the first by way of its own deadline at six o'clock
    assert said(host, "recent")[2:] == [("entered", at(9), "late"), ("exited", at(10), "time")]
    assert next(iter(host.values().values()))["n"] == 3


def test_late_event_before_a_deadline_that_was_acted_on_is_a_rebuild(
    overtaking: type[Overtaking],
) -> None:
    """A cart became an abandoned one at four; an order at three takes that back."""
    left = segment(cart.without(order, within=hours(3)).any(within=hours(9)))
    log = Log(left=left).event("Cart", at(1)).tick(at(6)).event("Order", at(3)).tick(at(7))
    host = overtaking(log.story()).finish()
    assert overtaking.applied == 0
    assert said(host, "left") == [("entered", at(4), "time"), ("exited", at(6), "late")]


def test_first_event_of_a_stranger_may_be_late(overtaking: type[Overtaking]) -> None:
    """Nothing of theirs was passed."""
    log = Log(bought=segment(order.any())).tick(at(5)).event("Order", at(3)).tick(at(6))
    host = overtaking(log.story()).finish()
    assert overtaking.applied == 1
    assert said(host, "bought") == [("entered", at(5), "late")]

"""A device's state passes to a user who is new, and nobody can tell from a rebuild."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from coterie import hours, segment, trait
from coterie.engines.stream.adopting import adopt
from coterie.engines.stream.arriving import Arriving
from tests.conformance.case import at, cart, order
from tests.strategies import stories
from tests.stream import following
from tests.stream.following import follow
from tests.stream.host import Host, Manner
from tests.stream.shop import Log, said
from tests.stream.story import Entry, Moved, Story
from tests.stream.test_overtaking import Overtaking
from tests.stream.test_rewinding import Rewinding

generated = settings(suppress_health_check=list(HealthCheck))


class Adopting(Rewinding):
    """A host whose engine lets states pass where one profile becomes another."""

    passed = 0

    def _take(self, batch: Sequence[Entry]) -> None:
        entry = batch[0]
        if not isinstance(entry, Moved) or entry.cause != "merge":
            super()._take(batch)
            return
        before = self.world.profile(entry.device)
        causes = self.world.take(entry)
        pairs = {before: entry.profile} if before != entry.profile else {}
        if self.world.history(before):
            pairs = {}  # another device's events stay there
        left = adopt(self.engine, Arriving(self.engine), pairs, {}, offset=entry.offset)
        type(self).passed += len(pairs) - len(left)
        done = {who for pair in pairs.items() - left.items() for who in pair}
        self._rebuild({who: cause for who, cause in causes.items() if who not in done})


@pytest.fixture(autouse=True)
def adopting(monkeypatch: pytest.MonkeyPatch) -> type[Adopting]:
    """Stories are followed by that host."""
    monkeypatch.setattr(following, "Host", Adopting)
    monkeypatch.setattr(Overtaking, "applied", 0)
    Adopting.passed = 0
    return Adopting


@settings(generated, max_examples=100)
@given(stories(), st.integers(0, 2))
def test_adopting_says_what_the_reference_says(
    adopting: type[Adopting], story: Story, start: int
) -> None:
    """Every value, membership and record after every entry, as of a rebuild (laws 5 to 7)."""
    follow(story, start)


@settings(generated, max_examples=30)
@given(stories(), st.integers(0, 9))
def test_batches_restarts_and_partitions_change_nothing(
    adopting: type[Adopting], story: Story, seed: int
) -> None:
    """In the end everything is as where each merge was a rebuild."""
    manner = Manner(seed, batched=True, bounded=True, restarts=True, partitions=3)
    found, wanted = adopting(story, 0, manner).finish(), Host(story).finish()
    assert found.members() == wanted.members()
    assert found.digest() == wanted.digest()


def test_generated_stories_have_states_that_pass(adopting: type[Adopting]) -> None:
    """So that the promises above are about something."""

    def passes(story: Story) -> bool:
        adopting(story).finish()
        return adopting.passed > 0

    assert find(
        stories(), passes, settings=settings(generated, max_examples=3000, phases=[Phase.generate])
    )


def test_what_waits_and_what_is_due_pass_as_well(adopting: type[Adopting]) -> None:
    """The user enters at the merge, and leaves at the deadline that the device brought."""
    recent, n = segment(order.any(within=hours(5))), trait(order.count())
    log = Log(recent=recent, n=n, added=trait(cart.count())).event("Order", at(1)).tick(at(2))
    log.event("Cart", at(4)).merge("ann", "a user").tick(at(7))
    host = adopting(log.story()).finish()
    assert adopting.passed == 1
    assert host.values() == {"a user": {"recent": False, "n": 1, "added": 1}}
    changes = sorted(said(host, "recent"), key=lambda each: each[1:])
    assert changes == [
        ("entered", at(1), "event"), ("entered", at(2), "merge"), ("exited", at(2), "merge"),
        ("exited", at(6), "time"),
    ]  # fmt: skip

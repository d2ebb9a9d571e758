"""Sizes counted in the stream's memory, and flows counted from the records, agree with the fold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coterie.language.time import micros
from coterie.profiles.flows import HOUR, KEPT, Flows
from coterie.profiles.live.sizes import Frozen, Sizes
from coterie.project.streaming.live import Live
from tests.live.shop import Live as Shop
from tests.live.shop import bought, day
from tests.live.test_live import running


def folded(shop: Shop, since: int = 0) -> Counter[tuple[str, str]]:
    """By how many people the change records move each segment and stage, from an instant on."""
    found: Counter[tuple[str, str]] = Counter()
    for row in shop.log().to_pylist():
        if micros(row["at"]) < since:
            continue
        found[row["segment"], row["stage"]] += 1 if row["change"] == "entered" else -1
    return found


def test_sizes_are_what_the_change_records_add_up_to(shop: Shop) -> None:
    """Before and after somebody comes, and after time alone has moved people."""
    with running(shop) as stream:
        for step in range(3):
            sizes = stream.live.sizes()
            assert sizes is not None
            assert {k: n for k, n in sizes.holds.items() if n} == +folded(shop)
            stream.come(bought(f"x{step}", f"new-{step}", 90 + step, "5"))
            stream.pass_(days=11)


def test_stream_that_does_not_run_has_no_sizes(shop: Shop) -> None:
    """None, and not zero."""
    assert Live(shop.project).sizes() is None


def test_flows_are_the_records_by_hour(shop: Shop) -> None:
    """Counted at once out of lake and outbox, or as they come; the last 35 days before a run."""
    stores = shop.project.stores
    beside = Flows()
    with running(shop) as stream:
        beside.look(stores)
        stream.come(bought("x1", "gus", 90, "5"))
        stream.pass_(days=11)
    beside.look(stores)
    at_once = Flows()
    at_once.look(stores)
    since = shop.project.answers.last_run().clock - KEPT * HOUR
    for flows in (beside, at_once):
        for key, size in folded(shop, since).items():
            assert sum(flow.net for flow in flows.of(key).values()) == size, key
    hours = at_once.of(("mood", "new"))
    assert hours[micros(day(90)) // HOUR].entered == 1


def test_nothing_is_known_before_the_first_run(empty: Shop) -> None:
    """There is no hour of a first record."""
    flows = Flows()
    flows.look(empty.project.stores)
    now = micros(day(0) + timedelta(hours=1))
    assert flows.first(now) == now
    assert flows.of(("active", "")) == {}


@given(st.lists(st.lists(st.integers(0, 2**62 - 1), max_size=9), min_size=1, max_size=3))
def test_each_bit_is_counted_for_itself(parts: list[list[int]]) -> None:
    """Of whatever words, in whatever partitions; a bit that nobody has is of nobody."""
    outputs = [(f"s{bit}", "") for bit in range(70)]
    words = [[np.array(part, np.int64), np.array(part, np.int64) >> 7] for part in parts]
    every = [word for part in parts for word in part]
    wanted = [sum(word >> bit & 1 for word in every) for bit in range(62)]
    wanted += [sum(word >> 7 >> bit & 1 for word in every) for bit in range(8)]
    found = Frozen(1, 2, outputs, words).counted()
    assert found == Sizes(1, 2, dict(zip(outputs, wanted, strict=True)))
    assert Frozen(1, 2, [], [[] for _ in parts]).counted().holds == {}

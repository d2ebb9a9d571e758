"""The stream of events: determinism, order of arrival, late events and duplicates."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from coterie.errors import CoterieError
from coterie.language.events import Event
from coterie.simulate import Shop, ShopParameters, simulate

HOUR = 3_600_000_000


def flat(shop: Shop, **how: int) -> list[Event]:
    return [event for batch in shop.events(**how) for event in batch]


def test_equal_parameters_give_equal_events_and_truth() -> None:
    """A shop is a function of its parameters."""
    one, other = simulate(people=300, seed=5), simulate(people=300, seed=5)
    assert flat(one) == flat(other)
    assert one.truth().equals(other.truth())


def test_another_seed_gives_another_shop() -> None:
    """No message, device or order number is shared by shops of two seeds."""
    ids = [{event.message_id for event in flat(simulate(people=100, seed=s))} for s in (1, 2)]
    assert not ids[0] & ids[1]


def test_set_of_events_does_not_depend_on_the_block(shop: Shop, deliveries: list[Event]) -> None:
    """Blocks decide how far events are merged by arrival, and nothing else."""
    by_cell = flat(shop, block=1_000)
    assert by_cell != deliveries
    assert sorted(by_cell, key=arrival) == sorted(deliveries, key=arrival)


def test_smaller_shop_is_the_beginning_of_a_larger_one(shop: Shop) -> None:
    """The first thousand people are the same however many follow them."""
    small = simulate(people=1_000, months=12, seed=11).truth()
    assert small.equals(shop.truth().slice(0, 1_000).combine_chunks())


def arrival(event: Event) -> tuple[int, str]:
    return event.received_at, event.message_id


def test_shop_within_a_block_is_in_order_of_arrival(deliveries: list[Event]) -> None:
    """A shop no larger than a block arrives in the order of `received_at`."""
    assert deliveries == sorted(deliveries, key=arrival)


def test_batches_hold_at_most_five_thousand(shop: Shop) -> None:
    """Batches are bounded, and none is empty."""
    sizes = {len(batch) for batch in shop.events(block=1_000)}
    assert max(sizes) == 5_000
    assert min(sizes) > 0


def test_nothing_occurs_or_arrives_outside_the_shops_time(
    shop: Shop, deliveries: list[Event]
) -> None:
    """Every event occurs before it arrives, between the opening and `until`."""
    for event in deliveries:
        assert shop.parameters.start < event.occurred_at <= event.received_at
        assert event.received_at <= shop.parameters.until


def test_one_event_in_a_hundred_is_late(
    deliveries: list[Event], events: list[Event], truth: list[dict[str, Any]]
) -> None:
    """Late is more than an hour and at most seven days; the truth counts each once."""
    delays = [event.received_at - event.occurred_at for event in events]
    late = [delay for delay in delays if delay > HOUR]
    assert len(late) == sum(row["n_late"] for row in truth)
    assert 0.009 < len(late) / len(events) < 0.011
    assert max(late) <= 7 * 24 * HOUR
    assert max(delay for delay in delays if delay <= HOUR) < HOUR / 60


def test_duplicates_are_the_same_message_again(
    deliveries: list[Event], truth: list[dict[str, Any]]
) -> None:
    """A further delivery differs from the first in `received_at` alone; retries come in threes."""
    first: dict[str, Event] = {}
    times: Counter[str] = Counter()
    for event in deliveries:
        known = first.setdefault(event.message_id, event)
        assert msgspec.structs.replace(event, received_at=known.received_at) == known
        times[event.message_id] += 1
    repeated = [n for n in times.values() if n > 1]
    assert sum(repeated) - len(repeated) == sum(row["n_duplicate"] for row in truth)
    assert 0.009 < len(repeated) / len(first) < 0.011
    assert set(repeated) == {2, 3, 4}


def test_shares_of_late_and_repeated_can_be_nothing() -> None:
    """With both shares at zero every event arrives once, in seconds."""
    clean = flat(Shop(ShopParameters(people=200, late_share=0, duplicate_share=0)))
    assert len({event.message_id for event in clean}) == len(clean)
    assert all(event.received_at - event.occurred_at < HOUR for event in clean)


def test_ten_thousand_people_make_half_a_million_events() -> None:
    """The demo's shop is as large as promised: 10,000 people, 12 months, 500,000 events."""
    truth = simulate().truth()
    assert truth.num_rows == 10_000
    assert sum(truth["n_events"].to_pylist()) > 500_000


@pytest.mark.parametrize(
    "wrong",
    [{"people": 0}, {"people": 1_000_001}, {"months": 0.5}, {"seed": -1}, {"late_share": 0.6},
     {"buying_r": 0.0}, {"spend_q": float("nan")}],
)  # fmt: skip
def test_parameter_out_of_its_range_is_refused(wrong: dict[str, Any]) -> None:
    """The error names the parameter and its range."""
    with pytest.raises(CoterieError) as caught:
        ShopParameters(**wrong)
    assert caught.value.where == next(iter(wrong))
    assert " to " in caught.value.expected


@pytest.mark.parametrize(
    "unusual",
    [
        {"people": 1},
        {"people": 7, "months": 1},
        {"people": 40, "months": 30},
        {"people": 40, "until": ShopParameters().until + 12_345_678_901},
        {"people": 40, "buying_r": 0.05, "dropout_b": 0.05, "spend_q": 0.05},
    ],
)
def test_unusual_shops_keep_their_promises(unusual: dict[str, Any]) -> None:
    """One person, one month, many years, any instant, odd populations: counts still balance."""
    shop = Shop(ShopParameters(**unusual))
    arrived = flat(shop)
    truth = shop.truth()
    assert truth.num_rows == unusual["people"]
    expected = sum(truth["n_events"].to_pylist()) + sum(truth["n_duplicate"].to_pylist())
    assert len(arrived) == expected
    assert all(e.occurred_at <= e.received_at <= shop.parameters.until for e in arrived)

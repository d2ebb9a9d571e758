"""One shop of three thousand people, its events and its truth, for all tests of this folder."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.language.events import Event
from coterie.simulate import Shop, simulate


@pytest.fixture(scope="session")
def shop() -> Shop:
    return simulate(people=3_000, months=12, seed=11)


@pytest.fixture(scope="session")
def deliveries(shop: Shop) -> list[Event]:
    """Everything that arrives, in order of arrival."""
    return [event for batch in shop.events() for event in batch]


@pytest.fixture(scope="session")
def events(deliveries: list[Event]) -> list[Event]:
    """Every event once, in order of occurrence."""
    once = {event.message_id: event for event in reversed(deliveries)}
    return sorted(once.values(), key=lambda event: event.occurred_at)


@pytest.fixture(scope="session")
def truth(shop: Shop) -> list[dict[str, Any]]:
    return shop.truth().to_pylist()


@pytest.fixture(scope="session")
def owner(truth: list[dict[str, Any]]) -> dict[str, int]:
    """The number of the person behind each identifier, known or anonymous."""
    ids = {row["user_id"]: number for number, row in enumerate(truth) if row["user_id"]}
    devices = {d: number for number, row in enumerate(truth) for d in row["anonymous_ids"]}
    return ids | devices


@pytest.fixture(scope="session")
def histories(
    events: list[Event], owner: dict[str, int], truth: list[dict[str, Any]]
) -> list[list[Event]]:
    """Each person's events, in order of occurrence."""
    found: list[list[Event]] = [[] for _ in truth]
    for event in events:
        found[owner[event.user_id or event.anonymous_id or ""]].append(event)
    return found

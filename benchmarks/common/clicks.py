"""A shop's events as they come: Arrow batches in the order of arrival, some a little late.

Of a million people a few do much and most do little: activity falls as the rank to the power of
-0.8. One event in a hundred arrives up to five minutes after later ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from coterie.engines.sql.sources import column
from coterie.language.plan import PlannedEvent, Property, TrackingPlan

BEGIN = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""
DAY = 86_400_000_000
DAYS = 60
LAG = 5 * 60_000_000
"""How late an event may come, microseconds."""
SHARES = {
    "page": 0.70, "Product Viewed": 0.15, "Product Added": 0.08, "Order Completed": 0.05,
    "Email Opened": 0.02,
}  # fmt: skip
PLAN = TrackingPlan(
    events={
        "page": PlannedEvent(properties={"path": Property(type="text")}),
        "Product Viewed": PlannedEvent(
            properties={"product_id": Property(type="text"), "category": Property(type="text")}
        ),
        "Product Added": PlannedEvent(properties={"product_id": Property(type="text")}),
        "Order Completed": PlannedEvent(properties={"revenue": Property(type="decimal", scale=2)}),
        "Email Opened": PlannedEvent(properties={"campaign": Property(type="text")}),
    }
)
CATEGORIES = pa.array([f"c-{i:02}" for i in range(12)])


class Batch(NamedTuple):
    """Some events by name, and how far the clock may go: nothing before it is still to come."""

    tables: dict[str, pa.Table]
    clock: int
    size: int


def names_of(n_people: int) -> pa.Array:
    """The people's ids, as long as pseudonyms are."""
    high = np.random.default_rng(1).permutation(n_people).astype(np.uint64)
    mixed = high * np.uint64(0x9E3779B97F4A7C15)
    return pa.array(
        [f"{a:016x}{b:016x}" for a, b in zip(mixed.tolist(), high.tolist(), strict=True)]
    )


def arriving(
    n_events: int, n_people: int, size: int, skip: int = 0, bot: float = 0
) -> Iterator[Batch]:
    """All events in batches of a size; the first `skip` batches are left out.

    A `bot`, who is the busiest person, does this share of all events.
    """
    names = names_of(n_people)
    weights = (np.arange(1, n_people + 1) ** -0.8).cumsum()
    n_batches = -(-n_events // size)
    for i in range(skip, n_batches):
        rng = np.random.default_rng([2, i])
        n = min(size, n_events - i * size)
        low, high = (BEGIN + DAYS * DAY * k // n_batches for k in (i, i + 1))
        at = np.sort(rng.integers(low, high, n))
        late = rng.random(n) < 0.01
        at[late] -= rng.integers(1, LAG - 1, int(late.sum()))
        who = np.searchsorted(weights, rng.random(n) * weights[-1]).astype(np.int64)
        if bot:
            who[rng.random(n) < bot] = 0
        kind = rng.choice(len(SHARES), n, p=list(SHARES.values()))
        tables = {
            name: _table(name, names.take(pa.array(who[mine])), at[mine], rng)
            for k, name in enumerate(SHARES)
            if len(mine := np.flatnonzero(kind == k))
        }
        yield Batch(tables, high - LAG, n)


def _table(name: str, profiles: pa.Array, at: Any, rng: np.random.Generator) -> pa.Table:
    n = len(at)
    key = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), n, [None, pa.py_buffer(rng.bytes(16 * n))]
    )
    found = {"profile": profiles, "at": pa.array(at), "key": key}
    if name == "Product Viewed":
        index = (len(CATEGORIES) * rng.random(n) ** 2).astype(np.int64)
        found[column("category")] = CATEGORIES.take(pa.array(index))
    elif name == "Order Completed":
        found[column("revenue")] = pa.array(100 + rng.gamma(1.5, 4_000, n).astype(np.int64))
    return pa.table(found)

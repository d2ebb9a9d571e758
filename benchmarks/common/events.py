"""A lake of generated events, laid out as flushing and compacting would leave it."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.storage.columns import physical
from coterie.storage.delta import Part, Table
from coterie.storage.explode import HEAD, folder
from coterie.storage.lake import Lake

DATA = Path(__file__).parents[2] / "build" / "benchmarks"
NOW = 1_767_225_600_000_000
"""The last instant of the events and the instant asked about: 2026-01-01T00:00:00Z."""
YEAR = 365 * 86_400 * 1_000_000
PER_PERSON = 20
"""Events a person, on average."""
BLOCK = 2_000_000
FAN_EVENTS = 1_000
"""Events of the one person whose history is asked for."""

Order = Literal["person", "arrival"]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Columns = dict[str, pa.Array]

PLAN = TrackingPlan(
    events={
        "page": PlannedEvent(
            properties={"path": Property(type="text"), "seconds": Property(type="integer")}
        ),
        "Product Viewed": PlannedEvent(
            properties={"product_id": Property(type="text"), "category": Property(type="text")}
        ),
        "Order Completed": PlannedEvent(
            properties={
                "revenue": Property(type="decimal", scale=2),
                "channel": Property(type="text"),
            }
        ),
        "Email Opened": PlannedEvent(properties={"campaign": Property(type="text")}),
    }
)
SHARES = {"page": 0.5, "Product Viewed": 0.25, "Order Completed": 0.15, "Email Opened": 0.1}


def lake_of(n_events: int, order: Order = "person") -> Lake:
    """A lake with so many events, made on first use and kept in ``build/benchmarks``.

    Parameters
    ----------
    order : {"person", "arrival"}
        Sorted by person and time, as a compacted lake is, or by time, as events arrive.
    """
    place = DATA / f"lake-{n_events}-{order}"
    if not (place / "done").exists():
        shutil.rmtree(place, ignore_errors=True)
        _fill(place, n_events, order)
        (place / "done").touch()
    lake = Lake(place)
    lake.keep_presence()
    return lake


def people_of(n_events: int) -> list[str]:
    """The pseudonyms of the people, in order; the first has `FAN_EVENTS` events."""
    n_people = max(2, n_events // PER_PERSON)
    high = np.sort(np.random.default_rng(1).integers(0, 2**62, n_people)).tolist()
    return [f"{a:016x}{(a * 0x9E3779B97F4A7C15) % 2**64:016x}" for a in high]


def _fill(place: Path, n_events: int, order: Order) -> None:
    table = Table(place / "events", ["name"])
    people = pa.array(people_of(n_events))
    weights = np.random.default_rng(2).lognormal(0, 1, len(people)).cumsum()
    parts: list[Part] = []
    schema = HEAD
    for i, (rows, n_before) in enumerate(_blocks(weights, n_events, order)):
        for name, data in _named(rows, people, n_before, order):
            path = f"{folder(name)}/{1:010}-sorted{i}.parquet"
            parts.append(table.write(path, [data], data.schema, {"name": name}))
            schema = pa.unify_schemas([schema, data.schema])
    table.commit(parts, schema=schema, transaction=("log", n_events))


Rows = tuple[Ints, Ints, np.random.Generator]


def _blocks(weights: Any, n_events: int, order: Order) -> Iterator[tuple[Rows, int]]:
    """Who and when, block by block, with the number of events before each."""
    n_blocks = -(-n_events // BLOCK)
    edges = np.linspace(0, 1, n_blocks + 1)
    for i, (low, high) in enumerate(itertools.pairwise(edges)):
        rng = np.random.default_rng([3, i])
        n = round(n_events * high) - round(n_events * low)
        mine, times = ((low, high), (0, 1)) if order == "person" else ((0, 1), (low, high))
        who = np.searchsorted(weights, rng.uniform(*mine, n) * weights[-1]).astype(np.int64)
        at = NOW - YEAR + (rng.uniform(*times, n) * YEAR).astype(np.int64)
        if i == 0:
            who[rng.choice(n, FAN_EVENTS, replace=False)] = 0
        yield (who, at, rng), round(n_events * low)


def _named(rows: Rows, people: pa.Array, n_before: int, order: Order) -> Iterator[Any]:
    who, at, rng = rows
    sort = np.lexsort((at, who)) if order == "person" else np.argsort(at)
    who, at = who[sort], at[sort]
    kind = rng.choice(len(SHARES), len(who), p=list(SHARES.values()))
    for i, name in enumerate(SHARES):
        mine = np.flatnonzero(kind == i)
        head = _head(people.take(pa.array(who[mine])), at[mine], n_before + mine, rng)
        yield name, pa.table(head | PROPERTIES[name](rng, len(mine)))


def _head(person: pa.Array, at: Ints, number: Ints, rng: np.random.Generator) -> Columns:
    n = len(at)
    instant = pa.array(at).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    key = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), n, [None, pa.py_buffer(rng.bytes(16 * n))]
    )
    texts = {"source": "shop", "type": "track"}
    made = {
        "offset": pa.array(number + 1), "key": key, "fact": key,
        "message_id": pa.array(number).cast(pa.string()), "user": person, "person": person,
        "occurred_at": instant, "received_at": instant,
    } | {name: pa.repeat(text, n) for name, text in texts.items()}  # fmt: skip
    return {f.name: made[f.name] if f.name in made else pa.nulls(n, f.type) for f in HEAD}


def _texts(rng: np.random.Generator, n: int, options: list[str], skew: float = 2.0) -> pa.Array:
    index = (len(options) * rng.random(n) ** skew).astype(np.int64)
    return pa.array(options).take(pa.array(index))


def _money(rng: np.random.Generator, n: int) -> pa.Array:
    """Amounts of two digits after the point, as the lake's decimals of six."""
    wide = np.zeros((n, 2), np.int64)
    wide[:, 0] = (1 + rng.gamma(1.5, 4_000, n).astype(np.int64)) * 10**4
    return pa.Array.from_buffers(pa.decimal128(18, 6), n, [None, pa.py_buffer(wide.tobytes())])


def _page(rng: np.random.Generator, n: int) -> Columns:
    paths = [f"/page/{i}" for i in range(200)]
    seconds = pa.array(rng.integers(1, 600, n))
    return {
        physical("path", "text"): _texts(rng, n, paths),
        physical("seconds", "integer"): seconds,
    }


def _viewed(rng: np.random.Generator, n: int) -> Columns:
    products, categories = [f"p-{i:03}" for i in range(500)], [f"c-{i:02}" for i in range(12)]
    return {
        physical("product_id", "text"): _texts(rng, n, products),
        physical("category", "text"): _texts(rng, n, categories),
    }


def _ordered(rng: np.random.Generator, n: int) -> Columns:
    channels = ["web", "app", "phone", "shop"]
    return {
        physical("revenue", "decimal"): _money(rng, n),
        physical("channel", "text"): _texts(rng, n, channels),
    }


def _opened(rng: np.random.Generator, n: int) -> Columns:
    return {physical("campaign", "text"): _texts(rng, n, [f"letter-{i}" for i in range(50)])}


PROPERTIES: dict[str, Callable[[np.random.Generator, int], Columns]] = {
    "page": _page, "Product Viewed": _viewed, "Order Completed": _ordered, "Email Opened": _opened,
}  # fmt: skip

"""The stream as events arrive: a shop's 60 days in Arrow batches, every deadline acted on.

Needs `coterie[stream]`. Everything from a batch with text ids to the table of change records is
inside the clock: identifiers, columns, order, state, deadlines, records. One person in twenty is
checked with the reference engine, at instants over all the days.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from common import asking
from common.clicks import BEGIN, DAY, DAYS, LAG, PLAN, Batch, arriving, names_of
from common.exact import check
from common.results import keep
from common.rounds import spread

from coterie.engines.sql.sources import column
from coterie.engines.stream import StreamEngine
from coterie.engines.stream.compiled import COMPILED
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.load import load_python

SIZE = 10_000
FEW = 1_000


class Passed(NamedTuple):
    """What one pass over events took: processor seconds, the wall's of each batch, and records."""

    engine: StreamEngine
    events: int
    cpu: float
    wall: list[float]
    changes: pa.Table

    def speed(self) -> dict[str, int]:
        """Events a second, by processor time and by the wall's."""
        return {"cpu": round(self.events / self.cpu), "wall": round(self.events / sum(self.wall))}


def main() -> None:
    """Measure throughput, batches of a thousand, single events and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if not COMPILED:
        raise SystemExit("without Numba there is nothing to measure: pip install 'coterie[stream]'")
    n, people = chosen.events, chosen.people
    passed(arriving(2 * SIZE, people, SIZE), library())  # machine code is read from disk
    rounds = [(_whole(n, people, 1), _whole(n, people, 2)) for _ in range(chosen.rounds)]
    alone = rounds[-1][0]
    measured = {
        "events a second": {
            "one partition": _speeds([one for one, _ in rounds]),
            "two partitions": _speeds([two for _, two in rounds]),
        },
        "state": _state(alone.engine),
        "records": {"changes": alone.changes.num_rows, "checked": _checked(alone, n, people)},
        f"batches of {FEW}": _quantiles(_small(n, people)),
        "one event": _quantiles(_single(alone.engine, people)),
        "json": _json(people),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    keep(f"flow-{n}-{people}", {"events": n, "people": people, "batch": SIZE}, measured)


def library() -> Library:
    """Twelve traits and ten segments, as a user writes them."""
    found: Definitions = load_python(asking.DEFINITIONS / "flow.py")
    return Library(found, PLAN, {"analytics": "legitimate_interest"}, "analytics")


def _whole(n: int, people: int, partitions: int) -> Passed:
    return passed(arriving(n, people, SIZE), library(), partitions)


def passed(batches: Iterator[Batch], asked: Library, partitions: int = 1) -> Passed:
    """All of these events through an engine of its own."""
    engine, events, cpu = StreamEngine(asked, BEGIN - DAY, partitions=partitions), 0, 0.0
    wall, changes = [], []
    for offset, batch in enumerate(batches, 1):
        begun, spent = time.perf_counter(), time.process_time()
        changes.append(_step(engine, batch, offset))
        cpu += time.process_time() - spent
        wall.append(time.perf_counter() - begun)
        events += batch.size
    assert not engine.stale(), "an event came too late: nothing was measured"
    return Passed(engine, events, cpu, wall, pa.concat_tables(changes))


def _step(engine: StreamEngine, batch: Batch, offset: int) -> pa.Table:
    for name, table in batch.tables.items():
        engine.feed(name, table)
    engine.advance(batch.clock, offset=offset)
    return engine.changes()


def _small(n: int, people: int) -> list[float]:
    """Seconds for each batch of a thousand: the last tenth of the events, after all others."""
    before = 9 * n // 10 // SIZE
    last = arriving(n, people, FEW, skip=before * SIZE // FEW)
    every = chain(islice(arriving(n, people, SIZE), before), last)
    return passed(every, library()).wall[before:]


def _speeds(every: list[Passed]) -> dict[str, Any]:
    found = [each.speed() for each in every]
    return {kind: spread([each[kind] for each in found]) for kind in ("cpu", "wall")}


def _state(engine: StreamEngine) -> dict[str, int]:
    people = engine.sizes()["people"]
    return {
        "bytes a person": sum(part.nbytes for part in engine.parts) // people,
        "identifiers, bytes a person": engine.people.nbytes // people,
        "people": people,
    }


def _checked(done: Passed, n: int, people: int) -> int:
    """How many memberships were compared with the reference engine: one person in twenty."""
    sample = set(names_of(people).take(pa.array(np.arange(0, people, 20))).to_pylist())
    ends = [BEGIN + k * DAY * DAYS // 4 - LAG for k in range(1, 5)]
    return check(library(), done.changes, arriving(n, people, SIZE), sample, ends)


def _quantiles(wall: list[float]) -> dict[str, float]:
    return {f"p{p} ms": round(float(np.percentile(wall, p)) * 1e3, 3) for p in (50, 99)}


def _single(engine: StreamEngine, people: int) -> list[float]:
    """One event at a time, each due at once."""
    wall, at = [], engine.clock
    batches = arriving(5_000, people, 5_000)
    for name, table in islice(next(batches).tables.items(), 5):
        for row in range(min(table.num_rows, 400)):
            at += 1_000
            alone = table.slice(row, 1).set_column(1, "at", pa.array([at]))
            begun = time.perf_counter()
            engine.feed(name, alone)
            engine.advance(at, offset=1)
            engine.changes()
            wall.append(time.perf_counter() - begun)
    return wall


# --- JSON ---------------------------------------------------------------------------------------


class Properties(msgspec.Struct, gc=False):
    """What definitions read of an event."""

    category: str | None = None
    revenue: int | None = None


class Message(msgspec.Struct, gc=False):
    """A track event of the Segment specification, as far as definitions read it."""

    event: str
    userId: str  # noqa: N815 - the specification's name
    timestamp: int
    messageId: bytes  # noqa: N815 - the specification's name
    properties: Properties


def _json(people: int) -> dict[str, int]:
    """From messages, a batch in one array, to change records; events a second of processor time."""
    engine, cpu, events = StreamEngine(library(), BEGIN - DAY), 0.0, 0
    decoder = msgspec.json.Decoder(list[Message])
    for offset, batch in enumerate(arriving(20 * SIZE, people, SIZE), 1):
        body = msgspec.json.encode(list(_messages(batch)))
        spent = time.process_time()
        tables = _tables(decoder.decode(body))
        _step(engine, batch._replace(tables=tables), offset)
        cpu += time.process_time() - spent
        events += batch.size
    return {"events a second": round(events / cpu)}


def _messages(batch: Batch) -> Iterator[Message]:
    for name, table in batch.tables.items():
        for row in table.to_pylist():
            values = {each: row.get(column(each)) for each in ("category", "revenue")}
            yield Message(name, row["profile"], row["at"], row["key"], Properties(**values))


def _tables(messages: list[Message]) -> dict[str, pa.Table]:
    whole = pa.table({
        "name": pa.array([m.event for m in messages]).dictionary_encode(),
        "profile": pa.array([m.userId for m in messages]),
        "at": pa.array([m.timestamp for m in messages], pa.int64()),
        "key": pa.array([m.messageId for m in messages], pa.binary(16)),
        column("category"): pa.array([m.properties.category for m in messages], pa.string()),
        column("revenue"): pa.array([m.properties.revenue for m in messages], pa.int64()),
    })  # fmt: skip
    names = whole["name"].unique().to_pylist()
    return {name: whole.filter(pc.equal(whole["name"], name)) for name in names}


if __name__ == "__main__":
    main()

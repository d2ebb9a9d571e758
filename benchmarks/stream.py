"""The stream engine: definitions as data beside fixed rules, a hand-off, and live events.

Needs `coterie[stream]`. The first part folds the same events through the engine's kernels and
through one whose rules are fixed; the second makes everybody live out of history, beside a single
query by hand that answers and keeps nothing; the third takes events as they come, with every
deadline between them.
"""

from __future__ import annotations

import argparse
import resource
import time
from multiprocessing import get_context
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from common import asking, fixed
from common.events import NOW, PLAN, YEAR, lake_of
from common.hand import single
from common.results import keep
from common.rounds import Times, ratio, spread, summary, take_turns

from coterie.engines.reference.aggregates import rate
from coterie.engines.sql.sources import column
from coterie.engines.stream import StreamEngine
from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import different
from coterie.engines.stream.batches import in_order
from coterie.engines.stream.compiled import COMPILED
from coterie.language import nodes as n
from coterie.language.time import days
from coterie.profiles.live.ahead import ahead
from coterie.profiles.live.facts import Facts
from coterie.profiles.live.host import CHUNK
from coterie.storage.lake import Lake

BATCH = 10_000


def main() -> None:
    """Measure the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--batches", type=int, default=50, help="of 10,000 live events")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if not COMPILED:
        raise SystemExit("without Numba there is nothing to measure: pip install 'coterie[stream]'")
    lake = lake_of(chosen.events)
    size = {"events": chosen.events, "rounds": chosen.rounds, "batch": BATCH}
    alone = _alone(chosen.events)  # first: a process begins with the peak of its parent
    tables = _tables(lake)
    measured = {
        "hand-off alone": alone,
        "folding": _folding(tables, chosen.rounds),
        "hand-off": _handing_off(lake, chosen.rounds),
        "live": _living(tables, chosen.batches),
    }
    keep(f"stream-{chosen.events}", size, measured | {"peak_mb": _peak_mb()})


def _engine(clock: int, partitions: int = 1) -> StreamEngine:
    return StreamEngine(asking.load("batch")[1], clock, partitions=partitions)


def _tables(lake: Lake) -> dict[str, pa.Table]:
    """All events by name, as the engine takes them."""
    needs = _engine(NOW).needs()
    with lake.connect() as con:
        return {
            name: con.sql(
                lake.scan(con, name, needs.get(name, {}), lake.offset(), rename=column)
            ).to_arrow_table()
            for name in lake.names()
        }


def _people(tables: dict[str, pa.Table]) -> list[str]:
    chunks = [chunk for table in tables.values() for chunk in table["profile"].chunks]
    return pc.unique(pa.chunked_array(chunks)).to_pylist()  # type: ignore[no-any-return]


# --- definitions as data, and rules that are fixed ------------------------------------------------


def _folding(tables: dict[str, pa.Table], rounds: int) -> dict[str, Any]:
    """The same events in the same order through both kernels, one core."""
    engine = _engine(NOW)
    rows = [part for name, table in tables.items() for _, part in engine.rows(name, table)]
    events = in_order(np.concatenate(rows))
    times = take_turns(
        {"as data": lambda: _as_data(engine, events), "fixed": lambda: _as_code(engine, events)},
        rounds + 1,
    )
    times = {name: Times(each.wall[1:], each.cpu[1:]) for name, each in times.items()}
    _agree(engine, events)
    return {
        "seconds": summary(times),
        "as data / fixed": ratio(times, "as data", "fixed"),
        "events a second": spread([len(events) / s for s in times["as data"].cpu]),
    }


def _as_data(engine: StreamEngine, events: Any) -> StreamEngine:
    again = _engine(NOW)
    part, count = again.parts[0], len(engine.people)
    part.texts = engine.texts
    part.reserve(count * 256)
    part.enroll(count)
    part.fold(events)
    return again


def _as_code(engine: StreamEngine, events: Any) -> tuple[Any, Any]:
    program, count = engine.program, len(engine.people)
    width = 2 ** (fixed.WIDTH - 1).bit_length()
    memory = np.zeros(256 * count + 4 * len(events) + 2**16, np.int64)
    memory[y.TOP] = y.REGISTERS + width * (count + 1)
    rows = y.REGISTERS + width * np.arange(count)
    cell = {p: y.EVENT + 2 * at for cells in program.events.values() for p, at in cells.items()}
    names = list(program.events)
    places = [names.index(name) for name in ("page", "Product Viewed", "Order Completed")]
    cells = [cell[name] for name in ("product_id", "category", "revenue", "channel")]
    constants = np.array([events.shape[1], *places, *cells], np.int64)
    decay = rate(n.Decayed(n.Named("Product Viewed"), half_life=days(7)))
    flat = events.reshape(-1)
    fixed.fold(memory, engine.texts.labels, rows, flat, constants, len(events), decay)
    return memory, rows


def _agree(engine: StreamEngine, events: Any) -> None:
    """Refuse to measure kernels that do not do the same."""
    memory, rows = _as_code(engine, events)
    part = _as_data(engine, events).parts[0]
    leaves = {type(leaf).__name__: block.offset for leaf, block in _blocks(engine)}
    orders = part.memory[part.rows[: part.n_people] + leaves["Count"]]
    products = part.memory[part.rows[: part.n_people] + leaves["Distinct"] + different.N]
    if (orders != memory[rows + fixed.ORDERS]).any() or (
        products != memory[rows + fixed.PRODUCTS + different.N]
    ).any():
        raise SystemExit("the kernels differ: nothing was measured")


def _blocks(engine: StreamEngine) -> list[tuple[n.Aggregate, Any]]:
    by_leaf = {block.leaf: block for block in engine.program.blocks if block.leaf >= 0}
    chosen = (leaf for leaf in engine.program.leaves if leaf.within is None)
    return [(leaf, by_leaf[engine.program.leaves[leaf]]) for leaf in chosen]


# --- hand-off -----------------------------------------------------------------------------------


def _handing_off(lake: Lake, rounds: int) -> dict[str, Any]:
    """From files to a live state of everybody, two partitions, beside a query by hand."""
    times = take_turns(
        {"coterie": lambda: _live_out_of(lake), "one query": lambda: single(lake)}, rounds
    )
    return {
        "seconds": summary(times),
        "coterie / one query": ratio(times, "coterie", "one query"),
    }


def _live_out_of(lake: Lake) -> StreamEngine:
    """As a stream begins that has no snapshot."""
    engine, facts = _engine(NOW, partitions=2), Facts(lake, PLAN, lake.offset())
    for some, events in ahead(facts.by_person(engine.needs(), NOW, CHUNK)):
        engine.rebuild(some, events, cause="start", offset=1)
    engine.changes()
    facts.close()
    return engine


def _alone(n_events: int) -> dict[str, int]:
    """The memory of a hand-off, in a process that does nothing else."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured_alone, [n_events])


def _measured_alone(n_events: int) -> dict[str, int]:
    sizes = _live_out_of(lake_of(n_events)).sizes()
    return {"peak_mb": _peak_mb(), "state_mb": sizes["bytes"] // 2**20}


def _peak_mb() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


# --- live ---------------------------------------------------------------------------------------


def _living(tables: dict[str, pa.Table], batches: int) -> dict[str, Any]:
    """The last events as they come, out of a state of all before them."""
    instants = np.sort(np.concatenate([table["at"].to_numpy() for table in tables.values()]))
    count = min(batches * BATCH, len(instants) // 2)
    cuts = instants[-count - 1 :: BATCH]
    engine = _engine(int(cuts[0]))
    assert cuts[0] > NOW - 2 * YEAR
    engine.rebuild(_people(tables), tables, cause="start", offset=1)
    engine.changes()
    latencies, changes, begun = [], 0, time.process_time()
    for at in [*cuts[1:].tolist(), NOW]:
        start = time.perf_counter()
        engine.advance(int(at), offset=2)
        changes += engine.changes().num_rows
        latencies.append(time.perf_counter() - start)
    spent = time.process_time() - begun
    return {
        "events": {"live": count, "changes": changes},
        "events a second": {"wall": round(count / sum(latencies)), "cpu": round(count / spent)},
        "ms a batch": {
            f"p{p}": round(float(np.percentile(latencies, p)) * 1e3, 1) for p in (50, 99)
        },
    }


if __name__ == "__main__":
    main()

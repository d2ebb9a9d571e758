"""A hundred thousand windows that end in one second: bounded work, the same records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from coterie import hours, segment
from coterie.engines.stream import StreamEngine
from coterie.engines.stream.compiled import COMPILED
from tests.conformance.case import HOUR, at, order
from tests.stream.shop import library

LIBRARY = library(active=segment(order.any(within=hours(2))))
N = 100_000 if COMPILED else 2_000
SECOND = 1_000_000
LIMIT = N // 20


def orders(whose: Sequence[str], instants: Sequence[int], first: int) -> pa.Table:
    """An order of each of them, with keys that count up."""
    keys = [(first + i).to_bytes(16, "big") for i in range(len(whose))]
    return pa.table({
        "profile": pa.array(whose, pa.string()),
        "at": pa.array(instants, pa.int64()),
        "key": pa.array(keys, pa.binary(16)),
    })  # fmt: skip


def crowd(partitions: int = 1) -> StreamEngine:
    """Everyone ordered within one second, and the clock stands before the first leaves."""
    spread = np.random.default_rng(4).integers(0, SECOND, N)
    engine = StreamEngine(LIBRARY, at(-1), partitions=partitions)
    engine.feed("Order", orders([f"p{i}" for i in range(N)], (at(0) + spread).tolist(), 1))
    assert engine.advance(at(1), offset=N)
    entered = engine.changes()
    assert entered.num_rows == N
    assert pc.all(pc.equal(entered["cause"], "event")).as_py()
    return engine


def newcomers(engine: StreamEngine, turn: int, after: int) -> None:
    """Ten more people order, soon after an instant."""
    whose = [f"new{turn}_{i}" for i in range(10)]
    engine.feed("Order", orders(whose, [after + turn + 1] * 10, 10 * (N + turn)))


def ordered(*records: pa.Table) -> pa.Table:
    """All records in one order."""
    keys = [(name, "ascending") for name in ("profile", "at", "change", "offset")]
    return pa.concat_tables(records).combine_chunks().sort_by(keys)


@pytest.mark.parametrize("partitions", [1, 4])
def test_a_crowd_leaves_in_bounded_calls_with_the_same_records(partitions: int) -> None:
    """Events are taken between the calls; nobody's records differ from those of one call."""
    whole, bounded = crowd(), crowd(partitions)
    end = at(2) + SECOND
    found, turns = [], 0
    while not bounded.advance(end, offset=N + 1, limit=LIMIT):
        newcomers(bounded, turns, end)
        found.append(bounded.changes())
        turns += 1
        assert found[-1].num_rows <= LIMIT, "a bounded call acted on more than its limit"
    assert turns >= 19
    found.append(bounded.changes())
    for turn in range(turns):
        newcomers(whole, turn, end)
    assert whole.advance(end, offset=N + 1)
    for engine in (whole, bounded):
        assert engine.advance(end + HOUR, offset=N + 2)
    left = ordered(whole.changes())
    assert left.num_rows == N + 10 * turns
    assert ordered(*found, bounded.changes()).equals(left)
    assert bounded.digest() == whole.digest()
    assert bounded.members().num_rows == 10 * turns


def test_who_is_read_has_left_already() -> None:
    """While most deadlines are still due, those of the people who are read were acted on."""
    engine = crowd()
    assert not engine.advance(at(3), offset=N + 1, limit=10)
    some = [f"p{i}" for i in range(0, N, N // 50)]
    assert not any(row["active"] for row in engine.read(["active"], some).to_pylist())
    early = engine.changes()
    assert set(some) <= set(early["profile"].to_pylist())
    assert early.num_rows <= 10 + len(some)
    assert engine.advance(at(3), offset=N + 1)
    rest = engine.changes()
    assert early.num_rows + rest.num_rows == N
    assert pc.min(rest["offset"]).as_py() == pc.max(rest["offset"]).as_py() == N + 1


def test_a_late_event_of_somebody_who_is_due_finds_them_gone() -> None:
    """The deadline comes first, as if it had not been put off."""
    engine = crowd()
    assert not engine.advance(at(3), offset=N + 1, limit=10)
    late = orders(["p7"], [at(2.5)], 10 * N)
    engine.feed("Order", late)
    assert engine.stale() == {"p7": "late"}
    first = orders(["p7"], [at(0)], 8)
    engine.rebuild(["p7"], {"Order": pa.concat_tables([first, late])}, cause="late", offset=N + 2)
    assert engine.advance(at(3), offset=N + 2)
    seen = engine.changes()
    own = seen.filter(pc.equal(seen["profile"], "p7")).sort_by([("offset", "ascending")])
    assert own.select(["change", "cause", "offset"]).to_pylist() == [
        {"change": "exited", "cause": "time", "offset": N + 1},
        {"change": "entered", "cause": "late", "offset": N + 2},
    ]
    assert own["at"][1].as_py().timestamp() * 1e6 == at(3)


def test_the_clock_may_move_on_while_deadlines_are_due() -> None:
    """Another tick brings what the former one left, and says which of them made it due."""
    engine = crowd()
    assert not engine.advance(at(2) + SECOND, offset=N + 1, limit=10)
    newcomers(engine, 0, at(3))
    found = [engine.changes()]
    while not engine.advance(at(4), offset=N + 2, limit=LIMIT):
        found.append(engine.changes())
    left = ordered(*found, engine.changes())
    assert left.num_rows == N + 10
    by = pc.if_else(pc.equal(left["change"], "exited"), N + 1, N + 2)
    assert left["offset"].equals(by.cast(pa.int64()))

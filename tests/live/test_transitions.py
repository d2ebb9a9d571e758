"""Records are read from a number on: what came before is neither missed nor read again."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from coterie.language.time import micros
from coterie.profiles import state, transitions
from coterie.profiles.stores import Stores
from coterie.storage import compaction
from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log
from coterie.storage.outbox import RECORDS, Mark, Outbox
from tests.live.shop import day

FLUSHES, EACH = 5, 8


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    """Records of five steps in as many files, and of a sixth in the outbox alone."""
    found = Stores(Log(tmp_path / "log.db"), Lake(tmp_path / "lake"), Ledger(tmp_path / "l.db"))
    outbox = Outbox(found.ledger)
    for step in range(1, FLUSHES + 2):
        outbox.commit(mark(step), records(step))
        if step <= FLUSHES:
            transitions.flush(found.lake, outbox, settled=step - 1)
    return found


def mark(step: int) -> Mark:
    return Mark(offset=10 * step, clock=step, horizon=None, definitions_hash="", settled=0)


def records(step: int) -> pa.Table:
    """Some are of the step before: a bounded step leaves deadlines to the next."""
    rows = [
        {
            "profile": f"p{i}", "segment": "odd" if i % 2 else "even", "stage": "",
            "change": "entered", "at": micros(day(step)), "version": 1, "sequence": i,
            "cause": "event", "reason": "", "offset": 10 * step - (10 if i < 2 else 0),
        }
        for i in range(EACH)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pa.schema(list(RECORDS)[1:]))


def test_records_since_any_number_follow_each_other(stores: Stores) -> None:
    """Out of lake and outbox alike, each of them once."""
    outbox, n = Outbox(stores.ledger), (FLUSHES + 1) * EACH
    for number in range(n + 2):
        found = transitions.since(stores.lake, outbox, number)
        assert found["id"].to_pylist() == list(range(number + 1, n + 1))


def test_records_after_any_entry_are_all_of_them(stores: Stores) -> None:
    """Those that a later step recorded of it as well."""
    every = transitions.read(stores.lake, stores.ledger)
    for after in range(0, 10 * (FLUSHES + 2), 5):
        wanted = every.filter(pc.greater(every["offset"], after))
        assert transitions.read(stores.lake, stores.ledger, after).equals(wanted)
        whole = state.read_changes(stores.lake, stores.ledger)
        part = whole.filter(pc.greater(whole["offset"], after))
        assert state.read_changes(stores.lake, stores.ledger, after).equals(part)


@pytest.mark.parametrize("n", [1, 3, 4, 11, 24, 99])
def test_the_latest_of_a_segment_are_found_however_far_back(
    stores: Stores, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search goes back as far as it must, and no further than there is anything."""
    monkeypatch.setattr(transitions, "_SPAN", 3)

    def odd(found: pa.Table) -> pa.Table:
        return found.filter(pc.equal(found["segment"], "odd"))

    outbox = Outbox(stores.ledger)
    every = odd(transitions.since(stores.lake, outbox, 0))["id"].to_pylist()
    assert transitions.latest(stores.lake, outbox, n, odd)["id"].to_pylist() == every[-n:]


def test_what_was_seen_is_not_read_again(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read of a file that ends before, and no file where the lake has nothing new."""
    read: list[int] = []
    whole = compaction.pq.ParquetFile.read_row_groups

    def counted(file: object, groups: list[int]) -> pa.Table:
        read.append(len(groups))
        return whole(file, groups)

    monkeypatch.setattr(compaction.pq.ParquetFile, "read_row_groups", counted)
    outbox = Outbox(stores.ledger)
    assert transitions.since(stores.lake, outbox, 4 * EACH).num_rows == 2 * EACH
    assert read == [0, 0, 0, 0, 1]
    read.clear()
    assert transitions.since(stores.lake, outbox, FLUSHES * EACH).num_rows == EACH
    assert not read

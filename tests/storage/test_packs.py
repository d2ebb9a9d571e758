"""Many collected events are packed, and no question to the log can tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.errors import StoreError
from coterie.storage import packs
from coterie.storage.entries import Entry
from coterie.storage.log import Log
from coterie.storage.payload import Fact, fact
from tests.storage.shop import made

PEOPLE = 4
ROWS = 10**9
"""Of an append that is never packed."""


def facts(numbers: Sequence[int], **more: Any) -> list[Fact]:
    """One event for each number, of a few people, at instants that go up and down."""
    return [
        fact(
            made(f"m{n}", at=n * 7 % 23, user_id=f"u{n % PEOPLE}", received_at=n, **more),
        )
        for n in numbers
    ]


def collect(log: Log, given: Sequence[Fact]) -> None:
    """As the collector stores them."""
    log.append_facts(given, lasting=False)


def packed(log: Log) -> list[packs.Pack]:
    """The packs of a log."""
    return list(packs.every(log._db))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of three to five events."""
    monkeypatch.setattr(packs, "FEW", 3)
    monkeypatch.setattr(packs, "MANY", 5)


def answers(log: Log, seen: Sequence[Fact]) -> list[object]:
    """Everything that a log can be asked."""
    end = log.end()
    read: list[list[Entry]] = [
        log.read(after, limit, kind)
        for after in range(end + 1) for limit in (1, 4, 50) for kind in (None, "event", "tick")
    ]  # fmt: skip
    events = [log.read(0, 1000), [log._of(one.key) for one in seen]]
    late = [
        log.late(after, until, by)
        for after in range(log.forgotten(), end + 1, 3)
        for until in (after + 2, end) for by in (0, 9, 30)
    ]  # fmt: skip
    return [end, log.tally(), log.clock(), log.forgotten(), log.old(10**6, 7), read, events, late]


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("collect"), st.integers(1, 13)),
        st.tuples(st.just("import"), st.integers(1, 4)),
        st.tuples(st.just("again"), st.integers(3, 9)),
        st.tuples(st.just("tick"), st.integers(0, 99)),
        st.tuples(st.just("erase"), st.integers(0, PEOPLE - 1)),
        st.tuples(st.just("forget"), st.integers(1, 9)),
        st.tuples(st.just("open"), st.just(0)),
    ),
    max_size=9,
)  # fmt: skip


@pytest.mark.usefixtures("small")
@settings(max_examples=40)
@given(_STEPS)
def test_a_packed_log_answers_as_one_of_rows(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """Whatever is stored, erased and forgotten, in whatever order."""
    folder = tmp_path_factory.mktemp("log")
    found = [_answered(folder / f"{few}.db", steps, few) for few in (ROWS, 3)]
    assert found[0] == found[1]


def _answered(path: Path, steps: list[tuple[str, int]], few: int) -> list[object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "FEW", few)
        log, numbers, seen = Log(path), count(), list[Fact]()
        found: list[object] = []
        for step, n in steps:
            new = facts([next(numbers) for _ in range(n)]) if step in ("collect", "import") else []
            seen += new
            if step == "open":
                log.close()
                log = Log(path)
            elif step == "tick":
                log.append("tick", n, b"{}")
            elif step == "erase":
                found.append(log.erase({f"u{n}"}, range(1, log.forgotten() + 1)))
            elif step == "forget" and (old := log.old(10**6, n)):
                log.forget(old)
            elif step == "import":
                log.append_facts(new)
            elif step != "forget":
                collect(log, new or seen[-n:])
        found += answers(log, seen)
        log.close()
    return found


def test_many_collected_events_take_a_quarter_of_the_room(log: Log) -> None:
    """What came in files, and few events at once, are rows as before."""
    words = {"page": {"title": "A thing of beauty " * 9}}
    given = facts(range(1_200), context=words)
    collect(log, given)
    collect(log, facts(range(2_000, 2_010)))
    log.append_facts(facts(range(3_000, 3_200)))
    assert [pack.n for pack in packed(log)] == [500, 500, 200]
    assert log._db.execute("SELECT count(*) FROM entry").fetchone() == (210,)
    assert 4 * sum(len(pack.packed) for pack in packed(log)) < sum(len(one.body) for one in given)
    assert [entry.offset for entry in log.read(0, 2_000)] == list(range(1, 1_411))
    assert log.append("tick", 0, b"{}") == 1_411


@pytest.mark.usefixtures("small")
def test_a_log_of_before_packs_goes_on(tmp_path: Path) -> None:
    """Its rows stay where they are, and are read with what comes."""
    path = tmp_path / "log.db"
    given = facts(range(20))
    with Log(path) as log:
        log.append_facts(given[:10])
        log._db.execute("DROP TABLE pack")
    with Log(path) as log:
        collect(log, given)
        assert [entry.payload for entry in log.read(0, 99)] == [one.body for one in given]
        assert log.tally().duplicate == 10


@pytest.mark.usefixtures("small")
def test_the_first_entries_of_a_log_may_be_a_pack(log: Log) -> None:
    """What comes after them counts on."""
    collect(log, facts(range(7)))
    assert log.append("tick", 0, b"{}") == 8
    assert log.append_facts(facts([7])).offsets == [9]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("place", [0, -1])
def test_a_damaged_pack_is_noticed_and_named(log: Log, place: int) -> None:
    """By its offsets; the packs before it are read."""
    collect(log, facts(range(10)))
    with sqlite3.connect(log.path) as db:
        (found,) = db.execute("SELECT packed FROM pack WHERE last = 10").fetchone()
        changed = bytearray(found)
        changed[place] ^= 1
        db.execute("UPDATE pack SET packed = ? WHERE last = 10", (bytes(changed),))
    db.close()
    assert len(log.read(0, 5)) == 5
    for asked in (lambda: log.read(0, 6), lambda: log.erase({"u1"}), lambda: log.late(0, 10, 99)):
        with pytest.raises(StoreError, match="damaged") as caught:
            asked()
        assert "offsets 6 to 10" in caught.value.where
    log.forget(range(1, 11))
    assert log.read(0, 99) == []


def test_an_erasure_leaves_nothing_of_the_former_pack(log: Log) -> None:
    """Its bytes are in no file, and the others are in another one."""
    collect(log, facts(range(300)))
    (before,) = packed(log)
    assert log.erase({"u1"}) == 75
    (after,) = packed(log)
    assert after.n == 225
    files = [path for path in log.path.parent.iterdir() if path.name.startswith("log.db")]
    pieces = [before.packed[i : i + 24] for i in range(0, len(before.packed) - 24, 24)]
    known = b"".join(path.read_bytes() for path in files)
    assert not [piece for piece in pieces if piece in known and piece not in after.packed]
    assert {entry.event.user_id for entry in log.read(0, 500)} == {"u0", "u2", "u3"}


@pytest.mark.usefixtures("small")
def test_a_pack_that_finds_no_room_leaves_nothing(log: Log) -> None:
    """Neither entries nor offsets."""
    collect(log, facts(range(4)))
    log._db.execute("PRAGMA max_page_count = 24")
    with pytest.raises(StoreError, match="full"):
        collect(log, [fact(made(f"n{i}", properties={"t": f"{i}" * 9_000})) for i in range(5_000)])
    assert log.tally().received == log.end() == 4
    assert len(log.read(0, 99)) == 4


@pytest.mark.usefixtures("small")
def test_a_reader_holds_up_no_checkpoint(log: Log) -> None:
    """A question that was answered before its last row was read is over."""
    collect(log, facts(range(20)))
    with Log(log.path) as reader:
        assert len(reader.read(0, 2)) == 2
        assert log.erase({"u1"}) == 5

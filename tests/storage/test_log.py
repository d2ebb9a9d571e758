"""The log keeps every entry once, in order, and forgets the erased."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import StoreError
from coterie.storage.log import Log
from tests.storage.shop import made, order


def test_offsets_count_from_one_through_all_kinds_of_entries(log: Log) -> None:
    """Events, ticks and the rest share one sequence without holes."""
    assert log.append("tick", 5, b"{}") == 1
    assert log.append_events([made("a"), made("b")]).offsets == [2, 3]
    assert log.append("definitions", 6, b"{}") == 4
    assert [entry.offset for entry in log.read(0, 10)] == [1, 2, 3, 4]
    assert log.end() == 4


def test_an_event_comes_back_equal(log: Log) -> None:
    """What is stored is what was given, exact amounts and unicode included."""
    given = order("é\u2028#", "u1", "2.51", "0.13", context={"page": {"url": "/ü"}})
    log.append_events([given])
    assert log.read(0, 1)[0].event == given
    assert log.event(given.key) == given
    assert log.event(made("other").key) is None


def test_the_same_event_again_is_a_duplicate_also_after_a_restart(tmp_path: Path) -> None:
    """The first is stored; when it was received does not matter."""
    path = tmp_path / "log.db"
    with Log(path) as log:
        assert log.append_events([made("a"), made("a")]).n_duplicate == 1
    with Log(path) as log:
        again = log.append_events([made("a", received_at=99), made("b")])
        assert (again.n_stored, again.n_duplicate, again.offsets) == (1, 1, [2])


def test_what_is_stored_is_counted_whoever_stores_and_erases(tmp_path: Path) -> None:
    """A reader that goes on from what it counted last sees what others took away."""
    path = tmp_path / "log.db"
    with Log(path) as log, Log(path) as reader:
        log.append_events([order("a", "u1", "1", "0"), order("b", "u2", "1", "0")])
        assert reader.tally().stored == 2
        log.append_events([order("c", "u2", "1", "0")])
        assert reader.tally().stored == 3
        log.erase({"u2"})
        assert (reader.tally().stored, reader.tally().erased) == (1, 2)
        log.append_events([order("d", "u1", "1", "0")])
        assert reader.tally().stored == log.tally().stored == 2


def test_the_same_id_with_another_content_is_a_conflict_and_not_stored(log: Log) -> None:
    """The caller learns which of its events it was; the stored one stays."""
    log.append_events([made("a", at=1)])
    given = [made("b"), made("a", at=2), made("b", at=3)]
    assert log.append_events(given).conflicts == [1, 2]
    stored = log.event(made("a").key)
    assert stored is not None
    assert stored.occurred_at == 1


def test_a_number_is_the_same_however_it_is_spelt(log: Log) -> None:
    """A text file's 2.50 and a typed file's 2.5 are one fact, and so are 3.00 and 3."""
    spellings = [
        {"b": Decimal("2.50"), "a": Decimal("3.00"), "l": [Decimal("1E+2")]},
        {"a": 3, "b": Decimal("2.5"), "l": [100]},
        {"a": 3.0, "b": 2.5, "l": [Decimal("100.000")]},
    ]
    appended = log.append_events([made("a", properties=p) for p in spellings])
    assert (appended.n_stored, appended.n_duplicate) == (1, 2)


def test_when_it_was_sent_is_no_content(log: Log) -> None:
    """A client that sends again stamps a new time."""
    sent = [made("a", context={"sentAt": text, "ip": "x"}) for text in ("1", "2")]
    assert log.append_events(sent).n_duplicate == 1


@pytest.mark.parametrize("value", [Decimal("NaN"), float("inf"), "\ud800", {1, 2}])
def test_a_value_that_json_cannot_hold_is_refused_and_nothing_stored(
    log: Log, value: object
) -> None:
    """A batch with such a value is refused whole."""
    with pytest.raises(StoreError):
        log.append_events([made("a"), made("b", properties={"p": value})])
    assert log.end() == 0


def test_the_clock_is_the_last_tick(log: Log) -> None:
    """None before the first."""
    assert log.clock() is None
    log.append("tick", 10, b"{}")
    log.append_events([made("a", at=99)])
    assert log.clock() == 10


def test_reading_one_kind_skips_the_others(log: Log) -> None:
    """In order, after an offset, no more than asked."""
    log.append("tick", 1, b"1")
    log.append_events([made(str(i)) for i in range(5)])
    log.append("tick", 2, b"2")
    assert [entry.payload for entry in log.read(0, 9, "tick")] == [b"1", b"2"]
    assert [entry.offset for entry in log.read(3, 2, "event")] == [4, 5]


def test_an_event_is_not_appended_as_plain_bytes(log: Log) -> None:
    """It would escape the check for duplicates."""
    with pytest.raises(StoreError, match="no such kind"):
        log.append("event", 0, b"{}")


def test_a_damaged_entry_is_noticed(log: Log) -> None:
    """The checksum tells; the message names the offset."""
    log.append_events([made("a")])
    with sqlite3.connect(log.path) as db:
        db.execute("UPDATE entry SET payload = CAST(replace(payload, 'shop', 'shoq') AS BLOB)")
    db.close()
    with pytest.raises(StoreError, match="damaged") as caught:
        log.read(0, 1)
    assert "offset 1" in caught.value.where


def test_a_foreign_or_broken_file_is_refused_untouched(tmp_path: Path) -> None:
    """Another application's database is not written to."""
    foreign, broken = tmp_path / "other.db", tmp_path / "broken.db"
    db = sqlite3.connect(foreign)
    db.execute("CREATE TABLE theirs (x)")
    db.commit()
    db.close()
    before = foreign.read_bytes()
    broken.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="another application"):
        Log(foreign)
    with pytest.raises(StoreError):
        Log(broken)
    assert foreign.read_bytes() == before


def test_a_full_disk_is_said_and_loses_nothing(log: Log) -> None:
    """The batch that found no room is rolled back whole; what was answered is there."""
    log.append_events([made("a")])
    log._db.execute("PRAGMA max_page_count = 20")
    with pytest.raises(StoreError, match="full"):
        log.append_events([made(str(i), properties={"t": "x" * 5000}) for i in range(50)])
    assert log.tally().received == log.end() == 1
    assert log.tally().balanced


def test_erasing_leaves_no_byte_and_reuses_no_offset(log: Log) -> None:
    """Neither in the file nor in the write-ahead log, and no new entry takes the place."""
    log.append_events([order(f"m{i}", f"user-{i % 50:04}", "1.00") for i in range(2000)])
    log.append_events([made("last", user_id="user-0007", properties={"t": "user-0007" * 2000})])
    assert log.erase({"user-0007"}) == 41
    files = [path for path in log.path.parent.iterdir() if path.name.startswith("log.db")]
    assert not [path for path in files if b"user-0007" in path.read_bytes()]
    assert any(b"user-0008" in path.read_bytes() for path in files)
    assert log.append("tick", 0, b"{}") == 2002
    assert log.append_events([made("last")]).offsets == [2003]


def test_a_shared_device_keeps_the_other_persons_events(log: Log) -> None:
    """Of the device only what nobody else did goes."""
    both = made("b", user_id="u2", anonymous_id="d")
    log.append_events([made("a", anonymous_id="d"), both, made("c", user_id="u1")])
    assert log.erase({"u1", "d"}) == 2
    assert [entry.event for entry in log.read(0, 9)] == [both]


_IDS = st.tuples(st.integers(0, 5), st.integers(0, 2))


@given(st.lists(st.one_of(st.lists(_IDS, max_size=8), st.integers(0, 2)), max_size=8))
def test_every_event_has_one_fate(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[tuple[int, int]] | int]
) -> None:
    """Received equals stored, duplicate, conflicting and erased, whatever happens."""
    with Log(tmp_path_factory.mktemp("log") / "log.db") as log:
        for step in steps:
            if isinstance(step, int):
                log.erase({f"u{step}"})
            else:
                events = [made(f"m{m}", at=at, user_id=f"u{m % 3}") for m, at in step]
                done = log.append_events(events)
                assert len(events) == done.n_stored + done.n_duplicate + len(done.conflicts)
            assert log.tally().balanced, msgspec.structs.asdict(log.tally())

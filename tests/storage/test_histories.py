"""Histories of some people out of the lake: whole, in order, and out of few files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.language.events import Event
from coterie.storage.footers import Footer, Footers
from coterie.storage.history import OF_MANY
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.storage.shop import PLAN, VIEW, made, order

NAMED = [None, "u0", "u1", "u2"]
DEVICES = [None, "d0", "d1", "u1"]


def of(lake: Lake, *profiles: str) -> pa.Table:
    """The histories of these profiles."""
    with duckdb.connect() as con:
        return lake.histories(con, profiles, PLAN)


def one(lake: Lake, profile: str) -> pa.Table:
    """The history of one."""
    with duckdb.connect() as con:
        return lake.history(con, profile, PLAN)


def fill(log: Log, lake: Lake, events: list[Event], n_flushes: int = 3) -> None:
    """Flush the events in several parts."""
    step = -(-len(events) // n_flushes) or 1
    for start in range(0, len(events), step):
        log.append_events(events[start : start + step])
        lake.flush(log, PLAN)


def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compacted files of a few rows each."""
    monkeypatch.setattr("coterie.storage.compaction.FILE_ROWS", 8)
    monkeypatch.setattr("coterie.storage.compaction.ROW_GROUP", 4)


events = st.lists(
    st.tuples(st.sampled_from(NAMED), st.sampled_from(DEVICES), st.integers(0, 3), st.booleans()),
    min_size=1, max_size=40,
)  # fmt: skip


def happened(rows: list[tuple[str | None, str | None, int, bool]]) -> list[Event]:
    return [
        order(f"m{i}", user, "1.25", at=at, anonymous_id=device)
        if bought
        else made(f"m{i}", VIEW, at, user_id=user, anonymous_id=device, properties={"sku": str(i)})
        for i, (user, device, at, bought) in enumerate(rows)
    ]


@settings(max_examples=15)
@given(rows=events, asked=st.sets(st.sampled_from(["u0", "u1", "u2", "d0", "d1", "nobody"])))
def test_histories_are_the_histories_of_each(
    rows: list[tuple[str | None, str | None, int, bool]],
    asked: set[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """By profile, instant and key, before compaction and after it, devices included."""
    folder = tmp_path_factory.mktemp("lake")
    with pytest.MonkeyPatch.context() as patch, Log(folder / "log.db") as log:
        small_files(patch)
        lake = Lake(folder / "lake")
        fill(log, lake, happened(rows))
        for compacted in (False, True):
            if compacted:
                lake.compact()
            parts = [OF_MANY.empty_table()]
            for profile in sorted(asked):
                history = one(lake, profile)
                named = pa.repeat(pa.scalar(profile), history.num_rows)
                parts.append(history.add_column(0, "profile", named))
                keys = list(zip(history["at"].to_pylist(), history["key"].to_pylist(), strict=True))
                assert keys == sorted(keys)
            assert of(lake, *asked).equals(pa.concat_tables(parts))


def test_no_lake_and_nobody_give_no_rows(lake: Lake, log: Log) -> None:
    """With the same columns."""
    assert of(lake, "u").schema == OF_MANY
    fill(log, lake, [made("1", user_id="u")])
    assert of(lake).num_rows == 0
    assert of(lake, "u", "u").num_rows == 1


def test_only_the_columns_asked_for_are_given(log: Log, lake: Lake) -> None:
    """In their usual order; what ends a fact is told though the fact itself is not shown."""
    grown = order("o2", "u", "2.00", at=2, supersedes="o1")
    for some in ([made("1", user_id="w")], [order("o1", "u", "1.00", at=1), grown]):
        fill(log, lake, some, 1)
        with duckdb.connect() as con:
            few = lake.histories(con, ["u", "w"], PLAN, columns=["retired", "name"])
        assert few.column_names == ["profile", "name", "at", "retired", "key"]
        assert few.equals(of(lake, "u", "w").select(few.column_names))
    assert few["retired"].to_pylist() == [3, 3, None, None, None]


def test_only_files_that_span_a_person_are_read(
    log: Log, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of sorted files one or two; what came since the compaction is read as well."""
    small_files(monkeypatch)
    people = [f"p{i:02}" for i in range(24)]
    fill(log, lake, [made(f"{p}-{i}", at=i, user_id=p) for p in people for i in range(4)])
    lake.compact()
    fill(log, lake, [made("late", at=9, user_id="p10"), made("other", user_id="p23")], 1)
    files = lake.files(VIEW)
    held = Footers().holding(files, ["p10"])
    assert len(files) == 13
    assert [Path(file).name for file in held if "new" in file] != []
    assert len(held) == 2
    assert of(lake, "p10")["message_id"].to_pylist() == [f"p10-{i}" for i in range(4)] + ["late"]
    unread = next(file for file in files if file not in held)
    Path(unread).write_bytes(b"")  # the footers are known by now, and nobody asks for these rows
    assert of(lake, "p10").num_rows == 5


def test_a_person_is_looked_up_among_sorted_files(
    log: Log, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is asked for, every file with a row of theirs is held, and few are looked at."""
    small_files(monkeypatch)
    people = [f"p{i:03}" for i in range(0, 200, 2)]
    owned = [made(f"{p}-{i}", at=i, user_id=p) for p in people for i in range(1 + 20 * (p < "p01"))]
    fill(log, lake, [*owned, *(made(f"n{i}", at=i) for i in range(30))])
    lake.compact()
    files = lake.files(VIEW)
    rows = {file: set(pq.ParquetFile(file).read()["person"].to_pylist()) for file in files}
    assert len(files) > 25
    for asked in ([], ["a"], ["zz"], ["p000"], ["p198"], ["p077"], people[3:5], people):
        footers = Footers()
        held = footers.holding(files, asked)
        assert {file for file in files if rows[file] & {*asked}} <= {*held}
        assert len(asked) != 1 or len(footers._known) < 16


def test_a_device_that_lies_elsewhere_is_found(
    log: Log, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are under its own pseudonym, in another file than its user's."""
    small_files(monkeypatch)
    crowd = [made(f"c{i}", at=i, user_id=f"m{i:02}") for i in range(40)]
    mine = [made(f"z{i}", at=i, anonymous_id="zz") for i in range(5)]
    fill(log, lake, [*crowd, *mine, made("joined", at=9, user_id="aa", anonymous_id="zz")])
    lake.compact()
    assert of(lake, "aa")["message_id"].to_pylist() == [f"z{i}" for i in range(5)] + ["joined"]


@pytest.mark.parametrize(
    ("span", "people", "held"),
    [
        (("b", "d"), ["a", "e"], False), (("b", "d"), ["b"], True), (("b", "d"), ["d"], True),
        (("b", "d"), ["a", "c", "z"], True), (("b", "d"), [], False), (None, ["a"], True),
    ],
)  # fmt: skip
def test_span_includes_both_ends(
    span: tuple[str, str] | None, people: list[str], held: bool
) -> None:
    """What says nothing of its people is read."""
    assert Footer(frozenset(), span).may_hold(people) is held


def test_rows_of_nobody_widen_no_span(tmp_path: Path) -> None:
    """Nor does a file without statistics narrow one."""
    rows = pa.table({"person": ["b", "c", None, None]})
    pq.write_table(rows, tmp_path / "a", row_group_size=2)
    pq.write_table(rows, tmp_path / "b", write_statistics=False)
    files = [str(tmp_path / name) for name in "ab"]
    assert Footers().holding(files, ["d"]) == files[1:]
    assert Footers().holding(files, ["c"]) == files


def test_an_erasure_forgets_whom_files_span(log: Log, lake: Lake) -> None:
    """Also in the memory of a process that goes on."""
    fill(log, lake, [made(f"m{i}", user_id=f"u{i}") for i in range(3)])
    lake.compact()
    assert of(lake, "u0").num_rows == 1
    lake.erase({"u0"})
    assert "u0" not in repr(vars(lake._footers))
    assert of(lake, "u0").num_rows == 0
    assert of(lake, "u1", "u2").num_rows == 2

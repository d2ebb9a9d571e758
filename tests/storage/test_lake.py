"""The lake holds what the log holds, once, typed, and tells whose it is."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from coterie.errors import StoreError
from coterie.language.events import event_key
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.types import Decimal as Dec
from coterie.language.types import Integer, Text
from coterie.storage.lake import Lake
from coterie.storage.log import Log
from tests.storage.shop import EVER, LINE, ORDER, PLAN, VIEW, made, order, profiles, scanned


def test_flushing_twice_adds_nothing(log: Log, lake: Lake) -> None:
    """The second flush has nothing to move, and what came meanwhile is moved by the third."""
    log.append_events([order("o1", "u", "1.00", "2.50"), made("v1", user_id="u")])
    log.append("tick", 1, b"{}")
    assert (lake.offset(), lake.flush(log, PLAN), lake.offset()) == (0, 2, 3)
    assert lake.flush(log, PLAN) == 0
    log.append_events([made("v2", user_id="u")])
    assert lake.flush(log, PLAN) == 1
    assert {name: scanned(lake, name, {}).num_rows for name in lake.names()} == {
        ORDER: 1, LINE: 2, VIEW: 2,
    }  # fmt: skip


def test_progress_tells_each_commit(log: Log, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """In entries of the log, ticks included."""
    monkeypatch.setattr("coterie.storage.flushing.BATCH", 2)
    log.append_events([made(str(i)) for i in range(4)])
    log.append("tick", 1, b"{}")
    told: list[int] = []
    lake.flush(log, PLAN, progress=told.append)
    assert told == [2, 2, 1]


def test_a_nested_array_becomes_line_events(log: Log, lake: Lake) -> None:
    """Each with its own key, the parent's fact and instant, and the inherited properties."""
    log.append_events([order("o1", "u", "1.00", "2.50", at=7)])
    lake.flush(log, PLAN)
    rows = scanned(lake, LINE, {"price": Dec(2), "sku": Text(), "currency": Text()}).to_pylist()
    keys = {event_key("shop", f"o1#{i}") for i in range(2)}
    assert {row["key"] for row in rows} == keys
    assert {(row["at"], row["offset"], row["profile"]) for row in rows} == {(7, 1, "u")}
    assert {(row["price"], row["sku"], row["currency"]) for row in rows} == {
        (100, "s0", "GBP"), (250, "s1", "GBP"),
    }  # fmt: skip
    stored = pa.concat_tables([pq.ParquetFile(file).read() for file in lake.files(LINE)])
    assert set(stored["fact"].to_pylist()) == {event_key("shop", "o1")}
    assert set(stored["message_id"].to_pylist()) == {"o1#0", "o1#1"}


def test_lines_of_two_arrays_and_of_lines_have_keys_of_their_own(log: Log, lake: Lake) -> None:
    """Numbers run through all arrays of an event; lines may be exploded again."""
    leaf, line = PlannedEvent(), PlannedEvent(explode={"parts": "Leaf"})
    top = PlannedEvent(explode={"a": "Line", "b": "Line"})
    plan = TrackingPlan(events={"Top": top, "Line": line, "Leaf": leaf})
    nested = {"a": [{"parts": [{}, {}]}], "b": [{}, {}]}
    log.append_events([made("m", "Top", user_id="u", properties=nested)])
    lake.flush(log, plan)
    ids = {
        name: sorted(pq.ParquetFile(lake.files(name)[0]).read()["message_id"].to_pylist())
        for name in ("Line", "Leaf")
    }
    assert ids == {"Line": ["m#0", "m#1", "m#2"], "Leaf": ["m#0#0", "m#0#1"]}


def test_an_item_that_is_no_object_makes_no_line(log: Log, lake: Lake) -> None:
    """The array is kept apart, as it came."""
    log.append_events([made("m", ORDER, properties={"products": ["one"]})])
    lake.flush(log, PLAN)
    assert lake.names() == [ORDER]
    assert pq.ParquetFile(lake.files(ORDER)[0]).read()["unfit"].to_pylist() == [
        '{"products":["one"]}'
    ]


def test_what_the_plan_does_not_know_is_kept_as_json(log: Log, lake: Lake) -> None:
    """Of known events and of unknown ones, amounts exact."""
    extra = {"new": {"deep": [1, Decimal("2.5")]}, "sku": "s"}
    log.append_events([made("a", user_id="u", properties=extra)])
    log.append_events([made("b", "Unknown", user_id="u", properties={"x": 1})])
    lake.flush(log, PLAN)
    kept = {
        name: pq.ParquetFile(lake.files(name)[0]).read()["extra"].to_pylist()
        for name in lake.names()
    }
    assert kept == {VIEW: ['{"new":{"deep":[1,2.5]}}'], "Unknown": ['{"x":1}']}


def test_a_plan_that_changes_reads_old_rows_too(log: Log, lake: Lake) -> None:
    """From integer to decimal, then to a larger scale, across files and after compaction."""
    declared = [
        Property(type="integer"),
        Property(type="decimal", scale=1),
        Property(type="decimal", scale=3),
    ]
    values = [3, Decimal("3.1"), Decimal("3.125")]
    for i, (prop, value) in enumerate(zip(declared, values, strict=True)):
        plan = TrackingPlan(events={"E": PlannedEvent(properties={"p": prop})})
        log.append_events([made(str(i), "E", user_id="u", properties={"p": value})])
        lake.flush(log, plan)
    for compacted in (False, True):
        if compacted:
            lake.compact()
        assert scanned(lake, "E", {"p": Dec(3)})["p"].to_pylist() == [3000, 3100, 3125]


def test_a_plan_that_learns_of_a_property_finds_its_old_values_after_a_rebuild(
    log: Log, lake: Lake
) -> None:
    """Until then neither a scan nor a history shows them, so that both tell the same."""
    event = made("a", "E", user_id="u", properties={"p": Decimal("1.5"), "q": 1})
    log.append_events([event, made("b", "Other", user_id="u")])
    lake.flush(log, TrackingPlan())
    known = PlannedEvent(properties={"p": Property(type="decimal", scale=1)})
    plan = TrackingPlan(events={"E": known})
    for expected, properties in ((None, {"q": 1}), (15, {"p": 1.5, "q": 1})):
        assert scanned(lake, "E", {"p": Dec(1)})["p"].to_pylist() == [expected]
        with duckdb.connect() as con:
            shown = lake.history(con, "u", plan)["properties"].to_pylist()
        assert properties in [json.loads(text) for text in shown]
        assert lake.rebuild(log, plan) == 2
    assert lake.names() == ["E", "Other"]
    assert lake.offset() == 2


def test_many_small_appends_become_one_file(lake: Lake) -> None:
    """In the order they were written, and a repeated transaction still adds nothing."""
    for i in range(20):
        lake.write("changes", pa.table({"n": [i]}), transaction=("run", i + 1))
    lake.compact()
    lake.write("changes", pa.table({"n": [99]}), transaction=("run", 20))
    assert lake.read("changes")["n"].to_pylist() == list(range(20))
    assert len(DeltaTable(lake.folder / "changes").file_uris()) == 1


def test_a_large_file_of_a_small_table_is_written_once(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only newer and smaller ones are merged, after it, and the order stays."""
    monkeypatch.setattr("coterie.storage.compaction.LARGE", 100)
    numbers = iter(range(10_000))
    kept: list[str] = []
    for _ in range(3):
        for size in (120, *[2] * 20):
            lake.write("changes", pa.table({"n": [next(numbers) for _ in range(size)]}))
        lake.compact()
        files = DeltaTable(lake.folder / "changes").file_uris()
        kept.append(sorted(files)[0])
    assert lake.read("changes")["n"].to_pylist() == list(range(480))
    assert len(files) == 6
    assert len({*kept}) == 1


def test_a_property_that_never_had_a_value_reads_as_null(log: Log, lake: Lake) -> None:
    """Planned or not, and an event that never occurred gives no rows of the right types."""
    log.append_events([made("a", user_id="u")])
    lake.flush(log, PLAN)
    assert scanned(lake, VIEW, {"sku": Text(), "other": Integer()}).to_pylist()[0]["sku"] is None
    nothing = scanned(lake, "Never", {"p": Dec(2), "t": Text()})
    assert nothing.num_rows == 0
    there = scanned(lake, VIEW, {"p": Dec(2), "t": Text()})
    assert nothing.schema.names == there.schema.names
    assert nothing.schema.types == there.schema.types


@pytest.mark.parametrize(
    "name",
    ["日本 😀", "a/b=c%d:é", "..", "x'y\"z", " lead ", "a\nb", "UPPER", "n" * 300, "é" * 300],
)
def test_any_event_name_works(log: Log, lake: Lake, name: str) -> None:
    """Whatever a file system would make of it, also beside a name that differs by case."""
    log.append_events([made("a", name, user_id="u"), made("b", name.swapcase(), user_id="u")])
    lake.flush(log, TrackingPlan())
    assert set(lake.names()) == {name, name.swapcase()}
    assert scanned(lake, name, {}).num_rows == (2 if name == name.swapcase() else 1)


def test_names_that_clash_in_sql_are_told_apart_by_renaming(log: Log, lake: Lake) -> None:
    """A property `at`, and two that differ by case."""
    names = {"at": "p0", "SKU": "p1", "sku": "p2"}
    properties = {name: Property(type="text") for name in names}
    plan = TrackingPlan(events={"E": PlannedEvent(properties=properties)})
    log.append_events([made("a", "E", 5, user_id="u", properties={n: n for n in names})])
    lake.flush(log, plan)
    with duckdb.connect() as con:
        kinds = {name: Text() for name in names}
        query = lake.scan(con, "E", kinds, EVER, rename=names.__getitem__)
        row = con.sql(query).to_arrow_table().to_pylist()[0]
    assert (row["at"], row["p0"], row["p1"], row["p2"]) == (5, "at", "SKU", "sku")


def test_an_anonymous_event_belongs_to_the_first_user_of_its_device(log: Log, lake: Lake) -> None:
    """First by offset; before anybody was known on it, and as of then, to the device itself."""
    log.append_events(
        [
            made("1", anonymous_id="d"),
            made("2", user_id="u2", anonymous_id="d", at=9),
            made("3", user_id="u1", anonymous_id="d", at=1),
            made("4", anonymous_id="d"),
            made("5", anonymous_id="e"),
            made("6"),
        ]
    )
    lake.flush(log, PLAN)
    assert profiles(lake) == {1: "u2", 2: "u2", 3: "u1", 4: "u2", 5: "e"}
    assert profiles(lake, offset=1) == {1: "d"}
    assert (lake.people("u2"), lake.people("u1")) == ({"u2", "d"}, {"u1"})
    lake.compact()
    assert profiles(lake) == {1: "u2", 2: "u2", 3: "u1", 4: "u2", 5: "e"}


def test_a_superseded_fact_says_since_which_offset(log: Log, lake: Lake) -> None:
    """Its lines too; the lowest offset counts, and none above the offset asked for."""
    for grown in (order("o", "u", "1.00"), order("o2", "u", "1.00", "2.00", supersedes="o"),
                  order("o3", "u", "4.00", supersedes="o")):  # fmt: skip
        log.append_events([grown])
        lake.flush(log, PLAN)
    for compacted in (False, True):
        if compacted:
            lake.compact()
        for name, retired in ((ORDER, [2, None, None]), (LINE, [2, None, None, None])):
            assert scanned(lake, name, {})["retired"].to_pylist() == retired
        assert scanned(lake, ORDER, {}, offset=1)["retired"].to_pylist() == [None]


def test_history_is_one_persons_events_of_all_names_in_order(log: Log, lake: Lake) -> None:
    """By instant, with their devices' events, typed and untyped properties, and what is retired."""
    log.append_events(
        [
            order("o1", "u", "1.25", at=30),
            made("v1", at=10, anonymous_id="d", properties={"sku": "a", "new": Decimal("0.1")}),
            made("v2", at=20, user_id="u", anonymous_id="d"),
            made("v3", at=25, user_id="w", anonymous_id="d"),
            order("o2", "u", "2.25", at=40, supersedes="o1"),
        ]
    )
    lake.flush(log, PLAN)
    for compacted in (False, True):
        if compacted:
            lake.compact()
        with duckdb.connect() as con:
            rows = lake.history(con, "u", PLAN).to_pylist()
            assert lake.history(con, "nobody", PLAN).num_rows == 0
        told = [(row["name"], row["at"], row["retired"]) for row in rows]
        assert told[:2] == [(VIEW, 10, None), (VIEW, 20, None)]
        assert sorted(told[2:]) == [
            (ORDER, 30, 5), (ORDER, 40, None), (LINE, 30, 5), (LINE, 40, None),
        ]  # fmt: skip
        assert json.loads(rows[0]["properties"]) == {"new": 0.1, "sku": "a"}
        first = next(row for row in rows if row["name"] == ORDER)
        assert '"revenue":1.25' in first["properties"]


def test_history_gives_instants_as_microseconds(log: Log, lake: Lake) -> None:
    """As the events themselves do."""
    shipped = {"ship_at": 1_700_000_000_123_456, "gift": True, "weight": Decimal("0.5")}
    log.append_events([made("o", ORDER, user_id="u", properties=shipped)])
    lake.flush(log, PLAN)
    with duckdb.connect() as con:
        properties = lake.history(con, "u", PLAN)["properties"][0].as_py()
    assert msgspec.json.Decoder(float_hook=Decimal).decode(properties) == shipped


def test_compacting_changes_no_row_and_sorts_by_person(
    log: Log, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several small files become sorted ones of bounded size, and a second time changes nothing."""
    monkeypatch.setattr("coterie.storage.compaction.FILE_ROWS", 40)
    monkeypatch.setattr("coterie.storage.compaction.ROW_GROUP", 20)
    for start in range(0, 120, 30):
        log.append_events(
            [made(f"m{i}", at=-i, user_id=f"u{i % 7}") for i in range(start, start + 30)]
        )
        lake.flush(log, PLAN)
    before = scanned(lake, VIEW, {"sku": Text()})
    lake.compact()
    files = lake.files(VIEW)
    assert scanned(lake, VIEW, {"sku": Text()}).equals(before)
    assert [pq.ParquetFile(file).metadata.num_rows for file in files] == [40, 40, 40]
    rows = pa.concat_tables([pq.ParquetFile(file).read() for file in files])
    order = list(zip(rows["person"].to_pylist(), rows["occurred_at"].to_pylist(), strict=True))
    assert order == sorted(order)
    lake.compact()
    assert lake.files(VIEW) == files


def test_compacting_keeps_the_files_of_readers_that_have_just_begun(log: Log, lake: Lake) -> None:
    """They go with the next compaction."""
    for i in range(2):
        log.append_events([made(str(i), user_id="u")])
        lake.flush(log, PLAN)
    begun = lake.files(VIEW)
    lake.compact()
    assert all(Path(file).exists() for file in begun)
    log.append_events([made("3", user_id="u")])
    lake.flush(log, PLAN)
    lake.compact()
    assert not any(Path(file).exists() for file in begun)


def test_other_readers_of_delta_tables_see_the_same_rows(log: Log, lake: Lake) -> None:
    """delta-rs itself reads what is committed here, names and missing columns included."""
    log.append_events([order("o1", "u", "1.00"), made("v", "日本", user_id="u")])
    lake.flush(log, PLAN)
    lake.compact()
    rows = DeltaTable(lake.folder / "events").to_pyarrow_table()
    assert sorted(rows["name"].to_pylist()) == sorted([ORDER, LINE, "日本"])
    assert rows["revenue:decimal"].to_pylist().count(Decimal("1.000000")) == 1


def test_a_small_table_is_appended_once_per_transaction(lake: Lake) -> None:
    """A repeated number adds nothing; overwriting replaces everything, columns included."""
    assert lake.read("changes") is None
    one, two = pa.table({"profile": ["u"], "n": [1]}), pa.table({"profile": ["w"], "s": ["x"]})
    lake.write("changes", one, transaction=("run", 5))
    lake.write("changes", one, transaction=("run", 5))
    lake.write("changes", one, transaction=("run", 6))
    assert lake.read("changes").to_pylist() == one.to_pylist() * 2
    lake.write("changes", two, mode="overwrite")
    assert lake.read("changes").equals(two)
    lake.write("changes", two.slice(0, 0), mode="overwrite")
    assert lake.read("changes").num_rows == 0


def test_the_lakes_own_tables_are_not_written_from_outside(lake: Lake) -> None:
    """Nor read by that way."""
    with pytest.raises(StoreError):
        lake.write("events", pa.table({"x": [1]}))


def test_the_commit_log_stays_short_and_holds_nobody(
    log: Log, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many flushes old commits are gone, and no statistic holds a value."""
    monkeypatch.setattr("coterie.storage.delta._COMMITS", 10)
    for i in range(25):
        log.append_events([made(f"m{i}", user_id=f"person-{i}")])
        lake.flush(log, PLAN)
    commits = list((lake.folder / "events" / "_delta_log").iterdir())
    assert len(commits) < 14
    assert not any(b"person-" in path.read_bytes() for path in commits)
    assert (lake.offset(), scanned(lake, VIEW, {}).num_rows) == (25, 25)

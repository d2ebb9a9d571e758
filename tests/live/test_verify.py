"""Verifying says what was compared, finds what differs, and never compares SQL with itself."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner, Result

from coterie.cli.main import app
from coterie.language.types import Decimal, ListOf, Real, Text
from coterie.profiles.live.parity import differs
from tests.live.shop import Live, bought, day, looked


def of(shop: Live, *said: str) -> Result:
    """A command on the shop."""
    shop.project.close()
    return CliRunner().invoke(app, ["-p", str(shop.folder), *said])


def test_equal_stream_ends_with_zero(shop: Live) -> None:
    """The report counts profiles, values and memberships, and what was reached live."""
    shop.replay()
    done = of(shop, "verify")
    assert done.exit_code == 0, done.output
    assert "the stream equals SQL" in done.output
    assert "differ" not in done.output


def test_stream_that_saw_no_event_ends_with_two(shop: Live) -> None:
    """What came out of history and stood still is SQL compared with SQL."""
    shop.project.run(day(60))
    shop.replay(begin="start")
    done = of(shop, "verify")
    assert done.exit_code == 2, done.output
    assert "no live event has reached any value" in done.output


def test_stream_whose_people_were_all_read_again_ends_with_two(empty: Live) -> None:
    """A late event makes a person come out of history: what was live before proves nothing now."""
    empty.send([bought("o1", "ann", 1, "5"), bought("o2", "bob", 2, "5")])
    empty.replay(3.0)
    assert empty.verified().reached["orders"] == 2
    empty.send([bought("o3", "ann", 2, "5")])
    empty.replay(4.0)
    assert empty.verified().reached["orders"] == 1
    empty.send([bought("o4", "bob", 1, "5")])
    empty.replay(5.0)
    done = of(empty, "verify")
    assert done.exit_code == 2, done.output
    empty.send([bought("o5", "bob", 6, "5")])
    empty.replay(7.0)
    assert of(empty, "verify").exit_code == 0


def test_missing_record_ends_with_one(shop: Live) -> None:
    """The fold of the records is compared as well."""
    shop.replay()
    lake = shop.project.stores.lake
    log = lake.read("transitions")
    lake.write("transitions", log.slice(0, log.num_rows - 1), mode="overwrite")
    done = of(shop, "verify")
    assert done.exit_code == 1
    assert "add up to others in 1" in done.output


def test_other_value_is_told_with_all_three_answers(
    shop: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the stream has, what SQL has, and what the reference engine says."""
    from coterie.engines.stream import StreamEngine

    shop.replay()
    true = StreamEngine.read

    def lying(self: StreamEngine, names: list[str], profiles: object = None) -> pa.Table:
        found = true(self, names, profiles)  # type: ignore[arg-type]
        if "orders" in names:
            place = found.schema.get_field_index("orders")
            values = [value + 1 for value in found["orders"].to_pylist()]
            found = found.set_column(place, "orders", pa.array(values, pa.int64()))
        return found

    monkeypatch.setattr(StreamEngine, "read", lying)
    report = shop.project.stream.verify()
    assert not report.equal
    assert report.differing == report.people
    for one in report.first:
        assert one.name == "orders"
        assert int(one.stream) == int(one.sql) + 1 == int(one.reference) + 1


@pytest.mark.parametrize(("until", "close"), [(3.0, 1), (3.001, 0)])
def test_value_on_its_threshold_may_be_either(
    empty: Live, monkeypatch: pytest.MonkeyPatch, until: float, close: int
) -> None:
    """A condition on a real within 1e-9 of its threshold counts as equal, and is counted."""
    from coterie.engines.stream import StreamEngine

    empty.define(
        "from coterie import days, event, segment\n"
        'warm = segment(event("Page Viewed").decayed(half_life=days(1)) >= 0.25)\n'
    )
    empty.send([looked("v1", "ann", 1)])
    empty.replay(until)
    true = StreamEngine.read

    def lying(self: StreamEngine, names: list[str], profiles: object = None) -> pa.Table:
        found = true(self, names, profiles)  # type: ignore[arg-type]
        if "warm" not in names:
            return found
        place = found.schema.get_field_index("warm")
        return found.set_column(place, "warm", pc.invert(found["warm"]))

    monkeypatch.setattr(StreamEngine, "read", lying)
    report = empty.project.stream.verify()
    assert (report.close, report.differing, report.equal) == (close, 1 - close, close == 1)


def test_verify_writes_nothing(shop: Live) -> None:
    """Neither log nor records; the next replay goes on as if nobody had asked."""
    shop.replay(30.0)
    before = shop.records(), shop.project.stores.log.end()
    shop.verified()
    assert (shop.records(), shop.project.stores.log.end()) == before


def test_verify_without_a_snapshot_is_no_proof(shop: Live) -> None:
    """The state would come out of history: all is equal, and nothing was reached live."""
    shop.replay()
    for path in Path(shop.folder / "data/snapshots").iterdir():
        path.unlink()
    assert not shop.verified().live


@pytest.mark.parametrize(
    ("left", "right", "kind", "rows"),
    [
        ([1, 2, None, None], [1, 3, None, 4], Decimal(2), [1, 3]),
        ([1.0, 1.0, 1e9], [1.0 + 1e-10, 1.0 + 1e-8, 1e9 + 0.5], Real(), [1]),
        ([0.0, 0.0], [0.0, 1e-12], Real(), [1]),
        (["a", None], ["A", None], Text(), [0]),
        ([["a"], None, []], [["a"], None, ["b"]], ListOf(Text()), [2]),
    ],
)
def test_values_are_compared_as_the_first_law_says(
    left: list[object], right: list[object], kind: object, rows: list[int]
) -> None:
    """Exactly, but reals within 1e-9 of the larger; two unknowns are equal."""
    columns = pa.chunked_array([pa.array(left)]), pa.chunked_array([pa.array(right)])
    assert differs(*columns, kind) == rows  # type: ignore[arg-type]

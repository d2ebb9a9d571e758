"""Change records: the difference of two answers, which adds up again."""

from __future__ import annotations

import datetime
from decimal import Decimal as Amount

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from coterie.language.types import Boolean, Decimal, Instant, Integer, ListOf, Real, Text
from coterie.profiles import columns, members

people = st.dictionaries(
    st.sampled_from("abcde"), st.tuples(st.booleans(), st.sampled_from(["x", "y"])), max_size=5
)


def memberships(answer: dict[str, tuple[bool, str]]) -> pa.Table:
    names = sorted(answer)
    return members.memberships(
        pa.table(
            {
                "profile": pa.array(names, pa.string()),
                "inside": pa.array([answer[n][0] for n in names], pa.bool_()),
                "mood": pa.array([answer[n][1] for n in names], pa.string()),
            }
        ),
        ["inside"],
        ["mood"],
    )


@given(st.lists(people, min_size=1, max_size=5))
def test_records_fold_to_the_memberships_at_every_offset(
    answers: list[dict[str, tuple[bool, str]]],
) -> None:
    """Whatever came and went, the records up to a run give that run's memberships."""
    tables = [memberships(answer) for answer in answers]
    log, before = members.CHANGES.empty_table(), members.MEMBERS.empty_table()
    for offset, now in enumerate(tables):
        new = members.changes(before, now, at=offset, version=1, offset=offset)
        log, before = pa.concat_tables([log, new]), now
    for offset, wanted in enumerate(tables):
        assert members.folded(log, offset).equals(wanted)


@given(people)
def test_no_difference_is_no_record(answer: dict[str, tuple[bool, str]]) -> None:
    """The same answer twice changes nothing."""
    table = memberships(answer)
    assert members.changes(table, table, at=0, version=1, offset=1).num_rows == 0


def test_who_became_part_of_another_left_by_a_merge() -> None:
    """A profile that is not there any more did not leave by itself."""
    before = memberships({"a": (True, "x"), "b": (True, "x")})
    now = memberships({"b": (False, "x")})
    found = members.changes(before, now, at=0, version=1, offset=1, merged=pa.array(["a"]))
    assert {(row["profile"], row["cause"]) for row in found.to_pylist()} == {
        ("a", "merge"), ("b", "run"),
    }  # fmt: skip


def test_records_are_numbered_exits_first() -> None:
    """Within a run the order is by person and name, and a stage is left before one is entered."""
    before, now = memberships({"a": (True, "x")}), memberships({"a": (True, "y")})
    found = members.changes(before, now, at=0, version=3, offset=7, cause="edit").to_pylist()
    assert [(r["sequence"], r["stage"], r["change"], r["cause"]) for r in found] == [
        (1, "x", "exited", "edit"), (2, "y", "entered", "edit"),
    ]  # fmt: skip
    assert {(row["version"], row["offset"]) for row in found} == {(3, 7)}


def test_columns_are_exact_in_their_own_types() -> None:
    """Units become decimals to the last of 64 bits, microseconds become instants."""
    low, high = -(2**63), 2**63 - 1
    assert columns.column(pa.array([low, high, None]), Decimal(6)).to_pylist() == [
        Amount(low).scaleb(-6), Amount(high).scaleb(-6), None,
    ]  # fmt: skip
    instant = columns.column(pa.array([1]), Instant()).to_pylist()[0]
    assert instant == datetime.datetime(1970, 1, 1, microsecond=1, tzinfo=datetime.UTC)
    for kind, value in ((Integer(), 5), (Real(), 0.5), (Text(), "x"), (Boolean(), True)):
        assert columns.column(pa.array([value, None]), kind).to_pylist() == [value, None]


def test_columns_of_lists_and_slices_are_exact() -> None:
    """A part of a column is that part."""
    lists = pa.array([[1], [2, 3], None, []], pa.list_(pa.int64()))
    wanted = [[Amount("0.2"), Amount("0.3")], None, []]
    assert columns.column(lists.slice(1), ListOf(Decimal(1))).to_pylist() == wanted
    chunked = pa.chunked_array([[1, 2], [3]]).slice(1)
    assert columns.column(chunked, Decimal(1)).to_pylist() == [Amount("0.2"), Amount("0.3")]

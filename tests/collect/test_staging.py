"""Rows that wait come back whole and in order, whatever memory there is to sort them in."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.collect import staging as module
from coterie.collect.spool import roomy
from coterie.collect.staging import Counted, Refusal, Staged, Staging
from coterie.errors import StoreError

Row = tuple[Staged, int, str | None]
"""A staged row, its instant, and its person."""

rows_of_facts = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c\0d", "é"]), st.integers(-3, 3),
        st.sampled_from(["ann", "bob", None]), st.sampled_from(["x", "y"]),
    ),
    max_size=30,
)  # fmt: skip


def _placed(rows: list[Row]) -> list[Staged]:
    """The rows as plain Python sorts them."""
    first: dict[str, int] = {}
    for row, at, _ in rows:
        first[row.fact] = min(at, first.get(row.fact, at))
    return sorted((row for row, _, _ in rows), key=lambda r: (first[r.fact], *r[:4]))


def _staged(folder: Path, rows: list[Row]) -> Staging:
    staging = Staging(folder)
    for row, at, person in rows:
        staging.add(row, at, sum(row.raw.encode()), person, None)
    return staging


@given(
    rows_of_facts, st.sampled_from([1, 3, 1_000]), st.sampled_from([1, 8, 10_000]), st.booleans()
)
@settings(max_examples=30)
def test_any_division_gives_the_same_order(
    drawn: list[tuple[str, int, str | None, str]], few: int, share: int, wide: bool
) -> None:
    """Facts by their first instant, however many are sorted at once; and the same counts."""
    rows = [
        (Staged(fact, 0, i, 0, "body", raw), at, person)
        for i, (fact, at, person, raw) in enumerate(drawn)
    ]
    chosen = {"GROUPED": few, "BLOCK": few, "SHARE": share, "WIDE_SHARE": share}
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        for name, value in (chosen | {"WIDE": 0 if wide else 500}).items():
            patch.setattr(module, name, value)
        with _staged(Path(folder), rows) as staging:
            assert staging.counted() == Counted(
                facts=len({row.fact for row, _, _ in rows}),
                people=len({person for _, _, person in rows if person}),
                items=0,
                repeated=len(rows) - len({row.raw for row, _, _ in rows}),
            )
            assert list(staging.sorted()) == _placed(rows)
        assert not list(Path(folder).iterdir())


def _rows(n: int, width: int) -> list[Row]:
    return [
        (Staged(f"fact {i * 7919 % 20_011}", 0, i, 0, f"{i:0{width}}", "raw"), i % 977, None)
        for i in range(n)
    ]


def test_long_rows_are_sorted_in_smaller_shares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred megabytes of them in 48, which do not fit as one share."""
    monkeypatch.setattr(module, "MEMORY", "48MB")
    monkeypatch.setattr(module, "WIDE_SHARE", 10_000_000)
    monkeypatch.setattr("coterie.collect.spool.SIZE", 2_000_000)
    rows = _rows(33_000, 3_000)
    with _staged(tmp_path, rows) as staging:
        assert list(staging.sorted()) == _placed(rows)
    monkeypatch.setattr(module, "WIDE", 5_000)
    with _staged(tmp_path, rows) as staging, pytest.raises(StoreError, match="more memory"):
        list(staging.sorted())


def test_refused_rows_come_as_they_came_with_their_repeats(tmp_path: Path) -> None:
    """Equal texts are numbered from 0, over all files."""
    texts = ["a", "b", "a", "a", "b"]
    with Staging(tmp_path) as staging:
        for i, text in enumerate(texts):
            staging.refuse(Refusal(i // 3, i, "reason", "detail", None, True, text))
        found = list(staging.refusals())
    assert [(row.raw, row.repeat) for row in found] == [
        ("a", 0), ("b", 0), ("a", 1), ("a", 2), ("b", 1),
    ]  # fmt: skip


def _sorting(memory: str, disk: str) -> None:
    with duckdb.connect(config={"memory_limit": memory, "threads": 1}) as con:
        con.execute(f"SET max_temp_directory_size = '{disk}'")
        con.execute("SELECT md5(i::VARCHAR) FROM range(600000) r(i) ORDER BY 1").fetchone()


def _failing(number: int) -> None:
    raise OSError(number, "said by the system")


@pytest.mark.parametrize(
    ("fail", "said"),
    [
        (lambda: _failing(errno.ENOSPC), "the disk is full"),
        (lambda: _sorting("16MB", "1MB"), "the disk is full"),
        (lambda: _sorting("1MB", "1GB"), "more memory than is set aside"),
        (lambda: _failing(errno.EACCES), "cannot be kept in the project's folder"),
    ],
)  # fmt: skip
def test_what_hinders_waiting_rows_is_named(
    fail: Callable[[], None], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, too little memory and a closed folder are three errors."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=said), roomy(tmp_path):
        fail()

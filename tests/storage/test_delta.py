"""Tables that several may write to, one after the other."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from coterie.storage.delta import Table


def _commit(table: Table, n: int) -> None:
    """A file of one row, as the transaction of that number."""
    rows = pa.table({"n": [n]})
    part = table.write(f"{n}.parquet", [rows], rows.schema)
    table.commit([part], schema=rows.schema, transaction=("test", n))


def test_those_who_write_in_turns_see_each_other(tmp_path: Path) -> None:
    """Also somebody who reads only."""
    writers, reader = (Table(tmp_path), Table(tmp_path)), Table(tmp_path)
    for n in range(1, 7):
        _commit(writers[n % 2], n)
        for table in (*writers, reader):
            assert [part.path for part in table.parts()] == [
                f"{i}.parquet" for i in range(1, n + 1)
            ]
            assert table.transaction("test") == n
            assert table.version() == n


def test_own_commits_are_not_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is opened once, whatever is committed to it."""
    opened = []
    open_it = Table.open

    def counted(table: Table) -> object:
        opened.append(table)
        return open_it(table)

    _commit(Table(tmp_path), 1)
    monkeypatch.setattr(Table, "open", counted)
    table = Table(tmp_path)
    for n in range(2, 6):
        _commit(table, n)
        assert (table.version(), len(table.parts()), table.transaction("test")) == (n, n, n)
    assert len(opened) == 1


def test_commit_that_cannot_be_read_back_is_read_with_the_next_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on disk, and whoever committed it is told so."""
    table = Table(tmp_path)
    _commit(table, 1)
    with monkeypatch.context() as patch:
        patch.setattr("deltalake.DeltaTable.update_incremental", _fail)
        _commit(table, 2)
    assert (table.version(), table.transaction("test")) == (2, 2)


def _fail(*_: object) -> None:
    raise OSError("too many open files")

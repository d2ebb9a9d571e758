"""A commit that the power cut is not there; one that was damaged later is named."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from coterie.errors import StoreError
from coterie.storage.delta import Table

SCHEMA = pa.schema([("n", pa.int64())])
LOG = Path("_delta_log")


def committed(files: Table, n: int) -> None:
    """One more file, committed as the n-th transaction."""
    part = files.write(f"{n}.parquet", [pa.table({"n": [n]}, schema=SCHEMA)], SCHEMA)
    files.commit([part], schema=SCHEMA, transaction=("test", n))


@pytest.fixture
def files(tmp_path: Path) -> Table:
    """A table with two commits."""
    made = Table(tmp_path / "table")
    committed(made, 1)
    committed(made, 2)
    return made


@pytest.mark.parametrize("keep", [0, 1, 40, -1])
def test_commit_that_was_cut_off_is_made_again(files: Table, keep: int) -> None:
    """What was synced before it is there, and its transaction can be committed."""
    newest = max((files.folder / LOG).glob("*.json"))
    newest.write_bytes(newest.read_bytes()[:keep])
    again = Table(files.folder)
    if again.transaction("test") == 1:
        committed(again, 2)
    assert again.transaction("test") == 2
    assert len(again.parts()) == 2


def test_table_whose_making_was_cut_off_is_made_again(tmp_path: Path) -> None:
    """Nothing was ever committed to it."""
    log = tmp_path / "table" / LOG
    log.mkdir(parents=True)
    (log / f"{0:020d}.json").write_bytes(b'{"protocol":{"minRea' + bytes(700))
    files = Table(tmp_path / "table")
    assert (files.version(), files.parts()) == (-1, [])
    committed(files, 1)
    assert files.transaction("test") == 1


def test_commit_that_was_damaged_is_named(files: Table) -> None:
    """A commit that is whole and is not what was written is no torn end."""
    newest = max((files.folder / LOG).glob("*.json"))
    newest.write_bytes(newest.read_bytes().replace(b'"add"', b'"a"d"'))
    with pytest.raises(StoreError, match="cannot be read"):
        Table(files.folder).version()
    assert newest.exists()


@pytest.mark.parametrize("keep", [0, 9, 3_000])
def test_checkpoint_that_was_cut_off_is_needless(files: Table, keep: int) -> None:
    """The commits that it sums up are there until it was synced."""
    log = files.folder / LOG
    commits = {path: path.read_bytes() for path in log.glob("*.json")}
    files.tidy()
    for path, said in commits.items():
        path.write_bytes(said)
    (checkpoint,) = log.glob("*.checkpoint.parquet")
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[:keep].ljust(len(whole), b"\0"))
    (log / "_last_checkpoint").write_bytes(b"")
    assert len(Table(files.folder).parts()) == 2


def test_checkpoint_that_was_damaged_is_named(files: Table) -> None:
    """Once the commits before it are gone, nothing else says what it said."""
    files.tidy()
    (checkpoint,) = (files.folder / LOG).glob("*.checkpoint.parquet")
    checkpoint.write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be read"):
        Table(files.folder).version()


def test_table_whose_log_is_tidied_meanwhile_is_opened_anew(
    files: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last transaction is read when it is asked for, and the commits may be gone by then."""
    reader = Table(files.folder)
    assert len(reader.parts()) == 2
    stamp, opened = reader._stamp, [reader._seen]
    monkeypatch.setattr(reader, "_stamp", lambda: opened.pop() if opened else stamp())
    committed(files, 3)
    files.tidy()
    assert reader.transaction("test") == 3

"""Small tables of the lake, beside its events: what others derive and keep there."""

from __future__ import annotations

import fcntl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.errors import StoreError
from coterie.storage import compaction, spilling
from coterie.storage.delta import Table

MOST = 32
"""Tables whose commits are remembered."""


class Tables:
    """Delta tables below one folder, of which one process writes at a time.

    Parameters
    ----------
    folder : Path
        Made at the first write.
    own : collection of str
        Names of tables that have their own ways, and are none of these.
    """

    def __init__(self, folder: Path, own: Collection[str]) -> None:
        self.folder = folder
        self._own = frozenset(own)
        self._opened: dict[str, Table] = {}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            spilling.sweep(self.folder)
            yield

    def write(
        self,
        table: str,
        data: pa.Table,
        *,
        mode: Literal["append", "overwrite"] = "append",
        transaction: tuple[str, int] | None = None,
    ) -> None:
        """Write to a small table beside the events.

        Parameters
        ----------
        transaction : (str, int), optional
            An application and its number: one that is not above the last does nothing.
        """
        with self._writing():
            compaction.write(self._small(table), data, mode=mode, transaction=transaction)

    def read(self, table: str, *, above: tuple[str, int] | None = None) -> pa.Table | None:
        """The rows of a small table, or None where it was never written.

        Parameters
        ----------
        above : (str, int), optional
            A column of integers, and a number above which rows are wanted: files and parts of them
            that end before are not read. By default all rows are.
        """
        return compaction.read(self._small(table), above)

    def kept(self, table: str) -> tuple[str, ...]:
        """The Parquet files that a small table is made of now; none where it was never written.

        A file never changes: what was counted of one holds for as long as it is there.
        """
        found = self._small(table)
        return tuple(found.paths(found.parts()))

    def columns(self, table: str, names: Sequence[str]) -> pa.Table | None:
        """Some columns of a small table, and None where it was never written: no other is read."""
        files = self.kept(table)
        if not files:
            return None
        return pa.concat_tables([pq.ParquetFile(file).read([*names]) for file in files])

    def transaction(self, table: str, application: str) -> int:
        """The number of the last transaction that an application wrote to a small table, or 0."""
        return self._small(table).transaction(application)

    def _small(self, table: str) -> Table:
        if table in self._own:
            raise StoreError("the lake keeps this table itself", where=table)
        if table not in self._opened:
            if len(self._opened) >= MOST:  # each run has a table of its own
                self._opened.clear()
            self._opened[table] = Table(self.folder / table)
        return self._opened[table]

    def _others(self) -> list[Table]:
        """Those that are there."""
        folders = sorted(path.parent for path in self.folder.glob("*/_delta_log"))
        return [Table(folder) for folder in folders if folder.name not in self._own]

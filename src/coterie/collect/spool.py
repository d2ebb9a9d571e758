"""Rows go to one file as they come, and are read once all of them are there.

The file is Parquet: rows in DuckDB's own tables took memory for as long as they stood there, 100 MB
for 19 million of them (version 2.0).
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.errors import StoreError

ROWS = 20_000
SIZE = 16_000_000
"""Rows, and characters of text in them, that wait in memory to be written together."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_SIGNS = ("No space left", "max_temp_directory_size")


class Spool:
    """A file of rows that are added one by one.

    Parameters
    ----------
    path : Path
        Made anew.
    schema : pyarrow.Schema
    ranges : sequence of str
        Columns whose smallest and largest values are kept, so that reading may skip blocks.

    Notes
    -----
    The first reading ends the writing: nothing can be added after it.
    """

    def __init__(self, path: Path, schema: pa.Schema, ranges: Sequence[str] = ()) -> None:
        self.path = path
        self._schema = schema
        self.n_rows = 0
        self._rows: list[tuple[Any, ...]] = []
        self._size = 0
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, write_statistics=list(ranges)
        )

    def add(self, row: tuple[Any, ...], size: int) -> None:
        """One row, with how many characters of text it holds."""
        self.n_rows += 1
        self._rows.append(row)
        self._size += size
        if len(self._rows) >= ROWS or self._size >= SIZE:
            self._write()

    def _write(self) -> None:
        columns = zip(zip(*self._rows, strict=True), self._schema, strict=True)
        arrays = [pa.array(column, field.type) for column, field in columns]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows.clear()
        self._size = 0

    def close(self) -> None:
        """Write what still waits, and finish the file; closing it again does nothing."""
        if self._rows:
            self._write()
        self._writer.close()
        pa.default_memory_pool().release_unused()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every row, in the order they were added."""
        self.close()
        with pq.ParquetFile(self.path, pre_buffer=False) as file:
            for batch in file.iter_batches(ROWS // 10):
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


@contextmanager
def roomy(folder: Path) -> Iterator[None]:
    """Say what hinders waiting rows as a `StoreError`; the stores are as they were.

    Raises
    ------
    StoreError
        The disk is full, the folder cannot be written, or a sort needs more memory than it has.
    """
    try:
        yield
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise _hindered(error, folder) from error


def _hindered(error: Exception, folder: Path) -> StoreError:
    got = type(error).__name__
    full = isinstance(error, OSError) and error.errno in _FULL
    if full or any(sign in str(error) for sign in _FULL_SIGNS):
        return StoreError(
            "the disk is full: there is no room for the rows of this import", where=str(folder),
            got=got, hint="free some space on this disk and import again",
        )  # fmt: skip
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            "sorting the rows of this import takes more memory than is set aside for it",
            where=str(folder), got=got,
            hint="divide the file and import its parts; an order that runs over two of them grows",
        )  # fmt: skip
    return StoreError(
        "the rows of this import cannot be kept in the project's folder", where=str(folder),
        got=got if not isinstance(error, OSError) else error.strerror or got,
        hint="see that the folder can be written, and import again",
    )  # fmt: skip

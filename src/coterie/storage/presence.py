"""Who was ever seen, from when to when: derived from the events, so that it is counted once."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from coterie.storage.columns import literal
from coterie.storage.durable import sync

SCHEMA = pa.schema([("profile", pa.string()), ("first", pa.int64()), ("last", pa.int64())])
"""A profile, and the instants of its first and last event, microseconds UTC."""

_MEMORY = "512MB"


class Presence:
    """One file of the schema `SCHEMA`, by profile, named after the files it was counted from.

    A state of the lake that has no file is counted anew: a file of another state is never read,
    so none can be out of date, and deleting any of them loses nothing.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, state: str) -> pa.Table | None:
        """What was kept for a state of the lake, None for nothing."""
        try:
            with pq.ParquetFile(self._path(state)) as file:
                return file.read().cast(SCHEMA)
        except FileNotFoundError:
            return None

    def keep(self, state: str, query: Callable[[duckdb.DuckDBPyConnection], str]) -> None:
        """Count and keep it, durably and at once, unless it is there; former states go.

        Parameters
        ----------
        query : callable
            From the connection that will count to the SQL of what is counted.
        """
        path = self._path(state)
        if path.exists():
            return
        self.forget()
        self.folder.mkdir(parents=True)
        unfinished = self.folder / "unfinished"
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(self.folder / "spill"),
        }
        with duckdb.connect(config=settings) as con:
            con.execute("SET enable_progress_bar = false")  # it would be drawn on any screen
            target = f"{literal(str(unfinished))} (FORMAT parquet, COMPRESSION zstd)"
            con.execute(f"COPY ({query(con)}) TO {target}")
        sync(unfinished)
        unfinished.rename(path)
        sync(path)

    def forget(self) -> None:
        """Delete what was kept, and what a killed process left unfinished."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def _path(self, state: str) -> Path:
        return self.folder / f"{state}.parquet"


def state_of(paths: Iterable[str]) -> str:
    """A name for a state of the lake: its files, which never change."""
    listed = "\n".join(sorted(paths)).encode()
    return hashlib.blake2b(listed, digest_size=16).hexdigest()


def presence_sql(scans: Sequence[str], offset: int) -> str:
    """The SQL of each profile's first and last event that stands at an offset, by profile.

    Parameters
    ----------
    scans : sequence of str
        The lake's own SQL of the rows of each event name, seen at the offset.
    """
    rows = " UNION ALL ".join(
        f'SELECT profile, "at", retired FROM ({scan})'  # noqa: S608 - the lake's own SQL
        for scan in scans
    )
    nobody = "VALUES (NULL::VARCHAR, NULL::BIGINT, NULL::BIGINT) LIMIT 0"
    return (
        'SELECT profile, min("at") AS first, max("at") AS last '  # noqa: S608 - as above
        f'FROM ({rows or nobody}) AS seen(profile, "at", retired) '
        f"WHERE retired IS NULL OR retired > {offset:d} GROUP BY profile ORDER BY profile"
    )

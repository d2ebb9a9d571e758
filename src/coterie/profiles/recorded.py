"""Change records as SQL reads them: those in the lake's files, and those that are still to come.

A list of the newest changes of one segment reads what it shows, and not the records of everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.profiles import state
from coterie.profiles.stores import Stores
from coterie.profiles.transitions import STREAM, TABLE
from coterie.storage.columns import quoted
from coterie.storage.outbox import Outbox

VIEW = "every_record"
"""What SQL calls them."""

_COLUMNS = (
    'profile, segment, stage, change, {at} AS "at", version, sequence, cause, {why}, "offset"'
)
_STREAM = _COLUMNS.format(at='"at"', why="reason")
_RUN = _COLUMNS.format(at='epoch_us("at")', why="'' AS reason")  # a run gives none


class Recorded(NamedTuple):
    """Where all change records lie at one moment.

    Parameters
    ----------
    runs, stream : tuple of str
        Parquet files.
    waiting : pyarrow.Table
        What the lake has not yet of the stream's: `coterie.storage.outbox.RECORDS`.
    offsets : tuple of int
        The runs that finished, the oldest first: records of others are none.
    """

    runs: tuple[str, ...]
    stream: tuple[str, ...]
    waiting: pa.Table
    offsets: tuple[int, ...]


class Records:
    """All change records, to be asked by SQL.

    Parameters
    ----------
    con : DuckDBPyConnection
        With a view `VIEW` of the columns of :data:`coterie.profiles.members.CHANGES`; `at` is
        microseconds UTC.
    runs : tuple of int
        The offsets of the runs that finished, the oldest first.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, runs: tuple[int, ...]) -> None:
        self._con = con
        self.runs = runs

    def view(self, name: str, files: tuple[str, ...]) -> dict[str, str]:
        """Have SQL call these Parquet files so, and return each column's name in SQL, quoted.

        SQL does not tell ``SKU`` from ``sku``: the second has another name there.
        """
        found = _files(self._con, files)
        found.create_view(name)
        columns = pq.read_schema(files[0]).names
        return dict(zip(columns, map(quoted, found.columns), strict=True))

    def ask(self, sql: str, **values: object) -> pa.Table:
        """The rows of a SELECT, with values for its ``$name``."""
        return self._con.sql(sql, params=values).to_arrow_table()


@contextmanager
def asked(stores: Stores) -> Iterator[Records]:
    """The records as they lie now."""
    found = recorded(stores)
    with stores.lake.connect() as con:
        every = con.from_arrow(found.waiting).project(_STREAM)
        if found.stream:
            every = every.union(_files(con, found.stream).project(_STREAM))
        if found.runs:
            every = every.union(_files(con, found.runs).filter(_among(found.offsets)).project(_RUN))
        every.create_view(VIEW)
        yield Records(con, found.offsets)


def recorded(stores: Stores) -> Recorded:
    """Where the records lie now."""
    _, lake, ledger = stores
    waiting = Outbox(ledger).records(lake.transaction(TABLE, STREAM))
    files = lake.kept(TABLE)  # after what waits: what leaves it meanwhile is in them
    held = lake.transaction(TABLE, STREAM)
    return Recorded(
        lake.kept(state.TABLE), files, waiting.filter(pc.greater(waiting["id"], held)),
        tuple(run.offset for run in ledger.runs()),
    )  # fmt: skip


def _files(con: duckdb.DuckDBPyConnection, files: tuple[str, ...]) -> duckdb.DuckDBPyRelation:
    return con.read_parquet(list(files), union_by_name=True)


def _among(offsets: tuple[int, ...]) -> str:
    """SQL that is true for what runs recorded that finished."""
    return f'"offset" IN ({", ".join(map(str, offsets))})' if offsets else "false"

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

from coterie.profiles import state
from coterie.profiles.stores import Stores
from coterie.profiles.transitions import STREAM, TABLE
from coterie.storage.outbox import RECORDS, Outbox

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


class Waiting:
    """The stream's records that the lake has not yet, of which only new ones are read."""

    def __init__(self) -> None:
        self._rows = RECORDS.empty_table()

    def look(self, outbox: Outbox, after: int) -> pa.Table:
        """The records with a number above `after`, in the order of their numbers."""
        kept = self._rows.filter(pc.greater(self._rows["id"], after))
        last = pc.max(kept["id"]).as_py() or after
        found = pa.concat_tables([kept, outbox.records(last)]).combine_chunks()
        if found.num_rows != outbox.n_after(after):  # somebody was erased
            found = outbox.records(after)
        self._rows = found
        return found


def recorded(stores: Stores, known: Waiting | None = None) -> Recorded:
    """Where the records lie now.

    Parameters
    ----------
    known : Waiting, optional
        What was read of those that wait.
    """
    _, lake, ledger = stores
    waiting = (known or Waiting()).look(Outbox(ledger), lake.transaction(TABLE, STREAM))
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

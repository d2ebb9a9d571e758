"""What the lake tells of events whose entries the log has forgotten."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import duckdb
import pyarrow as pa

from coterie.storage.entries import Owner
from coterie.storage.lake import Lake

_WANTED = "coterie_wanted"


def offsets(lake: Lake, people: Collection[str]) -> list[int]:
    """The offsets of every event of these people, in order.

    Parameters
    ----------
    people : collection of str
        Pseudonyms; an event with a user belongs to that user alone.
    """
    wanted = pa.table({"person": pa.array(sorted(people), pa.string())})
    found = {offset for (offset,) in _rows(lake, wanted, '"offset"')}
    return sorted(found)


def owners(lake: Lake, keys: Collection[bytes]) -> list[Owner]:
    """Whose these facts are, those that the lake has."""
    wanted = pa.table({"fact": pa.array(sorted(keys), pa.binary())})
    columns = 'source, message_id, "user", anonymous'
    return [Owner(*row) for row in dict.fromkeys(_rows(lake, wanted, columns))]


def _rows(lake: Lake, wanted: pa.Table, columns: str) -> Iterator[tuple[Any, ...]]:
    """Columns of the events that have one of the values of the one column of `wanted`."""
    (column,) = wanted.column_names
    with lake.connect() as con:
        con.register(_WANTED, wanted)
        for name in lake.names():
            yield from _of(con, lake.files(name), f"{column} IN (FROM {_WANTED})", columns)


def _of(
    con: duckdb.DuckDBPyConnection, files: list[str], rule: str, columns: str
) -> list[tuple[Any, ...]]:
    rows = con.read_parquet(files, union_by_name=True).filter(rule).select(columns)
    return rows.distinct().fetchall()

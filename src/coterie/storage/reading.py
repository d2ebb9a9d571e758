"""The SQL that reads one event name out of the lake's files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import duckdb
import pyarrow as pa

from coterie.language.types import Type
from coterie.storage.columns import expression, literal, quoted, sql_type

_DEVICE = 'CASE WHEN e."user" IS NULL THEN e.anonymous END'
"""Whom a row without a user belongs to, as an equality that can be hashed."""


def events_sql(
    files: Sequence[str],
    present: Collection[str],
    kinds: Mapping[str, Type],
    offset: int | None,
    *,
    links: str | None,
    superseded: str | None,
    rename: Callable[[str], str],
    beyond: str | None = None,
    people: str | None = None,
) -> str:
    """SELECT of one event name's rows, up to an offset or all, that belong to a profile.

    Parameters
    ----------
    files, present
        Parquet files, and the columns that at least one of them has.
    offset
        The last offset to see, None for every row.
    links, superseded
        Tables ``(anonymous, user)`` and ``(fact, retired)`` to join, or None for nobody.
    rename
        From a property's name to the name of its column in the result.
    beyond
        A table with rows that no file has yet, None for none.
    people
        A table of one column that says whose rows are wanted, None for everybody's.
    """
    if not files and beyond is None:
        return _nothing(kinds, rename)
    values = [f"{expression(p, k, present)} AS {quoted(rename(p))}" for p, k in kinds.items()]
    profile = 'coalesce(e."user", l."user", e.anonymous)' if links else "e.person"
    head = [
        f"{profile} AS profile",
        'epoch_us(e.occurred_at) AS "at"',
        'CAST(e.key AS BLOB) AS "key"',
        'e."offset" AS "offset"',
        f"{'s.retired' if superseded else 'CAST(NULL AS BIGINT)'} AS retired",
    ]
    return (
        f"SELECT {', '.join([*head, *values])} FROM {_rows(files, beyond)} AS e"  # noqa: S608 - quoted
        + (f" LEFT JOIN {links} AS l ON l.anonymous = {_DEVICE}" if links else "")
        + (f" LEFT JOIN {superseded} AS s ON s.fact = e.fact" if superseded else "")
        + " WHERE e.person IS NOT NULL"
        + ("" if offset is None else f' AND e."offset" <= {offset:d}')
        + (f" AND e.person IN (FROM {people})" if people else "")
    )


def _rows(files: Sequence[str], beyond: str | None) -> str:
    """Where the rows are: in files, in a table, or in both."""
    if beyond is None:
        return read(files)
    more = f"SELECT * FROM {beyond}"  # noqa: S608 - a table of the caller's own
    return f"(FROM {read(files)} UNION ALL BY NAME {more})" if files else f"({more})"


def read(files: Sequence[str]) -> str:
    """The table function over Parquet files whose columns may differ."""
    listed = ", ".join(literal(file) for file in files)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"


def _nothing(kinds: Mapping[str, Type], rename: Callable[[str], str]) -> str:
    head = {"profile": "VARCHAR", "at": "BIGINT", "key": "BLOB", "offset": "BIGINT"}
    head |= {"retired": "BIGINT"} | {rename(p): sql_type(kind) for p, kind in kinds.items()}
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {quoted(name)}" for name, kind in head.items())
    return f"SELECT {columns} WHERE false"


def temporary(connection: duckdb.DuckDBPyConnection, name: str, data: pa.Table) -> str:
    """Give the connection a temporary table of this name once, and return the name."""
    connection.register(f"{name}_arrow", data)
    try:
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS FROM {name}_arrow")
    finally:
        connection.unregister(f"{name}_arrow")
    return name

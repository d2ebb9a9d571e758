"""Rewriting the lake's files: small ones into large sorted ones, and files without the erased."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.storage.delta import ROW_GROUP, Part, Table
from coterie.storage.explode import row_schema
from coterie.storage.reading import read as read_sql

FILE_ROWS = 1_000_000
"""Rows of a compacted file."""

_OWNERS = ("profile", "person", "user", "anonymous")
_MEMORY = "512MB"


def compact(table: Table, name: str) -> None:
    """Rewrite one event name sorted by person and time, unless it is in large files already."""
    parts = [part for part in table.parts() if part.partition["name"] == name]
    ideal = math.ceil(sum(part.n_rows for part in parts) / FILE_ROWS)
    if len(parts) <= ideal and all("-sorted" in part.path for part in parts):
        return
    where, version = parts[0].path.rsplit("/", 1)[0], table.version() + 1
    written = [
        table.write(f"{where}/{version:010}-sorted{i}.parquet", rows, {"name": name})
        for i, rows in enumerate(_sorted(table, parts))
    ]
    schema = pq.read_schema(table.folder / written[0].path)
    table.commit(written, parts, schema=schema)


def _sorted(table: Table, parts: list[Part]) -> Iterator[pa.Table]:
    """All rows by person, time and key, a file's worth at a time."""
    files = [str(table.folder / part.path) for part in parts]
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(table.spill),
        "threads": "2",
    }
    with duckdb.connect(config=settings) as connection:
        order = "person NULLS LAST, occurred_at, key"
        result = connection.sql(f"FROM {read_sql(files)} ORDER BY {order}")
        batches = result.to_arrow_reader(ROW_GROUP)
        schema = row_schema(batches.schema.names)
        pending: list[pa.RecordBatch] = []
        for batch in batches:
            pending.append(batch)
            if sum(b.num_rows for b in pending) >= FILE_ROWS:
                yield pa.Table.from_batches(pending).cast(schema)
                pending = []
        if pending:
            yield pa.Table.from_batches(pending).cast(schema)


def write(
    table: Table,
    data: pa.Table,
    *,
    mode: Literal["append", "overwrite"],
    transaction: tuple[str, int] | None,
) -> None:
    """Append to a small table or replace it, unless the transaction was committed before."""
    if transaction is not None and table.transaction(transaction[0]) >= transaction[1]:
        return
    replaced = table.parts() if mode == "overwrite" else []
    part = table.write(f"{table.version() + 1:010}.parquet", data)
    table.commit([part], replaced, schema=data.schema, transaction=transaction)
    if replaced:
        table.sweep(keep=replaced)


def read(table: Table) -> pa.Table | None:
    """All rows of a small table in the order they were written; None for no table."""
    parts = table.parts()
    if not parts:
        return None
    tables = [pq.ParquetFile(table.folder / part.path).read() for part in parts]
    return pa.concat_tables(tables, promote_options="permissive")


def erase(table: Table, people: frozenset[str]) -> int:
    """Rewrite the files that hold these people's rows, and delete every file not in use.

    Returns
    -------
    int
        How many rows went.
    """
    gone = 0
    version = table.version() + 1
    added: list[Part] = []
    removed: list[Part] = []
    schema = pa.schema([])
    for part in table.parts():
        rows = pq.ParquetFile(table.folder / part.path).read()
        kept = rows.filter(pc.invert(_owned(rows, people)))
        if kept.num_rows < rows.num_rows:
            gone += rows.num_rows - kept.num_rows
            removed.append(part)
            schema = rows.schema
            if kept.num_rows:
                path = f"{part.path.rsplit('.', 1)[0]}-{version}.parquet"
                added.append(table.write(path, kept, part.partition))
    if removed:
        table.commit(added, removed, schema=schema)
    table.tidy()
    table.sweep()
    return gone


def _owned(rows: pa.Table, people: frozenset[str]) -> pa.ChunkedArray:
    """Which rows belong to the people, by the first column that names an owner."""
    owner = next((name for name in _OWNERS if name in rows.column_names), None)
    if owner is None:
        return pa.chunked_array([pa.repeat(False, rows.num_rows)])
    return pc.is_in(rows[owner], value_set=pa.array(sorted(people), pa.string()))

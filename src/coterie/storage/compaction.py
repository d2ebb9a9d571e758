"""Rewriting the lake's files: small ones into large sorted ones, and files without the erased."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coterie.storage.delta import ROW_GROUP, Part, Table
from coterie.storage.sorting import by_person

FILE_ROWS = 1_000_000
"""Rows of a compacted file."""

LARGE = 250_000
"""Rows of a small table's file that is merged with others no more."""

FEW = 16
"""Files that a small table may have before they are merged."""

Above = tuple[str, int]
"""A column, and a number that its values have to exceed."""

_OWNERS = ("profile", "person", "user", "anonymous")


def is_sorted(part: Part) -> bool:
    """Whether a file was written by a compaction."""
    return "-sorted" in part.path


def compact(table: Table, name: str) -> None:
    """Rewrite one event name sorted by person and time, unless it is in large files already."""
    parts = [part for part in table.parts() if part.partition["name"] == name]
    n_rows = sum(part.n_rows for part in parts)
    ideal = math.ceil(n_rows / FILE_ROWS)
    if len(parts) <= ideal and all(map(is_sorted, parts)):
        return
    stem = f"{parts[0].path.rpartition('/')[0]}/{table.version() + 1:010}-sorted"
    files = [str(table.folder / part.path) for part in parts]
    with by_person(files, n_rows, ROW_GROUP, table.spill) as (schema, pieces):
        written = [
            table.write(f"{stem}{i}.parquet", chain([first], rest), schema, {"name": name})
            for i, (first, rest) in enumerate(_files(pieces))
        ]
    table.commit(written, parts, schema=schema)


def _files(pieces: Iterator[pa.Table]) -> Iterator[tuple[pa.Table, Iterator[pa.Table]]]:
    """Split a stream of pieces into files: the first piece, and those that follow it."""
    for first in pieces:
        yield first, _until(pieces, FILE_ROWS - first.num_rows)


def _until(pieces: Iterator[pa.Table], n_rows: int) -> Iterator[pa.Table]:
    while n_rows > 0 and (piece := next(pieces, None)) is not None:
        n_rows -= piece.num_rows
        yield piece


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
    part = table.write(f"{table.version() + 1:010}.parquet", [data], data.schema)
    table.commit([part], replaced, schema=data.schema, transaction=transaction)
    if replaced:
        table.sweep(keep=replaced)


def read(table: Table, above: Above | None = None) -> pa.Table | None:
    """The rows of a small table in the order they were written; None for no table.

    Parameters
    ----------
    above : (str, int), optional
        A column of integers, and a number above which rows are wanted; by default all are.
    """
    parts = table.parts()
    return _rows(table, parts, above) if parts else None


def _rows(table: Table, parts: list[Part], above: Above | None = None) -> pa.Table:
    """The rows of some files in their order."""
    tables = [_of_file(table.folder / part.path, above) for part in parts]
    return pa.concat_tables(tables, promote_options="permissive")


def _of_file(path: Path, above: Above | None) -> pa.Table:
    """The rows of one file; row groups that end before those wanted are not read."""
    with pq.ParquetFile(path) as file:
        if above is None:
            return file.read()
        name, number = above
        groups = [i for i in range(file.num_row_groups) if _reaches(file, i, name, number)]
        rows = file.read_row_groups(groups)
    return rows.filter(pc.greater(rows[name], number))


def _reaches(file: pq.ParquetFile, group: int, name: str, number: int) -> bool:
    """Whether a row group may hold a number above one, by what its footer says."""
    held = file.metadata.row_group(group)
    said = held.column(file.schema_arrow.get_field_index(name)).statistics
    return said is None or not said.has_min_max or bool(said.max > number)


def merge(table: Table) -> None:
    """Rewrite the newest of a small table's files as one, in the same order, where they are many.

    A file that has grown large stays as it is, so that a table which only grows is not written
    again and again.
    """
    parts = table.parts()
    large = [i for i, part in enumerate(parts) if part.n_rows >= LARGE]
    newest = parts[large[-1] + 1 :] if large else parts
    if len(newest) > FEW:
        rows = _rows(table, newest)
        part = table.write(f"{table.version() + 1:010}.parquet", [rows], rows.schema)
        table.commit([part], newest, schema=rows.schema)
        table.sweep(keep=newest)


def erase(table: Table, people: frozenset[str]) -> int:
    """Rewrite the files that hold these people's rows, and delete every file not in use.

    Returns
    -------
    int
        How many rows went.
    """
    version, gone = table.version() + 1, 0
    added: list[Part] = []
    removed: list[Part] = []
    for part in table.parts():
        schema = table.schema(part)
        owner = next((name for name in _OWNERS if name in schema.names), None)
        if owner is None or not _count(table, part, owner, people):
            continue
        path = f"{part.path.partition('.')[0]}.{version}.parquet"
        others = (_without(piece, owner, people) for piece in table.read(part))
        kept = table.write(path, others, schema, part.partition)
        gone += part.n_rows - kept.n_rows
        removed.append(part)
        added += [kept] if kept.n_rows else []
    if removed:
        table.commit(added, removed, schema=schema)
    table.tidy()
    table.sweep()
    return gone


def _count(table: Table, part: Part, owner: str, people: frozenset[str]) -> int:
    pieces = table.read(part, [owner])
    return sum(piece.num_rows - _without(piece, owner, people).num_rows for piece in pieces)


def _without(piece: pa.Table, owner: str, people: frozenset[str]) -> pa.Table:
    listed = pa.array(sorted(people), pa.string())
    return piece.filter(pc.invert(pc.is_in(piece[owner], value_set=listed)))

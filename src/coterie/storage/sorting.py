"""Rows of the lake's files by person and time, in less memory than they take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa

from coterie.storage.explode import row_schema
from coterie.storage.reading import read
from coterie.storage.stopping import watched

MEMORY = "128MB"
"""What DuckDB may hold before it spills."""

SHARE = 800_000_000
"""Bytes of rows that are sorted at once. What a sort must hold grows with its rows, spilled or
not: 19 million order lines, seven times as much, did not fit in 192 MB."""

WIDE, WIDE_SHARE = 500, 50_000_000
"""Bytes of a row, on average, from which on fewer are sorted at once, and how many then: long texts
do not leave the memory while they are sorted (400,000 rows of 1,600 do not fit `MEMORY`)."""

SAMPLE = 10_000
"""Rows, about, by which the others are divided."""

_AT = "epoch_us(occurred_at)"
_ORDER = "person NULLS LAST, occurred_at"

Cut = tuple[str | None, int]
"""The first person of a share and their first instant, microseconds UTC; None after everyone."""


@contextmanager
def by_person(
    files: Sequence[str], n_rows: int, n_piece: int, spill: Path
) -> Iterator[tuple[pa.Schema, Iterator[pa.Table]]]:
    """All rows by person (nobody last), instant and key, a piece at a time, and their schema.

    Parameters
    ----------
    n_rows, n_piece : int
        How many rows the files hold, and at most go into one piece.
    spill : Path
        A folder for what does not fit in memory.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(spill),
        "threads": "1",
    }
    with watched(duckdb.connect(config=settings)) as con:
        con.execute("SET enable_progress_bar = false")  # which a notebook would show
        schema = row_schema(con.sql(f"FROM {read(files)}").columns)
        yield schema, _pieces(con, files, schema, n_rows, n_piece)


def _pieces(
    con: duckdb.DuckDBPyConnection, files: Sequence[str], schema: pa.Schema, n_rows: int, n: int
) -> Iterator[pa.Table]:
    for where, values in _shares(_cuts(con, files, n_rows)):
        query = f"FROM {read(files)} WHERE {where} ORDER BY {_ORDER}, key"
        for batch in con.sql(query, params=values).to_arrow_reader(n):
            yield pa.Table.from_batches([batch]).cast(schema)


def _cuts(con: duckdb.DuckDBPyConnection, files: Sequence[str], n_rows: int) -> list[Cut]:
    """Where the shares begin, all but the first, judged by some of the rows."""
    every = max(n_rows // SAMPLE, 1)
    sample = con.sql(
        f"SELECT * REPLACE ({_AT} AS occurred_at) "  # noqa: S608 - quoted
        f"FROM {read(files)} WHERE hash(key) % {every} = 0 ORDER BY {_ORDER}"
    ).to_arrow_table()
    share = WIDE_SHARE if sample.nbytes > WIDE * len(sample) else SHARE
    n_shares = math.ceil(sample.nbytes * every / share)
    places = pa.array([i * len(sample) // n_shares for i in range(1, n_shares)], pa.int64())
    people, instants = (sample[name].take(places).to_pylist() for name in ("person", "occurred_at"))
    return list(dict.fromkeys(zip(people, instants, strict=True)))


def _shares(cuts: Sequence[Cut]) -> Iterator[tuple[str, list[str | int]]]:
    """The condition of each share, and its values; every row is in one of them."""
    for start, stop in pairwise([None, *cuts, None]):
        limits = [*([_from(*start)] if start else []), *([_before(*stop)] if stop else [])]
        where = " AND ".join(f"({condition})" for condition, _ in limits) or "true"
        yield where, [value for _, values in limits for value in values]


def _from(person: str | None, at: int) -> tuple[str, list[str | int]]:
    if person is None:
        return f"person IS NULL AND {_AT} >= ?", [at]
    known = f"person >= ? AND (person > ? OR {_AT} >= ?)"
    return f"person IS NULL OR {known}", [person, person, at]


def _before(person: str | None, at: int) -> tuple[str, list[str | int]]:
    if person is None:
        return f"person IS NOT NULL OR {_AT} < ?", [at]
    return f"person <= ? AND (person < ? OR {_AT} < ?)", [person, person, at]

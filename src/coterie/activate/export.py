"""Writing people and their traits to files that other programs read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Literal, get_args

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from coterie.errors import CoterieError, nearest

Format = Literal["csv", "csv-raw", "jsonl", "parquet"]
FORMATS: tuple[str, ...] = get_args(Format)
SUFFIX = {"csv": "csv", "csv-raw": "csv", "jsonl": "jsonl", "parquet": "parquet"}

BATCH = 50_000
FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
"""What makes a spreadsheet read a text as a formula (OWASP, "CSV Injection"), wide forms too."""

_JSON = msgspec.json.Encoder(decimal_format="number")


def export(rows: pa.Table, out: IO[bytes], form: str) -> None:
    """Write a table in one of the formats; a table without rows still says its columns.

    Parameters
    ----------
    rows : pyarrow.Table
        Values in their own types: decimals, instants (UTC), lists.
    out : binary file
    form : {"csv", "csv-raw", "jsonl", "parquet"}
        ``csv`` is safe to open in a spreadsheet: a text that would be taken for a formula gets
        an apostrophe before it. ``csv-raw`` leaves every text as it is, for programs. In both,
        instants are ISO 8601 with ``Z`` and lists are JSON.

    Raises
    ------
    CoterieError
        There is no such format.

    Examples
    --------
    >>> import io
    >>> out = io.BytesIO()
    >>> export(pa.table({"name": ["=1+1", "ann"], "net": [-2, 3]}), out, "csv")
    >>> print(out.getvalue().decode(), end="")
    "name","net"
    "'=1+1",-2
    "ann",3
    """
    if form not in _WRITERS:
        raise CoterieError("there is no such format", got=repr(form), hint=nearest(form, FORMATS))
    _WRITERS[form](rows, out)


def default_name(segment: str, form: str) -> Path:
    """The file that an export goes to where the user names none."""
    return Path(f"{segment}.{SUFFIX.get(form, form)}")


def _csv(rows: pa.Table, out: IO[bytes]) -> None:
    _csv_raw(_columns(_flat(rows), safe), out)


def _csv_raw(rows: pa.Table, out: IO[bytes]) -> None:
    with csv.CSVWriter(out, (flat := _flat(rows)).schema) as writer:
        for batch in flat.to_batches(BATCH):
            writer.write_batch(batch)


def _columns(rows: pa.Table, change: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.Table:
    return pa.table([change(column) for column in rows.columns], names=rows.column_names)


def safe(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with an apostrophe before every text that a spreadsheet would run."""
    if not pa.types.is_string(column.type):
        return column
    return pc.replace_substring_regex(column, FORMULA, r"'\0")


def _flat(rows: pa.Table) -> pa.Table:
    """The table with instants and lists as text."""
    return _columns(rows, _text)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        clock = column.cast(pa.timestamp("us"))  # UTC without its name: no zone database is asked
        return pc.replace_substring(pc.strftime(clock, "%Y-%m-%dT%H:%M:%SZ"), ".000000Z", "Z")
    if pa.types.is_list(column.type):
        return pa.chunked_array([[_said(value) for value in column.to_pylist()]], pa.string())
    return column


def _said(value: Any) -> str | None:
    return None if value is None else _JSON.encode(value).decode()


def _jsonl(rows: pa.Table, out: IO[bytes]) -> None:
    for batch in rows.to_batches(BATCH):
        out.write(_JSON.encode_lines(batch.to_pylist()))


def _parquet(rows: pa.Table, out: IO[bytes]) -> None:
    pq.write_table(rows, out, compression="zstd")


_WRITERS: dict[str, Callable[[pa.Table, IO[bytes]], None]] = {
    "csv": _csv, "csv-raw": _csv_raw, "jsonl": _jsonl, "parquet": _parquet,
}  # fmt: skip


def with_ids(rows: pa.Table, ids: dict[str, str]) -> pa.Table:
    """The rows of those people whose own ids the caller gave, with that id as first column.

    Parameters
    ----------
    rows : pyarrow.Table
        With a column ``profile``.
    ids : dict of str to str
        Pseudonym -> the id that the caller knows the person by.
    """
    known = pc.is_in(rows["profile"], value_set=pa.array(list(ids), pa.string()))
    kept = rows.filter(known)
    own = pa.array([ids[profile] for profile in kept["profile"].to_pylist()], pa.string())
    return kept.add_column(0, "id", own)

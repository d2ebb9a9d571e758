"""A caller's own list of raw ids: read, used for one answer, kept nowhere."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from coterie.errors import CoterieError, UnreadableFile, nearest


def read_ids(place: str) -> list[str]:
    """The ids in one column of a CSV or Parquet file.

    Parameters
    ----------
    place : str
        ``FILE:COLUMN``.

    Raises
    ------
    UnreadableFile
        There is no such file, or it has no such column.
    """
    file, colon, column = place.rpartition(":")
    if not colon or not column:
        raise CoterieError("the list of ids needs a column", where=place, expected="FILE:COLUMN")
    path = Path(file)
    read = _parquet if path.suffix == ".parquet" else _csv
    try:
        return [raw for raw in read(path, column) if raw]
    except (OSError, ValueError, csv.Error) as error:
        raise UnreadableFile(
            "the list of ids cannot be read", where=file, got=type(error).__name__
        ) from None


def _csv(path: Path, column: str) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        _check(path, column, rows.fieldnames or ())
        yield from ((row[column] or "").strip() for row in rows)


def _parquet(path: Path, column: str) -> Iterator[str]:
    import pyarrow.parquet as pq

    _check(path, column, pq.read_schema(path).names)
    for value in pq.read_table(path, columns=[column])[column].to_pylist():
        yield "" if value is None else str(value)


def _check(path: Path, column: str, known: object) -> None:
    names = list(known) if isinstance(known, list | tuple) else []
    if column not in names:
        raise UnreadableFile(
            "the list of ids has no such column", where=path.name, got=repr(column),
            hint=nearest(column, names),
        )  # fmt: skip

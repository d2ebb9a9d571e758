"""What a picture's data says about itself: a title, a line under it, and how to be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa


def table(
    columns: Mapping[str, tuple[pa.DataType, Sequence[Any]]], title: str, note: str, **more: str
) -> pa.Table:
    """A table of typed columns that carries its title and the line under it.

    Examples
    --------
    >>> made = table({"n": (pa.int64(), [1])}, "One", "and only")
    >>> about(made, "title"), about(made, "note"), made.num_rows
    ('One', 'and only', 1)
    """
    schema = pa.schema([(name, kind) for name, (kind, _) in columns.items()])
    arrays = [pa.array(values, kind) for kind, values in columns.values()]
    return pa.table(arrays, schema=schema.with_metadata({"title": title, "note": note, **more}))


def about(data: pa.Table, what: str) -> str:
    """What a table says about itself; empty where it says nothing."""
    found: bytes = (data.schema.metadata or {}).get(what.encode(), b"")
    return found.decode()


def rows(data: pa.Table) -> list[dict[str, Any]]:
    """The rows as a chart reads them: dates and clocks without a zone, so that none moves."""
    return [{name: _plain(value) for name, value in row.items()} for row in data.to_pylist()]


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.replace(tzinfo=None).isoformat()
        case date():
            return f"{value.isoformat()}T00:00:00"  # without a clock JavaScript means UTC
    return value

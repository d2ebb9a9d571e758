"""Small tables of the lake by their files, for whoever wants few columns of them or asks by SQL."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.storage.delta import Table
from coterie.storage.lake import Lake


def paths(lake: Lake, table: str) -> tuple[str, ...]:
    """The Parquet files that a small table is made of now; none where it was never written.

    A file never changes: what was counted of one holds for as long as it is there.
    """
    found = Table(lake.folder / table)
    return tuple(str(found.folder / part.path) for part in found.parts())


def columns(lake: Lake, table: str, names: Sequence[str]) -> pa.Table | None:
    """Some columns of a small table, and None where it was never written: others are not read."""
    files = paths(lake, table)
    if not files:
        return None
    return pa.concat_tables([pq.ParquetFile(file).read(list(names)) for file in files])

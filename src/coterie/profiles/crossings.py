"""What was recorded of one person: every entrance and exit, as it was believed then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import duckdb
import msgspec

from coterie.language.time import micros
from coterie.profiles.stores import Stores
from coterie.profiles.transitions import STREAM, TABLE
from coterie.storage.columns import literal
from coterie.storage.outbox import Outbox
from coterie.storage.reading import read

_RUNS = "changes"


class Crossing(msgspec.Struct, frozen=True):
    """A person entered or left a segment or stage; `at` is microseconds UTC."""

    at: int
    offset: int
    sequence: int
    segment: str
    stage: str
    change: Literal["entered", "exited"]
    cause: str
    reason: str
    version: int


def crossings(stores: Stores, con: duckdb.DuckDBPyConnection, profile: str) -> list[Crossing]:
    """The change records of one person, in the order in which they were made.

    Parameters
    ----------
    con : DuckDBPyConnection
        A database for questions to the lake.

    Notes
    -----
    Records of runs that never finished are left out, as everywhere.
    """
    waiting = Outbox(stores.ledger).of(profile).to_pylist()  # first: what leaves it is in the lake
    runs = {run.offset for run in stores.ledger.runs()}
    held = stores.lake.transaction(TABLE, STREAM)
    rows = [row for row in _of_lake(stores, con, _RUNS, profile) if row["offset"] in runs]
    rows += _of_lake(stores, con, TABLE, profile)
    rows += [row for row in waiting if row["id"] > held]
    return sorted(map(_crossing, rows), key=lambda each: (each.offset, each.sequence))


def _of_lake(
    stores: Stores, con: duckdb.DuckDBPyConnection, table: str, profile: str
) -> Iterator[dict[str, Any]]:
    files = stores.lake.kept(table)
    if files:
        query = f"FROM {read(files)} WHERE profile = {literal(profile)}"
        yield from con.sql(query).to_arrow_table().to_pylist()


def _crossing(row: dict[str, Any]) -> Crossing:
    at = row["at"]
    return Crossing(
        at=micros(at) if isinstance(at, datetime) else at, offset=row["offset"],
        sequence=row["sequence"], segment=row["segment"], stage=row["stage"],
        change=row["change"], cause=row["cause"], reason=row.get("reason") or "",
        version=row["version"],
    )  # fmt: skip

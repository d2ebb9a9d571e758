"""How many entered and left each segment and stage, hour by hour, out of the change records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles import state, transitions
from coterie.profiles.stores import Stores
from coterie.storage.columns import literal
from coterie.storage.outbox import Outbox

HOUR = 3_600_000_000
KEPT = 35 * 24
"""Hours that are looked at, back from the last run or the newest record."""

Key = tuple[str, str]
"""A segment, and a stage of it or nothing."""

_COUNTED = """\
SELECT segment, stage, {at} // {hour} AS hour, count(*) FILTER (change = 'entered') AS entered,
       count(*) FILTER (change = 'exited') AS "left"
FROM read_parquet([{files}]) WHERE {wanted} GROUP BY ALL"""


class Flow(NamedTuple):
    """Who came and went in one hour."""

    entered: int
    left: int

    @property
    def net(self) -> int:
        """By how many it grew."""
        return self.entered - self.left


_NOBODY = Flow(0, 0)


class Flows:
    """Counts of the change records by hour.

    Notes
    -----
    The lake's records are counted once, in the database, and again after each run; between two
    runs only the records that came since are read. What belongs to a run that never finished is
    left out, as for whoever reads the records themselves.
    """

    def __init__(self) -> None:
        self._hours: dict[Key, dict[int, Flow]] = {}
        self._run = self._number = 0
        self._first: int | None = None
        self._begun = False

    def look(self, stores: Stores) -> None:
        """Count what was recorded since the last look."""
        run = stores.ledger.last_run()
        offset = 0 if run is None else run.offset
        if not self._begun or offset != self._run:
            self._again(stores, offset, 0 if run is None else run.clock)
        new = transitions.since(stores.lake, Outbox(stores.ledger), self._number)
        if new.num_rows:
            self._number = int(new["id"][-1].as_py())
            self._take(_by_hour(new))

    def first(self, now: int) -> int:
        """When anything was recorded first, microseconds UTC; `now` where no run has been.

        From the end of its hour on, sizes are known.
        """
        return now if self._first is None else min(self._first, now)

    def of(self, key: Key) -> Mapping[int, Flow]:
        """Hour since 1970 -> who came and went in it; an hour without anybody is not there."""
        return self._hours.get(key, {})

    def _again(self, stores: Stores, offset: int, clock: int) -> None:
        lake = stores.lake
        self._hours, self._run, self._begun = {}, offset, True
        self._number = lake.transaction(transitions.TABLE, transitions.STREAM)
        since, every = clock - KEPT * HOUR, stores.ledger.runs()
        self._first = min((each.clock for each in every), default=None)
        runs = ", ".join(str(each.offset) for each in every) or "0"
        tables = (
            (lake.kept(transitions.TABLE), '"at"', f"id <= {self._number}"),
            (lake.kept(state.TABLE), 'epoch_us("at")', f'"offset" IN ({runs})'),
        )
        with lake.connect() as con:
            for files, at, wanted in tables:
                if files:
                    self._take(_counted(con, files, at, f"{wanted} AND {at} >= {since}"))

    def _take(self, counted: pa.Table) -> None:
        for row in counted.to_pylist():
            hours = self._hours.setdefault((row["segment"], row["stage"]), {})
            entered, left = hours.get(row["hour"], _NOBODY)
            hours[row["hour"]] = Flow(entered + row["entered"], left + row["left"])


def _counted(
    con: duckdb.DuckDBPyConnection, files: tuple[str, ...], at: str, wanted: str
) -> pa.Table:
    named = ", ".join(map(literal, files))
    said = _COUNTED.format(at=at, hour=HOUR, files=named, wanted=wanted)
    return con.sql(said).to_arrow_table()


def _by_hour(records: pa.Table) -> pa.Table:
    hour = pc.divide(records["at"], HOUR)
    entered = pc.equal(records["change"], "entered")
    table = pa.table({
        "segment": records["segment"], "stage": records["stage"], "hour": hour,
        "entered": entered.cast(pa.int64()), "left": pc.invert(entered).cast(pa.int64()),
    })  # fmt: skip
    found = table.group_by(["segment", "stage", "hour"])
    summed = found.aggregate([("entered", "sum"), ("left", "sum")])
    return summed.rename_columns(["segment", "stage", "hour", "entered", "left"])

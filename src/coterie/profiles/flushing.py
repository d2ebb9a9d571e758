"""Bringing the lake up to the end of the log."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from coterie.language.plan import TrackingPlan
from coterie.profiles.stores import Stores
from coterie.storage.lake import Lake

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def flush(stores: Stores, plan: TrackingPlan, tell: Progress = silent) -> int:
    """Move what the log has and the lake has not, sort it by person, and count the events.

    Where the plan has learnt of properties that events in the lake hold already, the lake is
    filled anew from the log, so that old and new events answer alike. Where the log has forgotten
    entries it cannot be: such a property is unknown of all events that were stored before.
    """
    log, lake, _ = stores
    again = not log.forgotten() and unread(lake, plan)
    start, end, done = 0 if again else lake.offset(), log.end(), 0

    def moved(entries: int) -> None:
        nonlocal done
        done += entries
        tell("Moving events to the lake", done, end - start)

    move = lake.rebuild if again else lake.flush
    n_events = move(log, plan, progress=moved)
    if n_events:
        tell("Sorting the lake by person", 0, 1)
        lake.compact()
        tell("Sorting the lake by person", 1, 1)
    lake.keep_presence()
    return n_events


def unread(lake: Lake, plan: TrackingPlan) -> bool:
    """Whether events of the lake hold something planned that no column has."""
    with lake.connect() as con:
        return any(
            _extra(con, lake.files(name)) & {*planned.properties, *planned.explode}
            for name, planned in plan.events.items()
        )


def _extra(con: duckdb.DuckDBPyConnection, files: list[str]) -> set[str]:
    """The names of values that were not planned when the events were stored."""
    if not files:
        return set()
    rows = con.read_parquet(files, union_by_name=True).filter("extra IS NOT NULL")
    return {name for (name,) in rows.select("unnest(json_keys(extra))").distinct().fetchall()}

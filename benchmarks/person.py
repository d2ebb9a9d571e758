"""One person out of many: a history out of the lake, and a thousand profiles rebuilt at once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection

import duckdb
import pyarrow as pa
from common import asking
from common.events import FAN_EVENTS, NOW, PLAN, lake_of, people_of
from common.results import keep
from common.rounds import summary, take_turns

from coterie.engines.fits import Fits
from coterie.profiles.asking import Asking, points
from coterie.storage.history import OF_MANY
from coterie.storage.lake import Lake

PROFILES = 1_000
TAKEN = ("name", "offset", "retired", "properties")
"""Beside profile, instant and key: what an engine rebuilds a profile from."""


def main() -> None:
    """Check what is found, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    lake, people = lake_of(chosen.events), people_of(chosen.events)
    some = people[:: max(1, len(people) // PROFILES)][:PROFILES]
    _check(lake, people, some)
    contenders = {
        f"history of {FAN_EVENTS:,} events": lambda: _history(lake, people[0]),
        "history of some 20 events": lambda: _history(lake, people[len(people) // 2]),
        f"{len(some):,} histories": lambda: _histories(lake, some, OF_MANY.names),
        f"{len(some):,} histories, what engines take": lambda: _histories(lake, some, TAKEN),
        f"{len(some):,} profiles, 12 traits and 10 segments": _profiles(lake, some),
        "1 profile, 12 traits and 10 segments": _profiles(lake, some[:1]),
    }
    size = {"events": chosen.events, "people": len(people), "rounds": chosen.rounds}
    times = take_turns(contenders, chosen.rounds)
    keep(f"person-{chosen.events}", size, {"seconds": summary(times)})


def _history(lake: Lake, person: str) -> pa.Table:
    """Every event of a person, by a process that knows nothing of the lake yet."""
    anew = Lake(lake.folder)
    with anew.connect() as con:
        return anew.history(con, person, PLAN)


def _histories(lake: Lake, people: list[str], columns: Collection[str]) -> pa.Table:
    """Every event of these people, as above."""
    anew = Lake(lake.folder)
    with anew.connect() as con:
        return anew.histories(con, people, PLAN, columns=columns)


def _profiles(lake: Lake, people: list[str]) -> Callable[[], pa.Table]:
    """These people's values, on an engine of its own."""
    found, library = asking.load("batch")
    spine = points(pa.array(people), lake.offset(), NOW)
    return lambda: Asking(lake, library).values(list(found.by_name), spine, Fits())


def _check(lake: Lake, people: list[str], some: list[str]) -> None:
    """Refuse to measure where a history lacks events, or the few differ from everybody."""
    if _history(lake, people[0]).num_rows < FAN_EVENTS:
        raise SystemExit("the person's history is not whole: nothing was measured")
    if _histories(lake, some[:3], TAKEN).num_rows != sum(
        _history(lake, person).num_rows for person in some[:3]
    ):
        raise SystemExit("the histories of several are not those of each: nothing was measured")
    with duckdb.connect() as con:
        ours = _profiles(lake, some)()
        sql = "SELECT count(*) FROM read_parquet($files) WHERE person IN (SELECT profile FROM ours)"
        orders = con.execute(sql, {"files": lake.files("Order Completed")}).fetchone()
    if orders != (sum(ours["orders"].to_pylist()),):
        raise SystemExit("the profiles' orders are not those of the lake: nothing was measured")


if __name__ == "__main__":
    main()

"""How far people come along a row of events, each after the one before."""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from coterie.profiles.stores import Position
from coterie.storage.lake import Lake

_OCCURRED = """
CREATE TEMP TABLE {step} AS SELECT DISTINCT profile, "at" AS moment FROM ({rows})
WHERE "at" BETWEEN {since:d} AND {t:d} AND (retired IS NULL OR retired > {offset:d})
  AND profile IN (FROM counted)"""
_BEGUN = """
CREATE TEMP TABLE way0 AS SELECT profile, moment AS began, moment FROM {step}
WHERE moment < {until:d}"""
_GONE = """
CREATE TEMP TABLE way{number:d} AS SELECT profile, max(began) AS began, moment FROM (
  SELECT w.profile, w.began, s.moment FROM way{before:d} AS w
  ASOF JOIN {step} AS s ON w.profile = s.profile AND w.moment < s.moment)
WHERE moment - began < {within:d} GROUP BY profile, moment"""
_PASSED = """
SELECT count(*), median(quickest) / 1e6
FROM (SELECT min(moment - began) AS quickest FROM way{number:d} GROUP BY profile)"""
_WAITING = """
SELECT count(DISTINCT profile) FROM way0
WHERE began + {within:d} > {t:d} + 1 AND profile NOT IN (SELECT profile FROM way{last:d})"""


class Way(NamedTuple):
    """A row of events to be passed.

    Parameters
    ----------
    steps : tuple of str
        Event names; one may come again.
    within : int
        Microseconds: each step lies less than that after the first.
    since, until : int
        The first step lies in ``[since, until)``, microseconds UTC.
    """

    steps: tuple[str, ...]
    within: int
    since: int
    until: int


class Passed(NamedTuple):
    """How many came to one step.

    Parameters
    ----------
    people : int
    median : float or None
        Seconds from the first step, of each person's quickest way; None where nobody came.
    """

    people: int
    median: float | None


class Funnel(NamedTuple):
    """What a way came to: each step, and whose time is not over at the position.

    Parameters
    ----------
    passed : list of Passed
    waiting : int
        People who did not come to the end, and still may.
    """

    passed: list[Passed]
    waiting: int


def funnel(lake: Lake, way: Way, people: pa.Array, position: Position) -> Funnel:
    """How many of these people passed each step of a way, by what is known at a position.

    Parameters
    ----------
    people : pyarrow array
        Profiles that count.

    Notes
    -----
    Somebody came to step *i* where there are events ``t1 < t2 < ... < ti``, one of each step in
    their order, with `t1` in ``[since, until)`` and ``ti - t1 < within``. Two events of one instant
    are simultaneous: neither is after the other. Any other events may lie between, one event may
    count for several beginnings, and each person counts once a step.

    Of all ways that lead over one event the one that began last is followed, and from there the
    next event of the step after: whoever can pass at all passes so, and in the shortest time.
    """
    with lake.connect() as con:
        con.register("counted", pa.table({"profile": people}))
        for name in dict.fromkeys(way.steps):
            _occurred(con, lake, name, way, position)
        con.execute(_BEGUN.format(step=_step(way, way.steps[0]), until=way.until))
        for number, name in enumerate(way.steps[1:], 1):
            con.execute(
                _GONE.format(
                    number=number, before=number - 1, step=_step(way, name), within=way.within
                )
            )
        passed = [Passed(*_row(con, _PASSED.format(number=n))) for n in range(len(way.steps))]
        last = len(way.steps) - 1
        (waiting,) = _row(con, _WAITING.format(within=way.within, t=position.t, last=last))
        return Funnel(passed, waiting)


def _occurred(
    con: duckdb.DuckDBPyConnection, lake: Lake, name: str, way: Way, position: Position
) -> None:
    """A table of the instants of one event, of those who count."""
    offset, t = position
    rows = lake.scan(con, name, {}, offset)
    step = _step(way, name)
    con.execute(_OCCURRED.format(step=step, rows=rows, since=way.since, t=t, offset=offset))


def _row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (found,) = con.execute(sql).fetchall()
    return tuple(found)


def _step(way: Way, name: str) -> str:
    return f"step{way.steps.index(name):d}"

"""How far people come along a row of events, each after the one before."""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
import ibis.expr.types as ir
import pyarrow as pa

from coterie.engines.sql.arithmetic import Operators
from coterie.engines.sql.dialects import dialect_of
from coterie.engines.sql.expressions import Expressions
from coterie.engines.sql.selections import Column, RowScope
from coterie.engines.sql.sources import Source, column
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.rewrite import lower, plain
from coterie.profiles.stores import Position

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
    steps : tuple of Selection
        Selections without order: events of a name, those where a predicate is true, or either of
        several; one may come again.
    within : int
        Microseconds: each step lies less than that after the first.
    since, until : int
        The first step lies in ``[since, until)``, microseconds UTC.
    """

    steps: tuple[n.Selection, ...]
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


def funnel(
    source: Source, library: Library, way: Way, people: pa.Array, position: Position
) -> Funnel:
    """How many of these people passed each step of a way, by what is known at a position.

    Parameters
    ----------
    source : Source
        Of events, in a DuckDB of its own.
    library : Library
        Whose plan types the events.
    people : pyarrow array
        Profiles that count.

    Notes
    -----
    Somebody came to step *i* where there are events ``t1 < t2 < ... < ti``, one of each step in
    their order, with `t1` in ``[since, until)`` and ``ti - t1 < within``. Two events of one instant
    are simultaneous: neither is after the other. Any other events may lie between, one event may
    count for several beginnings, and each person counts once a step. An event is of a step where
    the step's predicate is true of it: one of which that is unknown is not, as in any selection.

    Of all ways that lead over one event the one that began last is followed, and from there the
    next event of the step after: whoever can pass at all passes so, and in the shortest time.
    """
    con: duckdb.DuckDBPyConnection = source.backend.con
    con.register("counted", pa.table({"profile": people}))
    try:
        return _passed(con, source, library, way, position)
    finally:
        con.unregister("counted")


def _passed(
    con: duckdb.DuckDBPyConnection, source: Source, library: Library, way: Way, position: Position
) -> Funnel:
    offset, t = position
    for step in dict.fromkeys(way.steps):
        rows = rows_of(source, library, step)
        con.execute(
            _OCCURRED.format(
                step=_step(way, step), rows=rows, since=way.since, t=t, offset=offset
            )
        )  # fmt: skip
    con.execute(_BEGUN.format(step=_step(way, way.steps[0]), until=way.until))
    for number, step in enumerate(way.steps[1:], 1):
        name = _step(way, step)
        con.execute(
            _GONE.format(number=number, before=number - 1, step=name, within=way.within)
        )  # fmt: skip
    passed = [Passed(*_row(con, _PASSED.format(number=i))) for i in range(len(way.steps))]
    last = len(way.steps) - 1
    (waiting,) = _row(con, _WAITING.format(within=way.within, t=t, last=last))
    return Funnel(passed, waiting)


def rows_of(source: Source, library: Library, step: n.Selection) -> str:
    """SQL of the events of a step: ``profile``, ``at`` and ``retired``.

    Parameters
    ----------
    step : Selection
        Without order, and checked.
    """
    lowered = lower(n.Any_(step), library.kind)
    assert isinstance(lowered, n.Any_)
    events = plain(lowered.of)
    assert events is not None
    found = [_rows(source, library, n.Named(name), that) for name, that in events.items()]
    return " UNION ALL ".join(f"({source.backend.compile(each)})" for each in found)


def _rows(source: Source, library: Library, of: n.Named, that: n.Expr | None) -> ir.Table:
    """The events of one name where a predicate is true."""
    head = ["profile", "at", "retired"]
    read = [node for node in n.walk(that) if isinstance(node, n.Property)] if that else []
    columns = {Column(node.name, library.kind(node, of)) for node in read}
    table = source.events(of.event, {each.name: each.kind for each in columns})
    if that is None:
        return table.select(*head)
    labelled = table.select(*head, **{each.label: table[column(each.name)] for each in columns})
    operators = Operators(dialect_of(source.backend))
    mask = Expressions(library, operators, RowScope(labelled, of)).value(that)
    return labelled.filter(mask).select(*head)


def _row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    (found,) = con.execute(sql).fetchall()
    return tuple(found)


def _step(way: Way, step: n.Selection) -> str:
    return f"step{way.steps.index(step):d}"

"""The SQL engine: all asked definitions at all asked points, in a few statements."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import numpy as np
import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.sql.dialects import Dialect, dialect_of
from coterie.engines.sql.planning import Plan
from coterie.engines.sql.points import TABLE, Points, Position, points
from coterie.engines.sql.rendering import Rendering
from coterie.engines.sql.sources import Source, ibis_type
from coterie.errors import Unsupported
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Type


class SqlEngine:
    """Answers definitions of a library over a source of events.

    Parameters
    ----------
    source : Source
    library : Library

    Notes
    -----
    An engine makes temporary tables on the connection of its source, one evaluation at a time: it
    is for one thread. Instants are microseconds UTC, exact numbers 64-bit units.

    Raises
    ------
    StoreError
        When the database would compare text otherwise than by code point.

    Examples
    --------
    >>> from coterie.engines.reference import Fact
    >>> from coterie.engines.sql.sources import MemorySource
    >>> from coterie.language.definitions import Definitions, Trait
    >>> from coterie.language.plan import PlannedEvent, TrackingPlan
    >>> plan = TrackingPlan(events={"Order": PlannedEvent()})
    >>> orders = Definitions({"orders": Trait(n.Count(n.Named("Order")))})
    >>> library = Library(orders, plan, {}, "")
    >>> history = {"ann": [Fact(b"1", "Order", 5, offset=1), Fact(b"2", "Order", 9, offset=2)]}
    >>> engine = SqlEngine(MemorySource(plan, history), library)
    >>> spine = pa.table({"profile": ["ann", "ann"], "offset": [2, 2], "t": [8, 9]})
    >>> engine.evaluate(["orders"], spine).to_pylist()
    [{'orders': 1}, {'orders': 2}]
    """

    def __init__(self, source: Source, library: Library) -> None:
        self.source = source
        self.library = library
        self._dialect: Dialect = dialect_of(source.backend)
        self._plans: dict[tuple[str, ...], Plan] = {}

    def evaluate(self, names: Iterable[str], spine: pa.Table, fits: Fits | None = None) -> pa.Table:
        """The values of definitions at the points of a spine.

        Parameters
        ----------
        names : iterable of str
        spine : pyarrow.Table
            ``profile`` (text), ``offset`` (log offset) and ``t`` (microseconds UTC); rows may
            repeat, and profiles without events are allowed.
        fits : Fits, optional
            Versions of fitted parameters; where none is active a fitted value is null.

        Returns
        -------
        pyarrow.Table
            One row for each of the spine, in its order, and one column for each name: exact numbers
            as units, instants as microseconds, segments true or false.

        Raises
        ------
        UnknownName
            For a name that the library does not have.
        Unsupported
            For a node that this database cannot do.
        """
        wanted = tuple(dict.fromkeys(names))
        answer = pa.schema([(name, self._arrow(self.library.type(name))) for name in wanted])
        if not len(spine) or not wanted:
            return pa.table([pa.nulls(len(spine), f.type) for f in answer], schema=answer)
        asked = points(spine, self.library.fitted(wanted), fits or Fits())
        made = [TABLE]
        try:
            assert asked.rows is not None
            self._dialect.load(TABLE, asked.rows)
            for table, sql, spent in self._rendering(wanted, asked).statements(wanted):
                if table is None:
                    return self._answer(sql, answer)
                made.append(table)
                self._dialect.run(f'CREATE TEMP TABLE "{table}" AS {sql}')
                for old in spent:
                    self._dialect.drop(old)
        finally:
            for table in made:
                self._dialect.drop(table)
        raise AssertionError("an evaluation ends with its answer")

    def explain(self, names: Iterable[str], position: tuple[int, int] | None = None) -> str:
        """The SQL of an evaluation, one statement after the other, each ended by ``;``.

        Parameters
        ----------
        names : iterable of str
        position : (int, int), optional
            Log offset and instant (microseconds UTC) of every point; without one the SQL for points
            that differ, read from the temporary table ``coterie_points``.
        """
        wanted = tuple(dict.fromkeys(names))
        asked = Points(Position(*position) if position else None, {})
        rendering = Rendering(self._dialect, self.source, self._plan(wanted), asked, pretty=True)
        return "\n\n".join(
            f"{sql};" if table is None else f'CREATE TEMP TABLE "{table}" AS\n{sql};'
            for table, sql, _ in rendering.statements(wanted)
        )

    def _rendering(self, names: tuple[str, ...], asked: Points) -> Rendering:
        return Rendering(self._dialect, self.source, self._plan(names), asked)

    def _answer(self, sql: str, answer: pa.Schema) -> pa.Table:
        columns = [pa.field(f"out_{i}", field.type) for i, field in enumerate(answer)]
        found = self._dialect.fetch(sql, pa.schema([pa.field("id", pa.int64()), *columns]))
        place = np.empty(len(found), np.int64)
        place[found.column("id").to_numpy()] = np.arange(len(found))
        return found.drop_columns("id").take(place).rename_columns(answer.names)

    def _arrow(self, kind: Type) -> pa.DataType:
        return ibis.dtype(ibis_type(kind)).to_pyarrow()

    def _plan(self, names: tuple[str, ...]) -> Plan:
        if names not in self._plans:
            plan = Plan(self.library, names)
            self._refuse(plan)
            self._plans[names] = plan
        return self._plans[names]

    def _refuse(self, plan: Plan) -> None:
        for name in plan.needs:
            for node in n.walk(self.library.lowered[name]):
                if type(node) in self._dialect.unsupported:
                    raise Unsupported(
                        f"{type(self._dialect).__name__} cannot do {type(node).__name__.lower()}",
                        where=f"{self.library.where(name)}: {name}".removeprefix(": "),
                    )

"""The SQL engine: all asked definitions at all asked points, in a few statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.sql.aggregates import DEFAULTS
from coterie.engines.sql.arithmetic import Operators
from coterie.engines.sql.dialects import Dialect, dialect_of
from coterie.engines.sql.expressions import Expressions
from coterie.engines.sql.grouping import Grouped
from coterie.engines.sql.planning import Plan, Stage
from coterie.engines.sql.points import TABLE, Points, Position, points
from coterie.engines.sql.selections import Rows
from coterie.engines.sql.sources import Source, ibis_type
from coterie.errors import Unsupported
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Type


class Statement(NamedTuple):
    """One step of an evaluation: the SQL of a query, and the temporary table it fills.

    The last statement fills none: it is the answer.
    """

    table: str | None
    sql: str


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
            for table, sql in self._statements(wanted, asked):
                if table is None:
                    columns = [
                        ("id", pa.int64()),
                        *((f"out_{i}", f.type) for i, f in enumerate(answer)),
                    ]
                    found = self._dialect.fetch(sql, pa.schema(columns))
                    return found.drop_columns("id").rename_columns(list(wanted)).cast(answer)
                made.append(table)
                self._dialect.run(f'CREATE TEMP TABLE "{table}" AS {sql}')
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
        return "\n\n".join(
            f"{sql};" if table is None else f'CREATE TEMP TABLE "{table}" AS\n{sql};'
            for table, sql in self._statements(wanted, asked)
        )

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

    def _statements(self, names: tuple[str, ...], asked: Points) -> Iterator[Statement]:
        plan = self._plan(names)
        rendering = Rendering(self.library, self._dialect, self.source, asked, plan)
        for i, stage in enumerate(plan.stages):
            yield from rendering.stage(i, stage)
        outputs: dict[str, n.Expr] = {f"out_{i}": n.Ref(name) for i, name in enumerate(names)}
        yield Statement(None, rendering.values(outputs, "ORDER BY id"))


class ProfileScope:
    """The columns of points: aggregates, definitions of earlier layers, and the clock."""

    of: n.Selection | None = None

    def __init__(self, table: ir.Table, plan: Plan, points: Points) -> None:
        self._table = table
        self._plan = plan
        self._points = points

    def property(self, name: str, kind: Type) -> Any:
        """Never read outside of an event."""
        raise AssertionError("a property outside of an event")

    def at(self) -> Any:
        """Never read outside of an event."""
        raise AssertionError("the instant of an event outside of one")

    def t(self) -> Any:
        """The instant of evaluation."""
        return self._points.t(self._table)

    def leaf(self, node: n.Aggregate) -> Any:
        """The value of an aggregate: a point without events has no row of it."""
        value = self._table[self._plan.leaves[node][1]]
        default = DEFAULTS.get(type(node))
        return value if default is None else ibis.coalesce(value, default)

    def ref(self, name: str) -> Any:
        """The value of a definition of an earlier layer."""
        return self._table[f"of_{self._plan.needs.index(name)}"]

    def fitted(self, key: str, apply: Callable[[dict[str, Any] | None], Any]) -> Any:
        """`apply` to the parameters that are active at the point."""
        return self._points.fitted(self._table, key, apply)


class Rendering:
    """The statements of one evaluation."""

    def __init__(
        self, library: Library, dialect: Dialect, source: Source, points: Points, plan: Plan
    ) -> None:
        self.library = library
        self.dialect = dialect
        self.points = points
        self.plan = plan
        self.operators = Operators(dialect)
        self.rows = Rows(library, self.operators, source, points)

    def stage(self, index: int, stage: Stage) -> Iterator[Statement]:
        """The instants that a stage counts from, and each of its groups."""
        since = None
        if stage.sinces:
            name = f"coterie_since_{index}"
            exprs = {column: expr for expr, column in stage.sinces.items()}
            yield Statement(name, self.values(exprs))
            since = ibis.table(dict.fromkeys(["id", *exprs], "int64"), name=name)
        grouped = Grouped(self.rows, since, stage.sinces)
        for group in stage.groups:
            render = grouped.valued if group.valued else grouped.folded
            yield Statement(group.name, self.dialect.compile(render(group.core, group.leaves)))

    def values(self, exprs: dict[str, n.Expr], end: str = "") -> str:
        """A query of expressions: ``id`` and a column for each.

        Definitions are computed in layers, each once, however often others refer to them.
        """
        refs = set().union(*(self.plan.references(expr) for expr in exprs.values()))
        layers = self.plan.depths(refs)
        within = [self.library.lowered[name] for layer in layers for name in layer]
        table = self._base(self.plan.read([*exprs.values(), *within]))
        steps = [self.dialect.compile(table)]
        for layer in layers:
            table = ibis.table(table.schema(), name=f"layer_{len(steps) - 1}")
            here = self._here(table)
            values = {self._column(name): here.value(self.library.lowered[name]) for name in layer}
            table = table.mutate(**values)
            steps.append(self.dialect.compile(table))
        table = ibis.table(table.schema(), name=f"layer_{len(steps) - 1}")
        here = self._here(table)
        last = table.select("id", **{column: here.value(expr) for column, expr in exprs.items()})
        return _chained(steps, self.dialect.compile(last), end)

    def _here(self, table: ir.Table) -> Expressions:
        return Expressions(
            self.library, self.operators, ProfileScope(table, self.plan, self.points)
        )

    def _column(self, name: str) -> str:
        return f"of_{self.plan.needs.index(name)}"

    def _base(self, leaves: set[n.Aggregate]) -> ir.Table:
        """The points with the aggregates that are read, each null where it has no row."""
        table = self.points.table
        joined: Any = table
        columns: dict[str, dict[str, Any]] = {}
        for leaf in leaves:
            group, column = self.plan.leaves[leaf]
            columns.setdefault(group, {})[column] = ibis_type(self.library.kind(leaf))  # type: ignore[arg-type]
        for group, kinds in sorted(columns.items()):
            other = ibis.table({"id": "int64"} | dict(sorted(kinds.items())), name=group)
            other = other.rename({f"{group}_id": "id"})
            joined = joined.left_join(other, table.id == other[f"{group}_id"])
        wanted = [column for _, kinds in sorted(columns.items()) for column in sorted(kinds)]
        return joined.select(*self.points.carried, *wanted)


def _chained(steps: Sequence[str], last: str, end: str) -> str:
    """The steps as common table expressions, each computed once."""
    named = ",\n".join(f"layer_{i} AS MATERIALIZED (\n{sql}\n)" for i, sql in enumerate(steps))
    return f"WITH {named}\n{last}\n{end}".rstrip()

"""From a plan to statements: the groups of each stage, then definitions in layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.engines.sql.aggregates import DEFAULTS
from coterie.engines.sql.arithmetic import Operators
from coterie.engines.sql.dialects import Dialect
from coterie.engines.sql.expressions import Expressions
from coterie.engines.sql.grouping import Grouped
from coterie.engines.sql.occurring import occurring
from coterie.engines.sql.planning import Plan, Stage
from coterie.engines.sql.points import Points
from coterie.engines.sql.selections import Rows
from coterie.engines.sql.sources import Source, ibis_type
from coterie.language import nodes as n
from coterie.language.types import Type


class Statement(NamedTuple):
    """One step of an evaluation: the SQL of a query, and the temporary table it fills.

    The last statement fills none: it is the answer. Tables that are `spent` are not read after it.
    """

    table: str | None
    sql: str
    spent: tuple[str, ...] = ()


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
    """The statements of one evaluation.

    Parameters
    ----------
    dialect : Dialect
    source : Source
    plan : Plan
    points : Points
    pretty : bool
        Whether the SQL is for people to read.
    """

    def __init__(
        self, dialect: Dialect, source: Source, plan: Plan, points: Points, *, pretty: bool = False
    ) -> None:
        self.library = plan.library
        self.points = points
        self.plan = plan
        self.operators = Operators(dialect)
        self.rows = Rows(plan.library, self.operators, source, points)
        self._compile = partial(dialect.compile, pretty=pretty)
        self._step = dialect.step

    def statements(self, names: Sequence[str]) -> Iterator[Statement]:
        """Every statement, the answer last: ``id`` and ``out_0``, ``out_1`` … in any order."""
        for i, stage in enumerate(self.plan.stages):
            yield from self.stage(i, stage)
        outputs: dict[str, n.Expr] = {f"out_{i}": n.Ref(name) for i, name in enumerate(names)}
        yield Statement(None, self.values(outputs))

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
            if group.valued:
                for step in occurring(grouped, group):
                    yield Statement(step.name, self._compile(step.rows), step.spent)
            else:
                rows = grouped.folded(group.core, group.leaves)
                yield Statement(group.name, self._compile(rows))

    def values(self, exprs: dict[str, n.Expr]) -> str:
        """A query of expressions: ``id`` and a column for each.

        Definitions are computed in layers, each once, however often others refer to them.
        """
        refs = set().union(*(self.plan.references(expr) for expr in exprs.values()))
        layers = self.plan.depths(refs)
        within = [self.library.lowered[name] for layer in layers for name in layer]
        table = self._base(self.plan.read([*exprs.values(), *within]))
        steps = [self._compile(table)]
        for layer in layers:
            table = ibis.table(table.schema(), name=f"layer_{len(steps) - 1}")
            here = self._here(table)
            values = {self._column(name): here.value(self.library.lowered[name]) for name in layer}
            table = table.mutate(**values)
            steps.append(self._compile(table))
        table = ibis.table(table.schema(), name=f"layer_{len(steps) - 1}")
        here = self._here(table)
        last = table.select("id", **{column: here.value(expr) for column, expr in exprs.items()})
        return _chained(steps, self._compile(last), self._step)

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


def _chained(steps: Sequence[str], last: str, step: str) -> str:
    """The steps as common table expressions, each computed once."""
    named = ",\n".join(f"layer_{i} {step} (\n{sql}\n)" for i, sql in enumerate(steps))
    return f"WITH {named}\n{last}"

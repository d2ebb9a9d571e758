"""Aggregates as columns of one row a point: one group-by for all that read the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.engines.sql.arithmetic import Operators, Typed
from coterie.engines.sql.capabilities import check_complete
from coterie.engines.sql.points import Points
from coterie.engines.sql.selections import Core, Rows, both
from coterie.language import nodes as n
from coterie.language.time import DAY, micros
from coterie.language.types import Type

DEFAULTS: dict[type, Any] = {n.Count: 0, n.Distinct: 0, n.Any_: False}
"""What an aggregate is over nothing, where that is not null."""


def value_of(node: n.Aggregate) -> n.Expr | None:
    """The row expression that an aggregate reads, if any."""
    found: n.Expr | None = getattr(node, "value", None) or getattr(node, "weight", None)
    return found


def back(node: n.Aggregate) -> int | None:
    """How long before `t` the aggregate's window may begin, None for a lifetime."""
    if node.within is None:
        return None
    step = getattr(node, "step", None)
    return micros(node.within) + (micros(step) if step is not None else 0)


class Grouped:
    """Renders aggregates over the rows of one core.

    Parameters
    ----------
    rows : Rows
    points : Points
    since : Table or None
        ``id`` and the instants after which aggregates count, by column.
    sinces : mapping of Expr to str
        The expression of each of those columns.
    """

    def __init__(self, rows: Rows, since: ir.Table | None, sinces: Mapping[n.Expr, str]) -> None:
        self.rows = rows
        self.points: Points = rows.points
        self.operators: Operators = rows.operators
        self._since = since
        self._sinces = sinces

    def folded(self, core: Core, leaves: Mapping[str, n.Aggregate]) -> ir.Table:
        """One row a point that has events: ``id`` and a column for each aggregate."""
        table = self._read(core, leaves)
        columns = {}
        for name, node in leaves.items():
            where = self._where(node, table, core)
            rows = Counted(table, where, *self._value(node, table), self.operators)
            columns[name] = FOLDED[type(node)](rows, node, self.frozen(node, table))
        return table.group_by("id").aggregate(**columns)

    def valued(self, core: Core, leaves: Mapping[str, n.Aggregate]) -> ir.Table:
        """As :meth:`folded`, for aggregates of one value that count its occurrences."""
        table = self._read(core, leaves)
        value, _ = self._value(next(iter(leaves.values())), table)
        table = table.mutate(value=value).filter(ibis._.value.notnull())
        counts: dict[str, Any] = {}
        for name, node in leaves.items():
            where = self._where(node, table, core)
            counts[f"{name}_n"] = table.count(where=where)
            if not isinstance(node, n.Distinct):
                counts[f"{name}_at"] = table["at"].max(where=where)
                counts[f"{name}_key"] = table.key.argmax(moment(table), where=where)
        seen = table.group_by("id", "value").aggregate(**counts)
        made = {name: COUNTED[type(node)](seen, name) for name, node in leaves.items()}
        every = seen.group_by("id").aggregate(**made)
        limits = {k: node.limit for k, node in leaves.items() if isinstance(node, n.Values)}
        return every.mutate(**{k: every[k][:limit] for k, limit in limits.items()})

    def _read(self, core: Core, leaves: Mapping[str, n.Aggregate]) -> ir.Table:
        nodes = list(leaves.values())
        columns = set().union(*(self.rows.columns(value_of(node), node.of) for node in nodes))
        backs = [back(node) for node in nodes]
        known = [length for length in backs if length is not None]
        table = self.rows.of(core, columns, max(known) if len(known) == len(backs) else None)
        wanted = {self._sinces[s] for node in nodes if (s := getattr(node, "since", None))}
        if not wanted:
            return table
        assert self._since is not None
        since = self._since.select("id", *sorted(wanted))
        return table.join(since, "id")

    def _value(self, node: n.Aggregate, table: ir.Table) -> tuple[Any, Type | None]:
        expr = value_of(node)
        return (None, None) if expr is None else self.rows.read(table, node.of).typed(expr)

    def _where(self, node: n.Aggregate, table: ir.Table, core: Core) -> Any:
        """Which rows an aggregate counts; None for all of them."""
        where = self.rows.mask(node.of, table, core)
        end = self.frozen(node, table)
        if getattr(node, "step", None) is not None:
            where = both(where, table["at"] <= end)
        if node.within is not None:
            where = both(where, table["at"] > end - micros(node.within))
        since = getattr(node, "since", None)
        return where if since is None else both(where, table["at"] > table[self._sinces[since]])

    def frozen(self, node: n.Aggregate, table: ir.Table) -> Any:
        """The instant at which an aggregate is taken: `t`, or the last whole step of it."""
        t, step = self.points.t(table), getattr(node, "step", None)
        if step is None:
            return t
        return self.operators.steps(t, micros(step)) * micros(step)


def moment(table: ir.Table) -> Any:
    """The order of events: instant, then key."""
    return ibis.struct({"at": table["at"], "key": table.key})


# --- foldable aggregates: one column each ---------------------------------------------------


class Counted(NamedTuple):
    """What one aggregate reads: rows, which of them, and the value of each (if it has one)."""

    table: ir.Table
    where: Any
    value: Any
    kind: Type | None
    operators: Operators

    @property
    def typed(self) -> Typed:
        """The value with its type."""
        assert self.kind is not None
        return Typed(self.value, self.kind)

    @property
    def known(self) -> Any:
        """The mask of the rows whose value is known."""
        return both(self.where, self.value.notnull())


Fold = Callable[[Counted, Any, Any], Any]
"""From what is counted, the node, and the instant it is taken at, to a column of the group-by."""


def _decayed(rows: Counted, node: n.Decayed, end: Any) -> Any:
    faded = rows.operators.call("decay", (end - rows.table["at"]).cast("float64") * rate(node))
    if node.weight is None:
        return rows.operators.real_total(faded, rows.where)
    weight = ibis.greatest(rows.operators.real(rows.typed), 0.0)
    return rows.operators.real_total(rows.operators.call("real_product", weight, faded), rows.known)


def rate(node: n.Decayed) -> float:
    """The decay of a sum, per microsecond."""
    if node.half_life is not None:
        return math.log(2) / micros(node.half_life)
    assert node.rate is not None
    return float(node.rate) / DAY


FOLDED: dict[type, Fold] = {
    n.Count: lambda rows, node, end: rows.table.count(where=rows.where),
    n.Any_: lambda rows, node, end: rows.table.count(where=rows.where) > 0,
    n.Sum: lambda rows, node, end: rows.operators.total(rows.typed, rows.where),
    n.Mean: lambda rows, node, end: rows.operators.mean(rows.typed, rows.where),
    n.Min: lambda rows, node, end: rows.value.min(where=rows.where),
    n.Max: lambda rows, node, end: rows.value.max(where=rows.where),
    n.First: lambda rows, node, end: rows.value.argmin(moment(rows.table), where=rows.known),
    n.Last: lambda rows, node, end: rows.value.argmax(moment(rows.table), where=rows.known),
    n.FirstAt: lambda rows, node, end: rows.table["at"].min(where=rows.where),
    n.LastAt: lambda rows, node, end: rows.table["at"].max(where=rows.where),
    n.Decayed: _decayed,
}

# --- aggregates of how often a value occurs: two group-bys ----------------------------------

Count = Callable[[ir.Table, str], Any]
"""From the table of different values and an aggregate's column name to its column."""


def _latest(seen: ir.Table, name: str) -> list[Any]:
    return [seen[f"{name}_at"], seen[f"{name}_key"]]


def _top(seen: ir.Table, name: str) -> Any:
    order = ibis.struct(
        {"n": seen[f"{name}_n"], "at": seen[f"{name}_at"], "key": seen[f"{name}_key"]}
    )
    return seen.value.argmax(order, where=seen[f"{name}_n"] > 0)


def _values(seen: ir.Table, name: str) -> Any:
    order = [column.desc() for column in _latest(seen, name)]
    return seen.value.collect(order_by=order, where=seen[f"{name}_n"] > 0)


COUNTED: dict[type, Count] = {
    n.Distinct: lambda seen, name: seen.count(where=seen[f"{name}_n"] > 0),
    n.Top: _top,
    n.Values: _values,
}

check_complete("the SQL engine's aggregates", n.AGGREGATES, FOLDED, COUNTED)

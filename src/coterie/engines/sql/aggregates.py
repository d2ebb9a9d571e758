"""Aggregates as column expressions: one function a kind of node."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.engines.sql.arithmetic import Operators, Typed
from coterie.engines.sql.capabilities import check_complete
from coterie.engines.sql.selections import both
from coterie.language import nodes as n
from coterie.language.time import DAY, micros
from coterie.language.types import Type

DEFAULTS: dict[type, Any] = {n.Count: 0, n.Distinct: 0, n.Any_: False}
"""What an aggregate is over nothing, where that is not null."""


def moment(table: ir.Table) -> Any:
    """The order of events: instant, then key."""
    return ibis.struct({"at": table["at"], "key": table.key})


# --- foldable aggregates: one column each ---------------------------------------------------


class Counted(NamedTuple):
    """What one aggregate reads: rows, which of them, and the value of each (if it has one).

    `mask` tells the rows in its window, `ever` those of a lifetime.
    """

    table: ir.Table
    mask: str | None
    ever: str | None
    reads: str | None
    kind: Type | None
    operators: Operators

    @property
    def where(self) -> Any:
        """The mask of the rows, None for all of them."""
        return self.table[self.mask] if self.mask else None

    def latest(self, known: Any = None) -> Any:
        """The instant of the latest row of a lifetime, or of those `known`.

        Every window ends where the lifetime does: in each that is not empty it is the same row.
        """
        return self.table["at"].max(where=both(self.whole, known))

    @property
    def whole(self) -> Any:
        """The mask of a lifetime's rows, None for all of them."""
        return self.table[self.ever] if self.ever else None

    @property
    def value(self) -> Any:
        """The value of each row."""
        return self.table[self.reads]

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

LATEST = (n.Last, n.LastAt, n.Top)
"""Aggregates that read what is latest: the same row of a lifetime and of any window of it."""


def _decayed(rows: Counted, node: n.Decayed, end: Any) -> Any:
    faded = rows.operators.call("decay", (end - rows.table["at"]).cast("float64") * rate(node))
    if node.weight is None:
        return rows.operators.positive_total(faded, rows.where)
    weight = ibis.greatest(rows.operators.real(rows.typed), rows.operators.constant(0.0))
    return rows.operators.positive_total(
        rows.operators.call("real_product", weight, faded), rows.known
    )


def _last(rows: Counted, node: n.Last, end: Any) -> Any:
    known = rows.value.notnull()
    value = rows.value.argmax(moment(rows.table), where=both(rows.whole, known))
    return _within(node, rows.latest(known), end, value)


def _last_at(rows: Counted, node: n.LastAt, end: Any) -> Any:
    return _within(node, rows.latest(), end, rows.latest())


def _within(node: n.Aggregate, latest: Any, end: Any, value: Any) -> Any:
    """What is latest of a lifetime, where that lies in the window."""
    if node.within is None:
        return value
    return ibis.cases((latest > end - micros(node.within), value))


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
    n.Last: _last,
    n.FirstAt: lambda rows, node, end: rows.table["at"].min(where=rows.where),
    n.LastAt: _last_at,
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

"""Aggregates of one core together: one group-by reads their rows once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir
from msgspec.structs import replace

from coterie.engines.sql.aggregates import FOLDED, LATEST, Counted
from coterie.engines.sql.selections import Core, Rows, both
from coterie.language import nodes as n
from coterie.language.time import micros


def value_of(node: n.Aggregate) -> n.Expr | None:
    """The row expression that an aggregate reads, if any."""
    found: n.Expr | None = getattr(node, "value", None) or getattr(node, "weight", None)
    return found


def since_of(node: n.Aggregate) -> n.Expr | None:
    """The instant after which an aggregate counts, if it has one."""
    found: n.Expr | None = getattr(node, "since", None)
    return found


def step_of(node: n.Aggregate) -> int | None:
    """The step that freezes an aggregate, in microseconds, if it has one."""
    step = getattr(node, "step", None)
    return None if step is None else micros(step)


def back(node: n.Aggregate) -> int | None:
    """How long before `t` the aggregate's window may begin, None for a lifetime."""
    return None if node.within is None else micros(node.within) + (step_of(node) or 0)


def _window(node: n.Aggregate) -> tuple[Any, ...]:
    """What decides which rows an aggregate counts."""
    return node.of, node.within, since_of(node), step_of(node)


class Grouped:
    """Renders aggregates over the rows of one core.

    Parameters
    ----------
    rows : Rows
    since : Table or None
        ``id`` and the instants after which aggregates count, by column.
    sinces : mapping of Expr to str
        The expression of each of those columns.
    """

    def __init__(self, rows: Rows, since: ir.Table | None, sinces: Mapping[n.Expr, str]) -> None:
        self.rows = rows
        self._since = since
        self._sinces = sinces

    def folded(self, core: Core, leaves: Mapping[str, n.Aggregate]) -> ir.Table:
        """One row a point that has events: ``id`` and a column for each aggregate."""
        table, counted = self.prepared(core, leaves)
        return table.group_by("id").aggregate(
            **{
                name: FOLDED[type(node)](counted[name], node, self._taken(node, table))
                for name, node in leaves.items()
            }
        )

    def prepared(
        self, core: Core, leaves: Mapping[str, n.Aggregate]
    ) -> tuple[ir.Table, dict[str, Counted]]:
        """The rows with each different value and mask as a column, and what each leaf reads."""
        table = self._read(core, leaves)
        named: dict[Any, str | None] = {}
        columns: dict[str, Any] = {}

        def column(key: tuple[Any, ...], made: Any) -> str | None:
            if key not in named:
                name = f"{key[0]}_{len(columns)}"
                named[key] = None if made is None else name
                columns.update({} if made is None else {name: made})
            return named[key]

        def mask(node: n.Aggregate) -> str | None:
            return column(("mask", *_window(node)), self._mask(node, table, core))

        read = {
            name: (
                None if isinstance(node, n.Last | n.LastAt) else mask(node),
                mask(replace(node, within=None)) if isinstance(node, LATEST) else None,
                column(("value", value_of(node), node.of), self._value(node, table)),
            )
            for name, node in leaves.items()
        }
        wide = table.mutate(**columns)
        return wide, {
            name: Counted(wide, *names, self._kind(leaves[name]), self.rows.operators)
            for name, names in read.items()
        }

    def _read(self, core: Core, leaves: Mapping[str, n.Aggregate]) -> ir.Table:
        nodes = list(leaves.values())
        columns = set().union(*(self.rows.columns(value_of(node), node.of) for node in nodes))
        backs = [back(node) for node in nodes]
        known = [length for length in backs if length is not None]
        table = self.rows.of(core, columns, max(known) if len(known) == len(backs) else None)
        wanted = {self._sinces[since] for node in nodes if (since := since_of(node)) is not None}
        if not wanted:
            return table
        assert self._since is not None
        return table.join(self._since.select("id", *sorted(wanted)), "id")

    def _value(self, node: n.Aggregate, table: ir.Table) -> Any:
        expr = value_of(node)
        return None if expr is None else self.rows.read(table, node.of).value(expr)

    def _kind(self, node: n.Aggregate) -> Any:
        expr = value_of(node)
        return None if expr is None else self.rows.library.kind(expr, node.of)

    def _mask(self, node: n.Aggregate, table: ir.Table, core: Core) -> Any:
        """Which rows an aggregate counts; None for all of them."""
        where, end = self.rows.mask(node.of, table, core), self._end(node, table)
        if step_of(node) is not None:
            where = both(where, table["at"] <= end)
        if node.within is not None:
            where = both(where, table["at"] > end - micros(node.within))
        since = since_of(node)
        return where if since is None else both(where, table["at"] > table[self._sinces[since]])

    def _taken(self, node: n.Aggregate, table: ir.Table) -> Any:
        """As :meth:`_end`; for what is latest, of a point and not of a row."""
        end = self._end(node, table)
        return end.max() if isinstance(node, LATEST) and not self.rows.points.position else end

    def _end(self, node: n.Aggregate, table: ir.Table) -> Any:
        """The instant at which an aggregate is taken: `t`, or the last whole step of it."""
        t, step = self.rows.points.t(table), step_of(node)
        return t if step is None else self.rows.operators.steps(t, step) * step

"""Aggregates of how often a value occurs: the key is read only where a tie needs it.

Of the values that occur most often, ``top`` is the one that occurred last, and of those that did so
at one instant the one whose event has the greatest key. To carry the key of every event along for
that costs as much as all the rest, and hardly anybody has such a tie. So everyone is answered
without keys first, and those whose answer is shared by several values again, with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.engines.sql.aggregates import COUNTED, moment
from coterie.engines.sql.grouping import Grouped
from coterie.engines.sql.planning import Group
from coterie.language import nodes as n


class Step(NamedTuple):
    """A table that one statement makes, and the tables of earlier steps not needed after it."""

    name: str
    rows: ir.Table
    spent: tuple[str, ...] = ()


def occurring(grouped: Grouped, group: Group) -> Iterator[Step]:
    """The steps to a group's table: ``id`` and a column for each aggregate."""
    known = _Known(grouped, group)
    if not known.tops or any(isinstance(node, n.Values) for node in group.leaves.values()):
        yield Step(group.name, known.exactly(known.rows))
        return
    names = seen, most, tied = [f"{group.name}_{name}" for name in ("seen", "most", "tied")]
    yield Step(seen, rows := known.seen())
    yield Step(most, rows := known.most(_made(seen, rows)))
    chosen = _made(most, rows)
    several = [chosen[_shared(name)] > 1 for name in known.tops]
    yield Step(tied, rows := chosen.filter(ibis.or_(*several)).select("id"))
    again = _made(tied, rows)
    kept = ["id", *group.leaves]
    clear = chosen.anti_join(again, "id").select(kept)
    exact = known.exactly(known.rows.join(again, "id")).select(kept)
    yield Step(group.name, ibis.union(clear, exact), tuple(names))


class _Known:
    """The rows of a group whose value is known, with a column ``value``."""

    def __init__(self, grouped: Grouped, group: Group) -> None:
        self.leaves: Mapping[str, n.Aggregate] = group.leaves
        self.tops = [name for name, node in group.leaves.items() if isinstance(node, n.Top)]
        table, self._counted = grouped.prepared(group.core, group.leaves)
        self._operators = grouped.rows.operators
        table = table.mutate(value=next(iter(self._counted.values())).value)
        self.rows = table.filter(table["value"].notnull())

    def _where(self, name: str, table: ir.Table) -> Any:
        return self._counted[name]._replace(table=table).where

    def seen(self) -> ir.Table:
        """How often each value occurs for a leaf, and for `top` how it ranks, without keys."""
        made: dict[str, Any] = {}
        for name in self.leaves:
            counted = self._counted[name]._replace(table=self.rows)
            times = self.rows.count(where=counted.where)
            if name in self.tops:
                made[_rank(name)] = self._operators.often(times.nullif(0), counted.latest())
            else:
                made[f"{name}_n"] = times
        return self.rows.group_by("id", "value").aggregate(**made)

    def most(self, seen: ir.Table) -> ir.Table:
        """One of the values that rank first, and how many do so; other leaves are done."""
        first = seen.group_by("id").aggregate(
            **{_first(name): seen[_rank(name)].max() for name in self.tops}
        )
        table = seen.join(first, "id")
        if len(self.tops) == len(self.leaves):  # other leaves count values that rank lower, too
            table = table.filter(ibis.or_(*(_leads(table, name) for name in self.tops)))
        made: dict[str, Any] = {}
        for name, node in self.leaves.items():
            if name in self.tops:
                leads = _leads(table, name)
                made[name] = self._operators.any_of(table["value"], leads)
                made[_shared(name)] = table.count(where=leads)
            else:
                made[name] = COUNTED[type(node)](table, name)
        return table.group_by("id").aggregate(**made)

    def exactly(self, rows: ir.Table) -> ir.Table:
        """The answer of the rows of some points, with keys."""
        made: dict[str, Any] = {}
        for name, node in self.leaves.items():
            where = self._where(name, rows)
            made[f"{name}_n"] = rows.count(where=where)
            if not isinstance(node, n.Distinct):
                made[f"{name}_at"] = rows["at"].max(where=where)
                made[f"{name}_key"] = rows.key.argmax(moment(rows), where=where)
        seen = rows.group_by("id", "value").aggregate(**made)
        every = seen.group_by("id").aggregate(
            **{name: COUNTED[type(node)](seen, name) for name, node in self.leaves.items()}
        )
        limits = {k: node.limit for k, node in self.leaves.items() if isinstance(node, n.Values)}
        return every.mutate(**{k: every[k][:limit] for k, limit in limits.items()})


def _made(name: str, rows: ir.Table) -> ir.Table:
    """The temporary table that a step has made."""
    return ibis.table(rows.schema(), name=name)


def _leads(table: ir.Table, name: str) -> Any:
    """Whether no value ranks before that of a row."""
    return table[_rank(name)] == table[_first(name)]


def _first(name: str) -> str:
    return f"{name}_first"


def _rank(name: str) -> str:
    return f"{name}_rank"


def _shared(name: str) -> str:
    return f"{name}_shared"

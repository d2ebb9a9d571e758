"""Selections as rows: every occurrence that each point of the spine sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from coterie.engines.sql.arithmetic import Operators, Typed, null
from coterie.engines.sql.capabilities import check_complete
from coterie.engines.sql.expressions import Expressions
from coterie.engines.sql.points import Points
from coterie.engines.sql.sources import Source, column, ibis_type
from coterie.language import nodes as n
from coterie.language.inference import common
from coterie.language.library import Library
from coterie.language.rewrite import plain
from coterie.language.time import micros
from coterie.language.types import Type, scale_of

Core = frozenset[str] | n.Selection
"""What several aggregates read together: the events of some names, or an ordered selection."""


class Column(NamedTuple):
    """A property as one type: a union of events may read it wider than each declares it."""

    name: str
    kind: Type

    @property
    def label(self) -> str:
        """Its name in the rows."""
        kind = type(self.kind).__name__.lower()
        return f"{column(self.name)}_{kind}{scale_of(self.kind) or ''}"


def core_of(selection: n.Selection) -> Core:
    """The rows that a selection filters: what is left without its outermost predicates."""
    simple = plain(selection)
    if simple is not None:
        return frozenset(simple)
    return core_of(selection.of) if isinstance(selection, n.Where) else selection


class RowScope:
    """The columns of occurrences, for predicates and aggregated values."""

    def __init__(self, table: ir.Table, of: n.Selection) -> None:
        self.table = table
        self.of = of

    def property(self, name: str, kind: Type) -> Any:
        """A property of the row's event."""
        return self.table[Column(name, kind).label]

    def at(self) -> Any:
        """The instant of the row."""
        return self.table["at"]

    def t(self) -> Any:
        """Never read inside an event."""
        raise AssertionError("the clock inside an event")

    def leaf(self, node: n.Aggregate) -> Any:
        """Never read inside an event."""
        raise AssertionError("an aggregate inside an event")

    def ref(self, name: str) -> Any:
        """Never read inside an event."""
        raise AssertionError("another definition inside an event")

    def fitted(self, key: str, apply: Callable[..., Any]) -> Any:
        """Never read inside an event."""
        raise AssertionError("a fit inside an event")


class Rows:
    """Renders selections over the points of a spine.

    Every table it gives has the columns ``id`` (of the point), ``t`` where points differ in it,
    ``at`` and ``key`` of the occurrence, and the properties asked for.
    """

    def __init__(
        self, library: Library, operators: Operators, source: Source, points: Points
    ) -> None:
        self.library = library
        self.operators = operators
        self.source = source
        self.points = points

    def read(self, table: ir.Table, of: n.Selection) -> Expressions:
        """Row expressions of a selection over its rows."""
        return Expressions(self.library, self.operators, RowScope(table, of))

    def columns(self, expr: n.Node | None, of: n.Selection) -> set[Column]:
        """The properties that a row expression reads, and those of the selection's predicates."""
        found = {
            Column(node.name, self.library.kind(node, of))
            for node in (n.walk(expr) if expr is not None else ())
            if isinstance(node, n.Property)
        }
        return found | self._predicates(of)

    def _predicates(self, selection: n.Selection) -> set[Column]:
        if isinstance(selection, n.Where):
            return self.columns(selection.that, selection.of)
        children: list[Any] = [c for _, c in n.parts(selection) if isinstance(c, n.SELECTIONS)]
        return {column for child in children for column in self._predicates(child)}

    def of(self, core: Core, columns: Iterable[Column], back: int | None) -> ir.Table:
        """The occurrences of a core; with `back`, those later than ``t - back`` at least."""
        wanted = sorted(set(columns), key=lambda c: c.label)
        if isinstance(core, frozenset):
            return self._scan(core, wanted, back)
        return SELECTED[type(core)](self, core, wanted, back)

    def selected(
        self, selection: n.Selection, columns: Iterable[Column], back: int | None
    ) -> ir.Table:
        """The occurrences of any selection."""
        core = core_of(selection)
        if core == selection:
            return self.of(core, columns, back)
        needed = set(columns) | self._predicates(selection)
        table = self.of(core, needed, back)
        mask = self.mask(selection, table, core)
        kept = table if mask is None else table.filter(mask)
        return kept.select(*self._head(), *(c.label for c in _ordered(columns)))

    def mask(self, selection: n.Selection, table: ir.Table, core: Core) -> Any:
        """Which rows of a core belong to a selection over it; None for all of them."""
        match selection:
            case _ if selection == core:
                return None
            case n.Named(event):
                assert isinstance(core, frozenset)
                return table.event == sorted(core).index(event) if len(core) > 1 else None
            case n.Where(of, that):
                return both(self.mask(of, table, core), self.read(table, of).value(that))
            case n.Either(parts):
                masks = [self.mask(part, table, core) for part in parts]
                return None if any(mask is None for mask in masks) else ibis.or_(*masks)
        raise AssertionError(f"{type(selection).__name__} is a core of its own")

    def _head(self) -> list[str]:
        return ["id", *self.points.timed, "at", "key"]

    # --- events as they are -----------------------------------------------------------------

    def _scan(self, names: frozenset[str], columns: list[Column], back: int | None) -> ir.Table:
        events = [self._events(name, i, columns) for i, name in enumerate(sorted(names))]
        if self.points.position:
            events = [self._seen(table, back) for table in events]
        every = ibis.union(*events) if len(events) > 1 else events[0]
        kept = [*self._head(), *(["event"] if len(events) > 1 else []), *(c.label for c in columns)]
        return every.join(self.points.table, self._joined(every, back)).select(*kept)

    def _events(self, name: str, index: int, columns: list[Column]) -> ir.Table:
        declared = self.library.plan.events[name].properties
        kinds = {
            c.name: declared[c.name].kind
            for c in columns
            if c.name in declared and common([declared[c.name].kind, c.kind]) == c.kind
        }
        table = self.source.events(name, kinds)
        values = {
            c.label: self.operators.convert(Typed(table[column(c.name)], kinds[c.name]), c.kind)
            if c.name in kinds and common([kinds[c.name], c.kind]) == c.kind
            else null(ibis_type(c.kind))
            for c in columns
        }
        head = {name: table[name] for name in ("profile", "at", "key", "offset", "retired")}
        return table.select(**head, event=ibis.literal(index, "int8"), **values)

    def _seen(self, table: ir.Table, back: int | None) -> ir.Table:
        assert self.points.position is not None
        offset, t = self.points.position
        last = self.source.last
        whole = last is not None and last <= offset
        return table.filter(*_visible(table, offset, t, back, whole=whole))

    def _joined(self, events: ir.Table, back: int | None) -> list[Any]:
        points = self.points.table
        same = events.profile == points.who
        if self.points.position:
            return [same]
        return [same, *_visible(events, points.n, points.t, back)]


def _visible(
    events: ir.Table, offset: Any, t: Any, back: int | None, *, whole: bool = False
) -> list[Any]:
    """What a point sees; `whole` where no event is beyond its offset, which saves reading it."""
    seen = [
        *([] if whole else [events["offset"] <= offset]),
        events["at"] <= t,
        events.retired.isnull() | (events.retired > offset),
    ]
    return seen if back is None else [*seen, events["at"] > t - back]


def _ordered(columns: Iterable[Column]) -> list[Column]:
    return sorted(set(columns), key=lambda c: c.label)


def both(a: Any, b: Any) -> Any:
    """The conjunction of two masks, either of which may be None for every row."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


# --- selections that depend on the order of events ------------------------------------------

Select = Callable[[Rows, Any, list[Column], int | None], ir.Table]


def _wider(back: int | None, more: int) -> int | None:
    return None if back is None else back + more


def _either(rows: Rows, node: n.Either, columns: list[Column], back: int | None) -> ir.Table:
    return ibis.union(*(rows.selected(p, columns, back) for p in node.parts), distinct=True)


def _then(rows: Rows, node: n.Then, columns: list[Column], back: int | None) -> ir.Table:
    first = rows.selected(node.first, (), _wider(back, micros(node.within)))
    merged = _merged(rows.selected(node.second, columns, back), first)
    # Of one instant, the marks come after: strictly before is what counts.
    earlier = ibis.window(
        group_by=merged.id, order_by=[merged["at"], merged.mark], preceding=None, following=0
    )
    latest = merged.mutate(latest=_marked(merged).max().over(earlier))
    return _unmarked(latest, latest.latest > latest["at"] - micros(node.within))


def _without(rows: Rows, node: n.Without, columns: list[Column], back: int | None) -> ir.Table:
    within = micros(node.within)
    first = rows.selected(node.first, columns, _wider(back, within))
    merged = _merged(first, rows.selected(node.second, (), _wider(back, within)))
    later = ibis.window(
        group_by=merged.id,
        order_by=[merged["at"].desc(), merged.mark],
        preceding=None,
        following=0,
    )
    table = merged.mutate(next=_marked(merged).min().over(later))
    over = table["at"] + within
    waited = (table.next.isnull() | (table.next >= over)) & (over <= rows.points.t(table))
    return _unmarked(table, waited).mutate(at=ibis._["at"] + within)


def _sessions(rows: Rows, node: n.Sessions, columns: list[Column], back: int | None) -> ir.Table:
    gap = micros(node.gap)
    table = rows.selected(node.of, columns, _wider(back, gap))
    inorder = ibis.window(group_by=table.id, order_by=[table["at"], table.key])
    table = table.mutate(before=table["at"].lag().over(inorder))
    starts = table.before.isnull() | (table.before <= table["at"] - gap)
    return table.filter(starts).drop("before")


def _merged(rows: ir.Table, marks: ir.Table) -> ir.Table:
    """The rows with mark 0 and, among them, the instants of `marks` with mark 1."""
    empty = {
        name: ibis.null(kind)
        for name, kind in rows.schema().items()
        if name not in ("id", "t", "at")
    }
    shared = [name for name in rows.columns if name in ("id", "t", "at")]
    marked = marks.select(*shared).mutate(**empty).select(*rows.columns)
    return ibis.union(
        rows.mutate(mark=ibis.literal(0, "int8")), marked.mutate(mark=ibis.literal(1, "int8"))
    )


def _marked(table: ir.Table) -> Any:
    """The instant of a mark, null elsewhere."""
    return ibis.cases((table.mark == 1, table["at"]))


def _unmarked(table: ir.Table, kept: Any) -> ir.Table:
    extra = [name for name in table.columns if name in ("mark", "latest", "next")]
    return table.filter((table.mark == 0) & kept).drop(*extra)


SELECTED: dict[type, Select] = {
    n.Either: _either,
    n.Then: _then,
    n.Without: _without,
    n.Sessions: _sessions,
}
"""Ordered selection -> its rows."""

MASKED = frozenset({n.Named, n.Where})
"""Selections that are filters of what they stand on; so are unions of them."""

check_complete("the SQL engine's selections", n.SELECTIONS, SELECTED, MASKED)

"""From a library to a program: tables, instructions, and the plan of a person's row."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import FORMS
from coterie.engines.stream.assembler import Assembler, Register
from coterie.engines.stream.linking import link
from coterie.engines.stream.memory import RING
from coterie.engines.stream.parts import Parts
from coterie.engines.stream.program import OTHER, Block, Program
from coterie.engines.stream.texts import Texts
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.time import micros
from coterie.language.types import Real, Text, Type


def compile_(
    library: Library, texts: Texts, cells: Mapping[str, Mapping[str, int]] | None = None
) -> Program:
    """The program of a library; `texts` learns its constants and patterns.

    Parameters
    ----------
    cells : mapping, optional
        Event name -> property -> cell of a former program, whose numbers stay as they are.
    """
    return Compiler(library, texts, cells or {}).program()


class Compiler:
    """Builds one program."""

    def __init__(
        self, library: Library, texts: Texts, cells: Mapping[str, Mapping[str, int]]
    ) -> None:
        self.library = library
        self.texts = texts
        self.parts = Parts()
        self.program_ = Program(library)
        self.person = Assembler(
            library, texts, self.parts.registers, self.parts.constants, self._leaf
        )
        self._selections: dict[n.Selection, int] = {}
        self._leaves: dict[n.Aggregate, int] = {}
        self._width = 0
        self._names = list(dict.fromkeys([OTHER, *cells, *sorted(_named(library))]))
        self.program_.events = {name: dict(cells.get(name, {})) for name in self._names}
        self.program_.kinds = {name: {} for name in self._names}

    def program(self) -> Program:
        """Everything compiled and linked."""
        done = self.program_
        done.names = list(self.library.order)
        done.outputs = list(_outputs(self.library))
        self._width = y.BITS + max(-(-len(done.outputs) // y.PER_WORD), 1)
        for i, name in enumerate(self.library.order):
            self.person.why = i
            self.parts.results[name] = self.person.value(n.Ref(name))
        self.parts.person = self.person.code
        link(self.parts, done, self.texts, self._width)
        for block in done.blocks:
            if block.waits:
                block.key = (block.key, done.cells, self._cells_of(block.names))
        done.leaves = self._leaves
        return done

    # --- leaves of a person's expressions --------------------------------------------------------

    def _leaf(self, expr: n.Expr, person: Assembler) -> Register:
        match expr:
            case n.Ref(name):
                return person.value(self.library.lowered[name])
            case n.Aggregate():
                return self._aggregate(expr, person)
            case n.Population():
                return person.emit(y.OP_STATISTIC, 0, 0, self._slot(expr))
            case n.QuantileRank(of):
                mode = y.REAL if isinstance(person.kind(of), Real) else y.EXACT
                return person.emit(y.OP_RANK, person.value(of), 0, self._slot(expr), mode)
            case n.Cluster(_, inputs) | n.Predict(_, inputs):
                given = [person.real(part) for part in inputs]
                at = len(self.parts.constants)
                self.parts.constants += given
                op = y.OP_CLUSTER if isinstance(expr, n.Cluster) else y.OP_PREDICT
                return person.emit(op, at, len(given), self._slot(expr))
        raise AssertionError(f"{type(expr).__name__} is no leaf of a person's expression")

    def _slot(self, node: n.Fitted) -> int:
        self.program_.slots.append(node)
        return len(self.program_.slots) - 1

    def _aggregate(self, expr: n.Aggregate, person: Assembler) -> Register:
        since = getattr(expr, "since", None)
        start = person.value(since) if since is not None else -1
        if expr not in self._leaves:
            self._leaves[expr] = len(self.parts.leaves)
            self.parts.leaves.append(self._planned_leaf(expr, person.why))
        return person.emit(y.OP_LEAF, self._leaves[expr], start)

    # --- the tables of leaves and selections -----------------------------------------------------

    def _planned_leaf(self, expr: n.Aggregate, why: int) -> dict[str, Any]:
        read = _read(expr)
        of = self.library.kind(read, expr.of) if read is not None else None
        mode = _mode(of)
        form = FORMS[type(expr), mode]
        since, step = getattr(expr, "since", None), getattr(expr, "step", None)
        ringed = expr.within is not None or since is not None or step is not None
        selection = self._selection(expr.of)
        undo = form.undo and ringed and since is None and step is None
        folded = expr.within is not None and not undo
        width = form.width + RING * ringed + folded
        block = self._block(("leaf", self.library.expanded(expr)), expr, width)
        block.leaf = len(self.parts.leaves)
        ring = block.offset + form.width
        block.chunks = [block.offset] * form.chunked + [ring] * ringed
        return {
            "kind": form.kind, "selection": selection, "mode": mode, "state": block.offset,
            "within": micros(expr.within) if expr.within is not None else 0,
            "since": int(since is not None),
            "table": self._values(expr.of, read, form.as_real) if read is not None else -1,
            "step": micros(step) if step is not None else 0,
            "rate": 0, "limit": 0, "up": 1, **form.words(expr, of),
            "ring": ring if ringed else y.NO_RING,
            "wide": y.OCCURRED if form.reads else 1,
            "undo": int(undo),
            "dirty": ring + RING if folded else 0,
            "why": why,
            "prune": int(since is not None and self._only_moves_on(since)),
        }  # fmt: skip

    def _only_moves_on(self, since: n.Expr) -> bool:
        """Whether an instant never moves back: the last one of a lifetime."""
        while isinstance(since, n.Ref):
            since = self.library.lowered[since.name]
        return isinstance(since, n.LastAt) and since.within is None

    def _values(self, of: n.Selection, read: n.Expr, as_real: bool) -> int:
        """The table of the code of a value for each event name."""

        def code(event: str) -> int:
            row = self._row(of, event)
            return self._kept(row, row.real(read) if as_real else row.value(read))

        return self._table(of, code)

    def _selection(self, selection: n.Selection) -> int:
        if selection not in self._selections:
            planned = self._planned_selection(selection)
            self._selections[selection] = len(self.parts.selections)
            self.parts.selections.append(planned)
        return self._selections[selection]

    def _planned_selection(self, selection: n.Selection) -> dict[str, Any]:
        if _unordered(selection):
            table = self._table(selection, lambda event: self._picks(selection, event), of="all")
            return {"kind": y.PLAIN, "table": table}
        match selection:
            case n.Where(of, that):
                inner = self._selection(of)
                table = self._table(selection, lambda event: self._holds(of, that, event))
                return {"kind": y.WHERE, "a": inner, "table": table}
            case n.Either(parts):
                inside = [self._selection(part) for part in parts]
                at = len(self.parts.tables)
                self.parts.tables += inside
                return {"kind": y.EITHER, "parts": at, "nparts": len(inside)}
            case n.Then(first, second, within):
                return self._ordered(y.THEN, selection, first, second, micros(within), 2)
            case n.Without(first, second, within):
                return self._ordered(y.WITHOUT, selection, first, second, micros(within), RING)
            case n.Sessions(of, gap):
                return self._ordered(y.SESSIONS, selection, of, of, micros(gap), 2)
        raise AssertionError(selection)

    def _ordered(
        self, kind: int, selection: n.Selection, a: n.Selection, b: n.Selection, length: int,
        width: int,
    ) -> dict[str, Any]:  # fmt: skip
        first, second = self._selection(a), self._selection(b)
        block = self._block(("selection", selection), selection, width)
        if kind == y.WITHOUT:
            block.chunks = [block.offset]
            block.waits = True
        return {"kind": kind, "state": block.offset, "length": length, "a": first, "b": second}

    def _block(self, key: Hashable, node: n.Selection | n.Aggregate, width: int) -> Block:
        selection = node.of if isinstance(node, n.Aggregate) else node
        names = tuple(sorted({x.event for x in n.walk(selection) if isinstance(x, n.Named)}))
        block = Block((key, self._kinds_of(names)), node, self._width, width, [], names)
        self.program_.blocks.append(block)
        self._width += width
        return block

    def _kinds_of(self, names: tuple[str, ...]) -> Hashable:
        """The types that a state rests on, so that it is not taken for that of another plan."""
        plan = self.library.plan
        return tuple(
            (name, prop, str(planned.kind))
            for name in names
            for prop, planned in sorted(plan.events[name].properties.items())
        )

    def _cells_of(self, names: tuple[str, ...]) -> Hashable:
        return tuple((name, tuple(self.program_.events[name].items())) for name in names)

    # --- code for one event name -----------------------------------------------------------------

    def _table(self, selection: n.Selection, code: Any, of: str = "") -> int:
        """A word for each event name: its code, or -1 for a name that is not selected."""
        flowing = set(self._names) if of else _flowing(selection)
        words = [code(name) if name in flowing else -1 for name in self._names]
        at = len(self.parts.tables)
        self.parts.tables += words
        return at

    def _row(self, selection: n.Selection, event: str) -> Assembler:
        def leaf(expr: n.Expr, row: Assembler) -> Register:
            match expr:
                case n.Property(name):
                    return self._property(name, event, row)
                case n.At():
                    return row.emit(y.OP_AT)
            raise AssertionError(f"{type(expr).__name__} is no leaf of an event's expression")

        return Assembler(
            self.library, self.texts, self.parts.registers, self.parts.constants, leaf, selection
        )

    def _property(self, name: str, event: str, row: Assembler) -> Register:
        declared = self.library.plan.kind(event, name)
        cells = self.program_.events[event]
        cell = cells.setdefault(name, len(cells))
        self.program_.kinds[event][name] = declared
        register = row.emit(y.OP_CELL, cell)
        return row.convert(register, declared, row.kind(n.Property(name)))

    def _kept(self, row: Assembler, register: Register) -> int:
        """The number of a piece of code, marked as one until the program is linked."""
        self.parts.rows.append((register, row.code))
        return -len(self.parts.rows) - 1

    def _holds(self, of: n.Selection, that: n.Expr, event: str) -> int:
        row = self._row(of, event)
        return self._kept(row, row.value(that))

    def _picks(self, selection: n.Selection, event: str) -> int:
        """The code of the predicate under which an unordered selection has events of a name."""
        if event not in _flowing(selection):
            return -1
        row = self._row(selection, event)
        register = self._predicate(selection, event, row)
        return 0 if register is None else self._kept(row, register)

    def _predicate(self, selection: n.Selection, event: str, row: Assembler) -> Register | None:
        """The register of the predicate, None where every event of the name is selected."""
        match selection:
            case n.Where(of, that):
                inner = self._predicate(of, event, row)
                row.of = of
                own = row.value(that)
                return own if inner is None else row.emit(y.OP_AND, inner, own)
            case n.Either(parts):
                found = [
                    self._predicate(part, event, row) for part in parts if event in _flowing(part)
                ]
                if None in found:
                    return None
                whole = found[0]
                for other in found[1:]:
                    assert whole is not None
                    assert other is not None
                    whole = row.emit(y.OP_OR, whole, other)
                return whole
            case _:
                return None


def _read(expr: n.Aggregate) -> n.Expr | None:
    """What an aggregate reads of an event."""
    return getattr(expr, "value", None) or getattr(expr, "weight", None)


def _mode(of: Type | None) -> int:
    """How the values of a type are kept."""
    return y.REAL if isinstance(of, Real) else y.TEXT if isinstance(of, Text) else y.EXACT


def _named(library: Library) -> set[str]:
    """The event names that definitions read."""
    return {
        node.event
        for name in library.order
        for node in n.walk(library.lowered[name])
        if isinstance(node, n.Named)
    }


def _flowing(selection: n.Selection) -> set[str]:
    """The names of the events that a selection gives on."""
    match selection:
        case n.Named(event):
            return {event}
        case n.Where(of) | n.Sessions(of):
            return _flowing(of)
        case n.Either(parts):
            return set().union(*map(_flowing, parts))
        case n.Then(_, second):
            return _flowing(second)
        case n.Without(first):
            return _flowing(first)


def _unordered(selection: n.Selection) -> bool:
    return not any(isinstance(x, n.Then | n.Without | n.Sessions) for x in n.walk(selection))


def _outputs(library: Library) -> list[tuple[str, str]]:
    """Each membership: a segment, or one of several stages."""
    found = [(name, "") for name in library.segments]
    for name in library.stages:
        kind = library.type(name)
        found += [(name, option) for option in kind.options]  # type: ignore[union-attr]
    return found

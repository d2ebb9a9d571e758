"""A library as data for the kernels: tables, instructions, and the plan of a person's row."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coterie.engines.reference.aggregates import rate
from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import (
    counting,
    decayed,
    different,
    ends,
    extremes,
    reals,
    recent,
    sums,
)
from coterie.engines.stream.assembler import Assembler, Register, Registers
from coterie.engines.stream.memory import RING
from coterie.engines.stream.texts import Texts
from coterie.engines.stream.wide import bits
from coterie.language import nodes as n
from coterie.language.definitions import Segment
from coterie.language.library import Library
from coterie.language.time import micros
from coterie.language.types import MAX_SCALE, Real, Text, Type, scale_of

KINDS: dict[type, int] = {
    n.Count: y.COUNT, n.Any_: y.ANY, n.Sum: y.SUM, n.Mean: y.MEAN, n.Min: y.MIN, n.Max: y.MAX,
    n.First: y.FIRST, n.Last: y.LAST_, n.FirstAt: y.FIRST_AT, n.LastAt: y.LAST_AT,
    n.Distinct: y.DISTINCT, n.Top: y.TOPMOST, n.Values: y.VALUES, n.Decayed: y.DECAYED,
}  # fmt: skip
WIDTHS = {
    y.COUNT: counting.WIDTH, y.ANY: counting.WIDTH, y.SUM: sums.WIDTH, y.MEAN: sums.WIDTH,
    y.MIN: extremes.WIDTH, y.MAX: extremes.WIDTH, y.FIRST: ends.WIDTH, y.LAST_: ends.WIDTH,
    y.FIRST_AT: ends.WIDTH, y.LAST_AT: ends.WIDTH, y.DISTINCT: different.WIDTH,
    y.TOPMOST: different.WIDTH, y.VALUES: recent.WIDTH, y.DECAYED: decayed.WIDTH,
}  # fmt: skip
OTHER = ""
"""The name of events that no definition reads: that there are some, makes a person somebody."""

CHUNKED = {y.DISTINCT, y.TOPMOST, y.VALUES}
UNDOABLE = {y.COUNT, y.ANY, y.DISTINCT, y.TOPMOST}
WITHOUT_VALUE = {y.COUNT, y.ANY, y.FIRST_AT, y.LAST_AT}


@dataclass
class Block:
    """Some words of a row: the state of one selection or leaf.

    Parameters
    ----------
    key
        Equal for states that mean the same, whatever the program.
    offset, width : int
    chunks : list of int
        Where in the row it points to chunks.
    names : tuple of str
        The event names that it depends on.
    leaf : int
        The number of the leaf, -1 for a selection.
    waits : bool
        Whether it keeps events, cells and all.
    """

    key: Hashable
    offset: int
    width: int
    chunks: list[int]
    names: tuple[str, ...]
    leaf: int = -1
    waits: bool = False


@dataclass
class Program:
    """What kernels and engine need of a library.

    Parameters
    ----------
    words : array of int64
        A memory with the program and nobody in it.
    events : dict of str to dict of str to int
        Event name -> property -> cell; the order of names is that of their numbers.
    kinds : dict of str to dict of str to Type
        Event name -> property -> its type in the plan.
    outputs : list of (str, str)
        Segment, and stage or nothing, of each membership bit.
    results : dict of str to int
        Definition -> where its register lies.
    slots : list of Fitted
        The fitted node of each slot of parameters.
    names : list of str
        Definitions by the number that deadlines give as their reason.
    blocks : list of Block
    leaves : dict of Aggregate to int
        Each distinct aggregate with its number.
    """

    library: Library
    words: Any = None
    events: dict[str, dict[str, int]] = field(default_factory=dict)
    kinds: dict[str, dict[str, Type]] = field(default_factory=dict)
    outputs: list[tuple[str, str]] = field(default_factory=list)
    results: dict[str, int] = field(default_factory=dict)
    slots: list[n.Fitted] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    leaves: dict[n.Aggregate, int] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """How many cells an event has."""
        return int(self.words[y.CELLS])

    @property
    def width(self) -> int:
        """The words of a row."""
        return int(self.words[y.WIDTH])


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
        self.registers = Registers()
        self.tables: list[int] = []
        self.constants: list[int] = []
        self.rows: list[tuple[int, Register, list[list[int]]]] = []
        self.program_ = Program(library)
        self.person = Assembler(library, texts, self.registers, self.constants, self._leaf)
        self._selections: dict[n.Selection, int] = {}
        self._selected: list[dict[str, Any]] = []
        self._leaves: dict[n.Aggregate, int] = {}
        self._leaf_rows: list[dict[str, Any]] = []
        self._results: dict[str, Register] = {}
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
            self._results[name] = self.person.value(n.Ref(name))
        self._link()
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
                at = len(self.constants)
                self.constants += given
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
            self._leaves[expr] = len(self._leaf_rows)
            self._leaf_rows.append(self._planned_leaf(expr, person.why))
        return person.emit(y.OP_LEAF, self._leaves[expr], start)

    # --- the tables of leaves and selections -----------------------------------------------------

    def _planned_leaf(self, expr: n.Aggregate, why: int) -> dict[str, Any]:
        kind = KINDS[type(expr)]
        read = getattr(expr, "value", None) or getattr(expr, "weight", None)
        of = self.library.kind(read, expr.of) if read is not None else None
        mode = y.REAL if isinstance(of, Real) else y.TEXT if isinstance(of, Text) else y.EXACT
        summed = kind in (y.SUM, y.MEAN)
        since, step = getattr(expr, "since", None), getattr(expr, "step", None)
        ringed = expr.within is not None or since is not None or step is not None
        undo = kind in UNDOABLE or (summed and mode == y.EXACT)
        width = reals.WIDTH if summed and mode == y.REAL else WIDTHS[kind]
        chunked = kind in CHUNKED or width == reals.WIDTH
        selection = self._selection(expr.of)
        block = self._block(
            ("leaf", self.library.expanded(expr)), expr.of, width + (RING + 1) * ringed
        )
        block.leaf = len(self._leaf_rows)
        block.chunks = [block.offset] * chunked + [block.offset + width] * ringed
        return {
            "kind": kind, "selection": selection, "mode": mode, "state": block.offset,
            "within": micros(expr.within) if expr.within is not None else 0,
            "since": int(since is not None),
            "table": self._table(expr.of, lambda event: self._read(expr, read, event))
            if read is not None else -1,
            "step": micros(step) if step is not None else 0,
            "rate": bits(rate(expr)) if isinstance(expr, n.Decayed) else 0,
            "limit": getattr(expr, "limit", 0),
            "up": 10 ** (MAX_SCALE - scale_of(of)) if kind == y.MEAN and of is not None else 1,
            "ring": block.offset + width if ringed else y.NO_RING,
            "wide": 1 if kind in WITHOUT_VALUE else 2,
            "undo": int(undo and ringed and since is None and step is None),
            "dirty": block.offset + width + RING if ringed else 0,
            "why": why,
            "prune": int(since is not None and self._only_moves_on(since)),
        }  # fmt: skip

    def _only_moves_on(self, since: n.Expr) -> bool:
        """Whether an instant never moves back: the last one of a lifetime."""
        while isinstance(since, n.Ref):
            since = self.library.lowered[since.name]
        return isinstance(since, n.LastAt) and since.within is None

    def _read(self, expr: n.Aggregate, read: n.Expr, event: str) -> int:
        """The code of the value, or the weight as a real, of one event name."""
        row = self._row(expr.of, event)
        register = row.real(read) if isinstance(expr, n.Decayed) else row.value(read)
        return self._kept(row, register)

    def _selection(self, selection: n.Selection) -> int:
        if selection not in self._selections:
            planned = self._planned_selection(selection)
            self._selections[selection] = len(self._selected)
            self._selected.append(planned)
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
                at = len(self.tables)
                self.tables += inside
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

    def _block(self, key: Hashable, selection: n.Selection, width: int) -> Block:
        names = tuple(sorted({x.event for x in n.walk(selection) if isinstance(x, n.Named)}))
        block = Block((key, self._kinds_of(names)), self._width, width, [], names)
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
        at = len(self.tables)
        self.tables += words
        return at

    def _row(self, selection: n.Selection, event: str) -> Assembler:
        def leaf(expr: n.Expr, row: Assembler) -> Register:
            match expr:
                case n.Property(name):
                    return self._property(name, event, row)
                case n.At():
                    return row.emit(y.OP_AT)
            raise AssertionError(f"{type(expr).__name__} is no leaf of an event's expression")

        return Assembler(self.library, self.texts, self.registers, self.constants, leaf, selection)

    def _property(self, name: str, event: str, row: Assembler) -> Register:
        declared = self.library.plan.kind(event, name)
        cells = self.program_.events[event]
        cell = cells.setdefault(name, len(cells))
        self.program_.kinds[event][name] = declared
        register = row.emit(y.OP_CELL, cell)
        return row.convert(register, declared, row.kind(n.Property(name)))

    def _kept(self, row: Assembler, register: Register) -> int:
        """The number of a piece of code, marked as one until the program is linked."""
        self.rows.append((len(row.code), register, row.code))
        return -len(self.rows) - 1

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

    # --- linking ---------------------------------------------------------------------------------

    def _link(self) -> None:
        done = self.program_
        words = [0] * y.REGISTERS + self.registers.first
        constants = self._append(words, _absolute(self.constants))
        codes = [
            self._append(words, [count, *_absolute([register]), *_linked(code, constants, 0)])
            for count, register, code in self.rows
        ]
        tables = self._append(words, [codes[-2 - w] if w < -1 else w for w in self.tables])
        selections = self._append(words, _flat(self._selection_words(tables)))
        leaves = self._append(words, _flat(self._leaf_words(tables)))
        waits = [selections + i * y.SELECTION for i, s in enumerate(self._selected)
                 if s["kind"] == y.WITHOUT]  # fmt: skip
        chunks = [at for block in done.blocks for at in block.chunks]
        done.results = {name: _absolute([r])[0] for name, r in self._results.items()}
        words[y.WIDTH], words[y.N_BITS] = self._width, len(done.outputs)
        words[y.N_WORDS] = max(-(-len(done.outputs) // y.PER_WORD), 1)
        words[y.SELECTIONS], words[y.N_SELECTIONS] = selections, len(self._selected)
        words[y.LEAVES], words[y.N_LEAVES] = leaves, len(self._leaf_rows)
        words[y.CODE] = self._append(words, _linked(self.person.code, constants, leaves))
        words[y.N_CODE] = len(self.person.code)
        words[y.WAITS], words[y.N_WAITS] = self._append(words, waits), len(waits)
        words[y.CHUNKS], words[y.N_CHUNKS] = self._append(words, chunks), len(chunks)
        words[y.OUTPUTS] = self._append(words, self._output_words())
        words[y.CELLS] = max(len(cells) for cells in done.events.values())
        words[y.COUNTS] = self._append(words, [0] * len(self._leaf_rows))
        words[y.TOP] = len(words)
        for block in done.blocks:
            if block.waits:
                block.key = (block.key, words[y.CELLS], self._cells_of(block.names))
        done.leaves = self._leaves
        done.words = np.array(words, np.int64)

    @staticmethod
    def _append(words: list[int], more: list[int]) -> int:
        words += more
        return len(words) - len(more)

    def _selection_words(self, tables: int) -> list[list[int]]:
        return [
            [
                s["kind"], s.get("state", 0), s.get("length", 0), s.get("a", 0), s.get("b", 0),
                tables + s["table"] if "table" in s else 0, tables + s.get("parts", 0),
                s.get("nparts", 0),
            ]
            for s in self._selected
        ]  # fmt: skip

    def _leaf_words(self, tables: int) -> list[list[int]]:
        order = (
            "kind", "selection", "within", "since", "state", "table", "mode", "step", "rate",
            "limit", "up", "ring", "wide", "undo", "dirty", "why", "prune",
        )  # fmt: skip
        return [
            [
                tables + leaf["table"] if key == "table" and leaf["table"] >= 0 else leaf[key]
                for key in order
            ]
            for leaf in self._leaf_rows
        ]

    def _output_words(self) -> list[int]:
        words = []
        for group, stage in self.program_.outputs:
            words += [self.program_.results[group], self.texts.code(stage) if stage else 1]
        return words


def _linked(code: list[list[int]], constants: int, leaves: int) -> list[int]:
    """Instructions whose places are those of the linked program."""
    return _flat([_absolute(_placed(line, constants, leaves)) for line in code])


def _placed(line: list[int], constants: int, leaves: int) -> list[int]:
    line = list(line)
    op = line[y.I_OP]
    if op == y.OP_LEAF:
        line[y.I_A] = leaves + line[y.I_A] * y.LEAF
    elif op == y.OP_IN:
        line[y.I_B] += constants
    elif op in (y.OP_CLUSTER, y.OP_PREDICT):
        line[y.I_A] += constants
    return line


def _absolute(words: list[int]) -> list[int]:
    """Registers as the places where they lie."""
    return [y.REGISTERS + 2 * int(w) if isinstance(w, Register) else int(w) for w in words]


def _flat(rows: list[list[int]]) -> list[int]:
    return [word for row in rows for word in row]


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


__all__ = ["Block", "Compiler", "Program", "Segment", "compile_"]

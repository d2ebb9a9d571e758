"""From expressions to instructions: one register for each value, computed once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as Amount

from coterie.engines.reference.aggregates import rate
from coterie.engines.stream import layout as y
from coterie.engines.stream.texts import Texts
from coterie.engines.stream.whole import bits
from coterie.language import nodes as n
from coterie.language.inference import decimals
from coterie.language.library import Library
from coterie.language.time import micros
from coterie.language.types import (
    MAX_SCALE,
    Boolean,
    Enumerated,
    ListOf,
    Real,
    Text,
    Type,
    is_exact_number,
    is_number,
    scale_of,
)

CMP = {"==": y.EQ, "!=": y.NE, "<": y.LT, "<=": y.LE, ">": y.GT, ">=": y.GE}
FLIPPED = {y.EQ: y.EQ, y.NE: y.NE, y.LT: y.GT, y.LE: y.GE, y.GT: y.LT, y.GE: y.LE}
REAL_OPS = {"+": 0, "-": 1, "*": 2, "/": 3}


class Register(int):
    """The number of a register: an address once the program is linked."""


class Registers:
    """The registers of a program; constants stand in theirs before anything runs."""

    def __init__(self) -> None:
        self.first: list[int] = []
        self._constants: dict[tuple[int, bool], Register] = {}

    def new(self) -> Register:
        """A register of its own."""
        self.first += [0, 0]
        return Register(len(self.first) // 2 - 1)

    def constant(self, value: int, known: bool = True) -> Register:
        """The register that holds a constant."""
        if (value, known) not in self._constants:
            register = self.new()
            self.first[2 * register : 2 * register + 2] = [value, int(known)]
            self._constants[value, known] = register
        return self._constants[value, known]


class Assembler:
    """Instructions for one kind of expression: those of a person, or those of one event name.

    Parameters
    ----------
    library : Library
    texts : Texts
        Where text constants and patterns get their codes.
    registers : Registers
    constants : list of int
        Where lists of constants go; their place in it is relative until the program is linked.
    leaf : callable
        What becomes of a node that is no operator: its register.
    of : Selection, optional
        What row expressions read; None for a person's.
    """

    def __init__(
        self,
        library: Library,
        texts: Texts,
        registers: Registers,
        constants: list[int],
        leaf: Callable[[n.Expr, Assembler], Register],
        of: n.Selection | None = None,
    ) -> None:
        self.library = library
        self.texts = texts
        self.registers = registers
        self.constants = constants
        self.code: list[list[int]] = []
        self.why = -1
        self.of = of
        self._leaf = leaf
        self._known: dict[tuple[n.Expr, n.Selection | None], Register] = {}

    def kind(self, expr: n.Expr) -> Type:
        """The type of an expression here."""
        return self.library.kind(expr, self.of)

    def emit(self, op: int, a: int = 0, b: int = 0, c: int = 0, d: int = 0, e: int = 0) -> Register:
        """One instruction; the register of its value."""
        to = self.registers.new()
        self.code.append([op, to, a, b, c, d, e, self.why])
        return to

    def value(self, expr: n.Expr) -> Register:
        """The register of an expression's value."""
        key = (expr, self.of)
        if key not in self._known:
            self._known[key] = self._assemble(expr)
        return self._known[key]

    def real(self, expr: n.Expr) -> Register:
        """The register of a number as a real; a truth counts as 1 or 0."""
        kind, register = self.kind(expr), self.value(expr)
        if isinstance(kind, Real):
            return register
        up = 1 if isinstance(kind, Boolean) else 10 ** scale_of(kind)
        return self.emit(y.OP_TO_REAL, register, 0, up)

    def convert(self, register: Register, kind: Type, wanted: Type) -> Register:
        """The same value of a wider type."""
        if kind == wanted or not is_number(kind):
            return register
        if is_exact_number(wanted):
            up: int = 10 ** (scale_of(wanted) - scale_of(kind))
            return register if up == 1 else self.emit(y.OP_RESCALE, register, 0, up)
        return self.emit(y.OP_TO_REAL, register, 0, 10 ** scale_of(kind))

    def _assemble(self, expr: n.Expr) -> Register:
        match expr:
            case n.Number() | n.Words() | n.Truth() | n.Moment():
                return self.registers.constant(self._constant(expr))
            case n.Clock(minus):
                return self.emit(y.OP_CLOCK, micros(minus))
            case n.Arithmetic():
                return self._arithmetic(expr)
            case n.Compare():
                return self._compare(expr)
            case n.And(parts) | n.Or(parts):
                op = y.OP_AND if isinstance(expr, n.And) else y.OP_OR
                return self._chain(op, [self.value(part) for part in parts])
            case n.Not(of):
                return self.emit(y.OP_NOT, self.value(of))
            case n.Known(of):
                return self.emit(y.OP_KNOWN, self.value(of))
            case n.IsIn(of, options):
                return self._is_in(of, options)
            case n.Match(op_, of, text, fold):
                return self.emit(
                    y.OP_MATCH, self.value(of), self.texts.add_pattern(op_, text, fold)
                )
            case n.Has(of, wanted):
                kind = self.kind(of)
                assert isinstance(kind, ListOf)
                units = self._option(wanted, kind.of)
                return self.emit(y.OP_HAS, self.value(of), units or 0, int(units is not None))
            case n.Case() | n.Coalesce():
                return self._branches(expr)
            case n.Age(of, step):
                assert step is not None
                return self.emit(y.OP_AGE, self.value(of), micros(step))
            case _:
                return self._leaf(expr, self)

    def _chain(self, op: int, parts: list[Register]) -> Register:
        whole = parts[0]
        for part in parts[1:]:
            whole = self.emit(op, whole, part)
        return whole

    # --- numbers ----------------------------------------------------------------------------

    def _arithmetic(self, expr: n.Arithmetic) -> Register:
        kinds = self.kind(expr.left), self.kind(expr.right)
        if Real() in kinds:
            sides = self.real(expr.left), self.real(expr.right)
            return self.emit(y.OP_REAL, *sides, REAL_OPS[expr.op])
        left, right = self.value(expr.left), self.value(expr.right)
        scales = scale_of(kinds[0]), scale_of(kinds[1])
        up_left, up_right = _ups(*scales)
        match expr.op:
            case "+":
                return self.emit(y.OP_COMBINE, left, right, up_left, up_right)
            case "-":
                return self.emit(y.OP_COMBINE, left, right, up_left, -up_right)
            case "*":
                down: int = 10 ** max(sum(scales) - MAX_SCALE, 0)
                return self.emit(y.OP_PRODUCT, left, right, down)
            case _:
                up, under = 10 ** (MAX_SCALE + scales[1]), 10 ** scales[0]
                return self.emit(y.OP_QUOTIENT, left, right, up, under)

    # --- comparisons ------------------------------------------------------------------------

    def _compare(self, expr: n.Compare) -> Register:
        left, right, cmp = expr.left, expr.right, CMP[expr.op]
        if isinstance(left, n.Clock) and not isinstance(right, n.Clock):
            left, right, cmp = right, left, FLIPPED[cmp]
        if isinstance(right, n.Clock) and not isinstance(left, n.Clock):
            return self.emit(y.OP_COMPARE_CLOCK, self.value(left), micros(right.minus), cmp)
        kinds = self.kind(left), self.kind(right)
        if any(isinstance(kind, Real) for kind in kinds):
            return self._compare_reals(left, right, cmp)
        a, b = self.value(left), self.value(right)
        if all(map(is_exact_number, kinds)):
            ups = _ups(scale_of(kinds[0]), scale_of(kinds[1]))
            if ups != (1, 1):
                return self.emit(y.OP_COMPARE_WIDE, a, b, cmp, *ups)
        elif isinstance(kinds[0], Text | Enumerated) and cmp not in (y.EQ, y.NE):
            return self.emit(y.OP_COMPARE_TEXT, a, b, cmp)
        return self.emit(y.OP_COMPARE, a, b, cmp)

    def _compare_reals(self, left: n.Expr, right: n.Expr, cmp: int) -> Register:
        fading = Real(decaying=True)
        if self.kind(right) == fading:
            left, right, cmp = right, left, FLIPPED[cmp]
        a, b = self.real(left), self.real(right)
        if self.kind(left) == fading:
            return self.emit(y.OP_COMPARE_DECAY, a, b, cmp, bits(self.rate(left)))
        return self.emit(y.OP_COMPARE_REAL, a, b, cmp)

    def rate(self, expr: n.Expr) -> float:
        """The rate of a decaying sum, a microsecond."""
        while isinstance(expr, n.Ref):
            expr = self.library.lowered[expr.name]
        assert isinstance(expr, n.Decayed)
        return rate(expr)

    def _is_in(self, of: n.Expr, options: tuple[n.Literal_, ...]) -> Register:
        kind = self.kind(of)
        units = [u for option in options if (u := self._option(option, kind)) is not None]
        at = len(self.constants)
        self.constants += units
        return self.emit(y.OP_IN, self.value(of), at, len(units))

    # --- choices ----------------------------------------------------------------------------

    def _branches(self, expr: n.Case | n.Coalesce) -> Register:
        kind = self.kind(expr)
        chosen = self.registers.constant(0, known=False)
        if isinstance(expr, n.Coalesce):
            for part in reversed(expr.parts):
                register = self.value(part)
                known = self.emit(y.OP_KNOWN, register)
                wider = self.convert(register, self.kind(part), kind)
                chosen = self.emit(y.OP_SELECT, known, wider, chosen)
            return chosen
        if expr.otherwise is not None:
            chosen = self._as(expr.otherwise, kind)
        for when in reversed(expr.whens):
            condition, value = self.value(when.condition), self._as(when.value, kind)
            chosen = self.emit(y.OP_SELECT, condition, value, chosen)
        return chosen

    def _as(self, expr: n.Expr, kind: Type) -> Register:
        return self.convert(self.value(expr), self.kind(expr), kind)

    # --- constants --------------------------------------------------------------------------

    def _constant(self, node: n.Literal_) -> int:
        match node:
            case n.Number(value):
                return int(value.scaleb(decimals(value)))
            case n.Words(value):
                return self.texts.code(value)
            case n.Truth(value):
                return int(value)
            case n.Moment(value):
                return micros(value)

    def _option(self, node: n.Literal_, kind: Type) -> int | None:
        """A constant in the units of a type, None where no value of the type can equal it."""
        if not isinstance(node, n.Number):
            return self._constant(node)
        scaled: Amount = node.value.scaleb(scale_of(kind))
        units = int(scaled)
        return units if scaled == units and -(2**63) <= units < 2**63 else None


def _ups(a: int, b: int) -> tuple[int, int]:
    """What units of two scales are multiplied with to be of the finer one."""
    scale = max(a, b)
    return 10 ** (scale - a), 10 ** (scale - b)

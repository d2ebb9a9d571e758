"""Operators on typed values: exact numbers in units, reals that are finite or null."""

from __future__ import annotations

from decimal import Decimal as Amount
from typing import Any, NamedTuple

import ibis
import ibis.expr.operations as ops

from coterie.engines.sql.dialects import Dialect
from coterie.language import nodes as n
from coterie.language.inference import decimals
from coterie.language.time import micros
from coterie.language.types import (
    MAX_SCALE,
    Boolean,
    Decimal,
    Instant,
    Integer,
    Real,
    Text,
    Type,
    is_exact_number,
    is_number,
    scale_of,
)  # fmt: skip

# Ibis reads `x == NULL` as "is null" when written with Python's operator; its nodes do not.
COMPARED: dict[str, Any] = {
    "==": ops.Equals, "!=": ops.NotEquals, "<": ops.Less,
    "<=": ops.LessEqual, ">": ops.Greater, ">=": ops.GreaterEqual,
}  # fmt: skip
_REAL = {
    "+": "real_sum", "-": "real_difference", "*": "real_product", "/": "real_quotient",
}  # fmt: skip


class Typed(NamedTuple):
    """A column expression with the language's type of it."""

    value: Any
    kind: Type


def constant(node: n.Literal_) -> Typed:
    """A constant in the form that engines hold."""
    match node:
        case n.Number(value):
            digits = decimals(value)
            units = int(value.scaleb(digits))
            return Typed(ibis.literal(units, "int64"), Decimal(digits) if digits else Integer())
        case n.Words(value):
            return Typed(ibis.literal(value, "string"), Text())
        case n.Truth(value):
            return Typed(ibis.literal(value, "boolean"), Boolean())
        case n.Moment(value):
            return Typed(ibis.literal(micros(value), "int64"), Instant())


def null(kind: str) -> Any:
    """No value, of a database type."""
    return ibis.literal(None, kind)


def units_at(value: Amount, scale: int) -> int | None:
    """A constant in units of a scale, None where it has more digits than that."""
    scaled = value.scaleb(scale)
    return int(scaled) if scaled == scaled.to_integral_value() else None


def is_floating(kind: Type) -> bool:
    """Whether values are held as floating-point numbers (also a decaying sum)."""
    return isinstance(kind, Real)


class Operators:
    """The language's operators, as one database computes them."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.call = self._call = dialect.call

    def steps(self, length: Any, step: int) -> Any:
        """Whole steps in a length of time, rounded down."""
        return self._call("steps", length, step)

    def real(self, x: Typed) -> Any:
        """A number as a real; a truth counts as 1 or 0."""
        if is_floating(x.kind):
            return x.value
        if isinstance(x.kind, Boolean):
            return ibis.cases((x.value, self.constant(1.0)), (~x.value, self.constant(0.0)))
        value = x.value.cast("float64")
        return value / float(10 ** scale_of(x.kind)) if scale_of(x.kind) else value

    def constant(self, value: float) -> Any:
        """A real constant."""
        return self._call("real", float(value))

    def convert(self, x: Typed, wanted: Type) -> Any:
        """A value as the same value of a wider type; null beyond 64 bits."""
        if x.kind == wanted or not is_number(x.kind):
            return x.value
        if is_floating(wanted):
            return self.real(x)
        up = 10 ** (scale_of(wanted) - scale_of(x.kind))
        return x.value if up == 1 else self._call("total_of", x.value, up, 0, 1)

    def arithmetic(self, op: str, a: Typed, b: Typed) -> Any:
        """``a op b``: exact for exact numbers, else real."""
        if is_floating(a.kind) or is_floating(b.kind):
            return self._call(_REAL[op], self.real(a), self.real(b))
        scale_a, scale_b = scale_of(a.kind), scale_of(b.kind)
        scale = max(scale_a, scale_b)
        up_a, up_b = 10 ** (scale - scale_a), 10 ** (scale - scale_b)
        match op:
            case "+":
                return self._call("total_of", a.value, up_a, b.value, up_b)
            case "-":
                return self._call("total_of", a.value, up_a, b.value, -up_b)
            case "*":
                down = 10 ** max(scale_a + scale_b - MAX_SCALE, 0)
                return self._call("product", a.value, b.value, down)
            case _:
                up = 10 ** (MAX_SCALE + scale_b)
                return self._call("quotient", a.value, up, b.value, 10**scale_a)

    def compare(self, op: str, a: Typed, b: Typed) -> Any:
        """``a op b``, unknown where either side is; exact across scales."""
        if is_exact_number(a.kind) and is_exact_number(b.kind):
            return COMPARED[op](*self._aligned(a, b)).to_expr()
        if is_floating(a.kind) or is_floating(b.kind):
            return COMPARED[op](self.real(a), self.real(b)).to_expr()
        return COMPARED[op](a.value, b.value).to_expr()

    def _aligned(self, a: Typed, b: Typed) -> tuple[Any, Any]:
        """Both sides in units of the finer scale, in more than 64 bits where they are scaled."""
        scale = max(scale_of(a.kind), scale_of(b.kind))
        ups = [10 ** (scale - scale_of(x.kind)) for x in (a, b)]
        if ups == [1, 1]:
            return a.value, b.value
        return self._call("wide", a.value, ups[0]), self._call("wide", b.value, ups[1])

    def any_of(self, value: Any, where: Any) -> Any:
        """Any one of some values, null where there is none."""
        return self._dialect.any_of(value, where)

    def often(self, times: Any, at: Any) -> Any:
        """How often and then how late, as one number that orders so; null where `at` is."""
        return self._call("often", times, at)

    def total(self, x: Typed, where: Any) -> Any:
        """The sum of the known values, null over nothing, beyond 64 bits or infinite."""
        if is_floating(x.kind):
            return self.real_total(x.value, where)
        return self._call("fit", x.value.sum(where=where))

    def mean(self, x: Typed, where: Any) -> Any:
        """The mean of the known values: scale 6 for exact numbers."""
        known = x.value.count(where=where)
        if is_floating(x.kind):
            total = self.real_total(x.value, where)
            return self._call("real_quotient", total, known.cast("float64"))
        up = 10 ** (MAX_SCALE - scale_of(x.kind))
        return self._call("mean_of", x.value.sum(where=where), up, known)

    def real_total(self, value: Any, where: Any) -> Any:
        """The sum of reals; null where it is not finite."""
        return self._dialect.real_total(value, where)

    def positive_total(self, value: Any, where: Any) -> Any:
        """The sum of reals that are not negative; null where it is not finite."""
        return self._dialect.positive_total(value, where)

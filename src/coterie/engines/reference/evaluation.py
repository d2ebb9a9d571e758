"""One evaluation: the value of every expression for one profile at one position."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from coterie.engines.fits import Fits
from coterie.engines.reference import models
from coterie.engines.reference.aggregates import (
    Counted,
    Totals,
    after,
    aggregate,
    counted,
    in_window,
    real,
    summed,
)
from coterie.engines.reference.facts import Fact, Value, visible
from coterie.engines.reference.selections import Occurrence, occurrences
from coterie.language import nodes as n
from coterie.language import numbers
from coterie.language.inference import decimals
from coterie.language.library import Library
from coterie.language.time import micros
from coterie.language.types import Decimal, Real, Type, is_exact_number, is_number, scale_of

COMPARED = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Of = n.Selection | None
"""The selection whose event a row expression reads; None for a profile expression."""

ONE = 1_000
"""So many occurrences are looked at in the time that an evaluation of none takes."""

FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def evaluate(
    library: Library,
    names: Iterable[str],
    history: Sequence[Fact],
    offset: int,
    t: int,
    fits: Fits | None = None,
) -> dict[str, Value]:
    """The values of these definitions for one profile at the position ``(offset, t)``.

    Parameters
    ----------
    library : Library
    names : iterable of str
    history : sequence of Fact
        Every fact of the profile; the position decides which of them count.
    offset, t : int
        Log offset and clock (microseconds UTC).
    fits : Fits, optional
        Versions of fitted parameters; without an active one a fitted value is null.

    Returns
    -------
    dict
        Name -> value in units, microseconds, text, truth or list; segments are true or false.
    """
    evaluation = Evaluation(library, history, offset, t, fits or Fits())
    return {name: evaluation.named(name) for name in names}


class Evaluation:
    """What one profile is at one position, any part of it on request.

    Parameters
    ----------
    library, history, offset, t, fits
        As for :func:`evaluate`.
    assumed : mapping, optional
        Expressions whose value is taken as given instead of computed ("what if").
    """

    def __init__(
        self,
        library: Library,
        history: Sequence[Fact],
        offset: int,
        t: int,
        fits: Fits,
        assumed: Mapping[n.Expr, Value] | None = None,
    ) -> None:
        self.library = library
        self.facts = visible(history, offset, t)
        self.offset = offset
        self.t = t
        self.fits = fits
        self.assumed = assumed or {}
        self._named: dict[str, Value] = {}
        self._rows: dict[n.Selection, list[Occurrence]] = {}
        self._values: dict[tuple[n.Selection, n.Expr], list[Value]] = {}
        self._sums: dict[tuple[n.Selection, n.Expr], Totals] = {}
        self._effort = [0]

    def supposing(self, assumed: Mapping[n.Expr, Value]) -> Evaluation:
        """The same facts and position, with other values taken as given."""
        other = self.moved(self.t)
        other.assumed = assumed
        return other

    def moved(self, t: int) -> Evaluation:
        """The same person at another instant, as if no event but these ever happened.

        What selections pick is found once for all of these: it depends on the facts alone, and at
        an instant it is what they pick up to it.
        """
        other = copy(self)
        other.t, other._named = t, {}
        self._effort[0] += ONE
        return other

    @property
    def effort(self) -> int:
        """About how many occurrences were looked at, at this and all moved instants together."""
        return self._effort[0]

    def named(self, name: str) -> Value:
        """The value of a definition."""
        if name not in self._named:
            self._named[name] = self.value(self.library.lowered[name])
        return self._named[name]

    def value(self, expr: n.Expr) -> Value:
        """The value of a lowered profile expression."""
        if self.assumed and expr in self.assumed:
            return self.assumed[expr]
        return self._value(expr, None, None)

    def rows(self, expr: n.Aggregate) -> list[Occurrence]:
        """The occurrences that an aggregate counts, in the order ``(at, key)``."""
        return self._picked(expr.of)[self._window(expr)]

    def _window(self, expr: n.Aggregate) -> slice:
        """Where they are among all that the selection picks."""
        found = self._picked(expr.of)
        window = in_window(expr, found, self.t)
        since = getattr(expr, "since", None)
        if since is None:
            return window
        start: Any = self.value(since)
        first = window.stop if start is None else after(found, start)
        return slice(max(window.start, first), window.stop)

    def selected(self, selection: n.Selection) -> list[Occurrence]:
        """Every occurrence of a selection up to the instant of evaluation."""
        found = self._picked(selection)
        return found[: after(found, self.t)]

    def first(self, selection: n.Selection, instant: int) -> int | None:
        """When the first such occurrence was that is later than an instant."""
        found = self._picked(selection)
        i = after(found, instant)
        return found[i].at if i < len(found) and found[i].at <= self.t else None

    def _picked(self, selection: n.Selection) -> list[Occurrence]:
        """What a selection picks if nothing happens any more, whatever the instant."""
        if selection not in self._rows:
            self._rows[selection] = occurrences(selection, self.facts, self._picked, self._holds)
        return self._rows[selection]

    def _holds(self, where: n.Where, row: Occurrence) -> bool:
        return self._value(where.that, where.of, row) is True

    # --- one method a family of nodes -------------------------------------------------------

    def _value(self, expr: n.Expr, of: Of, row: Occurrence | None) -> Value:
        match expr:
            case n.Number(value):
                return int(value.scaleb(decimals(value)))
            case n.Words(value) | n.Truth(value):
                return value
            case n.Moment(value):
                return micros(value)
            case n.Property(name):
                return self._property(name, of, row)
            case n.At():
                return row.at if row is not None else None
            case n.Clock(minus):
                return self.t - micros(minus)
            case n.Ref(name):
                return self.assumed[expr] if expr in self.assumed else self.named(name)
            case n.Aggregate():
                return self._aggregate(expr)
            case n.Population() | n.QuantileRank() | n.Cluster() | n.Predict():
                return self._fitted(expr)
        return self._operator(expr, of, row)

    def _operator(self, expr: n.Expr, of: Of, row: Occurrence | None) -> Value:
        def value(part: n.Expr) -> Any:
            if row is None and self.assumed and part in self.assumed:
                return self.assumed[part]
            return self._value(part, of, row)

        def kind(part: n.Expr) -> Type:
            return self.library.kind(part, of)

        match expr:
            case n.Arithmetic(op, left, right):
                return _arithmetic(op, value(left), kind(left), value(right), kind(right))
            case n.Compare(op, left, right):
                return compare(op, value(left), kind(left), value(right), kind(right))
            case n.And(parts):
                return _every([value(part) for part in parts])
            case n.Or(parts):
                return _negated(_every([_negated(value(part)) for part in parts]))
            case n.Not(part):
                return _negated(value(part))
            case n.Known(part):
                return value(part) is not None
            case n.IsIn(part, options):
                return _in(value(part), kind(part), options)
            case n.Match(op, part, text, fold):
                return _match(op, value(part), text, fold)
            case n.Has(part, wanted):
                return _has(value(part), kind(part).of, wanted)  # type: ignore[union-attr]
            case n.Case(whens, otherwise):
                chosen = next((w.value for w in whens if value(w.condition) is True), otherwise)
                return None if chosen is None else convert(value(chosen), kind(chosen), kind(expr))
            case n.Coalesce(parts):
                chosen = next((p for p in parts if value(p) is not None), None)
                return None if chosen is None else convert(value(chosen), kind(chosen), kind(expr))
            case n.Age(part, step):
                start = value(part)
                assert step is not None
                return None if start is None else (self.t - start) // micros(step)
        raise AssertionError(f"{type(expr).__name__} is not lowered")

    def _property(self, name: str, of: Of, row: Occurrence | None) -> Value:
        assert row is not None
        declared = self.library.plan.kind(row.fact.name, name)
        return convert(row.fact.values.get(name), declared, self.library.kind(n.Property(name), of))

    def _aggregate(self, expr: n.Aggregate) -> Value:
        picked, window = self._picked(expr.of), self._window(expr)
        if isinstance(expr, Counted):
            return counted(expr, picked, window)
        value = getattr(expr, "value", None) or getattr(expr, "weight", None)
        kind = None if value is None else self.library.kind(value, expr.of)
        if isinstance(expr, n.Sum | n.Mean) and kind is not None and is_exact_number(kind):
            return summed(expr, self._totals(expr.of, expr.value), window, kind)
        found = picked[window]
        self._effort[0] += len(found)
        read = () if value is None else self._read(expr.of, value)[window]
        return aggregate(expr, found, read, self.t, kind)

    def _totals(self, of: n.Selection, expr: n.Expr) -> Totals:
        if (of, expr) not in self._sums:
            self._sums[of, expr] = Totals.of(self._read(of, expr))
        return self._sums[of, expr]

    def _read(self, of: n.Selection, expr: n.Expr) -> list[Value]:
        """What an expression reads of each that a selection picks."""
        if (of, expr) not in self._values:
            self._values[of, expr] = [self._value(expr, of, row) for row in self._picked(of)]
        return self._values[of, expr]

    def _fitted(self, expr: n.Fitted) -> Value:
        active = self.fits.active(self.library.fit_key(expr), self.offset, self.t)
        if active is None:
            return None
        match expr:
            case n.Population():
                return active.parameters["value"]  # type: ignore[no-any-return]
            case n.QuantileRank(of):
                return models.rank(self.value(of), active.parameters)
            case n.Cluster(_, inputs):
                return models.cluster(self._inputs(inputs), active.parameters)
            case n.Predict(_, inputs):
                return models.predicted(self._inputs(inputs), active.parameters)

    def densities(self, node: n.Cluster) -> list[float]:
        """How near each cluster is (:func:`models.densities`); none where there is no model."""
        active = self.fits.active(self.library.fit_key(node), self.offset, self.t)
        return models.densities(self._inputs(node.inputs), active.parameters) if active else []

    def _inputs(self, inputs: tuple[n.Expr, ...]) -> list[float | None]:
        return [real(self.value(part), self.library.kind(part)) for part in inputs]


# --- operators on values ----------------------------------------------------------------------


def convert(value: Any, kind: Type, wanted: Type) -> Value:
    """A value of one type as the same value of a wider one."""
    if value is None or kind == wanted or not is_number(kind):
        return value  # type: ignore[no-any-return]
    if is_exact_number(wanted):
        return numbers.fits(numbers.rescale(value, scale_of(kind), scale_of(wanted)))
    return real(value, kind)


def _arithmetic(op: str, a: Any, kind_a: Type, b: Any, kind_b: Type) -> Value:
    if a is None or b is None:
        return None
    if Real() in (kind_a, kind_b):
        return _real_arithmetic(op, real(a, kind_a) or 0.0, real(b, kind_b) or 0.0)
    scales = (scale_of(kind_a), scale_of(kind_b))
    match op:
        case "+":
            return numbers.add(a, scales[0], b, scales[1])
        case "-":
            return numbers.add(a, scales[0], -b, scales[1])
        case "*":
            return numbers.multiply(a, scales[0], b, scales[1])
        case _:
            return numbers.divide(a, scales[0], b, scales[1])


def _real_arithmetic(op: str, a: float, b: float) -> float | None:
    if op == "/" and b == 0:
        return None
    operators = {
        "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    }  # fmt: skip
    result: float = operators[op](a, b)
    return result if math.isfinite(result) else None


def compare(op: str, a: Any, kind_a: Type, b: Any, kind_b: Type) -> bool | None:
    """Three-valued comparison of two values, whatever their scales."""
    if a is None or b is None:
        return None
    if is_exact_number(kind_a) and is_exact_number(kind_b):
        scale = max(scale_of(kind_a), scale_of(kind_b))
        a, b = (
            numbers.rescale(a, scale_of(kind_a), scale),
            numbers.rescale(b, scale_of(kind_b), scale),
        )
    elif isinstance(kind_a, Real) or isinstance(kind_b, Real):
        a, b = real(a, kind_a), real(b, kind_b)
    return bool(COMPARED[op](a, b))


def _every(parts: list[Any]) -> bool | None:
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


def _negated(value: Any) -> bool | None:
    return None if value is None else not value


def _constant(option: n.Literal_) -> tuple[Any, Type | None]:
    match option:
        case n.Number(value):
            return int(value.scaleb(decimals(value))), Decimal(decimals(value))
        case n.Moment(value):
            return micros(value), None
        case _:
            return option.value, None


def _equals(value: Any, kind: Type, option: n.Literal_) -> bool:
    constant, scale = _constant(option)
    return bool(compare("==", value, kind, constant, scale if scale is not None else kind))


def _in(value: Any, kind: Type, options: tuple[n.Literal_, ...]) -> bool | None:
    return None if value is None else any(_equals(value, kind, option) for option in options)


def _has(values: Any, kind: Type, wanted: n.Literal_) -> bool | None:
    return None if values is None else any(_equals(value, kind, wanted) for value in values)


def _match(op: str, value: Any, text: str, fold: bool) -> bool | None:
    if value is None:
        return None
    if fold:
        value, text = value.translate(FOLD), text.translate(FOLD)
    match op:
        case "contains":
            return text in value
        case "starts_with":
            return bool(value.startswith(text))
        case "ends_with":
            return bool(value.endswith(text))
        case _:
            return bool(value == text)

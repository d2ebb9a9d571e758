"""The type of every expression, and what is wrong with one that has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal as Amount
from functools import singledispatch
from typing import NamedTuple

from coterie.errors import DefinitionError, UnknownName, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.plan import TrackingPlan
from coterie.language.types import (
    MAX_SCALE, Boolean, Decimal, Duration, Enumerated, Instant, Integer, ListOf, Real, Text, Type,
    is_exact_number, is_number, scale_of,
)  # fmt: skip

ORDERED = ("<", "<=", ">", ">=")


class Scope(NamedTuple):
    """What an expression may name.

    Parameters
    ----------
    plan : TrackingPlan
    ref : callable
        Name of another definition -> its type; raises `UnknownName`.
    row : mapping or None
        Property -> type of the selected event, or None outside of one.
    """

    plan: TrackingPlan
    ref: Callable[[str], Type]
    row: Mapping[str, Type] | None = None

    def of(self, selection: n.Selection, path: str = "") -> Scope:
        """The scope of a row expression over this selection."""
        return self._replace(row=row_types(selection, self, path))


def row_types(selection: n.Selection, scope: Scope, path: str = "") -> dict[str, Type]:
    """The properties that every event of a selection has, with the type they share."""
    match selection:
        case n.Named(event):
            if event not in scope.plan.events:
                raise UnknownName(
                    f"no event {event!r} in the tracking plan",
                    where=path, hint=nearest(event, scope.plan.events),
                )  # fmt: skip
            declared = scope.plan.events[event].properties
            return {name: prop.kind for name, prop in declared.items()}
        case n.Where(of, that):
            inner = scope.of(of, f"{path}.of")
            _expect(that, inner, f"{path}.that", Boolean())
            return dict(inner.row or {})
        case n.Either(parts):
            return _shared([row_types(p, scope, f"{path}.parts[{i}]") for i, p in enumerate(parts)])
        case n.Then(first, second, within):
            _positive(within.total_seconds(), path, "within")
            row_types(first, scope, f"{path}.first")
            return row_types(second, scope, f"{path}.second")
        case n.Without(first, second, within):
            _positive(within.total_seconds(), path, "within")
            row_types(second, scope, f"{path}.second")
            return row_types(first, scope, f"{path}.first")
        case n.Sessions(of, gap):
            _positive(gap.total_seconds(), path, "gap")
            return row_types(of, scope, f"{path}.of")


def _shared(rows: list[dict[str, Type]]) -> dict[str, Type]:
    names = set.intersection(*(set(row) for row in rows)) if rows else set()
    merged = {name: common([row[name] for row in rows]) for name in sorted(names)}
    return {name: kind for name, kind in merged.items() if kind is not None}


def common(kinds: list[Type]) -> Type | None:
    """The one type that all of these fit, or None: numbers widen, stages become text."""
    if all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    if all(is_exact_number(kind) for kind in kinds):
        return Decimal(max(scale_of(kind) for kind in kinds))
    if all(is_number(kind) for kind in kinds):
        return Real()
    if all(isinstance(kind, Text | Enumerated) for kind in kinds):
        return Text()
    return None


@singledispatch
def type_of(expr: n.Node, scope: Scope, path: str = "") -> Type:
    """The type of an expression, or the error of its first part that has none.

    Parameters
    ----------
    expr : Expr
    scope : Scope
    path : str
        The place, for errors: ``vip.parts[0].left``.

    Raises
    ------
    UnknownName, WrongType
    """
    raise WrongType(
        f"a {type(expr).__name__} is not a value", where=path, expected="an expression"
    )


def _wrong(what: str, path: str, got: object, expected: str, hint: str = "") -> WrongType:
    return WrongType(what, where=path, got=str(got), expected=expected, hint=hint)


def _positive(value: float, path: str, name: str) -> None:
    if value <= 0:
        raise _wrong(f"{name} must be longer than nothing", path, value, "more than 0")


def _expect(expr: n.Expr, scope: Scope, path: str, wanted: Type) -> Type:
    kind = type_of(expr, scope, path)
    if kind != wanted:
        hint = _AGE_HINT if isinstance(kind, Duration) else ""
        raise _wrong(f"{type(expr).__name__.lower()} has the wrong type", path, kind, str(wanted),
                     hint)  # fmt: skip
    return kind


_AGE_HINT = "compare the age with a duration, or step it: age(step=days(1))"
_DECAY_HINT = "freeze the sum at daily instants: decayed(…, step=days(1))"


# --- row leaves and constants ---------------------------------------------------------------


@type_of.register
def _(expr: n.Property, scope: Scope, path: str = "") -> Type:
    if scope.row is None:
        raise WrongType(
            "a property is read outside of an event", where=path,
            hint="aggregate it: event.last(property)",
        )  # fmt: skip
    if expr.name not in scope.row:
        raise UnknownName(
            f"no property {expr.name!r} on the selected event(s)", where=path,
            hint=nearest(expr.name, scope.row),
        )  # fmt: skip
    return scope.row[expr.name]


@type_of.register
def _(expr: n.At, scope: Scope, path: str = "") -> Type:
    if scope.row is None:
        raise WrongType("the instant of an event is read outside of one", where=path)
    return Instant()


@type_of.register
def _(expr: n.Number, scope: Scope, path: str = "") -> Type:
    digits = decimals(expr.value)
    if digits > MAX_SCALE or abs(expr.value.scaleb(digits)) >= 2**63:
        raise _wrong("a constant has too many digits", path, f"{digits} after the point",
                     f"at most {MAX_SCALE}, and 64 bits in all")  # fmt: skip
    return Decimal(digits) if digits else Integer()


def decimals(value: Amount) -> int:
    """Digits after the point of a constant without trailing zeros."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise WrongType("a constant must be a number", got=str(value))
    return max(0, -exponent)


@type_of.register
def _(expr: n.Words, scope: Scope, path: str = "") -> Type:
    if "\0" in expr.value:
        raise WrongType("text cannot hold U+0000", where=path)
    return Text()


@type_of.register
def _(expr: n.Truth, scope: Scope, path: str = "") -> Type:
    return Boolean()


@type_of.register
def _(expr: n.Moment, scope: Scope, path: str = "") -> Type:
    return Instant()


@type_of.register
def _(expr: n.Length, scope: Scope, path: str = "") -> Type:
    return Duration()


@type_of.register
def _(expr: n.Ref, scope: Scope, path: str = "") -> Type:
    _profile_only(expr, scope, path)
    return scope.ref(expr.name)


@type_of.register
def _(expr: n.Clock, scope: Scope, path: str = "") -> Type:
    return Instant()


def _profile_only(expr: n.Node, scope: Scope, path: str) -> None:
    if scope.row is not None:
        raise WrongType(
            f"a {type(expr).__name__.lower()} cannot be read inside an event's predicate",
            where=path, expected="properties, at, constants and operators on them",
        )  # fmt: skip


# --- aggregates -----------------------------------------------------------------------------


@type_of.register
def _(expr: n.Aggregate, scope: Scope, path: str = "") -> Type:
    _profile_only(expr, scope, path)
    inner = scope.of(expr.of, f"{path}.of")
    if expr.within is not None:
        _positive(expr.within.total_seconds(), path, "within")
    since = getattr(expr, "since", None)
    if since is not None:
        _expect(since, scope, f"{path}.since", Instant())
    value = getattr(expr, "value", None)
    kind = type_of(value, inner, f"{path}.value") if value is not None else None
    return _aggregate_type(expr, kind, inner, path)


def _aggregate_type(expr: n.Aggregate, kind: Type | None, row: Scope, path: str) -> Type:
    name = type(expr).__name__.lower()
    match expr:
        case n.Count() | n.Distinct():
            return _unless_real(Integer(), kind, name, path)
        case n.Any_():
            return Boolean()
        case n.FirstAt() | n.LastAt():
            return Instant()
        case n.Sum() | n.Mean():
            if kind is None or not is_number(kind):
                raise _wrong(f"{name} needs a number", f"{path}.value", kind, "a number")
            exact = is_exact_number(kind)
            return Decimal(MAX_SCALE) if exact and isinstance(expr, n.Mean) else kind
        case n.Min() | n.Max():
            if kind is None or isinstance(kind, Boolean | ListOf | Duration):
                raise _wrong(f"{name} needs an order", f"{path}.value", kind,
                             "a number, an instant or text")  # fmt: skip
            return kind
        case n.Values():
            if expr.limit < 1:
                raise _wrong("values keeps at least one", path, expr.limit, "limit of 1 or more")
            return ListOf(_unless_real(kind, kind, name, path))  # type: ignore[arg-type]
        case n.Decayed():
            return _decayed_type(expr, row, path)
        case _:
            if isinstance(expr, n.Top):
                _unless_real(Text(), kind, name, path)
            if kind is None or isinstance(kind, ListOf | Duration):
                raise _wrong(f"{name} needs a value", f"{path}.value", kind, "a scalar")
            return kind


def _unless_real(result: Type | None, kind: Type | None, name: str, path: str) -> Type:
    if isinstance(kind, Real | Duration | ListOf) or result is None:
        raise _wrong(f"{name} compares values for equality, which a {kind} does not allow",
                     f"{path}.value", kind, "an exact type")  # fmt: skip
    return result


def _decayed_type(expr: n.Decayed, row: Scope, path: str) -> Type:
    if (expr.half_life is None) == (expr.rate is None):
        raise WrongType("decayed takes either a half-life or a rate a day", where=path)
    speed = expr.half_life.total_seconds() if expr.half_life is not None else expr.rate
    _positive(float(speed or 0), path, "the half-life or rate")
    if expr.step is not None:
        _positive(expr.step.total_seconds(), path, "step")
    if expr.weight is not None:
        kind = type_of(expr.weight, row, f"{path}.weight")
        if not is_number(kind):
            raise _wrong("a weight is a number", f"{path}.weight", kind, "a number")
    return Real(decaying=expr.step is None)


# --- operators ------------------------------------------------------------------------------


@type_of.register
def _(expr: n.Arithmetic, scope: Scope, path: str = "") -> Type:
    sides = [type_of(expr.left, scope, f"{path}.left"), type_of(expr.right, scope, f"{path}.right")]
    for side, kind in zip(("left", "right"), sides, strict=True):
        if not is_number(kind):
            hint = _DECAY_HINT if kind == Real(decaying=True) else ""
            hint = _AGE_HINT if isinstance(kind, Duration) else hint
            raise _wrong(f"{expr.op!r} needs numbers", f"{path}.{side}", kind, "a number", hint)
    if Real() in sides:
        return Real()
    scales = [scale_of(kind) for kind in sides]
    if expr.op == "/":
        return Decimal(MAX_SCALE)
    scale = min(sum(scales), MAX_SCALE) if expr.op == "*" else max(scales)
    return Decimal(scale) if scale or Decimal(0) in sides else Integer()


@type_of.register
def _(expr: n.Compare, scope: Scope, path: str = "") -> Type:
    left, right = (
        type_of(expr.left, scope, f"{path}.left"), type_of(expr.right, scope, f"{path}.right"),
    )  # fmt: skip
    kinds = {type(left), type(right)}
    if Duration in kinds:
        _check_age(expr, left, right, path)
    elif Real(decaying=True) in (left, right):
        _check_decay(expr, path)
    elif Enumerated in kinds:
        _check_stage(expr, left, right, path)
    elif is_number(left) and is_number(right):
        if expr.op in ("==", "!=") and Real() in (left, right):
            raise _wrong("real numbers are not compared for equality", path, expr.op, "< <= > >=")
    elif left != right or isinstance(left, ListOf) or (left == Boolean() and expr.op in ORDERED):
        raise _wrong(f"{expr.op!r} cannot compare these", path, f"{left} and {right}",
                     "two numbers, instants or texts")  # fmt: skip
    return Boolean()


def _check_age(expr: n.Compare, left: Type, right: Type, path: str) -> None:
    if (left, right) not in ((Duration(aging=True), Duration()), (Duration(), Duration(True))):
        raise _wrong("an age compares with a duration only", path, f"{left} and {right}",
                     "age() and a constant such as days(30)", _AGE_HINT)  # fmt: skip
    if expr.op not in ORDERED:
        raise _wrong("an age is equal to a duration for an instant only", path, expr.op, "< <= > >=")


def _check_decay(expr: n.Compare, path: str) -> None:
    if expr.op not in ORDERED or not {type(expr.left), type(expr.right)} & {n.Number}:
        raise _wrong("a decaying sum compares with a constant only", path, expr.op,
                     "< <= > >= and a number", _DECAY_HINT)  # fmt: skip


def _check_stage(expr: n.Compare, left: Type, right: Type, path: str) -> None:
    stage, other = (left, expr.right) if isinstance(left, Enumerated) else (right, expr.left)
    assert isinstance(stage, Enumerated)
    if not isinstance(other, n.Words):
        raise _wrong("a stage compares with the name of one", path, f"{left} and {right}",
                     f"one of {', '.join(stage.options)}")  # fmt: skip
    if other.value not in stage.options:
        raise UnknownName(f"no stage {other.value!r}", where=path,
                          hint=nearest(other.value, stage.options))  # fmt: skip
    if expr.op in ORDERED and not stage.ordered:
        raise _wrong("stages have no order", path, expr.op, "== or !=", "tiers(…) are ordered")


@type_of.register(n.And)
@type_of.register(n.Or)
def _(expr: n.And | n.Or, scope: Scope, path: str = "") -> Type:
    if not expr.parts:
        raise _wrong("and/or need a part", path, "none", "at least one")
    for i, part in enumerate(expr.parts):
        _expect(part, scope, f"{path}.parts[{i}]", Boolean())
    return Boolean()


@type_of.register
def _(expr: n.Not, scope: Scope, path: str = "") -> Type:
    return _expect(expr.of, scope, f"{path}.of", Boolean())


@type_of.register
def _(expr: n.Known, scope: Scope, path: str = "") -> Type:
    type_of(expr.of, scope, f"{path}.of")
    return Boolean()


@type_of.register
def _(expr: n.Between, scope: Scope, path: str = "") -> Type:
    type_of(n.Compare(">=", expr.of, expr.low), scope, path)
    return type_of(n.Compare("<=", expr.of, expr.high), scope, path)


@type_of.register
def _(expr: n.IsIn, scope: Scope, path: str = "") -> Type:
    if not expr.options:
        raise _wrong("is_in needs an option", path, "none", "at least one constant")
    for option in expr.options:
        type_of(n.Compare("==", expr.of, option), scope, path)
    return Boolean()


@type_of.register
def _(expr: n.Match, scope: Scope, path: str = "") -> Type:
    kind = type_of(expr.of, scope, f"{path}.of")
    if not isinstance(kind, Text | Enumerated):
        raise _wrong(f"{expr.op} needs text", f"{path}.of", kind, "text")
    return type_of(n.Words(expr.text), scope, path) and Boolean()


@type_of.register
def _(expr: n.Has, scope: Scope, path: str = "") -> Type:
    kind = type_of(expr.of, scope, f"{path}.of")
    if not isinstance(kind, ListOf):
        raise _wrong("has needs a list", f"{path}.of", kind, "a list, such as values(limit=…)")
    value = type_of(expr.value, scope, path)
    if common([kind.of, value]) is None:
        raise _wrong("has looks for another type", path, value, str(kind.of))
    return Boolean()


@type_of.register
def _(expr: n.Case, scope: Scope, path: str = "") -> Type:
    kinds = []
    for i, when in enumerate(expr.whens):
        _expect(when.condition, scope, f"{path}.whens[{i}].condition", Boolean())
        kinds.append(type_of(when.value, scope, f"{path}.whens[{i}].value"))
    if expr.otherwise is not None:
        kinds.append(type_of(expr.otherwise, scope, f"{path}.otherwise"))
    return _branch(kinds, path)


@type_of.register
def _(expr: n.Coalesce, scope: Scope, path: str = "") -> Type:
    return _branch(
        [type_of(part, scope, f"{path}.parts[{i}]") for i, part in enumerate(expr.parts)], path
    )


def _branch(kinds: list[Type], path: str) -> Type:
    kind = common(kinds) if kinds else None
    if kind is None or isinstance(kind, Duration | ListOf) or kind == Real(decaying=True):
        raise _wrong("the branches have no common type", path,
                     ", ".join(map(str, kinds)) or "none", "one type of exact or stepped values")  # fmt: skip
    return kind


@type_of.register
def _(expr: n.Age, scope: Scope, path: str = "") -> Type:
    _profile_only(expr, scope, path)
    _expect(expr.of, scope, f"{path}.of", Instant())
    if expr.step is not None:
        _positive(expr.step.total_seconds(), path, "step")
        return Integer()
    return Duration(aging=True)


# --- fitted ---------------------------------------------------------------------------------


@type_of.register
def _(expr: n.Population, scope: Scope, path: str = "") -> Type:
    _profile_only(expr, scope, path)
    kind = type_of(expr.of, scope, f"{path}.of")
    ranked = expr.statistic in ("min", "max", "quantile")
    if not is_number(kind) and not (ranked and kind == Instant()):
        raise _wrong(f"population_{expr.statistic} needs a number", f"{path}.of", kind, "a number",
                     _DECAY_HINT if isinstance(kind, Real) else "")  # fmt: skip
    if (expr.statistic == "quantile") != (expr.q is not None and 0 < expr.q < 1):
        raise _wrong("a quantile needs q between 0 and 1", path, expr.q, "0 < q < 1")
    if expr.statistic == "stddev":
        return Real()
    return Decimal(MAX_SCALE) if expr.statistic == "mean" and is_exact_number(kind) else kind


@type_of.register
def _(expr: n.QuantileRank, scope: Scope, path: str = "") -> Type:
    _profile_only(expr, scope, path)
    kind = type_of(expr.of, scope, f"{path}.of")
    if not is_number(kind) and kind != Instant():
        raise _wrong("quantile_rank needs an order", f"{path}.of", kind, "a number or an instant",
                     _DECAY_HINT if isinstance(kind, Real) else "")  # fmt: skip
    if expr.n < 2:
        raise _wrong("quantile_rank needs two ranks or more", path, expr.n, "n of 2 or more")
    return Integer()


@type_of.register(n.Cluster)
@type_of.register(n.Predict)
def _(expr: n.Cluster | n.Predict, scope: Scope, path: str = "") -> Type:
    _profile_only(expr, scope, path)
    if not expr.inputs:
        raise DefinitionError("a model needs inputs", where=path)
    for i, given in enumerate(expr.inputs):
        kind = type_of(given, scope, f"{path}.inputs[{i}]")
        if not is_number(kind) and kind != Boolean():
            raise _wrong("a model reads numbers", f"{path}.inputs[{i}]", kind,
                         "a number or a boolean")  # fmt: skip
    return Integer() if isinstance(expr, n.Cluster) else Real()

"""The types of leaves: properties, constants, references, and aggregates of events."""

from __future__ import annotations

from decimal import Decimal as Amount

from coterie.errors import UnknownName, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.numbers import LIMIT
from coterie.language.scope import Scope, expect, profile_only, span, type_of, wrong
from coterie.language.time import LONGEST, iso_duration
from coterie.language.types import (
    MAX_SCALE,
    Boolean,
    Decimal,
    Duration,
    Instant,
    Integer,
    ListOf,
    Real,
    Text,
    Type,
    is_exact_number,
    is_number,
)

FASTEST = 1_000_000
"""The fastest decay, a day: faster ones are nothing after a microsecond."""


@type_of.register
def _(expr: n.Property, scope: Scope, path: str = "") -> Type:
    if scope.row is None:
        raise WrongType(
            "a property is read outside of an event",
            where=path,
            hint="aggregate it: event.last(property)",
        )
    if expr.name not in scope.row:
        raise UnknownName(
            f"no property {expr.name!r} on the selected event(s)",
            where=path,
            hint=nearest(expr.name, scope.row),
        )
    return scope.row[expr.name]


@type_of.register
def _(expr: n.At, scope: Scope, path: str = "") -> Type:
    if scope.row is None:
        raise WrongType("the instant of an event is read outside of one", where=path)
    return Instant()


@type_of.register
def _(expr: n.Number, scope: Scope, path: str = "") -> Type:
    digits = decimals(expr.value)
    if digits > MAX_SCALE or abs(expr.value) >= Amount(LIMIT).scaleb(-digits):
        raise wrong(
            "a constant has too many digits",
            path,
            f"{expr.value:f}",
            f"at most {MAX_SCALE} after the point, and 64 bits in all",
        )
    return Decimal(digits) if digits else Integer()


def decimals(value: Amount) -> int:
    """Digits after the point of a constant without trailing zeros."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise WrongType("a constant must be a number", got=str(value))
    return max(0, -exponent)


@type_of.register
def _(expr: n.Words, scope: Scope, path: str = "") -> Type:
    if unstorable(expr.value):
        raise WrongType("text cannot hold U+0000 or half a character", where=path)
    return Text()


def unstorable(text: str) -> bool:
    """Whether stores cannot keep a text: U+0000 and unpaired surrogates are no characters."""
    return any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text)


@type_of.register
def _(expr: n.Truth, scope: Scope, path: str = "") -> Type:
    return Boolean()


@type_of.register
def _(expr: n.Moment, scope: Scope, path: str = "") -> Type:
    return Instant()


@type_of.register
def _(expr: n.Length, scope: Scope, path: str = "") -> Type:
    if abs(expr.value) > LONGEST:
        raise wrong(
            "a duration is too long",
            path,
            iso_duration(expr.value),
            f"at most {LONGEST.days:,} days",
        )
    return Duration()


@type_of.register
def _(expr: n.Ref, scope: Scope, path: str = "") -> Type:
    profile_only(expr, scope, path)
    try:
        return scope.ref(expr.name)
    except UnknownName as error:
        error.where = error.where or path
        raise


@type_of.register
def _(expr: n.Clock, scope: Scope, path: str = "") -> Type:
    return Instant()


# --- aggregates -----------------------------------------------------------------------------


@type_of.register
def _(expr: n.Aggregate, scope: Scope, path: str = "") -> Type:
    profile_only(expr, scope, path)
    inner = scope.of(expr.of, f"{path}.of")
    if expr.within is not None:
        span(expr.within, path, "within")
    since = getattr(expr, "since", None)
    if since is not None:
        expect(since, scope, f"{path}.since", Instant())
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
                raise wrong(f"{name} needs a number", f"{path}.value", kind, "a number")
            exact = is_exact_number(kind)
            return Decimal(MAX_SCALE) if exact and isinstance(expr, n.Mean) else kind
        case n.Min() | n.Max():
            if kind is None or isinstance(kind, Boolean | ListOf | Duration):
                raise wrong(
                    f"{name} needs an order", f"{path}.value", kind, "a number, an instant or text"
                )
            return kind
        case n.Values():
            if expr.limit < 1:
                raise wrong("values keeps at least one", path, expr.limit, "limit of 1 or more")
            return ListOf(_unless_real(kind, kind, name, path))  # type: ignore[arg-type]
        case n.Decayed():
            return _decayed_type(expr, row, path)
        case _:
            if isinstance(expr, n.Top):
                _unless_real(Text(), kind, name, path)
            if kind is None or isinstance(kind, ListOf | Duration):
                raise wrong(f"{name} needs a value", f"{path}.value", kind, "a scalar")
            return kind


def _unless_real(result: Type | None, kind: Type | None, name: str, path: str) -> Type:
    if isinstance(kind, Real | Duration | ListOf) or result is None:
        raise wrong(
            f"{name} compares values for equality, which a {kind} does not allow",
            f"{path}.value",
            kind,
            "an exact type",
        )
    return result


def _decayed_type(expr: n.Decayed, row: Scope, path: str) -> Type:
    if (expr.half_life is None) == (expr.rate is None):
        raise WrongType("decayed takes either a half-life or a rate a day", where=path)
    if expr.half_life is not None:
        span(expr.half_life, path, "half_life")
    if expr.rate is not None and not 0 < expr.rate <= FASTEST:
        raise wrong("a rate is more than 0 and at most a million a day", path, expr.rate, "0.1")
    if expr.step is not None:
        span(expr.step, path, "step")
    if expr.weight is not None:
        kind = type_of(expr.weight, row, f"{path}.weight")
        if not is_number(kind):
            raise wrong("a weight is a number", f"{path}.weight", kind, "a number")
    return Real(decaying=expr.step is None)

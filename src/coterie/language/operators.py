"""The types of operators: arithmetic, comparison, logic, text, lists, choices and ages."""

from __future__ import annotations

from coterie.errors import UnknownName, nearest
from coterie.language import nodes as n
from coterie.language.scope import (
    AGE_HINT,
    DECAY_HINT,
    Scope,
    common,
    expect,
    profile_only,
    span,
    type_of,
    wrong,
)
from coterie.language.types import (
    MAX_SCALE,
    Boolean,
    Decimal,
    Duration,
    Enumerated,
    Instant,
    Integer,
    ListOf,
    Real,
    Text,
    Type,
    is_number,
    scale_of,
)

ORDERED = ("<", "<=", ">", ">=")


@type_of.register
def _(expr: n.Arithmetic, scope: Scope, path: str = "") -> Type:
    sides = [type_of(expr.left, scope, f"{path}.left"), type_of(expr.right, scope, f"{path}.right")]
    for side, kind in zip(("left", "right"), sides, strict=True):
        if not is_number(kind):
            hint = DECAY_HINT if kind == Real(decaying=True) else ""
            hint = AGE_HINT if isinstance(kind, Duration) else hint
            raise wrong(f"{expr.op!r} needs numbers", f"{path}.{side}", kind, "a number", hint)
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
        type_of(expr.left, scope, f"{path}.left"),
        type_of(expr.right, scope, f"{path}.right"),
    )
    kinds = {type(left), type(right)}
    if Duration in kinds:
        _check_age(expr, left, right, path)
    elif Real(decaying=True) in (left, right):
        _check_decay(expr, path)
    elif Enumerated in kinds:
        _check_stage(expr, left, right, path)
    elif is_number(left) and is_number(right):
        if expr.op in ("==", "!=") and Real() in (left, right):
            raise wrong("real numbers are not compared for equality", path, expr.op, "< <= > >=")
    elif left != right or isinstance(left, ListOf) or (left == Boolean() and expr.op in ORDERED):
        raise wrong(
            f"{expr.op!r} cannot compare these",
            path,
            f"{left} and {right}",
            "two numbers, instants or texts",
        )
    return Boolean()


def _check_age(expr: n.Compare, left: Type, right: Type, path: str) -> None:
    if (left, right) not in ((Duration(aging=True), Duration()), (Duration(), Duration(True))):
        raise wrong(
            "an age compares with a duration only",
            path,
            f"{left} and {right}",
            "age() and a constant such as days(30)",
            AGE_HINT,
        )
    if expr.op not in ORDERED:
        raise wrong("an age is equal to a duration for an instant only", path, expr.op, "< <= > >=")


def _check_decay(expr: n.Compare, path: str) -> None:
    if expr.op not in ORDERED or not {type(expr.left), type(expr.right)} & {n.Number}:
        raise wrong(
            "a decaying sum compares with a constant only",
            path,
            expr.op,
            "< <= > >= and a number",
            DECAY_HINT,
        )


def _check_stage(expr: n.Compare, left: Type, right: Type, path: str) -> None:
    stage, other = (left, expr.right) if isinstance(left, Enumerated) else (right, expr.left)
    assert isinstance(stage, Enumerated)
    if not isinstance(other, n.Words):
        raise wrong(
            "a stage compares with the name of one",
            path,
            f"{left} and {right}",
            f"one of {', '.join(stage.options)}",
        )
    if other.value not in stage.options:
        raise UnknownName(
            f"no stage {other.value!r}", where=path, hint=nearest(other.value, stage.options)
        )
    if expr.op in ORDERED and not stage.ordered:
        raise wrong("stages have no order", path, expr.op, "== or !=", "tiers(…) are ordered")


@type_of.register(n.And)
@type_of.register(n.Or)
def _(expr: n.And | n.Or, scope: Scope, path: str = "") -> Type:
    if not expr.parts:
        raise wrong("and/or need a part", path, "none", "at least one")
    for i, part in enumerate(expr.parts):
        expect(part, scope, f"{path}.parts[{i}]", Boolean())
    return Boolean()


@type_of.register
def _(expr: n.Not, scope: Scope, path: str = "") -> Type:
    return expect(expr.of, scope, f"{path}.of", Boolean())


@type_of.register
def _(expr: n.Known, scope: Scope, path: str = "") -> Type:
    if type_of(expr.of, scope, f"{path}.of") == Duration():
        raise wrong("a duration is always known", f"{path}.of", "duration", "a value")
    return Boolean()


@type_of.register
def _(expr: n.Between, scope: Scope, path: str = "") -> Type:
    type_of(n.Compare(">=", expr.of, expr.low), scope, path)
    return type_of(n.Compare("<=", expr.of, expr.high), scope, path)


@type_of.register
def _(expr: n.IsIn, scope: Scope, path: str = "") -> Type:
    if not expr.options:
        raise wrong("is_in needs an option", path, "none", "at least one constant")
    for i, option in enumerate(expr.options):
        type_of(option, scope, f"{path}.options[{i}]")
        type_of(n.Compare("==", expr.of, option), scope, path)
    return Boolean()


@type_of.register
def _(expr: n.Match, scope: Scope, path: str = "") -> Type:
    kind = type_of(expr.of, scope, f"{path}.of")
    if not isinstance(kind, Text | Enumerated):
        raise wrong(f"{expr.op} needs text", f"{path}.of", kind, "text")
    return type_of(n.Words(expr.text), scope, path) and Boolean()


@type_of.register
def _(expr: n.Has, scope: Scope, path: str = "") -> Type:
    kind = type_of(expr.of, scope, f"{path}.of")
    if not isinstance(kind, ListOf):
        raise wrong("has needs a list", f"{path}.of", kind, "a list, such as values(limit=…)")
    value = type_of(expr.value, scope, path)
    if common([kind.of, value]) is None:
        raise wrong("has looks for another type", path, value, str(kind.of))
    return Boolean()


@type_of.register
def _(expr: n.Case, scope: Scope, path: str = "") -> Type:
    if not expr.whens:
        raise wrong("a case needs a branch", path, "none", "at least one")
    kinds = []
    for i, when in enumerate(expr.whens):
        expect(when.condition, scope, f"{path}.whens[{i}].condition", Boolean())
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
        raise wrong(
            "the branches have no common type",
            path,
            ", ".join(map(str, kinds)) or "none",
            "one type of exact or stepped values",
        )
    return kind


@type_of.register
def _(expr: n.Age, scope: Scope, path: str = "") -> Type:
    profile_only(expr, scope, path)
    expect(expr.of, scope, f"{path}.of", Instant())
    if expr.step is not None:
        span(expr.step, path, "step")
        return Integer()
    return Duration(aging=True)

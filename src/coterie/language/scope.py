"""What an expression may name, and the types of the events that a selection picks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import singledispatch
from typing import NamedTuple

from coterie.errors import UnknownName, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.plan import TrackingPlan
from coterie.language.time import LONGEST, iso_duration
from coterie.language.types import (
    Boolean,
    Decimal,
    Duration,
    Enumerated,
    Real,
    Text,
    Type,
    is_exact_number,
    is_number,
    scale_of,
)

AGE_HINT = "compare the age with a duration, or step it: age(step=days(1))"
DECAY_HINT = "freeze the sum at daily instants: decayed(…, step=days(1))"


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
    raise wrong(f"a {said(expr)} is not a value", path, said(expr), "an expression")


def row_types(selection: n.Selection, scope: Scope, path: str = "") -> dict[str, Type]:
    """The properties that every event of a selection has, with the type they share.

    Raises
    ------
    UnknownName, WrongType
    """
    match selection:
        case n.Named(event):
            return _planned(event, scope, path)
        case n.Where(of, that):
            inner = scope.of(of, f"{path}.of")
            expect(that, inner, f"{path}.that", Boolean())
            return dict(inner.row or {})
        case n.Either(parts):
            if not parts:
                raise wrong("a union needs a selection", path, "none", "at least one")
            return _shared([row_types(p, scope, f"{path}.parts[{i}]") for i, p in enumerate(parts)])
        case n.Then(first, second, within):
            span(within, path, "within")
            row_types(first, scope, f"{path}.first")
            return row_types(second, scope, f"{path}.second")
        case n.Without(first, second, within):
            span(within, path, "within")
            row_types(second, scope, f"{path}.second")
            return row_types(first, scope, f"{path}.first")
        case n.Sessions(of, gap):
            span(gap, path, "gap")
            return row_types(of, scope, f"{path}.of")
    raise wrong(f"a {said(selection)} selects no events", path, said(selection), "a selection")


def _planned(event: str, scope: Scope, path: str) -> dict[str, Type]:
    if event not in scope.plan.events:
        raise UnknownName(
            f"no event {event!r} in the tracking plan",
            where=path,
            hint=nearest(event, scope.plan.events),
        )
    declared = scope.plan.events[event].properties
    return {name: prop.kind for name, prop in declared.items()}


def _shared(rows: list[dict[str, Type]]) -> dict[str, Type]:
    names = set.intersection(*(set(row) for row in rows))
    merged = {name: common([row[name] for row in rows]) for name in sorted(names)}
    return {name: kind for name, kind in merged.items() if kind is not None}


def common(kinds: list[Type]) -> Type | None:
    """The one type that all of these fit, or None: numbers widen, stages become text.

    Examples
    --------
    >>> common([Decimal(2), Decimal(4)]), common([Decimal(2), Text()])
    (Decimal(scale=4), None)
    """
    if not kinds:
        return None
    if all(kind == kinds[0] for kind in kinds):
        return kinds[0]
    if all(is_exact_number(kind) for kind in kinds):
        return Decimal(max(scale_of(kind) for kind in kinds))
    if all(is_number(kind) for kind in kinds):
        return Real()
    if all(isinstance(kind, Text | Enumerated) for kind in kinds):
        return Text()
    return None


# --- checks that many nodes share -----------------------------------------------------------


def said(node: object) -> str:
    """What a node is called in errors, as in YAML."""
    return str(node.__struct_config__.tag) if isinstance(node, n.Node) else type(node).__name__


def wrong(what: str, path: str, got: object, expected: str, hint: str = "") -> WrongType:
    """The error of an operand at `path` that is not as expected."""
    return WrongType(what, where=path, got=str(got), expected=expected, hint=hint)


def expect(expr: n.Expr, scope: Scope, path: str, wanted: Type) -> Type:
    """The type of an expression that has to be `wanted`."""
    kind = type_of(expr, scope, path)
    if kind != wanted:
        hint = AGE_HINT if isinstance(kind, Duration) else ""
        raise wrong(f"{said(expr)} has the wrong type", path, kind, str(wanted), hint)
    return kind


def span(value: timedelta, path: str, name: str) -> None:
    """Refuse a window, gap or step that is not longer than nothing, or longer than `LONGEST`."""
    if not timedelta() < value <= LONGEST:
        raise wrong(
            f"{name} must be longer than nothing and at most {LONGEST.days:,} days",
            path,
            iso_duration(value),
            "a duration such as P30D",
        )


def profile_only(expr: n.Node, scope: Scope, path: str) -> None:
    """Refuse what reads a profile inside of an event's predicate or value."""
    if scope.row is not None:
        raise WrongType(
            f"{said(expr)} cannot be read inside an event's predicate",
            where=path,
            expected="properties, at, constants and operators on them",
        )

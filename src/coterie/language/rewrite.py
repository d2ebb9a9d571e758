"""Lowering: what the authoring forms mean in the smaller language that engines interpret.

After lowering there is no `Between`, no age compared with a duration (it becomes an instant
compared with the clock), no tier comparison by rank, and stages are one `Case`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from coterie.language import nodes as n
from coterie.language.definitions import Definition, Segment, Stages, Trait
from coterie.language.types import Duration, Enumerated, Type

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
Typer = Callable[[n.Expr], Type]
Plain = dict[str, n.Expr | None]
"""Event name -> the row predicate under which it is selected; None for every event of it."""


def lowered_value(definition: Definition, kind: Typer) -> n.Expr:
    """The one expression whose value a definition is.

    Parameters
    ----------
    definition : Trait, Segment or Stages
    kind : callable
        The type of a profile expression of a checked definition.
    """
    match definition:
        case Trait(value):
            return lower(value, kind)
        case Segment(predicate):
            return n.Coalesce((lower(predicate, kind), n.Truth(False)))
        case Stages(stages, otherwise):
            whens = tuple(n.When(lower(s.predicate, kind), n.Words(s.name)) for s in stages)
            return n.Case(whens, n.Words(otherwise))


def lower(expr: n.Expr, kind: Typer) -> n.Expr:
    """The same meaning with fewer kinds of node.

    Examples
    --------
    >>> between = n.Between(n.Ref("x"), n.Ref("low"), n.Ref("high"))
    >>> lower(between, lambda _: None).parts[0].op
    '>='
    """
    if isinstance(expr, n.Aggregate):
        return _lower_aggregate(expr, kind)  # type: ignore[no-any-return]
    done: Any = n.rebuild(expr, lambda child: _lower_any(child, kind))
    match done:
        case n.Between(of, low, high):
            ends = n.Compare(">=", of, low), n.Compare("<=", of, high)
            return n.And(tuple(_lower_compare(end, kind) for end in ends))
        case n.Compare():
            return _lower_compare(done, kind)
        case n.Known(n.Age(of, None)):
            return n.Known(of)
        case _:
            return done  # type: ignore[no-any-return]


def _lower_compare(expr: n.Compare, kind: Typer) -> n.Expr:
    match expr:
        case n.Compare(op, n.Age() as age, n.Length(value)):
            return _age_compare(FLIPPED[op], age, value)
        case n.Compare(op, n.Length(value), n.Age() as age):
            return _age_compare(op, age, value)
        case n.Compare(op) if op not in ("==", "!="):
            return _tier_compare(expr, kind)
        case _:
            return expr


def _lower_aggregate(expr: n.Aggregate, kind: Typer) -> Any:
    """Values, weights and predicates read an event; only `since` reads the profile."""
    done: Any = n.rebuild(expr, lambda child: _lower_any(child, _row_typer))
    since = getattr(expr, "since", None)
    return done if since is None else msgspec.structs.replace(done, since=lower(since, kind))


def _lower_any(node: Any, kind: Typer) -> Any:
    if isinstance(node, n.Selection):
        return n.rebuild(node, lambda child: _lower_any(child, _row_typer))
    if isinstance(node, n.When):
        return n.When(lower(node.condition, kind), lower(node.value, kind))
    return lower(node, kind)


def _row_typer(expr: n.Expr) -> Type:
    """Events have no stages, so no comparison of a row needs a type to be lowered."""
    return Duration()


def _age_compare(op: str, age: n.Age, value: timedelta) -> n.Compare:
    """``t - x op' value`` as ``x op t - value`` (`op` is already the flipped one)."""
    return n.Compare(op, age.of, n.Clock(value))  # type: ignore[arg-type]


def _tier_compare(expr: n.Compare, kind: Typer) -> n.Expr:
    for op, side, other in (
        (expr.op, expr.left, expr.right),
        (FLIPPED[expr.op], expr.right, expr.left),
    ):
        if not isinstance(other, n.Words) or isinstance(side, n.Words):
            continue
        stage = kind(side)
        if isinstance(stage, Enumerated):
            kept = _tiers(stage.options, op, other.value)
            return _one_of(side, kept) if kept else _never(_one_of(side, stage.options))
    return expr


def _tiers(options: tuple[str, ...], op: str, name: str) -> tuple[str, ...]:
    rank = options.index(name)
    return {
        "<": options[:rank],
        "<=": options[: rank + 1],
        ">": options[rank + 1 :],
        ">=": options[rank:],
    }[op]


def _one_of(tier: n.Expr, options: tuple[str, ...]) -> n.Expr:
    return n.IsIn(tier, tuple(n.Words(option) for option in options))


def _never(known: n.Expr) -> n.Expr:
    """False, or unknown where `known` is: no tier is below the lowest or above the highest."""
    return n.And((known, n.Not(known)))


def plain(selection: n.Selection) -> Plain | None:
    """A selection without order as ``event name -> row predicate`` (None: every event of it).

    Returns None for a selection that depends on the order of events.

    Examples
    --------
    >>> plain(n.Either((n.Named("a"), n.Where(n.Named("b"), n.Truth(True)))))
    {'a': None, 'b': Truth(value=True)}
    """
    match selection:
        case n.Named(event):
            return {event: None}
        case n.Where(of, that):
            inner = plain(of)
            return None if inner is None else {k: _both(v, that) for k, v in inner.items()}
        case n.Either(parts):
            return _merged([plain(part) for part in parts])
        case _:
            return None


def _merged(parts: list[Plain | None]) -> Plain | None:
    merged: Plain = {}
    for part in parts:
        if part is None:
            return None
        for event, that in part.items():
            merged[event] = _any(merged[event], that) if event in merged else that
    return merged


def _both(a: n.Expr | None, b: n.Expr) -> n.Expr:
    return b if a is None else n.And((a, b))


def _any(a: n.Expr | None, b: n.Expr | None) -> n.Expr | None:
    return None if a is None or b is None else n.Or((a, b))

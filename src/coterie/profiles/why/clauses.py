"""The clause tree: a definition as it was written, with the value of each part for one person."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from coterie.engines.reference import Evaluation, Value
from coterie.engines.reference.selections import Occurrence
from coterie.language import nodes as n
from coterie.language.definitions import Segment, Stages, Trait
from coterie.language.english import phrase
from coterie.language.library import Library
from coterie.language.rewrite import lower
from coterie.language.time import iso
from coterie.language.types import Boolean, Duration
from coterie.language.values import shown

MOST_EVENTS = 5
"""Events shown for one aggregate, the most recent ones; all of them are counted."""


class Evidence(msgspec.Struct, frozen=True):
    """One event that a value rests on: its name, instant and key (hexadecimal)."""

    event: str
    at: str
    key: str


class Clause(msgspec.Struct, frozen=True, omit_defaults=True):
    """One part of a definition and what it is for this person.

    Parameters
    ----------
    text : str
        The part in English.
    value : str
        Its value; ``yes``, ``no`` or ``unknown`` for a condition.
    holds : bool or None
        The truth of a condition, None where it is unknown or no condition.
    condition : bool
        Whether the part is a condition.
    parts : tuple of Clause
    n_events : int or None
        How many events an aggregate rests on; the most recent ones are `events`.
    """

    text: str
    value: str
    condition: bool = False
    holds: bool | None = None
    parts: tuple[Clause, ...] = ()
    n_events: int | None = None
    events: tuple[Evidence, ...] = ()


def definition_clause(name: str, now: Evaluation) -> Clause:
    """The clause of a named definition, with all that it refers to below it."""
    definition = now.library.definition(name)
    value = now.named(name)
    text = shown(value, now.library.type(name))
    match definition:
        case Trait(inner):
            return _named(name, text, False, value, (clause(inner, now),))
        case Segment(predicate):
            return _named(name, text, True, value, (clause(predicate, now),))
        case Stages(stages):
            names = [stage.name for stage in stages]
            tried = names.index(str(value)) + 1 if value in names else len(names)
            parts = tuple(_stage(s.name, clause(s.predicate, now)) for s in stages[:tried])
            return _named(name, text, False, value, parts)


def _named(
    name: str, text: str, condition: bool, value: Value, parts: tuple[Clause, ...]
) -> Clause:
    holds = value if condition and isinstance(value, bool) else None
    return Clause(name, text, condition, holds, parts)


def _stage(name: str, inner: Clause) -> Clause:
    return msgspec.structs.replace(inner, text=f"{name}: {inner.text}")


def clause(expr: n.Expr, now: Evaluation) -> Clause:
    """The clause of an expression as it was written (not lowered)."""
    if isinstance(expr, n.Ref):
        return definition_clause(expr.name, now)
    library = now.library
    kind = library.kind(expr)
    text = phrase(expr)
    if isinstance(kind, Duration):
        return Clause(text, "", parts=_below(expr, now))
    value = now.value(lower(expr, library.type_of))
    condition = isinstance(kind, Boolean)
    found = _counted(expr, now)
    return Clause(
        text, shown(value, kind), condition,
        value if condition and isinstance(value, bool) else None,
        _below(expr, now), None if found is None else len(found), _evidence(found or ()),
    )  # fmt: skip


def _below(expr: n.Expr, now: Evaluation) -> tuple[Clause, ...]:
    """The parts worth showing: not constants, and not what an aggregate selects."""
    hidden = (n.Number, n.Words, n.Truth, n.Moment, n.Length, *n.SELECTIONS)
    if isinstance(expr, n.Aggregate):
        since = getattr(expr, "since", None)
        return () if since is None or isinstance(since, hidden) else (clause(since, now),)
    below: list[Clause] = []
    for _, part in n.parts(expr):
        if isinstance(part, n.When):
            below += [clause(part.condition, now), *_shown(part.value, hidden, now)]
        else:
            below += _shown(part, hidden, now)
    return tuple(below)


def _shown(part: n.Node, hidden: tuple[type, ...], now: Evaluation) -> list[Clause]:
    return [] if isinstance(part, hidden) else [clause(part, now)]  # type: ignore[arg-type]


def _counted(expr: n.Expr, now: Evaluation) -> Sequence[Occurrence] | None:
    """What an aggregate counts; None for any other expression."""
    if not isinstance(expr, n.Aggregate):
        return None
    library: Library = now.library
    return now.rows(lower(expr, library.type_of))  # type: ignore[arg-type]


def _evidence(rows: Sequence[Occurrence]) -> tuple[Evidence, ...]:
    last = rows[-MOST_EVENTS:]
    return tuple(Evidence(o.fact.name, iso(o.fact.at), o.fact.key.hex()) for o in last)

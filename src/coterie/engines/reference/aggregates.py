"""What an aggregate makes of the occurrences in its window."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from coterie.engines.reference.facts import Value
from coterie.engines.reference.selections import AT, Occurrence
from coterie.language import nodes as n
from coterie.language.numbers import divide_half_away, fits
from coterie.language.time import DAY, micros
from coterie.language.types import MAX_SCALE, Type, is_exact_number, scale_of

Read = Callable[[n.Expr, Occurrence], Value]


def frozen_at(expr: n.Aggregate, t: int) -> int:
    """The instant at which an aggregate is taken: `t`, or the last whole step of a frozen one."""
    step = getattr(expr, "step", None)
    return t // micros(step) * micros(step) if step is not None else t


def in_window(expr: n.Aggregate, found: list[Occurrence], t: int) -> list[Occurrence]:
    """The occurrences in ``(t - within, t]``, where `t` is that of :func:`frozen_at`.

    Parameters
    ----------
    found : list of Occurrence
        In the order of their instants.
    """
    end = frozen_at(expr, t)
    start = end - micros(expr.within) if expr.within is not None else None
    first = 0 if start is None else bisect_right(found, start, key=AT)
    return found[first : bisect_right(found, end, key=AT)]


def aggregate(
    expr: n.Aggregate, found: list[Occurrence], t: int, kind: Type | None, read: Read
) -> Value:
    """The value of an aggregate over the occurrences of its window, in ``(at, key)`` order.

    Parameters
    ----------
    expr : Aggregate
    found : list of Occurrence
    t : int
        The instant of evaluation.
    kind : Type or None
        The type of the aggregated value, if it has one.
    read : callable
        The value of a row expression for an occurrence.
    """
    match expr:
        case n.Count():
            return len(found)
        case n.Any_():
            return bool(found)
        case n.FirstAt():
            return found[0].at if found else None
        case n.LastAt():
            return found[-1].at if found else None
        case n.Decayed():
            return _decayed(expr, found, frozen_at(expr, t), kind, read)
    assert kind is not None
    rows = [(read(expr.value, o), o) for o in found]  # type: ignore[attr-defined]
    return _of_values(expr, [(value, o) for value, o in rows if value is not None], kind)


def _of_values(expr: n.Aggregate, rows: list[tuple[Any, Occurrence]], kind: Type) -> Value:
    values = [value for value, _ in rows]
    match expr:
        case n.Distinct():
            return len(set(values))
        case _ if not values:
            return None
        case n.Sum():
            return fits(sum(values)) if is_exact_number(kind) else total(values)
        case n.Mean():
            return _mean(values, kind)
        case n.Min():
            return min(values)  # type: ignore[no-any-return]
        case n.Max():
            return max(values)  # type: ignore[no-any-return]
        case n.First():
            return values[0]  # type: ignore[no-any-return]
        case n.Last():
            return values[-1]  # type: ignore[no-any-return]
        case n.Top():
            counts, latest = Counter(values), {value: (o.at, o.key) for value, o in rows}
            return max(latest, key=lambda v: (counts[v], latest[v]))  # type: ignore[no-any-return]
        case n.Values(limit=limit):
            return list(dict.fromkeys(reversed(values)))[:limit]
    raise AssertionError(expr)


def _mean(values: list[Any], kind: Type) -> Value:
    if not is_exact_number(kind):
        whole = total(values)
        return None if whole is None else whole / len(values)
    up = 10 ** (MAX_SCALE - scale_of(kind))
    return fits(divide_half_away(sum(values) * up, len(values)))


def _decayed(
    expr: n.Decayed, found: list[Occurrence], t: int, kind: Type | None, read: Read
) -> Value:
    terms = []
    for o in found:
        weight = 1.0 if expr.weight is None else real(read(expr.weight, o), kind)
        if weight is not None:
            terms.append(max(weight, 0.0) * math.exp(-rate(expr) * (t - o.at)))
    return total(terms) if terms else None


def rate(expr: n.Decayed) -> float:
    """The decay of a sum, per microsecond."""
    if expr.half_life is not None:
        return math.log(2) / micros(expr.half_life)
    assert expr.rate is not None
    return float(expr.rate) / DAY


def total(values: Iterable[float]) -> float | None:
    """The correctly rounded sum of reals, or None where it is beyond 64 bits."""
    try:
        whole = math.fsum(values)
    except (OverflowError, ValueError):  # on the way, or infinities of both signs
        return None
    return whole if math.isfinite(whole) else None


def real(value: Value, kind: Type | None) -> float | None:
    """A number of any type as a real; a truth counts as 1 or 0."""
    if value is None:
        return None
    if kind is not None and is_exact_number(kind):
        return float(int(value) / 10 ** scale_of(kind))  # type: ignore[arg-type]
    return float(value)  # type: ignore[arg-type]

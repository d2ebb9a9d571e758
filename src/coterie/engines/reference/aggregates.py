"""What an aggregate makes of the occurrences in its window."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from coterie.engines.reference.facts import Value
from coterie.engines.reference.selections import AT, Occurrence
from coterie.language import nodes as n
from coterie.language.numbers import divide_half_away, fits
from coterie.language.time import DAY, micros
from coterie.language.types import MAX_SCALE, Type, is_exact_number, scale_of


def frozen_at(expr: n.Aggregate, t: int) -> int:
    """The instant at which an aggregate is taken: `t`, or the last whole step of a frozen one."""
    step = getattr(expr, "step", None)
    return t // micros(step) * micros(step) if step is not None else t


def in_window(expr: n.Aggregate, found: Sequence[Occurrence], t: int) -> slice:
    """The occurrences in ``(t - within, t]``, where `t` is that of :func:`frozen_at`.

    Parameters
    ----------
    found : sequence of Occurrence
        In the order of their instants.
    """
    end = frozen_at(expr, t)
    start = end - micros(expr.within) if expr.within is not None else None
    return slice(after(found, start), after(found, end))


def after(found: Sequence[Occurrence], instant: int | None) -> int:
    """The place of the first occurrence later than an instant; of the first of all without one."""
    return 0 if instant is None else bisect_right(found, instant, key=AT)


Counted = n.Count | n.Any_ | n.FirstAt | n.LastAt
"""Aggregates for which it is enough where their occurrences stand."""


def counted(expr: Counted, found: Sequence[Occurrence], window: slice) -> Value:
    """How many occurrences a window holds, or when the first or last of them was."""
    first, end = int(window.start), int(window.stop)
    match expr:
        case n.Count():
            return max(end - first, 0)
        case n.Any_():
            return first < end
        case n.FirstAt():
            return found[first].at if first < end else None
        case n.LastAt():
            return found[end - 1].at if first < end else None


class Totals(NamedTuple):
    """How many exact numbers there are up to each place, and their sums."""

    counts: Sequence[int]
    sums: Sequence[int]

    @classmethod
    def of(cls, read: Sequence[Any]) -> Totals:
        """Of what is read of each occurrence; what is unknown is none."""
        counts = accumulate((value is not None for value in read), initial=0)
        return cls([*counts], [*accumulate((value or 0 for value in read), initial=0)])


def summed(expr: n.Sum | n.Mean, totals: Totals, window: slice, kind: Type) -> Value:
    """The sum or mean of the exact numbers in a window."""
    first, end = int(window.start), int(window.stop)
    count = totals.counts[end] - totals.counts[first]
    if count <= 0:
        return None
    whole = totals.sums[end] - totals.sums[first]
    if isinstance(expr, n.Sum):
        return fits(whole)
    return fits(divide_half_away(whole * 10 ** (MAX_SCALE - scale_of(kind)), count))


def aggregate(
    expr: n.Aggregate,
    found: Sequence[Occurrence],
    read: Sequence[Value],
    t: int,
    kind: Type | None,
) -> Value:
    """The value of any other aggregate over the occurrences of its window, in their order.

    Parameters
    ----------
    expr : Aggregate
    found : sequence of Occurrence
    read : sequence of Value
        What is aggregated of each, if anything is.
    t : int
        The instant of evaluation.
    kind : Type or None
        Its type, if it has one.
    """
    if isinstance(expr, n.Decayed):
        return _decayed(expr, found, read, frozen_at(expr, t), kind)
    assert kind is not None
    return _of_values(expr, found, read, kind)


def _of_values(
    expr: n.Aggregate, found: Sequence[Occurrence], read: Sequence[Any], kind: Type
) -> Value:
    values = [value for value in read if value is not None]
    match expr:
        case n.Distinct():
            return len(set(values))
        case _ if not values:
            return None
        case n.Sum():
            return total(values)
        case n.Mean():
            whole = total(values)
            return None if whole is None else whole / len(values)
        case n.Min():
            return min(values)  # type: ignore[no-any-return]
        case n.Max():
            return max(values)  # type: ignore[no-any-return]
        case n.First():
            return values[0]  # type: ignore[no-any-return]
        case n.Last():
            return values[-1]  # type: ignore[no-any-return]
        case n.Top():
            counts = Counter(values)
            latest = {value: (o.at, o.key) for value, o in zip(read, found, strict=True)}
            latest.pop(None, None)
            return max(latest, key=lambda v: (counts[v], latest[v]))  # type: ignore[no-any-return]
        case n.Values(limit=limit):
            return list(dict.fromkeys(reversed(values)))[:limit]
    raise AssertionError(expr)


def _decayed(
    expr: n.Decayed, found: Sequence[Occurrence], read: Sequence[Value], t: int, kind: Type | None
) -> Value:
    weights = [1.0] * len(found) if expr.weight is None else [real(value, kind) for value in read]
    terms = [
        max(weight, 0.0) * math.exp(-rate(expr) * (t - o.at))
        for weight, o in zip(weights, found, strict=True)
        if weight is not None
    ]
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

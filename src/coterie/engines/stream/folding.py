"""The dispatch from a leaf's kind to its aggregate: empty, add, take away, value."""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import (
    counting,
    decayed,
    different,
    ends,
    extremes,
    reals,
    recent,
    sums,
)
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.wide import real


@compiled
def reset(M: Memory, leaf: int, a: int) -> None:
    """Make a state empty."""
    kind = M[leaf + y.L_KIND]
    if kind <= y.ANY:
        counting.reset(M, a)
    elif kind <= y.MEAN and M[leaf + y.L_MODE] == y.REAL:
        reals.reset(M, a)
    elif kind <= y.MEAN:
        sums.reset(M, a)
    elif kind <= y.MAX:
        extremes.reset(M, a)
    elif kind <= y.LAST_AT:
        ends.reset(M, a)
    elif kind <= y.TOPMOST:
        different.reset(M, a)
    elif kind == y.VALUES:
        recent.reset(M, a)
    else:
        decayed.reset(M, a)


@compiled
def add(M: Memory, X: Memory, leaf: int, a: int, at: int, v: int, number: int) -> None:
    """Add one occurrence: its instant, its value, and its place in the order of all."""
    kind = M[leaf + y.L_KIND]
    if kind <= y.ANY:
        counting.add(M, a)
    elif kind <= y.MEAN and M[leaf + y.L_MODE] == y.REAL:
        reals.add(M, a, v)
    elif kind <= y.MEAN:
        sums.add(M, a, v)
    elif kind <= y.MAX:
        extremes.add(M, X, a, v, M[leaf + y.L_MODE], kind == y.MAX)
    elif kind == y.FIRST:
        ends.first(M, a, v)
    elif kind == y.LAST_:
        ends.last(M, a, v)
    elif kind == y.FIRST_AT:
        ends.first(M, a, at)
    elif kind == y.LAST_AT:
        ends.last(M, a, at)
    elif kind <= y.TOPMOST:
        different.add(M, a, v, number)
    elif kind == y.VALUES:
        recent.add(M, a, v, M[leaf + y.L_LIMIT])
    else:
        decayed.add(M, a, at, v, real(M[leaf + y.L_RATE]))


@compiled
def remove(M: Memory, leaf: int, a: int, v: int) -> None:
    """Take the earliest occurrence away, for aggregates that can (`L_UNDO`)."""
    kind = M[leaf + y.L_KIND]
    if kind <= y.ANY:
        counting.remove(M, a)
    elif kind <= y.MEAN:
        sums.remove(M, a, v)
    else:
        different.remove(M, a, v)


@compiled
def value(M: Memory, leaf: int, a: int, t: int) -> tuple[bool, int]:
    """The value of a state at an instant: whether it is known, and its bits or units."""
    kind = M[leaf + y.L_KIND]
    if kind == y.COUNT:
        return counting.count(M, a)
    if kind == y.ANY:
        return counting.exists(M, a)
    if kind <= y.MEAN and M[leaf + y.L_MODE] == y.REAL:
        return reals.total(M, a) if kind == y.SUM else reals.mean(M, a)
    if kind == y.SUM:
        return sums.total(M, a)
    if kind == y.MEAN:
        return sums.mean(M, a, M[leaf + y.L_UP])
    if kind <= y.MAX:
        return extremes.value(M, a)
    if kind <= y.LAST_AT:
        return ends.value(M, a)
    if kind == y.DISTINCT:
        return different.distinct(M, a)
    if kind == y.TOPMOST:
        return different.top(M, a)
    if kind == y.VALUES:
        return recent.value(M, a)
    return decayed.value(M, a, t, real(M[leaf + y.L_RATE]))

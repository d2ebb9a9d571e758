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
from coterie.engines.stream.memory import LENGTH, entry
from coterie.engines.stream.wide import real


@compiled
def reset(M: Memory, leaf: int, a: int) -> None:
    """Make a state empty."""
    kind = M[leaf + y.L_KIND]
    if kind <= counting.ANY:
        counting.reset(M, a)
    elif kind <= sums.MEAN:
        sums.reset(M, a)
    elif kind <= reals.MEAN:
        reals.reset(M, a)
    elif kind <= extremes.MAX:
        extremes.reset(M, a)
    elif kind <= ends.LAST_AT:
        ends.reset(M, a)
    elif kind <= different.TOP:
        different.reset(M, a)
    elif kind == recent.VALUES:
        recent.reset(M, a)
    elif kind == decayed.DECAYED:
        decayed.reset(M, a)


@compiled
def add(M: Memory, X: Memory, leaf: int, a: int, at: int, v: int, number: int) -> None:
    """Add one occurrence: its instant, its value, and its place in the order of all."""
    kind = M[leaf + y.L_KIND]
    if kind <= counting.ANY:
        counting.add(M, a)
    elif kind <= sums.MEAN:
        sums.add(M, a, v)
    elif kind <= reals.MEAN:
        reals.add(M, a, v)
    elif kind <= extremes.MAX:
        extremes.add(M, X, a, v, M[leaf + y.L_MODE], kind == extremes.MAX)
    elif kind == ends.FIRST:
        ends.first(M, a, v)
    elif kind == ends.LAST:
        ends.last(M, a, v)
    elif kind == ends.FIRST_AT:
        ends.first(M, a, at)
    elif kind == ends.LAST_AT:
        ends.last(M, a, at)
    elif kind <= different.TOP:
        different.add(M, a, v, number)
    elif kind == recent.VALUES:
        recent.add(M, a, v, M[leaf + y.L_LIMIT])
    elif kind == decayed.DECAYED:
        decayed.add(M, a, at, v, real(M[leaf + y.L_RATE]))


@compiled
def remove(M: Memory, leaf: int, a: int, c: int, v: int) -> None:
    """Take the earliest occurrence away, for forms with `undo`; the ring `c` has what is left."""
    kind = M[leaf + y.L_KIND]
    if kind <= counting.ANY:
        counting.put(M, a, M[c + LENGTH])
    elif kind <= sums.MEAN:
        sums.remove(M, a, v)
    elif kind <= extremes.MAX:
        extremes.remove(M, a, c)
    elif kind <= ends.LAST_AT:
        ends.remove(M, a, c, M[leaf + y.L_WIDE])
    elif kind <= different.TOP:
        different.remove(M, a, v)
    elif kind == recent.VALUES:
        recent.remove(M, a, c, v)


@compiled
def value(M: Memory, leaf: int, a: int, t: int) -> tuple[bool, int]:
    """The value of a state at an instant: whether it is known, and its bits or units."""
    kind = M[leaf + y.L_KIND]
    if kind == counting.COUNT:
        return counting.count(M, a)
    if kind == counting.ANY:
        return counting.exists(M, a)
    if kind == sums.SUM:
        return sums.total(M, a)
    if kind == sums.MEAN:
        return sums.mean(M, a, M[leaf + y.L_UP])
    if kind == reals.SUM:
        return reals.total(M, a)
    if kind == reals.MEAN:
        return reals.mean(M, a)
    if kind <= extremes.MAX:
        return extremes.value(M, a)
    if kind <= ends.LAST_AT:
        return ends.value(M, a)
    if kind == different.DISTINCT:
        return different.distinct(M, a)
    if kind == different.TOP:
        return different.top(M, a)
    if kind == recent.VALUES:
        return recent.value(M, a)
    if kind == decayed.DECAYED:
        return decayed.value(M, a, t, real(M[leaf + y.L_RATE]))
    return False, 0


# --- entries of a window's ring ----------------------------------------------------------------


@compiled
def outlived(M: Memory, X: Memory, leaf: int, c: int, v: int) -> bool:
    """Whether the last entry matters no more once another, of value `v`, comes after it."""
    kind = M[leaf + y.L_KIND]
    if kind == extremes.MIN or kind == extremes.MAX:
        other = M[entry(M, c, y.OCCURRED, M[c + LENGTH] - 1) + y.O_VALUE]
        return extremes.reaches(X, M[leaf + y.L_MODE], v, other, kind == extremes.MAX)
    return kind == counting.ANY or kind == ends.LAST or kind == ends.LAST_AT


@compiled
def several(M: Memory, X: Memory, leaf: int, a: int, c: int, first: int, last: int) -> None:
    """Make a state that of the entries ``[first, last)``."""
    if M[leaf + y.L_KIND] <= counting.ANY:
        counting.put(M, a, last - first)
        return
    reset(M, leaf, a)
    width = M[leaf + y.L_WIDE]
    for i in range(first, last):
        e = entry(M, c, width, i)
        add(M, X, leaf, a, M[e + y.O_AT], M[e + y.O_VALUE] if width > 1 else 0, i)

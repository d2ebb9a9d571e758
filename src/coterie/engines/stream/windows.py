"""A leaf over a person's occurrences: a lifetime, a sliding window, or since an instant.

A lifetime is one state. A window also keeps in a ring those of its occurrences that may matter yet:
one that leaves is taken away where the aggregate can, else the state is folded anew from the ring
when it is asked for.
"""

from __future__ import annotations

from coterie.engines.stream import folding
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import LENGTH, entry, pop, push


@compiled
def add(M: Memory, X: Memory, leaf: int, r: int, at: int, v: int, number: int) -> None:
    """One more occurrence, later than all before."""
    a = r + M[leaf + y.L_STATE]
    if M[leaf + y.L_RING] == y.NO_RING:
        folding.add(M, X, leaf, a, at, v, number)
        return
    _keep(M, X, leaf, r + M[leaf + y.L_RING], at, v)
    if M[leaf + y.L_STEP] == 0 and M[leaf + y.L_SINCE] == 0:
        folding.add(M, X, leaf, a, at, v, number)


@compiled
def _keep(M: Memory, X: Memory, leaf: int, c: int, at: int, v: int) -> None:
    """Add an entry to a ring instead of those that matter no more."""
    width = M[leaf + y.L_WIDE]
    while M[c + LENGTH] > 0 and folding.outlived(M, X, leaf, c, v):
        M[c + LENGTH] -= 1
    e = push(M, c, width)
    M[e + y.O_AT] = at
    if width > 1:
        M[e + y.O_VALUE] = v


@compiled
def expire(M: Memory, leaf: int, r: int, t: int) -> None:
    """Let go of what is out of the window at an instant."""
    within = M[leaf + y.L_WITHIN]
    if within == 0:
        return
    c, width = r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    step = M[leaf + y.L_STEP]
    start = (t // step * step if step > 0 else t) - within
    while M[c + LENGTH] > 0 and M[entry(M, c, width, 0) + y.O_AT] <= start:
        v = M[entry(M, c, width, 0) + y.O_VALUE] if width > 1 else 0
        pop(M, c, width)
        if M[leaf + y.L_UNDO] == 1:
            folding.remove(M, leaf, r + M[leaf + y.L_STATE], c, v)
        else:
            M[r + M[leaf + y.L_DIRTY]] = 1


@compiled
def due(M: Memory, leaf: int, r: int, t: int) -> int:
    """The next instant after `t` at which the leaf changes by time alone."""
    if M[leaf + y.L_RING] == y.NO_RING:
        return y.FOREVER
    c = r + M[leaf + y.L_RING]
    step = M[leaf + y.L_STEP]
    if step > 0:
        some = M[c + LENGTH] > 0 or M[r + M[leaf + y.L_STATE]] > 0
        return (t // step + 1) * step if some else y.FOREVER
    if M[leaf + y.L_WITHIN] == 0 or M[c + LENGTH] == 0:
        return y.FOREVER
    return M[entry(M, c, M[leaf + y.L_WIDE], 0) + y.O_AT] + M[leaf + y.L_WITHIN]


@compiled
def falls(M: Memory, leaf: int, r: int, constant: int, cmp: int) -> int:
    """When a comparison of a window's count with a constant changes by time alone."""
    c = r + M[leaf + y.L_RING]
    n = M[c + LENGTH]
    rest = constant - 1 if cmp == y.GE or cmp == y.LT else constant
    if cmp <= y.NE and n == constant:
        rest = constant - 1
    if rest < 0 or n <= rest:
        return y.FOREVER
    i = n - rest - 1
    return M[entry(M, c, M[leaf + y.L_WIDE], i) + y.O_AT] + M[leaf + y.L_WITHIN]


@compiled
def value(M: Memory, X: Memory, leaf: int, r: int, t: int) -> tuple[bool, int]:
    """The value at an instant, what is out of the window being gone already."""
    a = r + M[leaf + y.L_STATE]
    if M[leaf + y.L_STEP] > 0:
        return _frozen(M, X, leaf, r, t)
    if M[leaf + y.L_DIRTY] > 0 and M[r + M[leaf + y.L_DIRTY]] != 0:
        c = r + M[leaf + y.L_RING]
        folding.several(M, X, leaf, a, c, 0, M[c + LENGTH])
        M[r + M[leaf + y.L_DIRTY]] = 0
    return folding.value(M, leaf, a, t)


@compiled
def _frozen(M: Memory, X: Memory, leaf: int, r: int, t: int) -> tuple[bool, int]:
    """A sum that stands as it was at the last whole step."""
    a, c, width = r + M[leaf + y.L_STATE], r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    end = t // M[leaf + y.L_STEP] * M[leaf + y.L_STEP]
    if M[leaf + y.L_WITHIN] > 0:
        folding.several(M, X, leaf, a, c, 0, _after(M, c, width, end))
        return folding.value(M, leaf, a, end)
    while M[c + LENGTH] > 0 and M[entry(M, c, width, 0) + y.O_AT] <= end:
        e = entry(M, c, width, 0)
        folding.add(M, X, leaf, a, M[e + y.O_AT], M[e + y.O_VALUE] if width > 1 else 0, 0)
        pop(M, c, width)
    return folding.value(M, leaf, a, end)


@compiled
def since(
    M: Memory, X: Memory, leaf: int, r: int, t: int, known: int, start: int
) -> tuple[bool, int]:
    """The value of what occurred after an instant; nothing did after an unknown one."""
    a, c, width = r + M[leaf + y.L_STATE], r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    n = M[c + LENGTH]
    if known == 0:
        folding.several(M, X, leaf, a, c, n, n)
    elif M[leaf + y.L_PRUNE] == 1:
        while M[c + LENGTH] > 0 and M[entry(M, c, width, 0) + y.O_AT] <= start:
            pop(M, c, width)
        folding.several(M, X, leaf, a, c, 0, M[c + LENGTH])
    else:
        folding.several(M, X, leaf, a, c, _after(M, c, width, start), n)
    return folding.value(M, leaf, a, t)


@compiled
def _after(M: Memory, c: int, width: int, instant: int) -> int:
    """The place of the first entry after an instant, by halving."""
    low, high = 0, M[c + LENGTH]
    while low < high:
        middle = (low + high) // 2
        if M[entry(M, c, width, middle) + y.O_AT] <= instant:
            low = middle + 1
        else:
            high = middle
    return low

"""A leaf over a person's occurrences: a lifetime, a sliding window, or since an instant.

A lifetime is one state. A window also keeps its occurrences in a ring: those that leave are taken
away where the aggregate can, else the state is folded anew from the ring when it is asked for.
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
    width = M[leaf + y.L_WIDE]
    e = push(M, r + M[leaf + y.L_RING], width)
    M[e] = at
    if width > 1:
        M[e + 1] = v
    if M[leaf + y.L_STEP] == 0 and M[leaf + y.L_SINCE] == 0:
        folding.add(M, X, leaf, a, at, v, number)


@compiled
def expire(M: Memory, leaf: int, r: int, t: int) -> None:
    """Let go of what is out of the window at an instant."""
    within = M[leaf + y.L_WITHIN]
    if within == 0:
        return
    c, width = r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    step = M[leaf + y.L_STEP]
    start = (t // step * step if step > 0 else t) - within
    while M[c + LENGTH] > 0 and M[entry(M, c, width, 0)] <= start:
        if M[leaf + y.L_UNDO] == 1:
            e = entry(M, c, width, 0)
            folding.remove(M, leaf, r + M[leaf + y.L_STATE], M[e + 1] if width > 1 else 0)
        else:
            M[r + M[leaf + y.L_DIRTY]] = 1
        pop(M, c, width)


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
    return M[entry(M, c, M[leaf + y.L_WIDE], 0)] + M[leaf + y.L_WITHIN]


@compiled
def value(M: Memory, X: Memory, leaf: int, r: int, t: int) -> tuple[bool, int]:
    """The value at an instant, what is out of the window being gone already."""
    a = r + M[leaf + y.L_STATE]
    if M[leaf + y.L_STEP] > 0:
        return _frozen(M, X, leaf, r, t)
    if M[leaf + y.L_RING] != y.NO_RING and M[r + M[leaf + y.L_DIRTY]] != 0:
        _refold(M, X, leaf, r, 0, t)
        M[r + M[leaf + y.L_DIRTY]] = 0
    return folding.value(M, leaf, a, t)


@compiled
def _refold(M: Memory, X: Memory, leaf: int, r: int, first: int, end: int) -> None:
    """The state of the ring's occurrences from one on, up to an instant."""
    a, c, width = r + M[leaf + y.L_STATE], r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    folding.reset(M, leaf, a)
    for i in range(first, M[c + LENGTH]):
        e = entry(M, c, width, i)
        if M[e] > end:
            break
        folding.add(M, X, leaf, a, M[e], M[e + 1] if width > 1 else 0, i)


@compiled
def _frozen(M: Memory, X: Memory, leaf: int, r: int, t: int) -> tuple[bool, int]:
    """A sum that stands as it was at the last whole step."""
    a, c, width = r + M[leaf + y.L_STATE], r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    end = t // M[leaf + y.L_STEP] * M[leaf + y.L_STEP]
    if M[leaf + y.L_WITHIN] > 0:
        _refold(M, X, leaf, r, 0, end)
        return folding.value(M, leaf, a, end)
    while M[c + LENGTH] > 0 and M[entry(M, c, width, 0)] <= end:
        e = entry(M, c, width, 0)
        folding.add(M, X, leaf, a, M[e], M[e + 1] if width > 1 else 0, 0)
        pop(M, c, width)
    return folding.value(M, leaf, a, end)


@compiled
def since(
    M: Memory, X: Memory, leaf: int, r: int, t: int, known: int, start: int
) -> tuple[bool, int]:
    """The value of what occurred after an instant; nothing did after an unknown one."""
    a, c, width = r + M[leaf + y.L_STATE], r + M[leaf + y.L_RING], M[leaf + y.L_WIDE]
    if known == 0:
        folding.reset(M, leaf, a)
        return folding.value(M, leaf, a, t)
    if M[leaf + y.L_PRUNE] == 1:
        while M[c + LENGTH] > 0 and M[entry(M, c, width, 0)] <= start:
            pop(M, c, width)
    low, high = 0, M[c + LENGTH]
    while low < high:
        middle = (low + high) // 2
        if M[entry(M, c, width, middle)] <= start:
            low = middle + 1
        else:
            high = middle
    _refold(M, X, leaf, r, low, t)
    return folding.value(M, leaf, a, t)

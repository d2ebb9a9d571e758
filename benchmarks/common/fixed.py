"""The twelve traits as a kernel with its rules fixed: what definitions as data are measured by.

Rows, rings and maps are those of the engine; what is by hand is that every rule stands in the code
where the engine reads tables.
"""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream.aggregates import decayed, different, ends, extremes, sums
from coterie.engines.stream.compiled import Memory, compiled, kernel
from coterie.engines.stream.memory import LENGTH, RING, entry, pop, push
from coterie.engines.stream.whole import bits

PAGE, VIEWED, ORDER = range(3)
HOUR = 3_600_000_000
DAY = 24 * HOUR

ORDERS, SEEN = 0, 1
REVENUE = 2
LARGEST = REVENUE + sums.WIDTH
CHANNEL = LARGEST + extremes.WIDTH
LAST_AT = CHANNEL + ends.WIDTH
PRODUCTS = LAST_AT + ends.WIDTH
FAVOURITE = PRODUCTS + different.WIDTH
INTEREST = FAVOURITE + different.WIDTH
SPENT = INTEREST + decayed.WIDTH
SPENT_RING = SPENT + sums.WIDTH
PAGES = SPENT_RING + RING
WIDTH = PAGES + 3 * RING
ONE = bits(1.0)


@kernel
def fold(M: Memory, X: Memory, R: Memory, E: Memory, C: Memory, n: int, rate: float) -> int:
    """Apply events in order; `C` holds the stride, the names' numbers, and the cells' places."""
    stride, page, viewed, order = C[0], C[1], C[2], C[3]
    for i in range(0, n * stride, stride):
        r, t, name = R[E[i + y.E_PERSON]], E[i + y.E_AT], E[i + y.E_NAME]
        M[r + SEEN] += 1
        if name == page:
            _page(M, r, t, HOUR, PAGES)
            _page(M, r, t, 7 * DAY, PAGES + RING)
            _page(M, r, t, 30 * DAY, PAGES + 2 * RING)
        elif name == viewed:
            if E[i + C[4] + 1] != 0:
                different.add(M, r + PRODUCTS, E[i + C[4]], M[r + SEEN])
            if E[i + C[5] + 1] != 0:
                different.add(M, r + FAVOURITE, E[i + C[5]], M[r + SEEN])
            decayed.add(M, r + INTEREST, t, ONE, rate)
        elif name == order:
            _order(M, X, E, C, r, t, i)
    return n


@compiled
def _page(M: Memory, r: int, t: int, within: int, ring: int) -> None:
    M[push(M, r + ring, 1)] = t
    while M[r + ring + LENGTH] > 0 and M[entry(M, r + ring, 1, 0)] <= t - within:
        pop(M, r + ring, 1)


@compiled
def _order(M: Memory, X: Memory, E: Memory, C: Memory, r: int, t: int, i: int) -> None:
    M[r + ORDERS] += 1
    ends.last(M, r + LAST_AT, t)
    if E[i + C[7] + 1] != 0:
        ends.last(M, r + CHANNEL, E[i + C[7]])
    if E[i + C[6] + 1] != 0:
        spent = E[i + C[6]]
        sums.add(M, r + REVENUE, spent)
        extremes.add(M, X, r + LARGEST, spent, y.EXACT, True)
        sums.add(M, r + SPENT, spent)
        at = push(M, r + SPENT_RING, 2)
        M[at] = t
        M[at + 1] = spent
    while M[r + SPENT_RING + LENGTH] > 0:
        at = entry(M, r + SPENT_RING, 2, 0)
        if M[at] > t - 30 * DAY:
            break
        sums.remove(M, r + SPENT, M[at + 1])
        pop(M, r + SPENT_RING, 2)

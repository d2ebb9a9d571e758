"""The order of a batch: by person, instant and key.

Lexicographic sorting of millions of rows costs more than applying them. People are numbers, so
they are counted out first; what one person did is short, and often in order already.
"""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled, kernel


@kernel
def arrange(E: Memory, stride: int, n: int, people: int, W: Memory) -> int:
    """Order the events of a batch.

    Parameters
    ----------
    E : array of int64
        Events of `stride` words.
    n, people : int
        How many events there are, and a number that is above everybody's.
    W : array of int64, of ``2 * n + people + 1`` words
        The places of the events in order come to its first `n` words.
    """
    starts, other = 2 * n, n
    for i in range(starts, starts + people + 1):
        W[i] = 0
    for i in range(n):
        W[starts + E[i * stride + y.E_PERSON] + 1] += 1
    for i in range(starts, starts + people):
        W[i + 1] += W[i]
    for i in range(n):
        person = starts + E[i * stride + y.E_PERSON]
        W[W[person]] = i
        W[person] += 1
    first = 0
    for person in range(people):
        last = W[starts + person]
        _merge_sort(E, stride, W, first, last, other)
        first = last
    return n


@compiled
def _merge_sort(E: Memory, stride: int, W: Memory, first: int, last: int, other: int) -> None:
    """Sort the places ``[first, last)``, with as much room from `other` on."""
    width = 1
    while width < last - first:
        for low in range(first, last, 2 * width):
            middle, high = min(low + width, last), min(low + 2 * width, last)
            if middle < high and _before(E, stride, W[middle], W[middle - 1]):
                _merge(E, stride, W, low, middle, high, other)
        width *= 2


@compiled
def _merge(E: Memory, stride: int, W: Memory, low: int, middle: int, high: int, other: int) -> None:
    for k in range(low, middle):
        W[other + k - low] = W[k]
    i, k, to = other, middle, low
    end = other + middle - low
    while i < end:
        if k < high and _before(E, stride, W[k], W[i]):
            W[to] = W[k]
            k += 1
        else:
            W[to] = W[i]
            i += 1
        to += 1


@compiled
def _before(E: Memory, stride: int, a: int, b: int) -> bool:
    """Whether one event comes before another of the same person."""
    for k in (y.E_AT, y.E_HIGH, y.E_LOW):
        if E[a * stride + k] != E[b * stride + k]:
            return E[a * stride + k] < E[b * stride + k]
    return False

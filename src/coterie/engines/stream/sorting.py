"""The order of a batch: by person, instant and key.

Lexicographic sorting of millions of rows costs more than applying them. People are numbers, so
they are put in order digit by digit, each in one word with the place of the event; what one person
did is short, and often in order already.
"""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled, kernel

DIGIT_BITS = 11
DIGITS = 1 << DIGIT_BITS
PLACE_BITS = 32
PLACES = 2**PLACE_BITS - 1


def scratch(n: int) -> int:
    """The words that ordering so many events takes."""
    return 2 * n + DIGITS + 1


@kernel
def arrange(E: Memory, stride: int, n: int, W: Memory) -> int:
    """Order the events of a batch.

    Parameters
    ----------
    E : array of int64
        `n` events of `stride` words.
    W : array of int64, of :func:`scratch` words
        Their places in order come to its first `n` words.
    """
    most = 0
    for i in range(n):
        W[i] = E[i * stride + y.E_PERSON] << PLACE_BITS | i
        most |= E[i * stride + y.E_PERSON]
    _arranged(E, stride, n, W, n, most)
    return n


@kernel
def draw(E: Memory, stride: int, t: int, n: int, W: Memory, F: Memory) -> int:
    """Write those of `n` events that are due to `F`, in order, and move the others to the front.

    Parameters
    ----------
    W : array of int64, of :func:`scratch` words

    Returns
    -------
    int
        How many the others are.
    """
    due, left, most = 0, 0, 0
    for i in range(n):
        if E[i * stride + y.E_AT] <= t:
            W[due] = E[i * stride + y.E_PERSON] << PLACE_BITS | i
            most |= E[i * stride + y.E_PERSON]
            due += 1
        else:
            left += 1
            W[n - left] = i
    _arranged(E, stride, due, W, n, most)
    for i in range(due):
        for k in range(stride):
            F[i * stride + k] = E[W[i] * stride + k]
    for i in range(left):
        place = W[n - 1 - i]
        for k in range(stride):
            E[i * stride + k] = E[place * stride + k]
    return left


@compiled
def _arranged(E: Memory, stride: int, n: int, W: Memory, other: int, most: int) -> None:
    """Make places in order of the first `n` words, which hold people and places.

    Parameters
    ----------
    other : int
        Where in `W` there is as much room again, and the counters behind `other` words of it.
    most : int
        All bits that people's numbers have.
    """
    _by_digits(W, n, other, most)
    first = 0
    while first < n:
        last, person = first, W[first] >> PLACE_BITS
        while last < n and W[last] >> PLACE_BITS == person:
            W[last] &= PLACES
            last += 1
        if last - first > 1:
            _merge_sort(E, stride, W, first, last, other)
        first = last


@compiled
def _by_digits(W: Memory, n: int, other: int, most: int) -> None:
    """By person: digit by digit of the numbers, the last one first."""
    source, target, counts, shift = 0, other, 2 * other, PLACE_BITS
    while most >> (shift - PLACE_BITS) > 0:
        for k in range(counts, counts + DIGITS + 1):
            W[k] = 0
        for i in range(source, source + n):
            W[counts + 1 + (W[i] >> shift & DIGITS - 1)] += 1
        for k in range(counts, counts + DIGITS):
            W[k + 1] += W[k]
        for i in range(source, source + n):
            digit = counts + (W[i] >> shift & DIGITS - 1)
            W[target + W[digit]] = W[i]
            W[digit] += 1
        source, target, shift = target, source, shift + DIGIT_BITS
    for i in range(n if source > 0 else 0):
        W[i] = W[source + i]


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

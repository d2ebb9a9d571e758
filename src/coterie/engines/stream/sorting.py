"""The order of a batch: by person, instant and key.

Lexicographic sorting of millions of rows costs more than applying them. People are numbers, so
they are counted out first; what one person did is short, and often in order already.
"""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled, kernel

DIGIT_BITS = 11
DIGITS = 1 << DIGIT_BITS


def counters(n: int, people: int) -> int:
    """The words that counting so many people takes, where there are so many events."""
    return people + 1 if people <= 4 * n else DIGITS + 1


@kernel
def arrange(E: Memory, stride: int, A: Memory, people: int, W: Memory) -> int:
    """Order the events of a batch.

    Parameters
    ----------
    E : array of int64
        Events of `stride` words.
    A : array of int64
        The places of those that are wanted.
    people : int
        A number that is above everybody's.
    W : array of int64, of ``2 * n + counters(n, people)`` words, `n` being how many are wanted
        Their places in order come to its first `n` words.
    """
    return _arranged(E, stride, A, len(A), people, W)


@kernel
def draw(E: Memory, stride: int, t: int, A: Memory, W: Memory, F: Memory) -> int:
    """Write the events that are due to `F`, in order, and move the others to the front.

    Parameters
    ----------
    A : array of int64
        A word for each event.
    W : array of int64, of :func:`scratch` words

    Returns
    -------
    int
        How many the others are.
    """
    due, left, people = 0, 0, 0
    for i in range(len(A)):
        if E[i * stride + y.E_AT] <= t:
            A[due] = i
            due += 1
            people = max(people, E[i * stride + y.E_PERSON] + 1)
    if due == 0:
        return len(A)
    _arranged(E, stride, A, due, people, W)
    for i in range(due):
        for k in range(stride):
            F[i * stride + k] = E[W[i] * stride + k]
    for i in range(len(A)):
        if E[i * stride + y.E_AT] > t:
            for k in range(stride):
                E[left * stride + k] = E[i * stride + k]
            left += 1
    return left


def scratch(n: int) -> int:
    """The words that ordering so many events takes, whoever the people are."""
    return 2 * n + max(4 * n, DIGITS) + 1


@compiled
def _arranged(E: Memory, stride: int, A: Memory, n: int, people: int, W: Memory) -> int:
    if people <= 4 * n:
        _count_out(E, stride, A, n, people, W)
    else:
        _by_digits(E, stride, A, n, people, W)
    first = 0
    while first < n:
        last, person = first + 1, E[W[first] * stride + y.E_PERSON]
        while last < n and E[W[last] * stride + y.E_PERSON] == person:
            last += 1
        if last - first > 1:
            _merge_sort(E, stride, W, first, last, n)
        first = last
    return n


@compiled
def _count_out(E: Memory, stride: int, A: Memory, n: int, people: int, W: Memory) -> None:
    """Places by person: everybody has a counter."""
    starts = 2 * n
    for i in range(starts, starts + people + 1):
        W[i] = 0
    for i in range(n):
        W[starts + E[A[i] * stride + y.E_PERSON] + 1] += 1
    for i in range(starts, starts + people):
        W[i + 1] += W[i]
    for i in range(n):
        person = starts + E[A[i] * stride + y.E_PERSON]
        W[W[person]] = A[i]
        W[person] += 1


@compiled
def _by_digits(E: Memory, stride: int, A: Memory, n: int, people: int, W: Memory) -> None:
    """Places by person: digit by digit of the numbers, the last one first."""
    for i in range(n):
        W[i] = A[i]
    source, target, counts, shift = 0, n, 2 * n, 0
    while people >> shift > 0:
        for k in range(counts, counts + DIGITS + 1):
            W[k] = 0
        for i in range(n):
            W[counts + 1 + (E[A[i] * stride + y.E_PERSON] >> shift & DIGITS - 1)] += 1
        for k in range(counts, counts + DIGITS):
            W[k + 1] += W[k]
        for i in range(source, source + n):
            digit = counts + (E[W[i] * stride + y.E_PERSON] >> shift & DIGITS - 1)
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

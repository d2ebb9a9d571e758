"""The most recent different values, latest first: ``values``."""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import ADDRESS, WORDS, give, release, rounded, take

N = 2
WIDTH = 3


@compiled
def reset(M: Memory, a: int) -> None:
    """No value seen."""
    release(M, a)


@compiled
def add(M: Memory, a: int, v: int, limit: int) -> None:
    """Put a value before all others; beyond the limit the oldest goes."""
    n = M[a + N]
    if M[a + WORDS] < min(n + 1, limit) + 1:
        _widen(M, a, n)
    at = M[a + ADDRESS] + 1
    last = n if n < limit else limit - 1
    for i in range(n):
        if M[at + i] == v:
            last = i
            break
    if last == n:
        n += 1
    for i in range(last, 0, -1):
        M[at + i] = M[at + i - 1]
    M[at] = v
    M[at - 1] = n
    M[a + N] = n


@compiled
def _widen(M: Memory, a: int, n: int) -> None:
    size = rounded(2 * n + 2)
    to = take(M, size)
    for i in range(n + 1 if n > 0 else 0):
        M[to + i] = M[M[a + ADDRESS] + i]
    if M[a + WORDS] > 0:
        give(M, M[a + ADDRESS], M[a + WORDS])
    M[a + ADDRESS] = to
    M[a + WORDS] = size


@compiled
def value(M: Memory, a: int) -> tuple[bool, int]:
    """Where the list lies: its length, then its values; unknown over nothing."""
    return M[a + N] > 0, M[a + ADDRESS]

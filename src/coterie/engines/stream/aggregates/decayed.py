"""Sums that fade: ``decayed``, as the sum at the latest occurrence and that instant."""

from __future__ import annotations

from math import exp, isfinite

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.wide import bits, real

N, AT, SUM = range(3)
WIDTH = 3


@compiled
def reset(M: Memory, a: int) -> None:
    """Nothing summed."""
    M[a + N] = 0


@compiled
def add(M: Memory, a: int, at: int, weight: int, rate: float) -> None:
    """Let the sum fade until `at` and add a weight, given as bits; negative ones count as 0."""
    w = max(real(weight), 0.0)
    if M[a + N] > 0:
        w += real(M[a + SUM]) * exp(-rate * (at - M[a + AT]))
    M[a + N] += 1
    M[a + AT] = at
    M[a + SUM] = bits(w)


@compiled
def value(M: Memory, a: int, t: int, rate: float) -> tuple[bool, int]:
    """The sum at an instant, as bits; unknown over nothing and where it is not finite."""
    if M[a + N] == 0:
        return False, 0
    faded = real(M[a + SUM]) * exp(-rate * (t - M[a + AT]))
    return isfinite(faded), bits(faded)

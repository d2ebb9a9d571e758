"""Sums and means of reals that lose nothing on the way.

Notes
-----
Partial sums that do not overlap (Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997),
as in Python's ``math.fsum``: adding huge values and taking them away again leaves the small ones.
"""

from __future__ import annotations

from math import isfinite

from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import REAL
from coterie.engines.stream.memory import HEAD, LENGTH, RING, entry, push
from coterie.engines.stream.wide import bits, real
from coterie.language import nodes as n

SUM, MEAN = 4, 5
N = RING
BAD = RING + 1
WIDTH = RING + 2

FORMS = (
    Form(n.Sum, SUM, WIDTH, modes=(REAL,), chunked=True),
    Form(n.Mean, MEAN, WIDTH, modes=(REAL,), chunked=True),
)


@compiled
def reset(M: Memory, a: int) -> None:
    """Nothing summed; the chunk is kept for what comes."""
    M[a + HEAD] = 0
    M[a + LENGTH] = 0
    M[a + N] = 0
    M[a + BAD] = 0


@compiled
def add(M: Memory, a: int, v: int) -> None:
    """Add one value, given as bits."""
    x = real(v)
    kept = 0
    for i in range(M[a + LENGTH]):
        y = real(M[entry(M, a, 1, i)])
        if abs(x) < abs(y):
            x, y = y, x
        high = x + y
        low = y - (high - x)
        if low != 0.0:
            M[entry(M, a, 1, kept)] = bits(low)
            kept += 1
        x = high
    M[a + LENGTH] = kept
    M[push(M, a, 1)] = bits(x)
    M[a + N] += 1
    if not isfinite(x):
        M[a + BAD] = 1


@compiled
def _whole(M: Memory, a: int) -> float:
    whole = 0.0
    for i in range(M[a + LENGTH]):
        whole += real(M[entry(M, a, 1, i)])
    return whole


@compiled
def total(M: Memory, a: int) -> tuple[bool, int]:
    """The sum as bits; unknown over nothing, and where it is not finite."""
    if M[a + N] == 0 or M[a + BAD] != 0:
        return False, 0
    whole = _whole(M, a)
    return isfinite(whole), bits(whole)


@compiled
def mean(M: Memory, a: int) -> tuple[bool, int]:
    """The mean as bits; unknown over nothing, and where the sum is not finite."""
    if M[a + N] == 0 or M[a + BAD] != 0:
        return False, 0
    whole = _whole(M, a)
    return isfinite(whole), bits(whole / M[a + N])

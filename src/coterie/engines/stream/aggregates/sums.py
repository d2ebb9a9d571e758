"""Sums and means of exact numbers: 96 bits of units, so that nothing overflows on the way."""

from __future__ import annotations

from coterie.engines.stream import wide
from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import EXACT
from coterie.language import nodes as n
from coterie.language.types import MAX_SCALE, Type, scale_of

SUM, MEAN = 2, 3
LOW, HIGH, N = range(3)
WIDTH = 3


def _words(expr: n.Mean, of: Type) -> dict[str, int]:
    """What units are multiplied with to be of the scale of a mean."""
    return {"up": 10 ** (MAX_SCALE - scale_of(of))}


FORMS = (
    Form(n.Sum, SUM, WIDTH, modes=(EXACT,), undo=True),
    Form(n.Mean, MEAN, WIDTH, modes=(EXACT,), undo=True, words=_words),
)


@compiled
def reset(M: Memory, a: int) -> None:
    """Nothing summed."""
    M[a + LOW] = 0
    M[a + HIGH] = 0
    M[a + N] = 0


@compiled
def add(M: Memory, a: int, v: int) -> None:
    """Add one value."""
    low = M[a + LOW] + (v & 0xFFFFFFFF)
    M[a + LOW] = low & 0xFFFFFFFF
    M[a + HIGH] += (v >> 32) + (low >> 32)
    M[a + N] += 1


@compiled
def remove(M: Memory, a: int, v: int) -> None:
    """Take one value away."""
    low = M[a + LOW] - (v & 0xFFFFFFFF)
    M[a + LOW] = low & 0xFFFFFFFF
    M[a + HIGH] += (low >> 32) - (v >> 32)
    M[a + N] -= 1


@compiled
def total(M: Memory, a: int) -> tuple[bool, int]:
    """The sum; unknown over nothing and beyond 64 bits."""
    if M[a + N] == 0:
        return False, 0
    return wide.fitted(M[a + HIGH], M[a + LOW])


@compiled
def mean(M: Memory, a: int, up: int) -> tuple[bool, int]:
    """The mean at scale 6, half away from zero; unknown over nothing."""
    if M[a + N] == 0:
        return False, 0
    return wide.mean_of(M[a + HIGH], M[a + LOW], up, M[a + N])

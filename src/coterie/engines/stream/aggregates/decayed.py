"""Sums that fade: ``decayed``, as the sum at the latest occurrence and that instant."""

from __future__ import annotations

from math import exp, isfinite

from coterie.engines.reference.aggregates import rate as rate_of
from coterie.engines.stream import whole
from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.wide import bits, real
from coterie.language import nodes as n
from coterie.language.types import Type

DECAYED = 15
N, AT, SUM = range(3)
WIDTH = 3


def _words(expr: n.Decayed, of: Type | None) -> dict[str, int]:
    """How fast it fades, a microsecond."""
    return {"rate": whole.bits(rate_of(expr))}


FORMS = (Form(n.Decayed, DECAYED, WIDTH, as_real=True, words=_words),)


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

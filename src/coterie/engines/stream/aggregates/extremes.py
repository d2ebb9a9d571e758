"""The smallest and the largest value: ``min`` and ``max``.

A window forgets an occurrence as soon as a later one goes as far, so that each of those it keeps
goes further than all that follow it: the first is the extreme.
"""

from __future__ import annotations

from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import O_VALUE, OCCURRED, REAL, TEXT
from coterie.engines.stream.memory import LENGTH, entry
from coterie.engines.stream.wide import real
from coterie.language import nodes as n

MIN, MAX = 6, 7
KNOWN, VALUE = range(2)
WIDTH = 2

FORMS = (Form(n.Min, MIN, WIDTH, undo=True), Form(n.Max, MAX, WIDTH, undo=True))


@compiled
def reset(M: Memory, a: int) -> None:
    """No value seen."""
    M[a + KNOWN] = 0


@compiled
def below(X: Memory, mode: int, v: int, other: int) -> bool:
    """Whether one value stands before another: numbers by size, texts by code point."""
    if mode == REAL:
        return real(v) < real(other)
    if mode == TEXT:
        return X[v] < X[other]
    return v < other


@compiled
def reaches(X: Memory, mode: int, v: int, other: int, largest: bool) -> bool:
    """Whether a value is as small as another, or as large."""
    return not (below(X, mode, v, other) if largest else below(X, mode, other, v))


@compiled
def add(M: Memory, X: Memory, a: int, v: int, mode: int, largest: bool) -> None:
    """Keep the value where none so far is smaller, or larger."""
    if M[a + KNOWN] == 0 or reaches(X, mode, v, M[a + VALUE], largest):
        M[a + VALUE] = v
        M[a + KNOWN] = 1


@compiled
def remove(M: Memory, a: int, c: int) -> None:
    """Keep the first of what is left in the window's ring."""
    M[a + KNOWN] = 1 if M[c + LENGTH] > 0 else 0
    if M[a + KNOWN] != 0:
        M[a + VALUE] = M[entry(M, c, OCCURRED, 0) + O_VALUE]


@compiled
def value(M: Memory, a: int) -> tuple[bool, int]:
    """The extreme; unknown over nothing."""
    return M[a + KNOWN] != 0, M[a + VALUE]

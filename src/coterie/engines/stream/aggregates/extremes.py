"""The smallest and the largest value: ``min`` and ``max``."""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import REAL, TEXT
from coterie.engines.stream.wide import real

KNOWN, VALUE = range(2)
WIDTH = 2


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
def add(M: Memory, X: Memory, a: int, v: int, mode: int, largest: bool) -> None:
    """Keep the value where it is the smallest, or the largest, so far."""
    if M[a + KNOWN] == 0 or (
        below(X, mode, M[a + VALUE], v) if largest else below(X, mode, v, M[a + VALUE])
    ):
        M[a + VALUE] = v
        M[a + KNOWN] = 1


@compiled
def value(M: Memory, a: int) -> tuple[bool, int]:
    """The extreme; unknown over nothing."""
    return M[a + KNOWN] != 0, M[a + VALUE]

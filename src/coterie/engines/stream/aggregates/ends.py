"""The earliest and the latest: ``first``, ``last``, ``first_at`` and ``last_at``.

Occurrences come in the order ``(at, key)``, so the first that comes is the first.
"""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled

KNOWN, VALUE = range(2)
WIDTH = 2


@compiled
def reset(M: Memory, a: int) -> None:
    """Nothing seen."""
    M[a + KNOWN] = 0


@compiled
def first(M: Memory, a: int, v: int) -> None:
    """Keep what came first."""
    if M[a + KNOWN] == 0:
        M[a + VALUE] = v
        M[a + KNOWN] = 1


@compiled
def last(M: Memory, a: int, v: int) -> None:
    """Keep what came last."""
    M[a + VALUE] = v
    M[a + KNOWN] = 1


@compiled
def value(M: Memory, a: int) -> tuple[bool, int]:
    """A value or an instant; unknown over nothing."""
    return M[a + KNOWN] != 0, M[a + VALUE]

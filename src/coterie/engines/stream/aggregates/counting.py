"""How many occurrences, and whether there is one: ``count`` and ``any``."""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled

N = 0
WIDTH = 1


@compiled
def reset(M: Memory, a: int) -> None:
    """Nothing counted."""
    M[a + N] = 0


@compiled
def add(M: Memory, a: int) -> None:
    """One more."""
    M[a + N] += 1


@compiled
def remove(M: Memory, a: int) -> None:
    """One less."""
    M[a + N] -= 1


@compiled
def count(M: Memory, a: int) -> tuple[bool, int]:
    """How many."""
    return True, M[a + N]


@compiled
def exists(M: Memory, a: int) -> tuple[bool, int]:
    """Whether there is one."""
    return True, 1 if M[a + N] > 0 else 0

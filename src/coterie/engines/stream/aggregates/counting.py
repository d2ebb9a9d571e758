"""How many occurrences, and whether there is one: ``count`` and ``any``."""

from __future__ import annotations

from typing import Any

from coterie.engines.stream.compiled import compiled

N = 0
WIDTH = 1


@compiled
def reset(M: Any, a: int) -> None:
    """Nothing counted."""
    M[a + N] = 0


@compiled
def add(M: Any, a: int) -> None:
    """One more."""
    M[a + N] += 1


@compiled
def remove(M: Any, a: int) -> None:
    """One less."""
    M[a + N] -= 1


@compiled
def count(M: Any, a: int) -> tuple[bool, int]:
    """How many."""
    return True, M[a + N]


@compiled
def exists(M: Any, a: int) -> tuple[bool, int]:
    """Whether there is one."""
    return True, 1 if M[a + N] > 0 else 0

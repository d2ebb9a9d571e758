"""How many occurrences, and whether there is one: ``count`` and ``any``."""

from __future__ import annotations

from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.language import nodes as n

COUNT, ANY = 0, 1
N = 0
WIDTH = 1

FORMS = (
    Form(n.Count, COUNT, WIDTH, reads=False, undo=True),
    Form(n.Any_, ANY, WIDTH, reads=False, undo=True),
)


@compiled
def reset(M: Memory, a: int) -> None:
    """Nothing counted."""
    M[a + N] = 0


@compiled
def add(M: Memory, a: int) -> None:
    """One more."""
    M[a + N] += 1


@compiled
def put(M: Memory, a: int, n: int) -> None:
    """So many."""
    M[a + N] = n


@compiled
def count(M: Memory, a: int) -> tuple[bool, int]:
    """How many."""
    return True, M[a + N]


@compiled
def exists(M: Memory, a: int) -> tuple[bool, int]:
    """Whether there is one."""
    return True, 1 if M[a + N] > 0 else 0

"""The earliest and the latest: ``first``, ``last``, ``first_at`` and ``last_at``.

Occurrences come in the order ``(at, key)``, so the first that comes is the first. A window that
asks for the last forgets all before it.
"""

from __future__ import annotations

from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import LENGTH, entry
from coterie.language import nodes as n

FIRST, LAST, FIRST_AT, LAST_AT = 8, 9, 10, 11
KNOWN, VALUE = range(2)
WIDTH = 2

FORMS = (
    Form(n.First, FIRST, WIDTH, undo=True),
    Form(n.Last, LAST, WIDTH, undo=True),
    Form(n.FirstAt, FIRST_AT, WIDTH, reads=False, undo=True),
    Form(n.LastAt, LAST_AT, WIDTH, reads=False, undo=True),
)


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
def remove(M: Memory, a: int, c: int, width: int) -> None:
    """Keep the first of what is left in the window's ring: its last word, a value or an instant."""
    M[a + KNOWN] = 1 if M[c + LENGTH] > 0 else 0
    if M[a + KNOWN] != 0:
        M[a + VALUE] = M[entry(M, c, width, 0) + width - 1]


@compiled
def value(M: Memory, a: int) -> tuple[bool, int]:
    """A value or an instant; unknown over nothing."""
    return M[a + KNOWN] != 0, M[a + VALUE]

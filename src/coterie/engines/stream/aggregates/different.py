"""Different values and the most frequent one: ``distinct`` and ``top`` over one map."""

from __future__ import annotations

from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import (
    ENTRY,
    M_COUNT,
    M_LATEST,
    M_STATE,
    M_VALUE,
    MAP,
    address,
    found,
    release,
    words,
)
from coterie.language import nodes as n

DISTINCT, TOP = 12, 13
N = MAP
WIDTH = MAP + 1

FORMS = (
    Form(n.Distinct, DISTINCT, WIDTH, chunked=True, undo=True),
    Form(n.Top, TOP, WIDTH, chunked=True, undo=True),
)


@compiled
def reset(M: Memory, a: int) -> None:
    """No value seen."""
    release(M, a)
    M[a + N] = 0


@compiled
def add(M: Memory, a: int, v: int, number: int) -> None:
    """Count a value; `number` is larger for later occurrences."""
    e = found(M, a, v)
    if M[e + M_COUNT] == 0:
        M[a + N] += 1
    M[e + M_COUNT] += 1
    M[e + M_LATEST] = number


@compiled
def remove(M: Memory, a: int, v: int) -> None:
    """Take the earliest occurrence of a value away."""
    e = found(M, a, v)
    M[e + M_COUNT] -= 1
    if M[e + M_COUNT] == 0:
        M[a + N] -= 1
        if M[a + N] == 0:
            release(M, a)


@compiled
def distinct(M: Memory, a: int) -> tuple[bool, int]:
    """How many different values."""
    return True, M[a + N]


@compiled
def top(M: Memory, a: int) -> tuple[bool, int]:
    """The most frequent value, of several the one that occurred last; unknown over nothing."""
    most, latest, best = 0, 0, 0
    for e in range(address(M, a), address(M, a) + words(M, a), ENTRY):
        n = M[e + M_COUNT]
        if M[e + M_STATE] != 0 and (n > most or (n == most and n > 0 and M[e + M_LATEST] > latest)):
            most, latest, best = n, M[e + M_LATEST], M[e + M_VALUE]
    return most > 0, best

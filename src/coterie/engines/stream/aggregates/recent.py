"""The most recent different values, latest first: ``values``."""

from __future__ import annotations

from coterie.engines.stream.aggregates.forms import Form
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import O_VALUE, OCCURRED
from coterie.engines.stream.memory import (
    LENGTH,
    address,
    entry,
    put,
    release,
    rounded,
    take,
    words,
)
from coterie.language import nodes as n
from coterie.language.types import Type

VALUES = 14
N = 1
WIDTH = 2


def _words(expr: n.Values, of: Type) -> dict[str, int]:
    """How many values the list holds at most."""
    return {"limit": expr.limit}


FORMS = (Form(n.Values, VALUES, WIDTH, chunked=True, undo=True, words=_words),)


@compiled
def reset(M: Memory, a: int) -> None:
    """No value seen."""
    release(M, a)


@compiled
def add(M: Memory, a: int, v: int, limit: int) -> None:
    """Put a value before all others; beyond the limit the oldest goes."""
    n = M[a + N]
    if words(M, a) < min(n + 1, limit) + 1:
        _widen(M, a, n)
    at = address(M, a) + 1
    last = n if n < limit else limit - 1
    for i in range(n):
        if M[at + i] == v:
            last = i
            break
    if last == n:
        n += 1
    for i in range(last, 0, -1):
        M[at + i] = M[at + i - 1]
    M[at] = v
    M[at - 1] = n
    M[a + N] = n


@compiled
def _widen(M: Memory, a: int, n: int) -> None:
    size = rounded(2 * n + 2)
    to = take(M, size)
    for i in range(n + 1 if n > 0 else 0):
        M[to + i] = M[address(M, a) + i]
    put(M, a, to, size)


@compiled
def remove(M: Memory, a: int, c: int, v: int) -> None:
    """Take the earliest occurrence away, of which the window's ring shows what is left.

    Its value stands last in the list, if anywhere, unless it occurs again.
    """
    n = M[a + N]
    if n > 0 and M[address(M, a) + n] == v and not _occurs(M, c, v):
        M[a + N] = n - 1
        M[address(M, a)] = n - 1
        if n == 1:
            release(M, a)


@compiled
def _occurs(M: Memory, c: int, v: int) -> bool:
    for i in range(M[c + LENGTH]):
        if M[entry(M, c, OCCURRED, i) + O_VALUE] == v:
            return True
    return False


@compiled
def value(M: Memory, a: int) -> tuple[bool, int]:
    """Where the list lies: its length, then its values; unknown over nothing."""
    return M[a + N] > 0, address(M, a)

"""Which occurrences of one unit each selection picks, and what waits or is remembered for later.

A unit is one person at one instant. Its occurrences lie in a chunk in the order of their keys:
events of the instant, and waits (`without`) that are over at it. Each selection gets a list of
their places; ordered selections also read and write their own state in the person's row.
"""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream import machine
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import LENGTH, entry, pop, push

SET, INSTANT = range(2)
"""The state of `then` and `sessions`: whether there was one, and the latest instant."""


@compiled
def select(M: Memory, X: Memory, Y: Memory, r: int, t: int, U: int, lists: int, n: int) -> None:
    """Fill the list of every selection: its length, then places of occurrences.

    Parameters
    ----------
    U, lists : int
        Where the occurrences and the lists lie in the memory; a list takes ``n + 1`` words.
    n : int
        How many occurrences the unit has.
    """
    for i in range(M[y.N_SELECTIONS]):
        s = M[y.SELECTIONS] + i * y.SELECTION
        kind, out = M[s + y.S_KIND], lists + i * (n + 1)
        M[out] = 0
        if kind == y.PLAIN:
            _plain(M, X, Y, r, t, U, n, s, out)
        elif kind == y.WHERE:
            _where(M, X, Y, r, t, U, lists, n, s, out)
        elif kind == y.EITHER:
            _either(M, U, lists, n, s, out)
        elif kind == y.THEN:
            _then(M, r, t, lists, n, s, out)
        elif kind == y.WITHOUT:
            _without(M, r, t, U, lists, n, s, out, i)
        else:
            _sessions(M, r, t, lists, n, s, out)


@compiled
def _append(M: Memory, out: int, place: int) -> None:
    M[out] += 1
    M[out + M[out]] = place


@compiled
def size(M: Memory) -> int:
    """The words of an occurrence."""
    return y.OCCURRENCE + 2 * M[y.CELLS]


@compiled
def holds(M: Memory, X: Memory, Y: Memory, r: int, u: int, t: int, code: int) -> bool:
    """Whether a row predicate is true: its code is preceded by its length and its register."""
    if code == 0:
        return True
    machine.run(M, X, Y, code + 2, M[code], r, u, t)
    register = M[code + 1]
    return M[register + 1] != 0 and M[register] == 1


@compiled
def _plain(
    M: Memory, X: Memory, Y: Memory, r: int, t: int, U: int, n: int, s: int, out: int
) -> None:
    """Events by name, each under the predicate of its name (-1: none of it)."""
    for k in range(n):
        u = U + k * size(M)
        if M[u + y.U_OWNER] < 0:
            code = M[M[s + y.S_TABLE] + M[u + y.U_NAME]]
            if code >= 0 and holds(M, X, Y, r, u, t, code):
                _append(M, out, k)


@compiled
def _where(
    M: Memory, X: Memory, Y: Memory, r: int, t: int, U: int, lists: int, n: int,
    s: int, out: int,
) -> None:  # fmt: skip
    of = lists + M[s + y.S_A] * (n + 1)
    for k in range(1, M[of] + 1):
        u = U + M[of + k] * size(M)
        code = M[M[s + y.S_TABLE] + M[u + y.U_NAME]]
        if code >= 0 and holds(M, X, Y, r, u, t, code):
            _append(M, out, M[of + k])


@compiled
def _either(M: Memory, U: int, lists: int, n: int, s: int, out: int) -> None:
    """Each occurrence of any part once, in order: one event may wait in several selections."""
    for k in range(n):
        if M[out] > 0 and _same(M, U + k * size(M), U + M[out + M[out]] * size(M)):
            continue
        for part in range(M[s + y.S_NPARTS]):
            of = lists + M[M[s + y.S_PARTS] + part] * (n + 1)
            if _among(M, of, k):
                _append(M, out, k)
                break


@compiled
def _same(M: Memory, u: int, other: int) -> bool:
    return M[u + y.U_HIGH] == M[other + y.U_HIGH] and M[u + y.U_LOW] == M[other + y.U_LOW]


@compiled
def _among(M: Memory, of: int, place: int) -> bool:
    for k in range(1, M[of] + 1):
        if M[of + k] == place:
            return True
    return False


@compiled
def _then(M: Memory, r: int, t: int, lists: int, n: int, s: int, out: int) -> None:
    """The seconds, if a first lies strictly before and strictly within the length."""
    state = r + M[s + y.S_STATE]
    first, second = lists + M[s + y.S_A] * (n + 1), lists + M[s + y.S_B] * (n + 1)
    if M[state + SET] != 0 and M[state + INSTANT] > t - M[s + y.S_LENGTH]:
        for k in range(1, M[second] + 1):
            _append(M, out, M[second + k])
    if M[first] > 0:
        M[state + SET] = 1
        M[state + INSTANT] = t


@compiled
def _sessions(M: Memory, r: int, t: int, lists: int, n: int, s: int, out: int) -> None:
    """The smallest key of the instant, if none came strictly within the gap before."""
    state, of = r + M[s + y.S_STATE], lists + M[s + y.S_A] * (n + 1)
    if M[of] == 0:
        return
    if M[state + SET] == 0 or M[state + INSTANT] <= t - M[s + y.S_LENGTH]:
        _append(M, out, M[of + 1])
    M[state + SET] = 1
    M[state + INSTANT] = t


@compiled
def _without(
    M: Memory, r: int, t: int, U: int, lists: int, n: int, s: int, out: int, index: int
) -> None:
    """The waits that are over now; a second ends those that began before, a first begins one."""
    for k in range(n):
        if M[U + k * size(M) + y.U_OWNER] == index:
            _append(M, out, k)
    first, second = lists + M[s + y.S_A] * (n + 1), lists + M[s + y.S_B] * (n + 1)
    if M[second] > 0:
        end(M, r, s)
    for k in range(1, M[first] + 1):
        begin(M, r, t, s, U + M[first + k] * size(M))


@compiled
def end(M: Memory, r: int, s: int) -> None:
    """End all waits of a selection."""
    c, width = r + M[s + y.S_STATE], M[y.WAIT]
    while M[c + LENGTH] > 0:
        pop(M, c, width)


@compiled
def begin(M: Memory, r: int, t: int, s: int, u: int) -> None:
    """Let an occurrence wait."""
    w = push(M, r + M[s + y.S_STATE], M[y.WAIT])
    M[w + y.W_AT] = t
    M[w + y.W_HIGH] = M[u + y.U_HIGH]
    M[w + y.W_LOW] = M[u + y.U_LOW]
    M[w + y.W_NAME] = M[u + y.U_NAME]
    for k in range(2 * M[y.CELLS]):
        M[w + y.WAITING + k] = M[u + y.OCCURRENCE + k]


# --- waits that are over -----------------------------------------------------------------------


@compiled
def matures(M: Memory, r: int) -> int:
    """The instant at which the next wait is over."""
    soonest, width = y.FOREVER, M[y.WAIT]
    for i in range(M[y.N_WAITS]):
        s = M[M[y.WAITS] + i]
        c = r + M[s + y.S_STATE]
        if M[c + LENGTH] > 0:
            soonest = min(soonest, M[entry(M, c, width, 0) + y.W_AT] + M[s + y.S_LENGTH])
    return soonest


@compiled
def over(M: Memory, r: int, t: int) -> int:
    """How many waits are over at an instant."""
    n, width = 0, M[y.WAIT]
    for i in range(M[y.N_WAITS]):
        s = M[M[y.WAITS] + i]
        c, k = r + M[s + y.S_STATE], 0
        while k < M[c + LENGTH] and M[entry(M, c, width, k) + y.W_AT] + M[s + y.S_LENGTH] <= t:
            n, k = n + 1, k + 1
    return n


@compiled
def collect(M: Memory, r: int, t: int, U: int, n: int) -> int:
    """Move the waits that are over into the unit after its `n` occurrences; the new number."""
    width = M[y.WAIT]
    for i in range(M[y.N_WAITS]):
        s = M[M[y.WAITS] + i]
        c = r + M[s + y.S_STATE]
        while M[c + LENGTH] > 0:
            w = entry(M, c, width, 0)
            if M[w + y.W_AT] + M[s + y.S_LENGTH] > t:
                break
            u = U + n * size(M)
            M[u + y.U_AT] = t
            M[u + y.U_HIGH] = M[w + y.W_HIGH]
            M[u + y.U_LOW] = M[w + y.W_LOW]
            M[u + y.U_NAME] = M[w + y.W_NAME]
            M[u + y.U_OWNER] = (s - M[y.SELECTIONS]) // y.SELECTION
            for k in range(2 * M[y.CELLS]):
                M[u + y.OCCURRENCE + k] = M[w + y.WAITING + k]
            pop(M, c, width)
            n += 1
    return n

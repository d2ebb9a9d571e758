"""One unit: a person at an instant. What is over ends, what happened is added, all is evaluated."""

from __future__ import annotations

from typing import Any

from coterie.engines.stream import layout as y
from coterie.engines.stream import machine, selecting, windows
from coterie.engines.stream.compiled import compiled
from coterie.engines.stream.memory import WORDS, give, room, rounded, take
from coterie.engines.stream.wide import bits


@compiled
def enough(M: Any, P: Any, r: int, n: int) -> bool:
    """Whether a unit of `n` events surely finds room, in memory and among the records."""
    held, waits = 0, selecting.over(M, P, r, y.FOREVER - 1) if P[y.N_WAITS] > 0 else 0
    for i in range(P[y.N_CHUNKS]):
        held += M[r + P[P[y.CHUNKS] + i] + WORDS]
    n += waits + 2
    per = (selecting.size(P) + 16) * (P[y.N_CHUNKS] + 1) + P[y.N_SELECTIONS]
    return room(M, 4 * held + 4 * (n + 2) * per) and (
        M[y.OUT] + P[y.N_BITS] <= M[y.OUT_LIMIT]
    )


@compiled
def unit(
    M: Any, P: Any, V: Any, X: Any, Y: Any, Z: Any, E: Any, r: int, t: int, first: int, last: int
) -> None:
    """Apply the events ``[first, last)`` of a batch and the waits that are over, at `t`.

    Nothing is evaluated, and windows let go of what is out of them.
    """
    waits = selecting.over(M, P, r, t) if P[y.N_WAITS] > 0 else 0
    n = last - first + waits
    if n > 0:
        words = rounded(n * selecting.size(P) + P[y.N_SELECTIONS] * (n + 1))
        U = take(M, words)
        _copy(M, P, E, U, t, first, last)
        if waits > 0:
            n = selecting.collect(M, P, r, t, U, last - first)
            _sort(M, P, U, n)
        lists = U + n * selecting.size(P)
        selecting.select(M, P, V, X, Y, Z, r, t, U, lists, n)
        _add(M, P, V, X, Y, Z, r, t, U, lists, n)
        give(M, U, words)
    for i in range(P[y.N_LEAVES]):
        windows.expire(M, P, P[y.LEAVES] + i * y.LEAF, r, t)
    M[r + y.LAST] = t
    if last > first:
        M[r + y.SEEN] = 1


@compiled
def _copy(M: Any, P: Any, E: Any, U: int, t: int, first: int, last: int) -> None:
    """The events of the unit as occurrences, in the order of their keys already."""
    stride = y.EVENT + 2 * P[y.CELLS]
    for i in range(first, last):
        u, e = U + (i - first) * selecting.size(P), i * stride
        M[u + y.U_AT] = t
        M[u + y.U_HIGH] = E[e + y.E_HIGH]
        M[u + y.U_LOW] = E[e + y.E_LOW]
        M[u + y.U_NAME] = E[e + y.E_NAME]
        M[u + y.U_OWNER] = -1
        for k in range(2 * P[y.CELLS]):
            M[u + y.OCCURRENCE + k] = E[e + y.EVENT + k]


@compiled
def _sort(M: Any, P: Any, U: int, n: int) -> None:
    """By key: an insertion sort, for units are small."""
    words = selecting.size(P)
    for i in range(1, n):
        k = i
        while k > 0 and _later(M, U + (k - 1) * words, U + k * words):
            for w in range(words):
                a, b = U + (k - 1) * words + w, U + k * words + w
                M[a], M[b] = M[b], M[a]
            k -= 1


@compiled
def _later(M: Any, u: int, other: int) -> bool:
    if M[u + y.U_HIGH] != M[other + y.U_HIGH]:
        return M[u + y.U_HIGH] > M[other + y.U_HIGH]
    return M[u + y.U_LOW] > M[other + y.U_LOW]


@compiled
def _add(
    M: Any, P: Any, V: Any, X: Any, Y: Any, Z: Any, r: int, t: int, U: int, lists: int, n: int
) -> None:
    """Add the occurrences of each selection to its leaves; unknown values add nothing."""
    for i in range(P[y.N_LEAVES]):
        leaf = P[y.LEAVES] + i * y.LEAF
        of = lists + P[leaf + y.L_SELECTION] * (n + 1)
        for k in range(1, M[of] + 1):
            u = U + M[of + k] * selecting.size(P)
            M[r + y.COUNTER] += 1
            known, v = _value(M, P, V, X, Y, Z, leaf, r, t, u)
            if known:
                windows.add(M, P, X, leaf, r, t, v, M[r + y.COUNTER])
                V[len(V) - 2 * P[y.N_LEAVES] + 2 * i] += 1


@compiled
def _value(
    M: Any, P: Any, V: Any, X: Any, Y: Any, Z: Any, leaf: int, r: int, t: int, u: int
) -> tuple[bool, int]:
    if P[leaf + y.L_TABLE] < 0:
        return True, bits(1.0) if P[leaf + y.L_KIND] == y.DECAYED else 0
    code = P[P[leaf + y.L_TABLE] + M[u + y.U_NAME]]
    machine.run(M, P, V, X, Y, Z, code + 2, P[code], r, u, t)
    register = 2 * P[code + 1]
    return V[register + 1] != 0, V[register]


@compiled
def evaluate(M: Any, P: Any, V: Any, X: Any, Y: Any, Z: Any, r: int, t: int) -> None:
    """Compute every expression of a person at an instant, and when the next of them changes."""
    V[0] = y.FOREVER
    V[1] = -1
    machine.run(M, P, V, X, Y, Z, P[y.CODE], P[y.N_CODE], r, 0, t)
    for i in range(P[y.N_LEAVES]):
        leaf = P[y.LEAVES] + i * y.LEAF
        machine.note(V, windows.due(M, P, leaf, r, t), P[leaf + y.L_WHY])
    if P[y.N_WAITS] > 0:
        machine.note(V, selecting.matures(M, P, r), -1)
    M[r + y.DUE] = V[0]
    M[r + y.WHY] = V[1]


@compiled
def record(
    M: Any, P: Any, V: Any, O: Any, r: int, person: int, t: int, cause: int, reason: int
) -> None:
    """Write the memberships that are others than before, and keep the new ones."""
    for w in range(P[y.N_WORDS]):
        now = _word(P, V, w)
        before = M[r + y.BITS + w]
        if now != before:
            M[r + y.BITS + w] = now
            _differences(M, O, person, w, before, now, t, cause, reason)


@compiled
def _word(P: Any, V: Any, w: int) -> int:
    word = 0
    for b in range(w * y.PER_WORD, min((w + 1) * y.PER_WORD, P[y.N_BITS])):
        at = P[y.OUTPUTS] + 2 * b
        register, code = 2 * P[at], P[at + 1]
        if V[register + 1] != 0 and V[register] == code:
            word |= 1 << (b - w * y.PER_WORD)
    return word


@compiled
def _differences(
    M: Any, O: Any, person: int, w: int, before: int, now: int, t: int, cause: int, reason: int
) -> None:
    for b in range(y.PER_WORD):
        if (before ^ now) >> b & 1:
            o = M[y.OUT] * y.RECORD
            O[o + y.R_PERSON] = person
            O[o + y.R_BIT] = w * y.PER_WORD + b
            O[o + y.R_ENTERED] = now >> b & 1
            O[o + y.R_AT] = t
            O[o + y.R_CAUSE] = cause
            O[o + y.R_REASON] = reason
            M[y.OUT] += 1


@compiled
def leave_all(M: Any, O: Any, r: int, person: int, w: int, t: int) -> None:
    """Record that a person leaves everything of one word of memberships."""
    _differences(M, O, person, w, M[r + y.BITS + w], 0, t, y.BY_HOST, -1)
    M[r + y.BITS + w] = 0

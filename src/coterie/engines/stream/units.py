"""One unit: a person at an instant. What is over ends, what happened is added, all is evaluated."""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream import machine, selecting, windows
from coterie.engines.stream.aggregates import decayed
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import give, room, rounded, take, words
from coterie.engines.stream.wide import bits


@compiled
def enough(M: Memory, r: int, n: int) -> bool:
    """Whether a unit of `n` events surely finds room, in memory and among the records."""
    held, waits = 0, selecting.over(M, r, y.FOREVER - 1) if M[y.N_WAITS] > 0 else 0
    for i in range(M[y.N_CHUNKS]):
        held += words(M, r + M[M[y.CHUNKS] + i])
    if held > M[y.BUDGET] and M[r + y.SEEN] & (y.HEAVY | y.COLD) == 0:
        M[r + y.SEEN] |= y.HEAVY
        M[y.N_HEAVY] += 1
    n += waits + 2
    per = (selecting.size(M) + 16) * (M[y.N_CHUNKS] + 1) + M[y.N_SELECTIONS]
    return room(M, 4 * held + 4 * (n + 2) * per) and (M[y.OUT] + M[y.N_BITS] <= M[y.OUT_LIMIT])


@compiled
def unit(M: Memory, X: Memory, Y: Memory, E: Memory, r: int, t: int, first: int, last: int) -> None:
    """Apply the events ``[first, last)`` of a batch and the waits that are over, at `t`.

    Nothing is evaluated, and windows let go of what is out of them.
    """
    waits = selecting.over(M, r, t) if M[y.N_WAITS] > 0 else 0
    n = last - first + waits
    if n > 0:
        wanted = rounded(n * selecting.size(M) + M[y.N_SELECTIONS] * (n + 1))
        U = take(M, wanted)
        _copy(M, E, U, t, first, last)
        if waits > 0:
            n = selecting.collect(M, r, t, U, last - first)
            _sort(M, U, n)
        lists = U + n * selecting.size(M)
        selecting.select(M, X, Y, r, t, U, lists, n)
        _add(M, X, Y, r, t, U, lists, n)
        give(M, U, wanted)
    M[r + y.LAST] = t
    if last > first:
        M[r + y.SEEN] |= y.APPLIED


@compiled
def quick(M: Memory, X: Memory, Y: Memory, E: Memory, r: int, t: int, i: int, route: int) -> None:
    """Apply one event that no selection has to see beside others."""
    e = i * (y.EVENT + 2 * M[y.CELLS])
    picked, under, copied = True, 0, False
    a = route + y.ROUTE
    for _ in range(M[route + y.T_N_LEAVES]):
        leaf, code = M[a + y.A_LEAF], M[a + y.A_CODE]
        if not copied and (M[a + y.A_IF] > 0 or (code >= 0 and M[a + y.A_CELL] < 0)):
            _copy(M, E, M[y.SCRATCH], t, i, i + 1)
            copied = True
        if M[a + y.A_IF] != under:
            under = M[a + y.A_IF]
            picked = selecting.holds(M, X, Y, r, M[y.SCRATCH], t, under)
        if picked:
            _arrive(M, X, Y, E, r, t, e, a, leaf)
        a += y.ARRIVAL
    if M[route + y.T_N_TURNS] > 0:
        if not copied:
            _copy(M, E, M[y.SCRATCH], t, i, i + 1)
        _turn(M, X, Y, r, t, a, M[route + y.T_N_TURNS])
    M[r + y.LAST] = t
    M[r + y.SEEN] |= y.APPLIED
    if M[y.GREW] == 1:
        _weigh(M, r)


@compiled
def _turn(M: Memory, X: Memory, Y: Memory, r: int, t: int, a: int, n: int) -> None:
    """End the waits that an event ends, and begin those that it begins."""
    u = M[y.SCRATCH]
    for p in range(a, a + n * y.TURN, y.TURN):
        if selecting.holds(M, X, Y, r, u, t, M[p + y.P_IF]):
            if M[p + y.P_BEGINS] == 1:
                selecting.begin(M, r, t, M[p + y.P_SELECTION], u)
            else:
                selecting.end(M, r, M[p + y.P_SELECTION])


@compiled
def single(M: Memory, r: int, t: int) -> bool:
    """Whether one wait is over at `t`, and only leaves see it."""
    return M[y.APART] == 1 and selecting.over(M, r, t) == 1


@compiled
def ripe(M: Memory, X: Memory, Y: Memory, r: int, t: int) -> None:
    """As :func:`unit`, where there is nothing but one wait that is over (:func:`single`)."""
    u = M[y.SCRATCH]
    selecting.collect(M, r, t, u, 0)
    s = M[y.SELECTIONS] + M[u + y.U_OWNER] * y.SELECTION
    for i in range(M[s + y.S_PARTS], M[s + y.S_PARTS] + M[s + y.S_NPARTS]):
        _occur(M, X, Y, r, t, u, M[i])
    M[r + y.LAST] = t
    if M[y.GREW] == 1:
        _weigh(M, r)


@compiled
def _arrive(
    M: Memory, X: Memory, Y: Memory, E: Memory, r: int, t: int, e: int, a: int, leaf: int
) -> None:
    """Add one occurrence to a leaf, unless its value is unknown."""
    M[r + y.SEEN] += y.ONCE
    cell = M[a + y.A_CELL]
    if cell >= 0:
        v, known = E[e + y.EVENT + 2 * cell], E[e + y.EVENT + 2 * cell + 1] != 0
    else:
        known, v = _value(M, X, Y, leaf, r, t, M[y.SCRATCH])
    if known:
        windows.expire(M, leaf, r, t)
        windows.add(M, X, leaf, r, t, v, M[r + y.SEEN])
        M[r + M[a + y.A_LIVED]] |= M[y.LIVE] * M[a + y.A_MARK]


@compiled
def _weigh(M: Memory, r: int) -> None:
    """Mark a person whose chunks take more than the budget."""
    held = 0
    for i in range(M[y.N_CHUNKS]):
        held += words(M, r + M[M[y.CHUNKS] + i])
    if held > M[y.BUDGET] and M[r + y.SEEN] & (y.HEAVY | y.COLD) == 0:
        M[r + y.SEEN] |= y.HEAVY
        M[y.N_HEAVY] += 1
    M[y.GREW] = 0


@compiled
def ample(M: Memory) -> bool:
    """Whether one event, or none, surely finds room, in memory and among the records.

    Each chunk grows at most once, and none beyond four times the largest there ever was.
    """
    most = 4 * (M[y.LARGEST] + 32) * (M[y.N_CHUNKS] + 1)
    return room(M, most) and M[y.OUT] + M[y.N_BITS] <= M[y.OUT_LIMIT]


@compiled
def _copy(M: Memory, E: Memory, U: int, t: int, first: int, last: int) -> None:
    """The events of the unit as occurrences, in the order of their keys already."""
    stride = y.EVENT + 2 * M[y.CELLS]
    for i in range(first, last):
        u, e = U + (i - first) * selecting.size(M), i * stride
        M[u + y.U_AT] = t
        M[u + y.U_HIGH] = E[e + y.E_HIGH]
        M[u + y.U_LOW] = E[e + y.E_LOW]
        M[u + y.U_NAME] = E[e + y.E_NAME]
        M[u + y.U_OWNER] = -1
        for k in range(2 * M[y.CELLS]):
            M[u + y.OCCURRENCE + k] = E[e + y.EVENT + k]


@compiled
def _sort(M: Memory, U: int, n: int) -> None:
    """By key: an insertion sort, for units are small."""
    size = selecting.size(M)
    for i in range(1, n):
        k = i
        while k > 0 and _later(M, U + (k - 1) * size, U + k * size):
            for w in range(size):
                a, b = U + (k - 1) * size + w, U + k * size + w
                M[a], M[b] = M[b], M[a]
            k -= 1


@compiled
def _later(M: Memory, u: int, other: int) -> bool:
    if M[u + y.U_HIGH] != M[other + y.U_HIGH]:
        return M[u + y.U_HIGH] > M[other + y.U_HIGH]
    return M[u + y.U_LOW] > M[other + y.U_LOW]


@compiled
def _add(M: Memory, X: Memory, Y: Memory, r: int, t: int, U: int, lists: int, n: int) -> None:
    """Add the occurrences of each selection to its leaves; unknown values add nothing."""
    for i in range(M[y.N_LEAVES]):
        leaf = M[y.LEAVES] + i * y.LEAF
        of = lists + M[leaf + y.L_SELECTION] * (n + 1)
        for k in range(1, M[of] + 1):
            _occur(M, X, Y, r, t, U + M[of + k] * selecting.size(M), leaf)


@compiled
def _occur(M: Memory, X: Memory, Y: Memory, r: int, t: int, u: int, leaf: int) -> None:
    """Add an occurrence to a leaf, unless its value is unknown."""
    M[r + y.SEEN] += y.ONCE
    known, v = _value(M, X, Y, leaf, r, t, u)
    if known:
        windows.expire(M, leaf, r, t)
        windows.add(M, X, leaf, r, t, v, M[r + y.SEEN])
        i = (leaf - M[y.LEAVES]) // y.LEAF
        M[r + M[y.LIVED] + i // y.PER_WORD] |= M[y.LIVE] << (i % y.PER_WORD)


@compiled
def _value(M: Memory, X: Memory, Y: Memory, leaf: int, r: int, t: int, u: int) -> tuple[bool, int]:
    if M[leaf + y.L_TABLE] < 0:
        return True, bits(1.0) if M[leaf + y.L_KIND] == decayed.DECAYED else 0
    code = M[M[leaf + y.L_TABLE] + M[u + y.U_NAME]]
    machine.run(M, X, Y, code + 2, M[code], r, u, t)
    register = M[code + 1]
    return M[register + 1] != 0, M[register]


@compiled
def record(M: Memory, O: Memory, r: int, person: int, t: int, cause: int, reason: int) -> None:
    """Write the memberships that are others than before, and keep the new ones."""
    for w in range(M[y.N_WORDS]):
        now = _word(M, w)
        before = M[r + y.BITS + w]
        if now != before:
            M[r + y.BITS + w] = now
            _differences(M, O, person, w, before, now, t, cause, reason)


@compiled
def _word(M: Memory, w: int) -> int:
    word = 0
    for b in range(w * y.PER_WORD, min((w + 1) * y.PER_WORD, M[y.N_BITS])):
        register = M[M[y.OUTPUTS] + b]
        if M[register + 1] != 0 and M[register] == 1:
            word |= 1 << (b - w * y.PER_WORD)
    return word


@compiled
def _differences(
    M: Memory, O: Memory, person: int, w: int, before: int, now: int, t: int, cause: int,
    reason: int,
) -> None:  # fmt: skip
    changed, b = before ^ now, 0
    while changed != 0:
        if changed & 1 == 1:
            o = M[y.OUT] * y.RECORD
            O[o + y.R_PERSON] = person
            O[o + y.R_BIT] = w * y.PER_WORD + b
            O[o + y.R_ENTERED] = now >> b & 1
            O[o + y.R_AT] = t
            O[o + y.R_CAUSE] = cause
            O[o + y.R_REASON] = reason
            M[y.OUT] += 1
        changed >>= 1
        b += 1


@compiled
def leave_all(M: Memory, O: Memory, r: int, person: int, w: int, t: int) -> None:
    """Record that a person leaves everything of one word of memberships."""
    _differences(M, O, person, w, M[r + y.BITS + w], 0, t, y.BY_HOST, -1)
    M[r + y.BITS + w] = 0

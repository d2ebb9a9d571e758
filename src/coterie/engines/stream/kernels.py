"""What the engine calls: batches of events, deadlines, settling after a rebuild, answers.

Each returns how far it came. A kernel stops early where memory or room for records runs low
(:data:`~coterie.engines.stream.layout.STATUS`); the engine grows them and calls again from there.
"""

from __future__ import annotations

from coterie.engines.stream import deciding, due, machine, selecting, stepping, units
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, brief, compiled, kernel
from coterie.engines.stream.memory import address, put, release, room, take, words


@kernel
def enroll(M: Memory, R: Memory, first: int, last: int) -> int:
    """Give a row to each person in ``[first, last)``."""
    for person in range(first, last):
        if not room(M, M[y.WIDTH]):
            M[y.STATUS] = y.MEMORY_LOW
            return person
        r = M[y.TOP]
        M[y.TOP] += M[y.WIDTH]
        R[person] = r
        for k in range(M[y.WIDTH]):
            M[r + k] = 0
        _unmark(M, r)
    M[y.STATUS] = y.DONE
    return last


@kernel
def live(
    M: Memory, X: Memory, Y: Memory, R: Memory, D: Memory, E: Memory, O: Memory, i: int, n: int,
    t: int,
) -> int:  # fmt: skip
    """Apply events ``[i, n)``, by person, instant and key, or let time pass.

    Every change is recorded. Both are one kernel, since machine code of each would hold all that
    either calls.

    Parameters
    ----------
    i, n : int
        Without events (`E` is empty) up to ``n - i`` deadlines that are not after `t` are acted on.
    """
    if len(E) > 0:
        return stepping.apply(M, X, Y, R, D, E, O, i, n)
    return stepping.pass_time(M, X, Y, R, D, E, O, i, n, t)


@kernel
def soonest(M: Memory, R: Memory, D: Memory) -> int:
    """When the wheel has to be turned next, `FOREVER` for never; nothing is due before that."""
    M[y.STATUS] = y.DONE
    return due.soonest(M, R, D)


@kernel
def force(
    M: Memory, X: Memory, Y: Memory, R: Memory, D: Memory, E: Memory, O: Memory, A: Memory,
    i: int, n: int, t: int,
) -> int:  # fmt: skip
    """Act on the deadlines of the people ``A[i:n]`` that are not after `t`."""
    while i < n:
        r = R[A[i]]
        if not stepping.prepared(M, X, Y, D, E, O, r, A[i], t + 1):
            return stepping.halt(M, D, i)
        due.arm(M, D, r, A[i])
        i += 1
    M[y.STATUS] = y.DONE
    return n


@kernel
def fold(M: Memory, X: Memory, Y: Memory, R: Memory, E: Memory, i: int, n: int) -> int:
    """Apply events ``[i, n)`` of a history, evaluating nothing on the way."""
    stride = y.EVENT + 2 * M[y.CELLS]
    while i < n:
        person, t = E[i * stride + y.E_PERSON], E[i * stride + y.E_AT]
        last, r = stepping.end(E, stride, i, n), R[person]
        if M[y.N_WAITS] > 0 and not _waits(M, X, Y, E, r, t - 1):
            return stepping.stop(M, i)
        route = M[M[y.ROUTES] + E[i * stride + y.E_NAME]]
        if not stepping.apply_unit(M, X, Y, E, r, t, i, last, route, selecting.matures(M, r) <= t):
            return stepping.stop(M, i)
        i = last
    M[y.STATUS] = y.DONE
    return n


@compiled
def _waits(M: Memory, X: Memory, Y: Memory, E: Memory, r: int, t: int) -> bool:
    """Let the waits be over that are by an instant, one by one; false where memory runs low."""
    while selecting.matures(M, r) <= t:
        if not units.enough(M, r, 0):
            return False
        units.unit(M, X, Y, E, r, selecting.matures(M, r), 0, 0)
    return True


@kernel
def settle(
    M: Memory, X: Memory, Y: Memory, R: Memory, D: Memory, E: Memory, O: Memory, A: Memory,
    i: int, n: int, t: int,
) -> int:  # fmt: skip
    """Evaluate the people ``A[i:n]`` at an instant and record what differs from before."""
    while i < n:
        person = A[i]
        r = R[person]
        if not units.enough(M, r, 0) or not due.has_room(D):
            return stepping.halt(M, D, i)
        if M[r + y.SEEN] & y.APPLIED != 0:
            if not _waits(M, X, Y, E, r, t):
                return stepping.stop(M, i)
            units.unit(M, X, Y, E, r, t, 0, 0)
            deciding.everything(M, X, Y, r, t)
            deciding.conclude(M, X, Y, r, t)
            units.record(M, O, r, person, t, y.BY_HOST, -1)
            due.arm(M, D, r, person)
        i += 1
    M[y.STATUS] = y.DONE
    return n


@kernel
def vanish(M: Memory, R: Memory, O: Memory, A: Memory, i: int, n: int, t: int) -> int:
    """Let the people ``A[i:n]`` leave everything, and free what they held."""
    while i < n:
        person = A[i]
        r = R[person]
        if M[y.OUT] + M[y.N_BITS] > M[y.OUT_LIMIT]:
            return stepping.stop(M, i)
        for w in range(M[y.N_WORDS]):
            units.leave_all(M, O, r, person, w, t)
        clear(M, r)
        i += 1
    M[y.STATUS] = y.DONE
    return n


@compiled
def clear(M: Memory, r: int) -> None:
    """Make a row empty but for the memberships, which a later settling compares with."""
    for i in range(M[y.N_CHUNKS]):
        release(M, r + M[M[y.CHUNKS] + i])
    for k in range(y.BITS):
        M[r + k] = 0
    for k in range(y.BITS + M[y.N_WORDS], M[y.WIDTH]):
        M[r + k] = 0
    _unmark(M, r)


@compiled
def _unmark(M: Memory, r: int) -> None:
    """A person of whom nothing is due and nothing happened."""
    M[r + y.DUE] = y.FOREVER
    M[r + y.ARMED] = y.FOREVER
    M[r + y.LAST] = y.NEVER


@kernel
def evict(M: Memory, A: Memory) -> int:
    """Let go of the states of people, but not of their memberships and deadlines."""
    for k in range(len(A)):
        r = A[k]
        for i in range(M[y.N_CHUNKS]):
            release(M, r + M[M[y.CHUNKS] + i])
        for i in range(y.BITS + M[y.N_WORDS], M[y.WIDTH]):
            M[r + i] = 0
        M[r + y.SEEN] = M[r + y.SEEN] & ~y.HEAVY | y.COLD
    M[y.N_HEAVY] = 0
    M[y.STATUS] = y.DONE
    return len(A)


@kernel
def clear_all(M: Memory, R: Memory, A: Memory) -> int:
    """Make the rows of these people empty but for their memberships."""
    for i in range(len(A)):
        clear(M, R[A[i]])
    M[y.STATUS] = y.DONE
    return len(A)


@kernel
def answer(
    M: Memory, X: Memory, Y: Memory, R: Memory, A: Memory, C: Memory, B: Memory, i: int, n: int,
    t: int,
) -> int:  # fmt: skip
    """Write the registers `C` of the people ``A[i:n]`` at an instant to `B`; records nothing.

    Their deadlines up to the instant were acted on before. A register with a list holds where it
    lies in the memory.
    """
    while i < n:
        r = R[A[i]]
        if not units.enough(M, r, 0):
            return stepping.stop(M, i)
        machine.run(M, X, Y, M[y.CODE], M[y.N_CODE], r, 0, t)
        for k in range(len(C)):
            B[2 * (i * len(C) + k)] = M[C[k]]
            B[2 * (i * len(C) + k) + 1] = M[C[k] + 1]
        i += 1
    M[y.STATUS] = y.DONE
    return n


@brief
def answer_one(
    M: Memory, X: Memory, Y: Memory, R: Memory, C: Memory, B: Memory, person: int, t: int
) -> int:
    """The same of one person, who is known, warm and not due; 0 where that is not so."""
    r = R[person]
    seen = M[r + y.SEEN]
    if seen == 0 or seen & y.COLD or M[r + y.DUE] <= t or not units.enough(M, r, 0):
        return 0
    machine.run(M, X, Y, M[y.CODE], M[y.N_CODE], r, 0, t)
    for k in range(len(C)):
        B[2 * k] = M[C[k]]
        B[2 * k + 1] = M[C[k] + 1]
    return 1


@kernel
def ripen(M: Memory, X: Memory, Y: Memory, R: Memory, E: Memory, i: int, n: int, t: int) -> int:
    """Let the waits of people ``[i, n)`` be over that are by an instant, evaluating nothing."""
    while i < n:
        if not units.enough(M, R[i], 0) or not _waits(M, X, Y, E, R[i], t):
            return stepping.stop(M, i)
        i += 1
    M[y.STATUS] = y.DONE
    return n


@kernel
def graft(M: Memory, R: Memory, old: Memory, rows: Memory, G: Memory, i: int, n: int) -> int:
    """Copy states of people ``[i, n)`` from another memory.

    Parameters
    ----------
    old, rows : arrays of int64
        The other memory, and where the same people's rows lie in it.
    G : array of int64
        What to copy: for each state its place in the other row and in this one, its width, how
        many chunks it has, and their places within it.
    """
    while i < n:
        r, o = R[i], rows[i]
        if not room(M, _held(old, G, o)):
            M[y.STATUS] = y.MEMORY_LOW
            return i
        g = 1
        for _ in range(G[0]):
            source, target, width, chunks = o + G[g], r + G[g + 1], G[g + 2], G[g + 3]
            for c in range(chunks):
                release(M, target + G[g + 4 + c])
            for k in range(width):
                M[target + k] = old[source + k]
            for c in range(chunks):
                _copy(M, old, source + G[g + 4 + c], target + G[g + 4 + c])
            g += 4 + chunks
        often = max(M[r + y.SEEN] // y.ONCE, old[o + y.SEEN] // y.ONCE) * y.ONCE
        M[r + y.SEEN] = often | ((M[r + y.SEEN] | old[o + y.SEEN]) & y.APPLIED)
        M[r + y.LAST] = max(M[r + y.LAST], old[o + y.LAST])
        i += 1
    M[y.STATUS] = y.DONE
    return n


@compiled
def _held(old: Memory, G: Memory, o: int) -> int:
    """The words of the chunks of the states that are copied, as rounded sizes."""
    held, g = 0, 1
    for _ in range(G[0]):
        for c in range(G[g + 3]):
            held += 2 * words(old, o + G[g] + G[g + 4 + c])
        g += 4 + G[g + 3]
    return held


@compiled
def _copy(M: Memory, old: Memory, source: int, target: int) -> None:
    """Give a copied ring or map a chunk of its own."""
    size = words(old, source)
    M[target] = 0
    if size > 0:
        at = take(M, size)
        for k in range(size):
            M[at + k] = old[address(old, source) + k]
        put(M, target, at, size)

"""What happens to people live, one unit after the other: events, and deadlines between them.

Each function says how far it came: it stops where memory, room for records or the wheel runs low.
"""

from __future__ import annotations

from coterie.engines.stream import approaching, deciding, due, selecting, units
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled


@compiled
def apply(
    M: Memory, X: Memory, Y: Memory, R: Memory, D: Memory, E: Memory, O: Memory, i: int, n: int
) -> int:
    """Apply events; how far there was room."""
    stride = y.EVENT + 2 * M[y.CELLS]
    while i < n:
        person, t = E[i * stride + y.E_PERSON], E[i * stride + y.E_AT]
        last, r = end(E, stride, i, n), R[person]
        approaching.events(M, R, E, stride, i, n)
        route = M[M[y.ROUTES] + E[i * stride + y.E_NAME]]
        if not prepared(M, X, Y, D, E, O, r, person, t):
            return halt(M, D, i)
        if not apply_unit(M, X, Y, E, r, t, i, last, route, M[r + y.DUE] <= t):
            return halt(M, D, i)
        _decide(M, X, Y, E, O, r, person, t, i, last, route)
        due.arm(M, D, r, person)
        i = last
    M[y.STATUS] = y.DONE
    return n


@compiled
def prepared(
    M: Memory, X: Memory, Y: Memory, D: Memory, E: Memory, O: Memory, r: int, person: int, t: int
) -> bool:
    """Act on a person's deadlines before an instant; false where there is no room."""
    while M[r + y.DUE] < t:
        if not able(M, r):
            return False
        _deadline(M, X, Y, E, O, r, person)
    return due.has_room(D)


@compiled
def able(M: Memory, r: int) -> bool:
    """Whether a deadline surely finds room."""
    t = M[r + y.DUE]
    if M[y.N_WAITS] > 0 and selecting.matures(M, r) <= t and not units.single(M, r, t):
        return units.enough(M, r, 0)
    return units.ample(M)


@compiled
def apply_unit(
    M: Memory, X: Memory, Y: Memory, E: Memory, r: int, t: int, i: int, last: int, route: int,
    due_now: bool,
) -> bool:  # fmt: skip
    """Apply the events ``[i, last)`` of a person and instant; false where there is no room."""
    whole = M[route + y.T_WHOLE] + M[y.PARTLY] > 0 or last - i > 1
    if whole or (due_now and M[y.N_WAITS] > 0):
        if not units.enough(M, r, last - i):
            return False
        units.unit(M, X, Y, E, r, t, i, last)
    else:
        if not units.ample(M):
            return False
        units.quick(M, X, Y, E, r, t, i, route)
    return True


@compiled
def _decide(
    M: Memory, X: Memory, Y: Memory, E: Memory, O: Memory, r: int, person: int, t: int, i: int,
    last: int, route: int,
) -> None:  # fmt: skip
    """Evaluate what events touched, or everything where more may be due, and record changes."""
    evaluated = M[r + y.SEEN] & y.EVALUATED != 0
    if evaluated and M[r + y.DUE] > t and last - i == 1:
        first = deciding.touched(M, X, Y, r, t, route)
    else:
        first = deciding.everything(M, X, Y, r, t)
    if first >= 0 or not evaluated:
        deciding.conclude(M, X, Y, r, t)
        name = E[i * (y.EVENT + 2 * M[y.CELLS]) + y.E_NAME]
        units.record(M, O, r, person, t, y.BY_EVENT, name)


@compiled
def end(E: Memory, stride: int, i: int, n: int) -> int:
    """Where the events of the i-th one's person and instant end."""
    person, t, last = E[i * stride + y.E_PERSON], E[i * stride + y.E_AT], i + 1
    while last < n and E[last * stride + y.E_PERSON] == person and E[last * stride + y.E_AT] == t:
        last += 1
    return last


@compiled
def halt(M: Memory, D: Memory, i: int) -> int:
    """As :func:`stop`, where it may be the wheel that has no room."""
    if due.has_room(D):
        return stop(M, i)
    M[y.STATUS] = y.WHEEL_FULL
    return i


@compiled
def stop(M: Memory, i: int) -> int:
    """Say what there was no room for; how far a kernel came."""
    full = M[y.OUT] + M[y.N_BITS] > M[y.OUT_LIMIT]
    M[y.STATUS] = y.RECORDS_FULL if full else y.MEMORY_LOW
    return i


@compiled
def _deadline(M: Memory, X: Memory, Y: Memory, E: Memory, O: Memory, r: int, person: int) -> None:
    """The person's next deadline, as a unit without events; it may be that nothing is due."""
    t, first = M[r + y.DUE], pass_deadline(M, X, Y, E, r)
    if first >= 0:
        deciding.conclude(M, X, Y, r, t)
        units.record(M, O, r, person, t, y.BY_TIME, M[M[y.ATOMS] + 2 * first + 1])


@compiled
def pass_deadline(M: Memory, X: Memory, Y: Memory, E: Memory, r: int) -> int:
    """Evaluate a person where something may change by time; the first atom that did, or -1.

    Where nothing did that was no unit: windows only let go of what is out of them.
    """
    t = M[r + y.DUE]
    if M[y.N_WAITS] > 0 and selecting.matures(M, r) <= t:
        if units.single(M, r, t):
            units.ripe(M, X, Y, r, t)
        else:
            units.unit(M, X, Y, E, r, t, 0, 0)
    first = deciding.everything(M, X, Y, r, t)
    if first >= 0:
        M[r + y.LAST] = t
    return first


@compiled
def pass_time(
    M: Memory, X: Memory, Y: Memory, R: Memory, D: Memory, E: Memory, O: Memory, done: int, n: int,
    t: int,
) -> int:  # fmt: skip
    """Act on deadlines that are not after `t`, until there were `n`; how many there were by now."""
    while done < n:
        if not due.has_room(D):
            return halt(M, D, done)
        if not due.turn(D, t):
            M[y.STATUS] = y.DONE
            return done
        if due.sift(D):
            continue
        at = due.entry(D)
        when, person = D[at], D[at + 1]
        approaching.deadlines(M, R, D, at)
        r = R[person]
        if when != M[r + y.ARMED]:
            due.drop(D)
        elif M[r + y.DUE] > t:
            due.again(M, D, r, person)
        else:
            if not able(M, r):
                return stop(M, done)
            _deadline(M, X, Y, E, O, r, person)
            done += 1
    M[y.STATUS] = y.DONE
    return n

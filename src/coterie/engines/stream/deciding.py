"""What a unit changes: atoms first, and memberships only where an atom is another than before."""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream import machine, selecting, windows
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import LENGTH, entry


@compiled
def foresee(M: Memory, X: Memory, Y: Memory, r: int, t: int) -> None:
    """Compute all that memberships rest on at an instant, and when the next of it changes."""
    M[y.NEXT] = y.FOREVER
    M[y.NEXT_WHY] = -1
    machine.run(M, X, Y, M[y.DECIDING], M[y.N_DECIDING], r, 0, t)
    if M[y.N_WAITS] > 0:
        machine.note(M, selecting.matures(M, r), -1)
    machine.note(M, _emptied(M, r), -1)
    M[r + y.DUE] = M[y.NEXT]
    M[r + y.WHY] = M[y.NEXT_WHY]


@compiled
def _emptied(M: Memory, r: int) -> int:
    """The instant at which every window is empty, if nothing happens: it gives its memory back."""
    last = y.NEVER
    for i in range(M[y.N_LEAVES]):
        leaf = M[y.LEAVES] + i * y.LEAF
        within, ring = M[leaf + y.L_WITHIN], M[leaf + y.L_RING]
        if within > 0 and M[r + ring + LENGTH] > 0:
            c = r + ring
            at = M[entry(M, c, M[leaf + y.L_WIDE], M[c + LENGTH] - 1) + y.O_AT]
            if M[leaf + y.L_STEP] > 0:
                at += M[leaf + y.L_STEP]
            last = max(last, at + within)
    return last if last != y.NEVER else y.FOREVER


@compiled
def everything(M: Memory, X: Memory, Y: Memory, r: int, t: int) -> None:
    """Evaluate a person from the leaves to the memberships, and keep the atoms."""
    foresee(M, X, Y, r, t)
    for i in range(M[y.N_ATOMS]):
        _keep(M, r, i)
    machine.run(M, X, Y, M[y.LOGIC], M[y.N_LOGIC], r, 0, t)


@compiled
def touched(M: Memory, X: Memory, Y: Memory, r: int, t: int, route: int) -> bool:
    """Evaluate what a route touches; whether memberships may be others, and are evaluated."""
    M[y.NEXT] = y.FOREVER
    M[y.NEXT_WHY] = -1
    machine.run(M, X, Y, M[route + y.T_CODE], M[route + y.T_N_CODE], r, 0, t)
    changed, first = False, M[route + y.T_ATOMS]
    for i in range(first, first + M[route + y.T_N_ATOMS]):
        changed |= _keep(M, r, M[i])
    _hasten(M, r, t, route)
    if changed:
        for i in range(M[y.N_ATOMS]):
            _load(M, r, i)
        machine.run(M, X, Y, M[y.LOGIC], M[y.N_LOGIC], r, 0, t)
    return changed


@compiled
def _hasten(M: Memory, r: int, t: int, route: int) -> None:
    """Let the deadline be earlier where something touched changes before it.

    What was touched may change later than it would have: the deadline that stands is then too
    early, and is found out when it comes.
    """
    if M[route + y.T_EXACT] == 1:
        machine.note(M, _emptied(M, r), -1)
        M[r + y.DUE] = M[y.NEXT]
        M[r + y.WHY] = M[y.NEXT_WHY]
        return
    if M[route + y.T_WHOLE] == 1 and M[y.N_WAITS] > 0:
        machine.note(M, selecting.matures(M, r), -1)
    if M[r + y.DUE] == y.FOREVER and M[route + y.T_CLEAN] > 0:
        machine.note(M, t + M[route + y.T_CLEAN], -1)
    M[r + y.DUE] = min(M[r + y.DUE], M[y.NEXT])
    M[r + y.WHY] = y.UNSURE


@compiled
def _keep(M: Memory, r: int, i: int) -> bool:
    """Write an atom to the row; whether it is another than before."""
    register = M[M[y.ATOMS] + i]
    known = M[register + 1]
    now = known + 2 * (known & M[register])
    at, shift = r + M[y.FIRST_ATOMS] + i // y.PER_ATOMS, 2 * (i % y.PER_ATOMS)
    before = M[at] >> shift & 3
    M[at] ^= (before ^ now) << shift
    return before != now


@compiled
def _load(M: Memory, r: int, i: int) -> None:
    """Read an atom from the row."""
    register = M[M[y.ATOMS] + i]
    bits = M[r + M[y.FIRST_ATOMS] + i // y.PER_ATOMS] >> (2 * (i % y.PER_ATOMS))
    M[register] = bits >> 1 & 1
    M[register + 1] = bits & 1


@compiled
def expire(M: Memory, r: int, t: int) -> None:
    """Let every window go of what is out of it."""
    for i in range(M[y.N_LEAVES]):
        windows.expire(M, M[y.LEAVES] + i * y.LEAF, r, t)

"""What a unit changes: atoms first, and memberships where an atom is another than before."""

from __future__ import annotations

from coterie.engines.stream import layout as y
from coterie.engines.stream import machine, selecting, windows
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.memory import LENGTH, entry


@compiled
def everything(M: Memory, X: Memory, Y: Memory, r: int, t: int) -> int:
    """Evaluate all that memberships rest on, and let windows go of what is out of them.

    Returns
    -------
    int
        The first atom that is another than before, or -1.
    """
    M[y.NEXT] = y.FOREVER
    machine.run(M, X, Y, M[y.DECIDING], M[y.N_DECIDING], r, 0, t)
    if M[y.N_WAITS] > 0:
        machine.note(M, selecting.matures(M, r))
    machine.note(M, _expire(M, r, t))
    M[r + y.DUE] = M[y.NEXT]
    M[r + y.SEEN] |= y.EVALUATED
    return _keep_all(M, r)


@compiled
def _keep_all(M: Memory, r: int) -> int:
    """Write all atoms to the row; the first that is another than before, or -1."""
    first, atom, n = -1, M[y.ATOMS], M[y.N_ATOMS]
    for i in range(0, n, y.PER_ATOMS):
        word = 0
        for shift in range(0, 2 * min(n - i, y.PER_ATOMS), 2):
            register = M[atom]
            word |= (M[register + 1] | (M[register + 1] & M[register]) << 1) << shift
            atom += 2
        at = r + M[y.FIRST_ATOMS] + i // y.PER_ATOMS
        changed, M[at] = word ^ M[at], word
        if changed != 0 and first < 0:
            first = i
            while changed & 3 == 0:
                changed >>= 2
                first += 1
    return first


@compiled
def _expire(M: Memory, r: int, t: int) -> int:
    """Let every window go of what is out of it; the instant by which all of them are empty."""
    last = y.NEVER
    for i in range(M[y.N_LEAVES]):
        leaf = M[y.LEAVES] + i * y.LEAF
        if M[leaf + y.L_WITHIN] > 0:
            windows.expire(M, leaf, r, t)
            c = r + M[leaf + y.L_RING]
            if M[c + LENGTH] > 0:
                newest = entry(M, c, M[leaf + y.L_WIDE], M[c + LENGTH] - 1)
                last = max(last, M[newest + y.O_AT])
    return last + M[y.LONGEST] if last != y.NEVER else y.FOREVER


@compiled
def touched(M: Memory, X: Memory, Y: Memory, r: int, t: int, route: int) -> int:
    """Evaluate what a route touches, as :func:`everything`."""
    M[y.NEXT] = y.FOREVER
    machine.run(M, X, Y, M[route + y.T_CODE], M[route + y.T_N_CODE], r, 0, t)
    if M[route + y.T_EXACT] == 1:
        machine.note(M, _expire(M, r, t))
        M[r + y.DUE] = M[y.NEXT]
    else:
        _hasten(M, r, t, route)
    first, atoms = -1, M[route + y.T_ATOMS]
    for i in range(atoms + M[route + y.T_N_ATOMS] - 1, atoms - 1, -1):
        if _keep(M, r, M[i]):
            first = M[i]
    return first


@compiled
def _hasten(M: Memory, r: int, t: int, route: int) -> None:
    """Let the deadline be earlier where something touched changes before it.

    What was touched may change later than it would have: the deadline that stands is then too
    early, and nothing changes when it comes.
    """
    if M[route + y.T_WHOLE] + M[route + y.T_N_TURNS] > 0 and M[y.N_WAITS] > 0:
        machine.note(M, selecting.matures(M, r))
    if M[r + y.DUE] == y.FOREVER and M[route + y.T_LONGEST] > 0:
        machine.note(M, t + M[route + y.T_LONGEST])
    M[r + y.DUE] = min(M[r + y.DUE], M[y.NEXT])


@compiled
def conclude(M: Memory, X: Memory, Y: Memory, r: int, t: int) -> None:
    """Compute memberships of the atoms in a row."""
    atom, n = M[y.ATOMS], M[y.N_ATOMS]
    for i in range(0, n, y.PER_ATOMS):
        word = M[r + M[y.FIRST_ATOMS] + i // y.PER_ATOMS]
        for _ in range(min(n - i, y.PER_ATOMS)):
            M[M[atom]] = word >> 1 & 1
            M[M[atom] + 1] = word & 1
            word >>= 2
            atom += 2
    machine.run(M, X, Y, M[y.LOGIC], M[y.N_LOGIC], r, 0, t)


@compiled
def _keep(M: Memory, r: int, i: int) -> bool:
    """Write an atom to the row; whether it is another than before."""
    register = M[M[y.ATOMS] + 2 * i]
    known = M[register + 1]
    now = known + 2 * (known & M[register])
    at, shift = r + M[y.FIRST_ATOMS] + i // y.PER_ATOMS, 2 * (i % y.PER_ATOMS)
    before = M[at] >> shift & 3
    M[at] ^= (before ^ now) << shift
    return before != now

"""Asking for what is worked on soon: the rows of the people whose turns come, and their chunks.

Somebody's state lies in half a dozen lines of memory, and each would be waited for. A few turns
before a person's it is asked for where the row lies, then the row, and then what it points to.
"""

from __future__ import annotations

from coterie.engines.stream import due
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.fetching import fetch
from coterie.engines.stream.memory import PLACE, SIZE_BITS

FAR, MIDDLE, NEAR = 24, 12, 6
"""How many turns before a person's."""


@compiled
def events(M: Memory, R: Memory, E: Memory, stride: int, i: int, n: int) -> None:
    """What events will touch that come soon after the i-th."""
    if i + FAR < n:
        fetch(R, E[(i + FAR) * stride + y.E_PERSON])
    if i + MIDDLE < n:
        e = (i + MIDDLE) * stride
        _touched(M, R[E[e + y.E_PERSON]], M[M[y.ROUTES] + E[e + y.E_NAME]])
    if i + NEAR < n:
        e = (i + NEAR) * stride
        r, route = R[E[e + y.E_PERSON]], M[M[y.ROUTES] + E[e + y.E_NAME]]
        if M[r + y.DUE] < E[e + y.E_AT]:
            _row(M, r)
            _chunks(M, r, M[y.CHUNKS], M[y.N_CHUNKS])
        else:
            _chunks(M, r, M[route + y.T_CHUNKS], M[route + y.T_N_CHUNKS])


@compiled
def deadlines(M: Memory, R: Memory, D: Memory, at: int) -> None:
    """The people whose turns come soon after that of an entry of the wheel."""
    fetch(R, D[due.ahead(D, at, FAR) + 1])
    _row(M, R[D[due.ahead(D, at, MIDDLE) + 1]])
    _chunks(M, R[D[due.ahead(D, at, NEAR) + 1]], M[y.CHUNKS], M[y.N_CHUNKS])


@compiled
def _row(M: Memory, r: int) -> None:
    for k in range(0, M[y.WIDTH], y.LINE):
        fetch(M, r + k)
    fetch(M, r + M[y.WIDTH] - 1)


@compiled
def _touched(M: Memory, r: int, route: int) -> None:
    """The lines of a row that a route touches."""
    places = M[route + y.T_PLACES]
    for i in range(places, places + M[route + y.T_N_PLACES]):
        fetch(M, r + M[i])


@compiled
def _chunks(M: Memory, r: int, places: int, n: int) -> None:
    """What some places of a row point to; the row is there by now."""
    for i in range(places, places + n):
        place = M[r + M[i] + PLACE]
        if place != 0:
            fetch(M, place >> SIZE_BITS)

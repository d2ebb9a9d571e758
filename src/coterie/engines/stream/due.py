"""Who is due next: a heap of people by their deadlines, each in it once.

`D` is one array: how many are in the heap, then for each person the place in the heap (-1: not in
it), then the people in heap order. The deadlines themselves stand in the people's rows.
"""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import DUE, FOREVER

N = 0
START = 2


@compiled
def _capacity(D: Memory) -> int:
    return (len(D) - START) // 2


@compiled
def _at(M: Memory, R: Memory, D: Memory, place: int) -> int:
    return M[R[D[START + _capacity(D) + place]] + DUE]


@compiled
def _put(D: Memory, place: int, person: int) -> None:
    D[START + _capacity(D) + place] = person
    D[START + person] = place


@compiled
def first(D: Memory) -> int:
    """The person who is due first, -1 where nobody is."""
    return D[START + _capacity(D)] if D[N] > 0 else -1


@compiled
def moved(M: Memory, R: Memory, D: Memory, person: int) -> None:
    """Put a person where the deadline in the row belongs; without one, out of the heap."""
    place = D[START + person]
    if M[R[person] + DUE] == FOREVER:
        if place >= 0:
            leave(M, R, D, person)
        return
    if place < 0:
        place = D[N]
        D[N] += 1
        _put(D, place, person)
    _down(M, R, D, _up(M, R, D, place))


@compiled
def leave(M: Memory, R: Memory, D: Memory, person: int) -> None:
    """Take a person out of the heap."""
    place = D[START + person]
    if place < 0:
        return
    D[N] -= 1
    D[START + person] = -1
    if place < D[N]:
        _put(D, place, D[START + _capacity(D) + D[N]])
        _down(M, R, D, _up(M, R, D, place))


@compiled
def _up(M: Memory, R: Memory, D: Memory, place: int) -> int:
    heap = START + _capacity(D)
    person = D[heap + place]
    when = M[R[person] + DUE]
    while place > 0:
        parent = (place - 1) // 2
        if _at(M, R, D, parent) <= when:
            break
        _put(D, place, D[heap + parent])
        place = parent
    _put(D, place, person)
    return place


@compiled
def _down(M: Memory, R: Memory, D: Memory, place: int) -> None:
    heap = START + _capacity(D)
    person = D[heap + place]
    when = M[R[person] + DUE]
    while 2 * place + 1 < D[N]:
        child = 2 * place + 1
        if child + 1 < D[N] and _at(M, R, D, child + 1) < _at(M, R, D, child):
            child += 1
        if _at(M, R, D, child) >= when:
            break
        _put(D, place, D[heap + child])
        place = child
    _put(D, place, person)

"""Who is due next: a wheel of instants, each person in it at the earliest that matters.

An entry is an instant and a person. Entries lie in slots by the highest bit in which their instant
differs from the one that the wheel has come to (a radix heap: Ahuja, Mehlhorn, Orlin, Tarjan,
"Faster algorithms for the shortest path problem", 1990): putting one in appends it, and turning
the wheel moves each entry at most once for every bit. A row says by which entry the person is in
the wheel (`ARMED`); one that says otherwise is out of date and is dropped when its turn comes. A
deadline that moved to later leaves its entry where it is, to be put in again then.

`D` is one array: a header, the first and the last block of each slot, and blocks of entries in
lists.
"""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.fetching import fetch
from coterie.engines.stream.layout import ARMED, DUE, FOREVER, LINE

COME, FREE, TOP, WORK = range(4)
"""How far the wheel has turned, a list of free blocks, the first word never used, and the blocks
whose entries are being looked at."""
SLOTS = 4
N_SLOTS = 64
LASTS = SLOTS + N_SLOTS
"""The last block of each slot, behind the first of each."""
START = LASTS + N_SLOTS

NEXT, COUNT = range(2)
HEAD = 2
PER_BLOCK = 15
BLOCK = HEAD + 2 * PER_BLOCK
SPARE = 4 * BLOCK


@compiled
def has_room(D: Memory) -> bool:
    """Whether some more entries surely find room."""
    return D[TOP] + SPARE <= len(D)


@compiled
def arm(M: Memory, D: Memory, r: int, person: int) -> None:
    """See to it that the wheel has a person no later than the deadline in the row."""
    when = M[r + DUE]
    if when < M[r + ARMED]:
        M[r + ARMED] = when
        _put(D, SLOTS + _slot(D, when), when, person)


@compiled
def _slot(D: Memory, when: int) -> int:
    """How many bits it takes to write in what an instant differs from where the wheel is."""
    if when <= D[COME]:
        return 0
    x, bits = when ^ D[COME], 0
    for step in (32, 16, 8, 4, 2, 1):
        if x >> step != 0:
            x >>= step
            bits += step
    return bits + 1


@compiled
def _put(D: Memory, slot: int, when: int, person: int) -> None:
    block = D[slot]
    if block == 0 or D[block + COUNT] == PER_BLOCK:
        fresh = D[FREE]
        if fresh != 0:
            D[FREE] = D[fresh + NEXT]
        else:
            fresh = D[TOP]
            D[TOP] += BLOCK
        if block == 0:
            D[slot - SLOTS + LASTS] = fresh
        D[fresh + NEXT] = block
        D[fresh + COUNT] = 0
        D[slot] = block = fresh
    at = block + HEAD + 2 * D[block + COUNT]
    D[at] = when
    D[at + 1] = person
    D[block + COUNT] += 1


@compiled
def turn(D: Memory, t: int) -> bool:
    """Make the entries up to an instant the work at hand; whether there is any.

    Among them are some that lie after it. Until they are done the wheel turns no further.
    """
    if D[WORK] == 0 and t >= D[COME]:
        last = _slot(D, t)
        D[COME] = t
        for slot in range(SLOTS, SLOTS + last + 1):
            if D[slot] != 0:
                D[D[slot - SLOTS + LASTS] + NEXT] = D[WORK]
                D[WORK] = D[slot]
                D[slot] = 0
    return D[WORK] != 0


@compiled
def entry(D: Memory) -> int:
    """Where the entry at hand lies: its instant and its person."""
    block = D[WORK]
    return block + HEAD + 2 * (D[block + COUNT] - 1)


@compiled
def ahead(D: Memory, at: int, n: int) -> int:
    """Where the entry lies whose turn comes `n` after another's, or the last that is near by."""
    block = D[WORK]
    before, following = (at - block - HEAD) >> 1, D[block + NEXT]
    if n <= before or following == 0:
        return at - 2 * min(n, before)
    return following + HEAD + 2 * max(D[following + COUNT] + before - n, 0)


@compiled
def drop(D: Memory) -> None:
    """Be done with the entry at hand."""
    block = D[WORK]
    D[block + COUNT] -= 1
    if D[block + COUNT] == 0:
        D[WORK] = D[block + NEXT]
        D[block + NEXT] = D[FREE]
        D[FREE] = block
        if D[WORK] != 0:
            _fetch_block(D, D[D[WORK] + NEXT])


@compiled
def _fetch_block(D: Memory, block: int) -> None:
    """Begin to load a block, long before its entries' turns come."""
    for k in range(block, block + BLOCK, LINE):
        fetch(D, k)


@compiled
def defer(D: Memory, at: int) -> None:
    """Put the entry at hand in again, whose instant is still to come."""
    when, person = D[at], D[at + 1]
    drop(D)
    _put(D, SLOTS + _slot(D, when), when, person)


@compiled
def again(M: Memory, D: Memory, r: int, person: int) -> None:
    """Be done with the entry at hand, and put the person in by the deadline in the row."""
    drop(D)
    M[r + ARMED] = FOREVER
    arm(M, D, r, person)

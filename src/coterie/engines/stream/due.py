"""Who is due next: a wheel of instants, each person in it at the earliest that matters.

An entry is an instant and a person. Entries lie in slots of a microsecond, of 256, of 256 times as
many and so on, 256 of each length one after the other, and an entry in one of the shortest that
reach as far as its instant (a hierarchical timing wheel: Varghese, Lauck, "Hashed and hierarchical
timing wheels", 1987). When the wheel has come to a long slot, its entries move to shorter ones:
each at most once for every length. A row says by which entry the person is in the wheel (`ARMED`);
one that says otherwise is out of date and is dropped when its turn comes. A deadline that moved to
later leaves its entry where it is, to be put in again then.

`D` is one array: a header, the first and the last block of each slot, and blocks of entries in
lists.
"""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.fetching import fetch
from coterie.engines.stream.layout import ARMED, DUE, FOREVER, LINE

COME, FREE, TOP, PASSED, WORK = range(5)
"""How far the wheel has turned, a list of free blocks, the first word never used, and two lists of
blocks: those that the wheel has come past, and those of them whose entries are due."""
SLOTS = 8
BITS = 8
AROUND = 1 << BITS
"""Slots of each length."""
LENGTHS = 64 // BITS
FIRST, LAST = range(2)
SLOT = 2
START = SLOTS + LENGTHS * AROUND * SLOT

NEXT, COUNT = range(2)
HEAD = 2
PER_BLOCK = 15
BLOCK = HEAD + 2 * PER_BLOCK
SPARE = (PER_BLOCK + 4) * BLOCK


@compiled
def has_room(D: Memory) -> bool:
    """Whether the entries of a block, and some more, surely find room."""
    return D[TOP] + SPARE <= len(D)


@compiled
def arm(M: Memory, D: Memory, r: int, person: int) -> None:
    """See to it that the wheel has a person no later than the deadline in the row."""
    when = M[r + DUE]
    if when < M[r + ARMED]:
        M[r + ARMED] = when
        _put(D, when, person)


@compiled
def _slot(D: Memory, when: int) -> int:
    """The shortest slot that reaches as far as an instant; what is over is due now."""
    at, shift, slots = max(when, D[COME]), 0, SLOTS
    while (at >> shift) - (D[COME] >> shift) >= AROUND:
        shift += BITS
        slots += AROUND * SLOT
    return slots + SLOT * ((at >> shift) & (AROUND - 1))


@compiled
def _put(D: Memory, when: int, person: int) -> None:
    slot = _slot(D, when)
    block = D[slot + FIRST]
    if block == 0 or D[block + COUNT] == PER_BLOCK:
        fresh = D[FREE]
        if fresh != 0:
            D[FREE] = D[fresh + NEXT]
        else:
            fresh = D[TOP]
            D[TOP] += BLOCK
        if block == 0:
            D[slot + LAST] = fresh
        D[fresh + NEXT] = block
        D[fresh + COUNT] = 0
        D[slot + FIRST] = block = fresh
    at = block + HEAD + 2 * D[block + COUNT]
    D[at] = when
    D[at + 1] = person
    D[block + COUNT] += 1


@compiled
def turn(D: Memory, t: int) -> bool:
    """Come to an instant; whether there are entries to look at.

    Until they are done the wheel turns no further.
    """
    if D[WORK] == 0 and D[PASSED] == 0 and t >= D[COME]:
        come, shift, slots = D[COME], 0, SLOTS
        D[COME] = t
        while shift == 0 or (shift < 64 and come >> shift != t >> shift):
            for k in range(max(come >> shift, (t >> shift) - AROUND + 1), (t >> shift) + 1):
                _pass(D, slots + SLOT * (k & (AROUND - 1)), PASSED)
            shift += BITS
            slots += AROUND * SLOT
    return D[WORK] != 0 or D[PASSED] != 0


@compiled
def _pass(D: Memory, slot: int, to: int) -> None:
    """Put the blocks of a slot before those of a list."""
    if D[slot + FIRST] != 0:
        D[D[slot + LAST] + NEXT] = D[to]
        D[to] = D[slot + FIRST]
        D[slot + FIRST] = 0


@compiled
def sift(D: Memory) -> bool:
    """Put the entries of a passed block where they are now; false where there was none.

    Those that are due come together: they are the work at hand when the last block was sifted.
    """
    block = D[PASSED]
    if block == 0:
        return False
    D[PASSED] = D[block + NEXT]
    _fetch_block(D, D[PASSED])
    for at in range(block + HEAD, block + HEAD + 2 * D[block + COUNT], 2):
        _put(D, D[at], D[at + 1])
    _free(D, block)
    if D[PASSED] == 0:
        _pass(D, _slot(D, D[COME]), WORK)
    return True


@compiled
def _free(D: Memory, block: int) -> None:
    D[block + NEXT] = D[FREE]
    D[FREE] = block


@compiled
def _fetch_block(D: Memory, block: int) -> None:
    """Begin to load a block, long before its entries' turns come."""
    for k in range(block, block + BLOCK, LINE):
        fetch(D, k)


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
        _free(D, block)
        if D[WORK] != 0:
            _fetch_block(D, D[D[WORK] + NEXT])


@compiled
def again(M: Memory, D: Memory, r: int, person: int) -> None:
    """Be done with the entry at hand, and put the person in by the deadline in the row."""
    drop(D)
    M[r + ARMED] = FOREVER
    arm(M, D, r, person)


@compiled
def soonest(M: Memory, R: Memory, D: Memory) -> int:
    """The earliest instant of entries that are not out of date, `FOREVER` where there is none."""
    found = min(_soonest(M, R, D, D[PASSED]), _soonest(M, R, D, D[WORK]))
    for length in range(LENGTHS):
        now = D[COME] >> (length * BITS)
        for k in range(now, now + AROUND):
            slot = SLOTS + SLOT * (length * AROUND + (k & (AROUND - 1)))
            first = _soonest(M, R, D, D[slot + FIRST])
            if first < FOREVER:
                found = min(found, first)
                break
    return found


@compiled
def _soonest(M: Memory, R: Memory, D: Memory, block: int) -> int:
    found = FOREVER
    while block != 0:
        for at in range(block + HEAD, block + HEAD + 2 * D[block + COUNT], 2):
            if D[at] == M[R[D[at + 1]] + ARMED]:
                found = min(found, D[at])
        block = D[block + NEXT]
    return found

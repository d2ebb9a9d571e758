"""Memory that kernels share out themselves: chunks, rings and maps in one array of words.

A chunk's size is a power of two; freed ones wait in a list of their size. Nothing here can grow
the array: kernels make sure of room for a whole unit before they begin it (:func:`room`).
"""

from __future__ import annotations

from typing import Any

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.fetching import fetch
from coterie.engines.stream.layout import (
    BUDGET,
    FREE,
    GREW,
    LARGEST,
    LIMIT,
    N_CHUNKS,
    TOP,
)

PLACE, HEAD, LENGTH = range(3)
RING = 3
"""A ring's cells: the place of its chunk, the first entry, and how many there are.

A place is the chunk's first word, and below it the bits of the chunk's size (0: no chunk).
The first entry is a number that only grows, and the width of entries a power of two: where one lies
takes no division.
"""

USED = 1
MAP = 2
"""A map's cells: the place of its chunk, and how many entries are used."""

SIZE_BITS = 6
SIZES = 2**SIZE_BITS - 1

M_STATE, M_VALUE, M_COUNT, M_LATEST = range(4)
ENTRY = 4


@compiled
def rounded(least: int) -> int:
    """The size of the chunk that holds so many words."""
    size = 2
    while size < least:
        size *= 2
    return size


@compiled
def _shelf(size: int) -> int:
    k = 0
    while size > 1:
        size >>= 1
        k += 1
    return FREE + k


@compiled
def take(M: Memory, least: int) -> int:
    """A chunk of :func:`rounded` words, not cleared."""
    size = rounded(least)
    if size > M[LARGEST]:
        M[LARGEST] = size
    if 2 * size * M[N_CHUNKS] > M[BUDGET]:
        M[GREW] = 1
    shelf = _shelf(size)
    at = M[shelf]
    if at != 0:
        M[shelf] = M[at]
        fetch(M, M[at])
        return at
    at = M[TOP]
    M[TOP] = at + size
    return at


@compiled
def give(M: Memory, at: int, size: int) -> None:
    """Put a chunk back."""
    shelf = _shelf(size)
    M[at] = M[shelf]
    M[shelf] = at


@compiled
def room(M: Memory, more: int) -> bool:
    """Whether so many new words can be taken, whatever is free."""
    return M[TOP] + more <= M[LIMIT]


@compiled
def address(M: Memory, c: int) -> int:
    """The first word of the chunk of a ring or map."""
    return M[c + PLACE] >> SIZE_BITS


@compiled
def words(M: Memory, c: int) -> int:
    """The size of the chunk of a ring or map; 0 where there is none."""
    size: int = (1 << (M[c + PLACE] & SIZES)) & -2
    return size


@compiled
def put(M: Memory, c: int, at: int, size: int) -> None:
    """Let a ring or map have another chunk, and give the one before back."""
    if M[c + PLACE] != 0:
        give(M, address(M, c), words(M, c))
    M[c + PLACE] = at << SIZE_BITS | (_shelf(size) - FREE)


def held(places: Any) -> Any:
    """The sizes of the chunks at places, of arrays."""
    return (1 << (places & SIZES)) & -2


# --- rings ------------------------------------------------------------------------------------


@compiled
def entry(M: Memory, c: int, width: int, i: int) -> int:
    """Where the i-th entry of a ring lies."""
    return address(M, c) + (((M[c + HEAD] + i) * width) & (words(M, c) - 1))


@compiled
def push(M: Memory, c: int, width: int) -> int:
    """Where one more entry may be written, after all others."""
    n = M[c + LENGTH]
    if words(M, c) < (n + 1) * width:
        _widen(M, c, width)
    M[c + LENGTH] = n + 1
    return entry(M, c, width, n)


@compiled
def _widen(M: Memory, c: int, width: int) -> None:
    n = M[c + LENGTH]
    size = rounded(max(2 * n, 2) * width)
    at = take(M, size)
    for i in range(n):
        old = entry(M, c, width, i)
        for k in range(width):
            M[at + i * width + k] = M[old + k]
    put(M, c, at, size)
    M[c + HEAD] = 0


@compiled
def pop(M: Memory, c: int, width: int) -> None:
    """Forget the first entry; an empty ring holds no chunk."""
    n = M[c + LENGTH] - 1
    M[c + LENGTH] = n
    M[c + HEAD] += 1
    if n == 0:
        release(M, c)


@compiled
def release(M: Memory, c: int) -> None:
    """Put the chunk of a ring or map back."""
    if M[c + PLACE] != 0:
        give(M, address(M, c), words(M, c))
    M[c + PLACE] = 0
    M[c + 1] = 0


# --- maps: value -> how often, and the number of its latest occurrence -------------------------


@compiled
def _slot(M: Memory, at: int, capacity: int, value: int) -> int:
    """Where a value is, or the empty entry where it belongs."""
    mixed = ((value ^ (value >> 32)) & 0x7FFFFFFF) * 0x9E3779B1
    i = (mixed >> 16) & (capacity - 1)
    while M[at + i * ENTRY + M_STATE] != 0 and M[at + i * ENTRY + M_VALUE] != value:
        i = (i + 1) & (capacity - 1)
    return at + i * ENTRY


@compiled
def found(M: Memory, c: int, value: int) -> int:
    """The entry of a value, made where there is none."""
    if words(M, c) < (M[c + USED] + 1) * ENTRY * 2:
        _rehash(M, c)
    at = _slot(M, address(M, c), words(M, c) // ENTRY, value)
    if M[at + M_STATE] == 0:
        M[at + M_STATE] = 1
        M[at + M_VALUE] = value
        M[at + M_COUNT] = 0
        M[c + USED] += 1
    return at


@compiled
def _rehash(M: Memory, c: int) -> None:
    """Another chunk with room for twice the values that count; the others go."""
    old, many, live = address(M, c), words(M, c) // ENTRY, 0
    for i in range(many):
        if M[old + i * ENTRY + M_STATE] != 0 and M[old + i * ENTRY + M_COUNT] > 0:
            live += 1
    size = rounded((live + 1) * ENTRY * 4)
    at = take(M, size)
    for k in range(0, size, ENTRY):
        M[at + k] = 0
    for i in range(many):
        e = old + i * ENTRY
        if M[e + M_STATE] != 0 and M[e + M_COUNT] > 0:
            to = _slot(M, at, size // ENTRY, M[e + M_VALUE])
            for k in range(ENTRY):
                M[to + k] = M[e + k]
    put(M, c, at, size)
    M[c + USED] = live

"""Memory that kernels share out themselves: chunks, rings and maps in one array of words.

A chunk's size is a power of two; freed ones wait in a list of their size. Nothing here can grow
the array: kernels make sure of room for a whole unit before they begin it (:func:`room`).
"""

from __future__ import annotations

from coterie.engines.stream.compiled import Memory, compiled
from coterie.engines.stream.layout import (
    BUDGET,
    FREE,
    GREW,
    LARGEST,
    LIMIT,
    N_CHUNKS,
    TOP,
)

ADDRESS, WORDS, HEAD, LENGTH = range(4)
RING = 4
"""A ring's cells: its chunk, the chunk's words, the first entry, and how many there are."""

USED = 2
MAP = 3
"""A map's cells: its chunk, the chunk's words, and how many entries are used."""

M_STATE, M_VALUE, M_COUNT, M_LATEST = range(4)
ENTRY = 4


@compiled
def rounded(words: int) -> int:
    """The size of the chunk that holds so many words."""
    size = 2
    while size < words:
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
def take(M: Memory, words: int) -> int:
    """A chunk of :func:`rounded` words, not cleared."""
    size = rounded(words)
    if size > M[LARGEST]:
        M[LARGEST] = size
    if 2 * size * M[N_CHUNKS] > M[BUDGET]:
        M[GREW] = 1
    shelf = _shelf(size)
    at = M[shelf]
    if at != 0:
        M[shelf] = M[at]
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
def room(M: Memory, words: int) -> bool:
    """Whether so many new words can be taken, whatever is free."""
    return M[TOP] + words <= M[LIMIT]


# --- rings ------------------------------------------------------------------------------------


@compiled
def entry(M: Memory, c: int, width: int, i: int) -> int:
    """Where the i-th entry of a ring lies."""
    capacity = M[c + WORDS] // width
    return M[c + ADDRESS] + ((M[c + HEAD] + i) % capacity) * width


@compiled
def push(M: Memory, c: int, width: int) -> int:
    """Where one more entry may be written, after all others."""
    n = M[c + LENGTH]
    if M[c + WORDS] < (n + 1) * width:
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
    if M[c + WORDS] > 0:
        give(M, M[c + ADDRESS], M[c + WORDS])
    M[c + ADDRESS] = at
    M[c + WORDS] = size
    M[c + HEAD] = 0


@compiled
def pop(M: Memory, c: int, width: int) -> None:
    """Forget the first entry; an empty ring holds no chunk."""
    n = M[c + LENGTH] - 1
    M[c + LENGTH] = n
    M[c + HEAD] = (M[c + HEAD] + 1) % (M[c + WORDS] // width)
    if n == 0:
        release(M, c)


@compiled
def release(M: Memory, c: int) -> None:
    """Put the chunk of a ring or map back."""
    if M[c + WORDS] > 0:
        give(M, M[c + ADDRESS], M[c + WORDS])
    M[c + ADDRESS] = 0
    M[c + WORDS] = 0
    M[c + 2] = 0


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
    if M[c + WORDS] < (M[c + USED] + 1) * ENTRY * 2:
        _rehash(M, c)
    at = _slot(M, M[c + ADDRESS], M[c + WORDS] // ENTRY, value)
    if M[at + M_STATE] == 0:
        M[at + M_STATE] = 1
        M[at + M_VALUE] = value
        M[at + M_COUNT] = 0
        M[c + USED] += 1
    return at


@compiled
def _rehash(M: Memory, c: int) -> None:
    """Another chunk with room for twice the values that count; the others go."""
    old, words, live = M[c + ADDRESS], M[c + WORDS], 0
    for i in range(words // ENTRY):
        if M[old + i * ENTRY + M_STATE] != 0 and M[old + i * ENTRY + M_COUNT] > 0:
            live += 1
    size = rounded((live + 1) * ENTRY * 4)
    at = take(M, size)
    for k in range(0, size, ENTRY):
        M[at + k] = 0
    for i in range(words // ENTRY):
        e = old + i * ENTRY
        if M[e + M_STATE] != 0 and M[e + M_COUNT] > 0:
            to = _slot(M, at, size // ENTRY, M[e + M_VALUE])
            for k in range(ENTRY):
                M[to + k] = M[e + k]
    if words > 0:
        give(M, old, words)
    M[c + ADDRESS] = at
    M[c + WORDS] = size
    M[c + USED] = live

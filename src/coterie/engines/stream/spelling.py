"""The kernels of a table of identifiers: hashing, comparing and keeping bytes.

`H` are slots of two words: 32 bits of the hash above the number + 1 (0: empty), and
the place. `P` are the places by number, `L` all letters, `C` counts.
"""

from __future__ import annotations

from typing import Any

from coterie.engines.stream.compiled import Memory, brief, compiled, kernel
from coterie.engines.stream.fetching import fetch, word

N, USED, LETTERS, FREED = range(4)
"""Numbers given out, slots in use, letters kept, and how many numbers are free."""
COUNTS = 4
LENGTH_BITS = 28
LONGEST = 2**LENGTH_BITS - 1
AHEAD, NEAR = 12, 6
"""How many texts before a text's turn its slot is asked for, and what the slot points to."""
LOW = 0xFFFFFFFF
MIX = 0x9E3779B97F4A7C15 - 2**64
STIR = 0x5BD1E995


@kernel
def look_up(
    H: Memory, P: Memory, L: Any, C: Memory, F: Memory, ends: Any, letters: Any, known: Any,
    which: Memory, found: Memory, i: int, n: int, add: int,
) -> int:  # fmt: skip
    """Write the numbers of texts ``[i, n)`` to `found`; how far there was room.

    Parameters
    ----------
    which : array of int64
        The places of the texts; all of them, in order, where it is empty.
    """
    for k in range(i, min(i + AHEAD, n)):
        found[k] = _hash_at(ends, letters, _at(which, k))
    while i < n:
        if i + AHEAD < n:
            ahead = _hash_at(ends, letters, _at(which, i + AHEAD))
            found[i + AHEAD] = ahead
            fetch(H, 2 * (ahead & (len(H) // 2 - 1)))
        if i + NEAR < n:
            fetch(L, H[2 * (found[i + NEAR] & (len(H) // 2 - 1)) + 1] >> LENGTH_BITS)
        hashed, k = found[i], _at(which, i)
        if len(known) > 0 and known[k] == 0:
            found[i] = -1
            i += 1
            continue
        slot = _slot(H, L, letters, ends[k], ends[k + 1], hashed)
        if H[slot] != 0:
            found[i] = (H[slot] & LOW) - 1
        elif add == 0:
            found[i] = -1
        else:
            if not _room(H, P, L, C, ends[k + 1] - ends[k]):
                return i
            found[i] = _add(H, P, L, C, F, slot, hashed, letters, ends[k], ends[k + 1])
        i += 1
    return n


@brief
def number(H: Memory, L: Any, letters: Any) -> int:
    """The number of one text, -1 for a stranger."""
    return (H[_slot(H, L, letters, 0, len(letters), _hashed(letters, 0, len(letters)))] & LOW) - 1


@compiled
def _at(which: Memory, i: int) -> int:
    return which[i] if len(which) > 0 else i


@compiled
def _hash_at(ends: Any, letters: Any, k: int) -> int:
    return _hashed(letters, ends[k], ends[k + 1])


@compiled
def _hashed(letters: Any, first: int, last: int) -> int:
    """A hash of bytes: eight at a time, multiplied and folded."""
    h = (last - first) * MIX
    while first + 8 <= last:
        h = (h ^ word(letters, first)) * MIX
        h ^= (h >> 32) & LOW
        first += 8
    rest = 0
    while first < last:
        rest = rest << 8 | letters[first]
        first += 1
    h = (h ^ rest) * MIX
    return h ^ ((h >> 29) & LOW)


@compiled
def _mark(hashed: int) -> int:
    return (hashed >> 32) & LOW


@compiled
def _slot(H: Memory, L: Any, letters: Any, first: int, last: int, hashed: int) -> int:
    """The slot of a text, or the empty one where it belongs."""
    mask, mark = len(H) // 2 - 1, _mark(hashed)
    i = hashed & mask
    while H[2 * i] != 0:
        slot = H[2 * i]
        if _mark(slot) == mark and _equal(L, H[2 * i + 1], letters, first, last):
            break
        i = (i + 1) & mask
    return 2 * i


@compiled
def _equal(L: Any, place: int, letters: Any, first: int, last: int) -> bool:
    at, length = place >> LENGTH_BITS, place & LONGEST
    if length != last - first:
        return False
    while first + 8 <= last:
        if word(L, at) != word(letters, first):
            return False
        at, first = at + 8, first + 8
    while first < last:
        if L[at] != letters[first]:
            return False
        at, first = at + 1, first + 1
    return True


@compiled
def _room(H: Memory, P: Memory, L: Any, C: Memory, length: int) -> bool:
    slots = 4 * (C[USED] + 1) <= len(H)
    return slots and C[N] < len(P) and C[LETTERS] + length <= len(L)


@compiled
def _add(
    H: Memory, P: Memory, L: Any, C: Memory, F: Memory, slot: int, hashed: int, letters: Any,
    first: int, last: int,
) -> int:  # fmt: skip
    length, at, number = last - first, C[LETTERS], C[N]
    if C[FREED] > 0:
        C[FREED] -= 1
        number = F[C[FREED]]
        if P[number] & LONGEST >= length:
            at = P[number] >> LENGTH_BITS
    else:
        C[N] += 1
    if at == C[LETTERS]:
        C[LETTERS] += length
    for k in range(length):
        L[at + k] = letters[first + k]
    P[number] = at << LENGTH_BITS | length
    H[slot] = _mark(hashed) << 32 | (number + 1)
    H[slot + 1] = P[number]
    C[USED] += 1
    return number


@kernel
def move(H: Memory, to: Memory, L: Any, C: Memory) -> int:
    """Put all texts into a larger table."""
    C[USED] = 0
    for i in range(0, len(H), 2):
        if H[i] != 0:
            at, length = H[i + 1] >> LENGTH_BITS, H[i + 1] & LONGEST
            k = _hashed(L, at, at + length) & (len(to) // 2 - 1)
            while to[2 * k] != 0:
                k = (k + 1) & (len(to) // 2 - 1)
            to[2 * k], to[2 * k + 1] = H[i], H[i + 1]
            C[USED] += 1
    return C[USED]


@kernel
def measure(P: Memory, numbers: Memory) -> int:
    """How many letters the texts of numbers have together."""
    letters, n = 0, len(numbers)
    for i in range(n):
        fetch(P, numbers[min(i + AHEAD, n - 1)])
        letters += P[numbers[i]] & LONGEST
    return letters


@kernel
def spell(P: Memory, L: Any, numbers: Memory, ends: Any, letters: Any) -> int:
    """Write the letters of numbers one after the other, and where each ends."""
    to, n = 0, len(numbers)
    for i in range(n):
        fetch(L, P[numbers[min(i + AHEAD, n - 1)]] >> LENGTH_BITS)
        at, length = P[numbers[i]] >> LENGTH_BITS, P[numbers[i]] & LONGEST
        for k in range(length):
            letters[to + k] = L[at + k]
        to += length
        ends[i + 1] = to
    return to


@kernel
def forget(H: Memory, P: Memory, L: Any, C: Memory, F: Memory, number: int) -> int:
    """Drop a text, letters and all; its number is free."""
    at, length = P[number] >> LENGTH_BITS, P[number] & LONGEST
    slot = _slot(H, L, L, at, at + length, _hashed(L, at, at + length))
    _close(H, L, slot // 2)
    C[USED] -= 1
    for k in range(length):
        L[at + k] = 0
    F[C[FREED]] = number
    C[FREED] += 1
    return number


@compiled
def _close(H: Memory, L: Any, i: int) -> None:
    """Empty a slot, and move those after it nearer to where they belong."""
    mask = len(H) // 2 - 1
    H[2 * i], H[2 * i + 1] = 0, 0
    k = (i + 1) & mask
    while H[2 * k] != 0:
        at, length = H[2 * k + 1] >> LENGTH_BITS, H[2 * k + 1] & LONGEST
        home = _hashed(L, at, at + length) & mask
        if (k - home) & mask >= (k - i) & mask:
            H[2 * i], H[2 * i + 1] = H[2 * k], H[2 * k + 1]
            H[2 * k], H[2 * k + 1] = 0, 0
            i = k
        k = (k + 1) & mask


@kernel
def share(ends: Any, letters: Any, where: Memory, n: int, partitions: int) -> int:
    """Write the partition of each text: by a hash of its bytes that is the same everywhere."""
    for i in range(n):
        where[i] = _shared(letters, ends[i], ends[i + 1]) % partitions
    return n


@brief
def place(letters: Any, partitions: int) -> int:
    """The partition of one text."""
    return _shared(letters, 0, len(letters)) % partitions


@compiled
def _shared(letters: Any, at: int, last: int) -> int:
    h = last - at
    while at + 8 <= last:
        eight = word(letters, at)
        h = _stirred(_stirred(h ^ (eight & LOW)) ^ ((eight >> 32) & LOW))
        at += 8
    while at < last:
        h = _stirred(h ^ letters[at])
        at += 1
    return _stirred(h)


@compiled
def _stirred(h: int) -> int:
    """Of 32 bits, as all between: plain Python has more."""
    h = (h * STIR) & LOW
    return h ^ (h >> 15)

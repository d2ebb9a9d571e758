"""Change records as columns: kernels bring them in order and write their texts.

Whatever a record can say is spelled once for a program and a cause; a place is where a text begins
and how long it is (`spelling`). The texts of all columns lie one after the other.
"""

from __future__ import annotations

from typing import Any

from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, compiled, kernel
from coterie.engines.stream.spelling import LENGTH_BITS, LONGEST

OUTPUTS, REASONS = 3, 2
"""Texts of an output (segment, stage, change) and of a reason (cause, reason)."""
COLUMNS = 1 + OUTPUTS + REASONS
"""And the profile before them."""


@kernel
def arrange(O: Memory, offsets: Memory, order: Memory, ranks: Memory) -> bool:
    """Bring what one person did at one instant in order.

    Parameters
    ----------
    O : array of int64
        Records.
    offsets : array of int64
        The log entry of each.
    order : array of int64
        The places of records by log entry and instant.
    ranks : array of int64
        Where each output comes, left or entered, among those of one person and instant.

    Returns
    -------
    bool
        False where two people changed at one instant: their names decide, which are not here.
    """
    for i in range(1, len(order)):
        k = i
        while k > 0 and _together(O, offsets, order[k - 1], order[k]):
            a, b = order[k - 1] * y.RECORD, order[k] * y.RECORD
            if O[a + y.R_PERSON] != O[b + y.R_PERSON]:
                return False
            if ranks[_output(O, a)] < ranks[_output(O, b)]:
                break
            order[k - 1], order[k] = order[k], order[k - 1]
            k -= 1
    return True


@compiled
def _together(O: Memory, offsets: Memory, a: int, b: int) -> bool:
    return O[a * y.RECORD + y.R_AT] == O[b * y.RECORD + y.R_AT] and offsets[a] == offsets[b]


@compiled
def _output(O: Memory, o: int) -> int:
    return 2 * O[o + y.R_BIT] + O[o + y.R_ENTERED]


@kernel
def measure(O: Memory, order: Memory, T: Memory, P: Memory, name_ends: Any) -> int:
    """How many letters the texts of records have together.

    Parameters
    ----------
    T : array of int64
        For each cause where its reasons begin in `P`.
    P : array of int64
        The places of the texts.
    name_ends : array of int32
        Where each record's profile ends, after where the first begins.
    """
    letters = 0
    for i in range(len(order)):
        letters += name_ends[order[i] + 1] - name_ends[order[i]]
        for column in range(1, COLUMNS):
            letters += P[_text(O, T, order[i] * y.RECORD, column)] & LONGEST
    return letters


@compiled
def _text(O: Memory, T: Memory, o: int, column: int) -> int:
    """Which text a record has in a column."""
    if column <= OUTPUTS:
        return _output(O, o) * OUTPUTS + column - 1
    return T[O[o + y.R_CAUSE]] + O[o + y.R_REASON] * REASONS + column - 1 - OUTPUTS


@kernel
def tell(
    O: Memory, offsets: Memory, order: Memory, T: Memory, P: Memory, said: Any, name_ends: Any,
    names: Any, words: Memory, ends: Any, letters: Any,
) -> int:  # fmt: skip
    """Write instants and log entries to `words`, and the texts of one column after the other.

    Parameters
    ----------
    said : array of uint8
        The letters of all texts.
    name_ends, names : arrays of int32 and uint8
        Where each record's profile ends, after where the first begins; and their letters.
    ends : array of int32
        For each column where its first text begins, and where each ends.
    """
    n, to = len(order), 0
    for i in range(n):
        words[i] = O[order[i] * y.RECORD + y.R_AT]
        words[n + i] = offsets[order[i]]
    for i in range(n):
        ends[i] = to
        to = _write(names, name_ends[order[i]], name_ends[order[i] + 1], letters, to)
    ends[n] = to
    for column in range(1, COLUMNS):
        for i in range(n):
            place = P[_text(O, T, order[i] * y.RECORD, column)]
            first = place >> LENGTH_BITS
            ends[column * (n + 1) + i] = to
            to = _write(said, first, first + (place & LONGEST), letters, to)
        ends[column * (n + 1) + n] = to
    return to


@compiled
def _write(source: Any, first: int, last: int, letters: Any, to: int) -> int:
    for k in range(first, last):
        letters[to + k - first] = source[k]
    return to + last - first

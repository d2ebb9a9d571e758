"""From Arrow to the words that kernels read: events as rows of one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.sql.sources import column
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import COMPILED, Memory, kernel, plain
from coterie.engines.stream.identifiers import ALL, still, together
from coterie.engines.stream.program import OTHER, Program
from coterie.engines.stream.sorting import arrange, draw, scratch
from coterie.engines.stream.texts import Texts
from coterie.language.types import Boolean, Real, Text, Type

if TYPE_CHECKING:
    from coterie.engines.stream.people import People

Words = Any
"""A NumPy array of int64."""

_SIGN = np.uint64(1 << 63)
_HALF = np.dtype(">u8")
_KEY = pa.binary(16)


def stride(program: Program) -> int:
    """The words of an event."""
    return y.EVENT + 2 * program.cells


class Columns:
    """The events of one name, column by column, before it is known whose number each is.

    Parameters
    ----------
    table : pyarrow.Table
        ``profile``, ``at`` (microseconds UTC), ``key`` (16 bytes), and a column for each property
        that the program reads, in units.
    """

    def __init__(self, program: Program, texts: Texts, name: str, table: pa.Table) -> None:
        self.stride = stride(program)
        self.name = list(program.events).index(name if name in program.events else OTHER)
        self.profiles = table["profile"].chunks
        self.at = table["at"].to_numpy()
        self.keys = [halves(chunk) for chunk in table["key"].chunks]
        self.cells = []
        for prop, kind in program.kinds.get(name, {}).items():
            values = table[column(prop)]
            known = pc.is_valid(values).to_numpy() if values.null_count else None
            place = 2 * program.events[name][prop]
            self.cells.append((place, words(values, kind, texts), known))

    def __len__(self) -> int:
        return len(self.at)


class Batch:
    """Events of one name or several, shared out among the partitions.

    Parameters
    ----------
    people : People
    columns : sequence of Columns
        Of one program.
    """

    def __init__(self, people: People, columns: Sequence[Columns]) -> None:
        self.stride = columns[0].stride
        self._people = people
        self._profiles = together([chunk for each in columns for chunk in each.profiles])
        halves_ = _concatenated([keys for each in columns for keys in each.keys])
        names = np.repeat([each.name for each in columns], [len(each) for each in columns])
        self._at = still(_concatenated([each.at for each in columns]))
        self._cells = still(_cells(columns, len(self._at)))
        self._keys, self._names = still(ordered(halves_).reshape(-1)), still(names)
        self._shares = people.shared(self._profiles)

    def __len__(self) -> int:
        return len(self._at)

    def whose(self, i: int) -> tuple[Words, int]:
        """Whose each event of a partition is, by number, and how many numbers were given out."""
        found = self._people.numbers(i, self._profiles, self._shares[i])
        return found, self._people.count(i)

    def rows(self, i: int) -> tuple[Words, int]:
        """The events of a partition as kernels read them, and how many people it has."""
        people, count = self.whose(i)
        rows: Words = np.empty((len(people), self.stride), np.int64)
        self.write(i, people, rows)
        return rows, count

    def write(self, i: int, people: Words, rows: Words) -> None:
        """Write the events of a partition as rows of words, in the order given.

        Parameters
        ----------
        people : array of int64
            Of :meth:`whose`.
        rows : array of int64
            As many rows of :func:`stride` words.
        """
        mine = self._shares[i]
        which = ALL if mine is None else mine
        arrays = rows.reshape(-1), people, which, self._at, self._keys, self._names, self._cells
        given: list[Any] = [*map(plain, arrays), self.stride]
        lay(*given)


@kernel
def lay(
    E: Memory, people: Memory, A: Memory, at: Memory, keys: Memory, names: Memory, cells: Memory,
    stride: int,
) -> int:  # fmt: skip
    """Write events as words.

    Parameters
    ----------
    people : array of int64
        Whose each is.
    A : array of int64
        The places of their values in the other arrays; in order where it is empty.
    """
    width = stride - y.EVENT
    for i in range(len(people)):
        k = A[i] if len(A) > 0 else i
        e = i * stride
        E[e + y.E_PERSON] = people[i]
        E[e + y.E_AT] = at[k]
        E[e + y.E_HIGH] = keys[2 * k]
        E[e + y.E_LOW] = keys[2 * k + 1]
        E[e + y.E_NAME] = names[k]
        for c in range(width):
            E[e + y.EVENT + c] = cells[k * width + c]
    return len(people)


def _cells(columns: Sequence[Columns], n: int) -> Words:
    """The properties of all events, each as its value and whether it is known."""
    cells: Words = np.zeros((n, columns[0].stride - y.EVENT), np.int64)
    first = 0
    for each in columns:
        last = first + len(each)
        for place, values, known in each.cells:
            cells[first:last, place] = values
            cells[first:last, place + 1] = 1 if known is None else known
        first = last
    return cells.reshape(-1)


def _concatenated(arrays: Sequence[Words]) -> Words:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def halves(keys: pa.Array) -> Words:
    """The halves of 128-bit keys, most significant byte first."""
    whole = keys if keys.type == _KEY else keys.cast(_KEY)
    buffer = whole.buffers()[1]
    if buffer is None:
        return np.zeros((0, 2), _HALF)
    return np.frombuffer(buffer, _HALF).reshape(-1, 2)[whole.offset : whole.offset + len(whole)]


def ordered(halves_: Words) -> Words:
    """The same as signed integers that order as the bytes do."""
    return (halves_.astype(np.uint64) ^ _SIGN).view(np.int64)


def words(values: pa.ChunkedArray, kind: Type, texts: Texts) -> Words:
    """Values as 64 bits: units, the bits of reals, codes of texts; anything for a null."""
    if isinstance(kind, Text):
        return texts.codes(values)
    if isinstance(kind, Real):
        reals = values.cast(pa.float64()).fill_null(0.0).to_numpy() + 0.0  # no negative zero
        return reals.view(np.int64)
    if isinstance(kind, Boolean):
        values = values.cast(pa.int8())
    values = values.cast(pa.int64())
    return (values.fill_null(0) if values.null_count else values).to_numpy()


def in_order(rows: Words) -> Words:
    """Events by person, instant and key."""
    if not COMPILED:
        halves_ = rows[:, y.E_LOW], rows[:, y.E_HIGH]
        return rows[np.lexsort((*halves_, rows[:, y.E_AT], rows[:, y.E_PERSON]))]
    n, width = rows.shape
    places: Words = np.empty(scratch(n), np.int64)
    flat: Words = np.ascontiguousarray(rows).reshape(-1)
    arrange(flat, width, n, places)
    return rows.take(places[:n], axis=0)


def drawn(rows: Words, t: int) -> tuple[Words, int]:
    """The events that are due at an instant, in order; the others move to the front.

    Returns
    -------
    (array of int64, int)
        And how many the others are.
    """
    if not COMPILED:
        due = rows[:, y.E_AT] <= t
        late, found = rows[~due], in_order(rows[due])
        rows[: len(late)] = late
        return found, len(late)
    n, width = rows.shape
    room: Words = np.empty(scratch(n), np.int64)
    sorted_: Words = np.empty((n, width), np.int64)
    left = draw(rows.reshape(-1), width, t, n, room, sorted_.reshape(-1))
    return sorted_[: n - left], left

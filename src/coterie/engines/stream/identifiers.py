"""Numbers for identifiers: a table that is asked for whole columns at once.

Open addressing with linear steps over 64-bit hashes, in compiled code (`spelling`); bytes are
compared, whatever the hash says. Without Numba a dictionary does the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from coterie.engines.stream import spelling
from coterie.engines.stream.compiled import COMPILED

Column: TypeAlias = pa.Array | pa.ChunkedArray
Numbers = Any
"""A NumPy array of int64."""


class Dictionary:
    """Texts by number: 0, 1, 2, … as they are first met; a number that is free is given again.

    Parameters
    ----------
    texts : pyarrow.Array, optional
        Those of the first numbers, null where one is free.
    """

    def __init__(self, texts: pa.Array | None = None) -> None:
        self._texts: list[str | None] = [] if texts is None else texts.to_pylist()
        self._free = [i for i, text in enumerate(self._texts) if text is None]
        self._numbers = {text: i for i, text in enumerate(self._texts) if text is not None}

    def frozen(self) -> Dictionary:
        """A copy that nothing is added to here."""
        return deepcopy(self)

    def __len__(self) -> int:
        """The numbers that were ever given out."""
        return len(self._texts)

    @property
    def used(self) -> int:
        """The numbers in use."""
        return len(self._numbers)

    @property
    def nbytes(self) -> int:
        """The memory of all of it."""
        each = sum(map(sys.getsizeof, self._numbers)) + 32 * len(self._numbers)
        return each + sum(map(sys.getsizeof, (self._texts, self._free, self._numbers)))

    def numbers(self, texts: Column, which: Numbers = None, *, add: bool = True) -> Numbers:
        """The number of each text, given out now where it is new (`add`), else -1; -1 for nulls.

        Parameters
        ----------
        which : array of int64, optional
            Only of the texts at these places.
        """
        chosen = together(getattr(texts, "chunks", [texts]))
        return self._of(chosen if which is None else chosen.take(pa.array(which)), add)

    def _of(self, chunk: pa.Array, add: bool) -> Numbers:
        encoded = chunk.dictionary_encode()
        distinct = encoded.dictionary.to_pylist()
        found = [self._number(text) if add else self._numbers.get(text, -1) for text in distinct]
        places = encoded.indices.fill_null(len(found))
        return np.array([*found, -1], np.int64)[np.asarray(places)]

    def number(self, text: str) -> int:
        """The number of one text, -1 for a stranger."""
        return self._numbers.get(text, -1)

    def _number(self, text: str) -> int:
        found = self._numbers.get(text)
        if found is None:
            found = self._free.pop() if self._free else len(self._texts)
            self._texts[found : found + 1] = [text]
            self._numbers[text] = found
        return found

    def named(self, numbers: Numbers) -> pa.Array:
        """The texts of numbers; null where one is free."""
        return pa.array([self._texts[i] for i in numbers.tolist()], pa.string())

    def present(self) -> Numbers:
        """The numbers in use, ascending."""
        return np.array([i for i, text in enumerate(self._texts) if text is not None], np.int64)

    def forget(self, number: int) -> None:
        """Drop a text; its number is free."""
        text = self._texts[number]
        assert text is not None
        del self._numbers[text]
        self._texts[number] = None
        self._free.append(number)


class Table:
    """As :class:`Dictionary`, in compiled code."""

    def __init__(self, texts: pa.Array | None = None) -> None:
        self._slots: Numbers = np.zeros(2 * 256, np.int64)
        self._places: Numbers = np.zeros(64, np.int64)
        self._letters: Any = np.zeros(1024, np.uint8)
        self._counts: Numbers = np.zeros(spelling.COUNTS, np.int64)
        self._freed: Numbers = np.zeros(16, np.int64)
        if texts is not None and len(texts):
            named = [f"\0{i}" if x is None else x for i, x in enumerate(texts.to_pylist())]
            self.numbers(pa.array(named if texts.null_count else texts, pa.string()))
            for number in np.flatnonzero(np.asarray(texts.is_null())).tolist():
                self.forget(number)

    def frozen(self) -> Table:
        """A copy that nothing is added to here."""
        return deepcopy(self)

    def __len__(self) -> int:
        """The numbers that were ever given out."""
        return int(self._counts[spelling.N])

    @property
    def used(self) -> int:
        """The numbers in use."""
        return int(self._counts[spelling.N] - self._counts[spelling.FREED])

    @property
    def nbytes(self) -> int:
        """The memory of all of it."""
        return sum(x.nbytes for x in (self._slots, self._places, self._letters, self._freed))

    def numbers(self, texts: Column, which: Numbers = None, *, add: bool = True) -> Numbers:
        """The number of each text, given out now where it is new (`add`), else -1; -1 for nulls.

        Parameters
        ----------
        which : array of int64, optional
            Only of the texts at these places.
        """
        chunks = getattr(texts, "chunks", [texts])
        if which is not None:
            return self._of(together(chunks), which, add)
        found = [self._of(flat(chunk), ALL, add) for chunk in chunks if len(chunk)]
        return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, np.int64), *found])

    def number(self, text: str) -> int:
        """The number of one text, -1 for a stranger."""
        return spelling.number(self._slots, self._letters, spelled(text))

    def _of(self, chunk: pa.Array, which: Numbers, add: bool) -> Numbers:
        i, n = 0, len(chunk) if which is ALL else len(which)
        found: Numbers = np.empty(n, np.int64)
        known = np.asarray(chunk.is_valid()).view(np.uint8) if chunk.null_count else NOTHING
        given = (*letters_of(chunk), still(known))
        while i < n:
            i = spelling.look_up(
                self._slots, self._places, self._letters, self._counts, self._freed, *given,
                which, found, i, n, int(add),
            )  # fmt: skip
            if i < n:
                self._grow(len(given[1]))
        return found

    def _grow(self, letters: int) -> None:
        """Room for more of each."""
        n, used, kept, _ = self._counts.tolist()
        if n == len(self._places):
            self._places = _longer(self._places, 2 * n)
        if kept + letters > len(self._letters):
            self._letters = _longer(self._letters, max(2 * kept, kept + letters))
        if 4 * (used + 1) > len(self._slots):
            slots: Numbers = np.zeros(2 * len(self._slots), np.int64)
            spelling.move(self._slots, slots, self._letters, self._counts)
            self._slots = slots

    def named(self, numbers: Numbers) -> pa.Array:
        """The texts of numbers; those that are free have none."""
        wanted: Numbers = np.ascontiguousarray(numbers)
        ends: Any = np.zeros(len(numbers) + 1, np.int32)
        letters: Any = np.empty(spelling.measure(self._places, wanted), np.uint8)
        spelling.spell(self._places, self._letters, wanted, ends, letters)
        buffers = pa.py_buffer(ends), pa.py_buffer(letters)
        found = pa.StringArray.from_buffers(len(wanted), *buffers)
        gone = np.isin(wanted, self._free) if len(self._free) else None
        return found if gone is None else pa.array(found.to_pylist(), pa.string(), mask=gone)

    @property
    def _free(self) -> Numbers:
        return self._freed[: int(self._counts[spelling.FREED])]

    def present(self) -> Numbers:
        """The numbers in use, ascending."""
        return np.setdiff1d(np.arange(len(self)), self._free)

    def forget(self, number: int) -> None:
        """Drop a text; its number is free."""
        if self._counts[spelling.FREED] == len(self._freed):
            self._freed = _longer(self._freed, 2 * len(self._freed))
        spelling.forget(self._slots, self._places, self._letters, self._counts, self._freed, number)


Identifiers = Table if COMPILED else Dictionary


def flat(chunk: pa.Array) -> pa.Array:
    """The same texts, each in its place."""
    if pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_decode()
    return chunk if chunk.type == pa.string() else chunk.cast(pa.string())


def together(chunks: Sequence[pa.Array]) -> pa.Array:
    """The texts of several columns as one."""
    every = [flat(chunk) for chunk in chunks]
    return every[0] if len(every) == 1 else pa.concat_arrays([pa.array([], pa.string()), *every])


def letters_of(chunk: pa.Array) -> tuple[Any, Any]:
    """Where each text of a column ends, after where the first begins; and all letters."""
    _, ends, letters = chunk.buffers()
    if ends is None:
        return still(np.zeros(1, np.int32)), NOTHING
    found = still(np.frombuffer(letters, np.uint8)) if letters else NOTHING
    return still(np.frombuffer(ends, np.int32)[chunk.offset :]), found


def spelled(text: str) -> Any:
    """The letters of one text."""
    return np.frombuffer(text.encode(), np.uint8) if text else NOTHING


def still(array: Any) -> Any:
    """An array that kernels only read: all of them are of one type then."""
    array.flags.writeable = False
    return array


NOTHING = still(np.zeros(0, np.uint8))
ALL: Numbers = np.zeros(0, np.int64)
"""Instead of places: every text, in its place."""


def _longer(array: Any, size: int) -> Any:
    grown = np.zeros(size, array.dtype)
    grown[: len(array)] = array
    return grown

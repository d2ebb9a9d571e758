"""Which files hold rows of a few people, remembered while a process lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

_PERSON = "person"
MOST = 4_000_000
"""People of all files together that are remembered, 8 bytes each."""

_Hashes = NDArray[np.int64]


class Holders:
    """The hashes of the people of files, which never change.

    Notes
    -----
    The span of a file that is not sorted by person says nothing of who is in it; this does. Of two
    people with one hash the file may be read for nothing, and no file is left out that has rows of
    somebody. The files asked for longest ago are forgotten first; one with more people than an
    eighth of `MOST` is always held.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Hashes | None] = {}
        self._n = 0

    def holding(self, files: Iterable[str], people: Sequence[str]) -> list[str]:
        """Those of the files that have a row of one of these people, and maybe others."""
        wanted = np.array([hash(person) for person in people], np.int64)
        return [file for file in files if _any(self._of(file), wanted)]

    def forget(self) -> None:
        """Know nothing any more."""
        self._known, self._n = {}, 0

    def _of(self, file: str) -> _Hashes | None:
        known = self._known.pop(file) if file in self._known else self._learnt(file)
        self._known[file] = known
        return known

    def _learnt(self, file: str) -> _Hashes | None:
        known = _read(file)
        self._n += _size(known)
        while self._n > MOST:
            self._n -= _size(self._known.pop(next(iter(self._known))))
        return known


def _read(file: str) -> _Hashes | None:
    with pq.ParquetFile(file) as parquet:
        if parquet.metadata.num_rows > MOST // 8:
            return None
        named = pc.unique(parquet.read([_PERSON])[_PERSON]).to_pylist()
    return np.sort(np.array([hash(person) for person in named if person is not None], np.int64))


def _size(known: _Hashes | None) -> int:
    return 0 if known is None else len(known)


def _any(known: _Hashes | None, wanted: _Hashes) -> bool:
    if known is None:
        return True
    first, last = (np.searchsorted(known, wanted, side) for side in ("left", "right"))
    return bool((first < last).any())

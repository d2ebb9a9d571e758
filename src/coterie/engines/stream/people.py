"""Who is where: the number of each profile in its partition."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np
import pyarrow as pa

from coterie.engines.stream.batches import Words

_PLACE = sys.getsizeof((0, 0)) + sys.getsizeof(2**20)


class People:
    """The profiles of an engine by partition and number; a number that is free is given again.

    Parameters
    ----------
    partitions : int
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.names: list[list[str | None]] = [[] for _ in range(partitions)]
        self._numbers: dict[str, tuple[int, int]] = {}
        self._free: list[list[int]] = [[] for _ in range(partitions)]

    @classmethod
    def of(cls, names: list[list[str | None]]) -> People:
        """Those of a saved engine."""
        people = cls(len(names))
        for i, kept in enumerate(names):
            people.names[i] = list(kept)
            for number, name in enumerate(kept):
                if name is None:
                    people._free[i].append(number)
                else:
                    people._numbers[name] = (i, number)
        return people

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    @property
    def nbytes(self) -> int:
        """The memory of the names and of where they are."""
        lists = sum(map(sys.getsizeof, (*self.names, *self._free)))
        each = sum(map(sys.getsizeof, self._numbers)) + _PLACE * len(self._numbers)
        return sys.getsizeof(self._numbers) + lists + each

    def known(self, profile: str) -> tuple[int, int] | None:
        """Partition and number of a profile, None for a stranger."""
        return self._numbers.get(profile)

    def number(self, profile: str) -> tuple[int, int]:
        """Partition and number of a profile; a stranger gets a number."""
        found = self._numbers.get(profile)
        if found is None:
            where = crc32(profile.encode()) % self.partitions if self.partitions > 1 else 0
            if self._free[where]:
                found = where, self._free[where].pop()
                self.names[where][found[1]] = profile
            else:
                found = where, len(self.names[where])
                self.names[where].append(profile)
            self._numbers[profile] = found
        return found

    def numbers(self, profiles: pa.Array | pa.ChunkedArray) -> tuple[Words, Words]:
        """Partitions and numbers of a column of profiles."""
        whole = profiles.combine_chunks() if isinstance(profiles, pa.ChunkedArray) else profiles
        whole = whole.cast(pa.string()).dictionary_encode()
        if isinstance(whole, pa.ChunkedArray):
            whole = whole.combine_chunks()
        distinct = [self.number(name) for name in whole.dictionary.to_pylist()]
        table = np.array(distinct, np.int64).reshape(-1, 2)
        at = table[whole.indices.to_numpy()]
        return at[:, 0], at[:, 1]

    def named(self, partition: int, numbers: Words) -> list[str]:
        """The profiles of numbers."""
        names = self.names[partition]
        return [names[i] for i in numbers.tolist()]

    def forget(self, profile: str) -> None:
        """Drop the name of a profile; its number is free."""
        where, number = self._numbers.pop(profile)
        self.names[where][number] = None
        self._free[where].append(number)

    def present(self, partition: int) -> Words:
        """The numbers in use of a partition."""
        return np.array(
            [i for i, name in enumerate(self.names[partition]) if name is not None], np.int64
        )

    def by_partition(self, profiles: Sequence[str]) -> dict[int, Words]:
        """Numbers of known profiles by partition, in the order given."""
        found: dict[int, list[int]] = {}
        for profile in profiles:
            where, number = self._numbers[profile]
            found.setdefault(where, []).append(number)
        return {where: np.array(numbers, np.int64) for where, numbers in found.items()}

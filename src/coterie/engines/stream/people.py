"""Who is where: the number of each profile in its partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from coterie.engines.stream import spelling
from coterie.engines.stream.batches import Words
from coterie.engines.stream.compiled import plain
from coterie.engines.stream.identifiers import Column, Identifiers, letters_of, spelled


class People:
    """The profiles of an engine by partition and number; a number that is free is given again.

    Parameters
    ----------
    partitions : int
    """

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._tables = [Identifiers() for _ in range(partitions)]

    @classmethod
    def of(cls, names: Sequence[pa.Array]) -> People:
        """Those of a saved engine."""
        people = cls(0)
        people.partitions = len(names)
        people._tables = [Identifiers(each) for each in names]
        return people

    def frozen(self) -> People:
        """A copy that nobody is added to here."""
        other = People(0)
        other.partitions = self.partitions
        other._tables = [table.frozen() for table in self._tables]
        return other

    def __len__(self) -> int:
        return sum(table.used for table in self._tables)

    def __iter__(self) -> Iterator[str]:
        for i, table in enumerate(self._tables):
            yield from self.named(i, table.present()).to_pylist()

    @property
    def nbytes(self) -> int:
        """The memory of the names and of where they are."""
        return sum(table.nbytes for table in self._tables)

    def count(self, partition: int) -> int:
        """The numbers that were ever given out in a partition."""
        return len(self._tables[partition])

    def shared(self, profiles: pa.Array) -> list[Words | None]:
        """For each partition the places of its profiles in a column; None for all of them."""
        if self.partitions == 1:
            return [None]
        where = np.zeros(len(profiles), np.int64)
        ends, letters = letters_of(profiles)
        spelling.share(plain(ends), plain(letters), plain(where), len(where), self.partitions)
        return [np.flatnonzero(where == i) for i in range(self.partitions)]

    def numbers(
        self, partition: int, profiles: Column, which: Words | None = None, *, add: bool = True
    ) -> Words:
        """The numbers of profiles of one partition; a stranger gets one (`add`), else it is -1.

        Parameters
        ----------
        which : array of int64, optional
            Only of the profiles at these places.
        """
        return self._tables[partition].numbers(profiles, which, add=add)

    def by_partition(self, profiles: Sequence[str], *, add: bool = False) -> dict[int, Words]:
        """Numbers of profiles by partition, in the order given; strangers only with `add`."""
        column, found = pa.array(profiles, pa.string()), {}
        for i, mine in enumerate(self.shared(column)):
            numbers = self.numbers(i, column, mine, add=add)
            if len(known := numbers[numbers >= 0]):
                found[i] = known
        return found

    def known(self, profile: str) -> tuple[int, int] | None:
        """Partition and number of a profile, None for a stranger."""
        where = 0 if self.partitions == 1 else self._place(profile)
        number = self._tables[where].number(profile)
        return None if number < 0 else (where, number)

    def _place(self, profile: str) -> int:
        return spelling.place(plain(spelled(profile)), self.partitions)

    def named(self, partition: int, numbers: Words) -> pa.Array:
        """The profiles of numbers; null where a number is free."""
        return self._tables[partition].named(numbers)

    def forget(self, partition: int, numbers: Words) -> None:
        """Drop the names of profiles; their numbers are free."""
        for number in numbers.tolist():
            self._tables[partition].forget(number)

    def present(self, partition: int) -> Words:
        """The numbers in use of a partition."""
        return self._tables[partition].present()

    def saved(self, partition: int) -> pa.Array:
        """All names of a partition by number, for :meth:`of`."""
        return self.named(partition, np.arange(self.count(partition)))

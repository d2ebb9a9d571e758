"""Since when each person has been in each segment, as the change records say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NEVER = np.iinfo(np.int64).min


class Since:
    """When everybody entered each segment last.

    Parameters
    ----------
    records : pyarrow.Table
        Change records in the order of their making: ``profile``, ``segment``, ``stage``,
        ``change`` and ``at``.

    Notes
    -----
    Of a set of stages only the last entrance into any of them is kept: into where they are.
    """

    def __init__(self, records: pa.Table) -> None:
        self._people: dict[str, int] = {}
        self._entered: dict[tuple[str, bool], Any] = {}
        self.take(records)

    def take(self, records: pa.Table) -> None:
        """Take in further records."""
        records = records.filter(pc.equal(records["change"], "entered"))
        if not records.num_rows:
            return
        people, codes = _coded(records["profile"])
        numbers = np.array([*map(self._number, people)], np.int64)[codes]
        instants = records["at"].cast(pa.int64()).to_numpy()
        groups, codes = _coded(records["segment"])
        staged = np.asarray(pc.not_equal(records["stage"], "").to_numpy())
        for code, group in enumerate(groups):
            for of_set in (False, True):
                mine = (codes == code) & (staged == of_set)
                if mine.any():  # of several, the last stays
                    self._column(group, of_set)[numbers[mine]] = instants[mine]

    def note(self, profile: str, segment: str, at: int, *, staged: bool = False) -> None:
        """Take in one entrance, microseconds UTC."""
        person = self._number(profile)
        self._column(segment, staged)[person] = at

    def of(self, profile: str, segment: str, *, staged: bool = False) -> int | None:
        """When a person entered a segment last, microseconds UTC; None where no record says so.

        Parameters
        ----------
        staged : bool
            Whether it is a set of stages: then when they entered any of them last.
        """
        person, column = self._people.get(profile), self._entered.get((segment, staged))
        if person is None or column is None or person >= len(column):
            return None
        at = int(column[person])
        return None if at == _NEVER else at

    def _number(self, profile: str) -> int:
        return self._people.setdefault(profile, len(self._people))

    def _column(self, segment: str, staged: bool) -> Any:
        """A cell for everybody."""
        column = self._entered.get((segment, staged), np.empty(0, np.int64))
        if len(column) < len(self._people):
            more = max(2 * len(column), len(self._people)) - len(column)
            column = np.concatenate([column, np.full(more, _NEVER)])
            self._entered[segment, staged] = column
        return column


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Any]:
    """The different texts of a column, and of each row which it is."""
    coded = column.combine_chunks().dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy()

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
        ``change`` and ``at``. Stages are left out.
    """

    def __init__(self, records: pa.Table) -> None:
        self._people: dict[str, int] = {}
        self._entered: dict[str, Any] = {}
        self.take(records)

    def take(self, records: pa.Table) -> None:
        """Take in further records."""
        own = pc.and_(pc.equal(records["change"], "entered"), pc.equal(records["stage"], ""))
        records = records.filter(own)
        if not records.num_rows:
            return
        people = np.array([*map(self._number, records["profile"].to_pylist())], np.int64)
        instants = records["at"].cast(pa.int64()).to_numpy()
        segments = np.array(records["segment"].to_pylist(), object)
        for segment in dict.fromkeys(segments):
            mine = segments == segment
            self._column(segment)[people[mine]] = instants[mine]  # of several, the last stays

    def note(self, profile: str, segment: str, at: int) -> None:
        """Take in one entrance, microseconds UTC."""
        person = self._number(profile)
        self._column(segment)[person] = at

    def of(self, profile: str, segment: str) -> int | None:
        """When a person entered a segment last, microseconds UTC; None where no record says so."""
        person, column = self._people.get(profile), self._entered.get(segment)
        if person is None or column is None or person >= len(column):
            return None
        at = int(column[person])
        return None if at == _NEVER else at

    def _number(self, profile: str) -> int:
        return self._people.setdefault(profile, len(self._people))

    def _column(self, segment: str) -> Any:
        """A cell for everybody."""
        column = self._entered.get(segment, np.empty(0, np.int64))
        if len(column) < len(self._people):
            more = max(2 * len(column), len(self._people)) - len(column)
            column = np.concatenate([column, np.full(more, _NEVER)])
            self._entered[segment] = column
        return column

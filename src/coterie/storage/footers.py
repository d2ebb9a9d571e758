"""What the files themselves say about their rows, remembered while a process lives.

Files never change, so a footer is read once. Which people a file spans stands in its footer and
nowhere else: an erasure that rewrites the file takes it along.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import pyarrow.parquet as pq

_SORTED_BY = "person"


class Footer(NamedTuple):
    """The columns of one file, and the first and last person in it; None where unknown."""

    columns: frozenset[str]
    span: tuple[str, str] | None

    def may_hold(self, people: Sequence[str]) -> bool:
        """Whether one of these people, in order, lies between the first and the last."""
        if self.span is None:
            return True
        first, last = self.span
        i = bisect_left(people, first)
        return i < len(people) and people[i] <= last


class Footers:
    """The footers of a lake's files."""

    def __init__(self) -> None:
        self._known: dict[str, Footer] = {}

    def columns(self, files: Iterable[str]) -> set[str]:
        """The columns that at least one of the files has."""
        return set().union(*(self._of(file).columns for file in files))

    def holding(self, files: Iterable[str], people: Collection[str]) -> list[str]:
        """Those of the files that may have a row of one of these people.

        Notes
        -----
        Of files sorted by person these are few; files not yet compacted, and files without
        statistics, are among them unless their span says otherwise.
        """
        wanted = sorted(people)
        return [file for file in files if self._of(file).may_hold(wanted)]

    def forget(self) -> None:
        """Know nothing any more: an erasure leaves no span of anybody behind."""
        self._known = {}

    def _of(self, file: str) -> Footer:
        if file not in self._known:
            self._known[file] = _read(file)
        return self._known[file]


def _read(file: str) -> Footer:
    footer = pq.read_metadata(file)
    names = footer.schema.names
    return Footer(frozenset(names), _span(footer, names.index(_SORTED_BY)))


def _span(footer: pq.FileMetaData, column: int) -> tuple[str, str] | None:
    groups = [footer.row_group(i).column(column).statistics for i in range(footer.num_row_groups)]
    if any(group is None for group in groups):
        return None
    named = [group for group in groups if group.num_values]  # the others hold nobody's rows
    if not named or not all(group.has_min_max for group in named):
        return None
    return min(group.min for group in named), max(group.max for group in named)

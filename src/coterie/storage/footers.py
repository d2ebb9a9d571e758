"""What the files themselves say about their rows, remembered while a process lives.

Files never change, so a footer is read once. Which people a file spans stands in its footer and
nowhere else: an erasure that rewrites the file takes it along.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import pyarrow.parquet as pq

_SORTED_BY = "person"
_COMPACTED = re.compile(r"(.*-sorted)([0-9]+)\.[^/]*")
"""What the files of one compaction are named: in the order of their people, counted from 0."""


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
        The files of one compaction follow one another by person, so that a person is looked up
        in them as in a dictionary: most footers are not even read. Files not yet compacted, and
        files without statistics, are held unless their span says otherwise.
        """
        wanted, runs = sorted(people), defaultdict[str, list[tuple[int, str]]](list)
        for file in files:
            found = _COMPACTED.fullmatch(file)
            stem, place = (found[1], int(found[2])) if found else (file, 0)
            runs[stem].append((place, file))
        return [
            file
            for run in runs.values()
            for file in self._among([file for _, file in sorted(run)], wanted)
        ]

    def _among(self, run: Sequence[str], people: Sequence[str]) -> list[str]:
        """Those that may hold these people, of files that follow one another by person."""
        if not run or not people:
            return []
        half = len(run) // 2
        middle = self._of(run[half])
        before = after = people
        if middle.span is not None:
            first, last = middle.span
            before, after = (
                people[: bisect_right(people, first)],
                people[bisect_left(people, last) :],
            )
        held = [run[half]] if middle.may_hold(people) else []
        return [*self._among(run[:half], before), *held, *self._among(run[half + 1 :], after)]

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

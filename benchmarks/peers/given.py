"""What the programs in Bytewax are given, and where their changes go: memory on both sides."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition

BATCH = 10_000
Row = tuple[str, int, int, int]
"""Whose, when, what, and cents."""


class Input:
    """The events that were written to a folder, batch by batch, as they come."""

    def __init__(self, folder: Path) -> None:
        self.names = (folder / "names.txt").read_text().split("\n")
        self.person = _read(folder / "person.i32", "i")
        self.at = _read(folder / "at.i64", "q")
        self.kind = _read(folder / "kind.u8", "B")
        self.cents = _read(folder / "cents.i32", "i")
        self.clocks = _read(folder / "clock.i64", "q")

    def batches(self, n: int) -> Iterator[tuple[list[Row], int]]:
        """So many events, and how far the clock goes after each batch."""
        for batch, clock in enumerate(self.clocks[: -(-n // BATCH)]):
            yield self._rows(batch * BATCH, min((batch + 1) * BATCH, n)), clock

    def end(self, n: int) -> int:
        """How far the clock goes after so many events."""
        return self.clocks[-(-n // BATCH) - 1]

    def _rows(self, start: int, stop: int) -> list[Row]:
        return [
            (self.names[self.person[i]], self.at[i], self.kind[i], self.cents[i])
            for i in range(start, stop)
        ]


def _read(path: Path, kind: str) -> array[Any]:
    found = array(kind)
    found.frombytes(path.read_bytes())
    return found


class Lists(DynamicSource):
    """Gives one list of events after the other."""

    def __init__(self, lists: Iterable[list[Any]]) -> None:
        self.lists = lists

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Partition:
        """The only one."""
        return Partition(self.lists)


class Partition(StatelessSourcePartition):
    """The lists of one worker."""

    def __init__(self, lists: Iterable[list[Any]]) -> None:
        self._next = iter(lists)

    def next_batch(self) -> list[Any]:
        """The next one."""
        return next(self._next)


class Taking(DynamicSink):
    """Takes changes in memory."""

    def __init__(self, taken: list[Any]) -> None:
        self.taken = taken

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Taken:
        """The only one."""
        return Taken(self.taken)


class Taken(StatelessSinkPartition):
    """Where they are kept."""

    def __init__(self, taken: list[Any]) -> None:
        self._taken = taken

    def write_batch(self, items: list[Any]) -> None:
        """Keep some."""
        self._taken.extend(items)

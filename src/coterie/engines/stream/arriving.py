"""Events that come a few at a time: from Python values to the words that kernels read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words, stride
from coterie.engines.stream.program import OTHER
from coterie.engines.stream.whole import bits
from coterie.language.types import Boolean, Real, Text, Type

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine

_SIGN = 1 << 63


class Arrival(NamedTuple):
    """An event as an engine takes it.

    Parameters
    ----------
    name, profile : str
    at : int
        Microseconds UTC.
    key : bytes
        Sixteen of them.
    values : sequence
        In units, of each property of :meth:`StreamEngine.needs`, in its order; None for unknown.
    """

    name: str
    profile: str
    at: int
    key: bytes
    values: Sequence[Any]


class Arriving:
    """What turns arrivals into rows for one engine, as long as its program stays the same.

    Parameters
    ----------
    engine : StreamEngine
    """

    def __init__(self, engine: StreamEngine) -> None:
        self._engine, program = engine, engine.program
        self.program = program
        self._other = [*program.events].index(OTHER) if OTHER in program.events else 0
        self._width = stride(program)
        self._of = {
            name: (i, self._cells(name)) for i, name in enumerate(program.events) if name != OTHER
        }

    def _cells(self, name: str) -> list[tuple[int, Callable[[Any], int]]]:
        program = self.program
        return [
            (y.EVENT + 2 * program.events[name][prop], self._coder(kind))
            for prop, kind in program.kinds.get(name, {}).items()
        ]

    def _coder(self, kind: Type) -> Callable[[Any], int]:
        match kind:
            case Text():
                return self._engine.texts.code
            case Real():
                return bits
            case Boolean():
                return int
            case _:
                return lambda units: units

    def rows(self, arrivals: Sequence[Arrival]) -> dict[int, Words]:
        """Rows by partition, in the order given; everybody in them has a row of their own."""
        people, profiles = self._engine.people, pa.array([x.profile for x in arrivals], pa.string())
        found = {}
        for where, mine in enumerate(people.shared(profiles)):
            places = range(len(arrivals)) if mine is None else mine.tolist()
            numbers = people.numbers(where, profiles, mine).tolist()
            rows = [self._row(arrivals[i], n) for i, n in zip(places, numbers, strict=True)]
            if rows:
                self._engine.parts[where].enroll(people.count(where))
                found[where] = np.array(rows, np.int64)
        return found

    def _row(self, arrival: Arrival, person: int) -> list[int]:
        number, cells = self._of.get(arrival.name, (self._other, ()))
        row = [0] * self._width
        row[y.E_PERSON], row[y.E_AT] = person, arrival.at
        row[y.E_HIGH] = int.from_bytes(arrival.key[:8], "big") - _SIGN
        row[y.E_LOW] = int.from_bytes(arrival.key[8:], "big") - _SIGN
        row[y.E_NAME] = number
        for (cell, code), value in zip(cells, arrival.values, strict=False):
            if value is not None:
                row[cell], row[cell + 1] = code(value), 1
        return row

    def feed(self, arrivals: Sequence[Arrival]) -> list[Arrival]:
        """Let events wait until they are due, and return those that are not after the clock."""
        clock = self._engine.clock
        for where, rows in self.rows([a for a in arrivals if a.at > clock]).items():
            self._engine.parts[where].wait(rows)
        return [arrival for arrival in arrivals if arrival.at <= clock]

"""Membership changes on their way out: whose, what, when, why, and by which log entry."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.stream import layout as y
from coterie.engines.stream import spelling, telling
from coterie.engines.stream.batches import Words
from coterie.engines.stream.compiled import plain
from coterie.engines.stream.identifiers import letters_of
from coterie.engines.stream.program import Program

_INSTANT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        ("profile", pa.string()),
        ("segment", pa.string()),
        ("stage", pa.string()),
        ("change", pa.string()),
        ("at", _INSTANT),
        ("cause", pa.string()),
        ("reason", pa.string()),
        ("offset", pa.int64()),
    ]
)
_NUMBER = 32
"""Bits of a person's number."""
MOST = 2**20
"""Records whose texts lie together: fewer letters than an end can count."""
ORDER = ["offset", "at", "profile", "change", "segment", "stage"]


class Records:
    """What kernels recorded, and the ticks by which deadlines became due.

    Attributes
    ----------
    now : (str, int)
        The cause and offset of what the host does at the moment.
    """

    def __init__(self, ticks: Sequence[tuple[int, int]] = ()) -> None:
        self.now = ("", 0)
        self.ticks = list(ticks)
        self._taken: list[_Taken] = []
        self._words: _Words | None = None
        self._lock = Lock()

    def tick(self, t: int, offset: int) -> None:
        """The clock may now pass until `t`, by a log entry."""
        if not self.ticks or self.ticks[-1][0] < t:
            self.ticks.append((t, offset))

    def drained(self, t: int) -> None:
        """Every deadline until `t` was acted on."""
        self.ticks = [tick for tick in self.ticks if tick[0] >= t]

    def add(self, rows: Words, profiles: pa.Array, program: Program, partition: int) -> None:
        """Take the records of a kernel, which are of one partition."""
        offsets = self._offsets(rows)
        if partition:
            rows[:, y.R_PERSON] += partition << _NUMBER  # people of two partitions are two
        with self._lock:
            self._taken.append(_Taken(rows, profiles, program, self.now[0], offsets))

    def _offsets(self, rows: Words) -> Words:
        """The log entries that moved the clock past instants, and of what the host does."""
        now, at = self.now[1], rows[:, y.R_AT]
        first = at.min()  # an earlier tick moved the clock past none of them
        if all(offset == now for t, offset in self.ticks if t >= first):
            return np.full(len(rows), now)
        instants = np.array([t for t, _ in self.ticks], np.int64)
        offsets = np.array([*(offset for _, offset in self.ticks), now], np.int64)
        passed = offsets[np.searchsorted(instants, at)]
        return np.where(rows[:, y.R_CAUSE] == y.BY_HOST, now, passed)

    def take(self) -> pa.Table:
        """Everything recorded since the last call, in order."""
        taken, self._taken = self._taken, []
        if not taken:
            return SCHEMA.empty_table()
        if len({(id(each.program), each.cause) for each in taken}) == 1:
            together = _together(taken)
            return self._words_of(together).table(together)
        directions = {"change": "descending"}
        return pa.concat_tables([_Words(each).table(each) for each in taken]).sort_by(
            [(name, directions.get(name, "ascending")) for name in ORDER]
        )

    def _words_of(self, taken: _Taken) -> _Words:
        """Those of last time, where they are the same."""
        if self._words is None or not self._words.fit(taken):
            self._words = _Words(taken)
        return self._words


class _Taken(NamedTuple):
    """Records of one kind of occasion."""

    rows: Words
    profiles: pa.Array
    program: Program
    cause: str
    offsets: Words


def _together(taken: list[_Taken]) -> _Taken:
    first = taken[0]
    if len(taken) == 1:
        return first
    return first._replace(
        rows=np.concatenate([each.rows for each in taken]),
        profiles=pa.concat_arrays([each.profiles for each in taken]),
        offsets=np.concatenate([each.offsets for each in taken]),
    )


class _Words:
    """What records of a program and a cause say, by the numbers that kernels write.

    First each output twice, left and entered: segment, stage and change. Then cause and reason:
    the events, then by time nothing and the definitions, then the host; a reason of -1 is the place
    before a cause's first.
    """

    def __init__(self, taken: _Taken) -> None:
        program = taken.program
        self._of = program, taken.cause
        outputs = [(*each, way) for each in program.outputs for way in ("exited", "entered")]
        events = [("event", name) for name in program.events]
        timely = [("time", name) for name in ("", *program.names)]
        texts = [*outputs, *events, *timely, (taken.cause, "")]
        self._places, self._said = _spelled([text for each in texts for text in each])
        firsts = np.array([0, len(events) + 1, len(events) + len(timely) + 1])
        self._firsts = len(outputs) * telling.OUTPUTS + firsts * telling.REASONS
        order = sorted(range(len(outputs)), key=lambda k: (k % 2, outputs[k]))
        self._ranks = np.argsort(order)

    def fit(self, taken: _Taken) -> bool:
        """Whether they are of the same program and cause."""
        program, cause = self._of
        return program is taken.program and cause == taken.cause

    def table(self, taken: _Taken) -> pa.Table:
        """Records of this program and cause as columns, in order."""
        order = self._in_order(taken)
        pieces = [order[first : first + MOST] for first in range(0, len(order), MOST)]
        told = [self._told(taken, piece) for piece in pieces]
        return told[0] if len(told) == 1 else pa.concat_tables(told)

    def _in_order(self, taken: _Taken) -> Words:
        """The places of records by log entry, instant, profile and what they say."""
        rows, offsets = taken.rows, taken.offsets
        at = np.ascontiguousarray(rows[:, y.R_AT])
        order = at.argsort() if (offsets == offsets[0]).all() else np.lexsort((at, offsets))
        given = rows.reshape(-1), offsets, order, self._ranks
        if telling.arrange(*map(plain, given)):
            return order
        which = self._ranks.take(2 * rows[:, y.R_BIT] + rows[:, y.R_ENTERED])
        names = pc.rank(taken.profiles, tiebreaker="dense").to_numpy()
        return np.lexsort((which, names, at, offsets))

    def _told(self, taken: _Taken, order: Words) -> pa.Table:
        rows, (name_ends, names) = taken.rows.reshape(-1), letters_of(taken.profiles)
        tables = self._firsts, self._places
        n, letters = len(order), telling.measure(*map(plain, (rows, order, *tables, name_ends)))
        words: Words = np.empty(2 * n, np.int64)
        ends: Any = np.empty(telling.COLUMNS * (n + 1), np.int32)
        texts: Any = np.empty(letters, np.uint8)
        given = rows, taken.offsets, order, *tables, self._said, name_ends, names
        telling.tell(*map(plain, (*given, words, ends, texts)))
        return _table(n, *map(pa.py_buffer, (words, ends, texts)))


def _spelled(texts: Sequence[str]) -> tuple[Words, Any]:
    """The places of texts, and all letters."""
    every = [text.encode() for text in texts]
    lengths = np.array([len(each) for each in every], np.int64)
    said = np.frombuffer(b"".join(every), np.uint8)
    return (lengths.cumsum() - lengths) << spelling.LENGTH_BITS | lengths, said


def _table(n: int, words: pa.Buffer, ends: pa.Buffer, texts: pa.Buffer) -> pa.Table:
    """Records whose columns lie one after the other."""
    profile, segment, stage, change, cause, reason = (
        pa.Array.from_buffers(pa.string(), n, [None, ends, texts], 0, column * (n + 1))
        for column in range(telling.COLUMNS)
    )
    at = pa.Array.from_buffers(_INSTANT, n, [None, words], 0)
    offset = pa.Array.from_buffers(pa.int64(), n, [None, words], 0, n)
    columns = [profile, segment, stage, change, at, cause, reason, offset]
    return pa.Table.from_arrays(columns, schema=SCHEMA)

"""Membership changes on their way out: whose, what, when, why, and by which log entry."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words
from coterie.engines.stream.program import Program

SCHEMA = pa.schema(
    [
        ("profile", pa.string()),
        ("segment", pa.string()),
        ("stage", pa.string()),
        ("change", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("cause", pa.string()),
        ("reason", pa.string()),
        ("offset", pa.int64()),
    ]
)
_NUMBER = 32
"""Bits of a person's number."""
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
        rows[:, y.R_PERSON] += partition << _NUMBER  # people of two partitions are two
        with self._lock:
            self._taken.append(_Taken(rows, profiles, program, self.now[0], offsets))

    def _offsets(self, rows: Words) -> Words:
        """The log entries that moved the clock past instants, and of what the host does."""
        now = self.now[1]
        if all(offset == now for _, offset in self.ticks):
            return np.full(len(rows), now)
        instants = np.array([t for t, _ in self.ticks], np.int64)
        offsets = np.array([*(offset for _, offset in self.ticks), now], np.int64)
        passed = offsets[np.searchsorted(instants, rows[:, y.R_AT])]
        return np.where(rows[:, y.R_CAUSE] == y.BY_HOST, now, passed)

    def take(self) -> pa.Table:
        """Everything recorded since the last call, in order."""
        taken, self._taken = self._taken, []
        if not taken:
            return SCHEMA.empty_table()
        if len({(id(each.program), each.cause) for each in taken}) == 1:
            found = _in_order(_together(taken))
            if found is not None:
                return found.table(self._words_of(found))
        every = [SCHEMA.empty_table(), *(each.table(_Words(each)) for each in taken)]
        directions = {"change": "descending"}
        return pa.concat_tables(every).sort_by(
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

    def table(self, words: _Words) -> pa.Table:
        """All of them, column by column."""
        rows, n = self.rows, len(self.rows)
        outputs = words.outputs.take(pa.array(2 * rows[:, y.R_BIT] + rows[:, y.R_ENTERED]))
        first = words.first.take(rows[:, y.R_CAUSE])
        reasons = words.reasons.take(pa.array(first + rows[:, y.R_REASON]))
        at = pa.py_buffer(np.ascontiguousarray(rows[:, y.R_AT]))
        found = [
            self.profiles, *outputs.columns,
            pa.Array.from_buffers(SCHEMA.field("at").type, n, [None, at]),
            *reasons.columns, pa.array(self.offsets, pa.int64()),
        ]  # fmt: skip
        return pa.Table.from_arrays(found, schema=SCHEMA)


class _Words:
    """What records of a program and a cause say, by the numbers that kernels write.

    Attributes
    ----------
    outputs : pyarrow.RecordBatch
        Segment, stage and change: each output twice, left and entered.
    reasons : pyarrow.RecordBatch
        Cause and reason: the events, then by time nothing and the definitions, then the host.
    first : array of int64
        Where those of each cause begin; a reason of -1 is the place before.
    """

    def __init__(self, taken: _Taken) -> None:
        program = taken.program
        self._of = program, taken.cause
        outputs = [(*each, way) for each in program.outputs for way in ("exited", "entered")]
        events = [("event", name) for name in program.events]
        timely = [("time", name) for name in ("", *program.names)]
        self.outputs = _columns(outputs, 3)
        self.reasons = _columns([*events, *timely, (taken.cause, "")], 2)
        n = len(events)
        self.first = np.array([0, n + 1, n + len(timely) + 1])

    def fit(self, taken: _Taken) -> bool:
        """Whether they are of the same program and cause."""
        program, cause = self._of
        return program is taken.program and cause == taken.cause


def _columns(rows: Sequence[tuple[str, ...]], n: int) -> pa.RecordBatch:
    columns = [pa.array([row[k] for row in rows], pa.string()) for k in range(n)]
    return pa.record_batch(columns, [str(k) for k in range(n)])


def _together(taken: list[_Taken]) -> _Taken:
    first = taken[0]
    if len(taken) == 1:
        return first
    return first._replace(
        rows=np.concatenate([each.rows for each in taken]),
        profiles=pa.concat_arrays([each.profiles for each in taken]),
        offsets=np.concatenate([each.offsets for each in taken]),
    )


def _in_order(found: _Taken) -> _Taken | None:
    """Records in order; None where two people changed at one instant.

    Their names decide then; everything else is decided by numbers.
    """
    outputs = found.program.outputs
    ranks = np.empty(2 * len(outputs), np.int64)
    ranks[sorted(range(len(outputs)), key=outputs.__getitem__)] = np.arange(len(outputs))
    ranks[len(outputs) :] = ranks[: len(outputs)] + len(outputs)
    rows, at = found.rows, np.ascontiguousarray(found.rows[:, y.R_AT])
    which = ranks.take(rows[:, y.R_BIT] + len(outputs) * rows[:, y.R_ENTERED])
    which += len(ranks) * rows[:, y.R_PERSON]
    if found.offsets.min() == found.offsets.max():
        order = _by_instant(at, which)
    else:
        order = np.lexsort((which, at, found.offsets))
    rows, offsets = rows.take(order, axis=0), found.offsets.take(order)
    whose, at = rows[:, y.R_PERSON], at.take(order)
    same = (at[1:] == at[:-1]) & (offsets[1:] == offsets[:-1])
    if np.any(same & (whose[1:] != whose[:-1])):
        return None
    profiles = found.profiles.take(pa.array(order))
    return found._replace(rows=rows, offsets=offsets, profiles=profiles)


def _by_instant(at: Words, which: Words) -> Words:
    """As ``np.lexsort((which, at))``, where few instants are those of several."""
    order = at.argsort()
    sorted_ = at.take(order)
    same = sorted_[1:] == sorted_[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    several = order.take(tied)
    order[tied] = several.take(np.lexsort((which.take(several), at.take(several))))
    return order

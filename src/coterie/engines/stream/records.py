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
        self._lock = Lock()

    def tick(self, t: int, offset: int) -> None:
        """The clock may now pass until `t`, by a log entry."""
        if not self.ticks or self.ticks[-1][0] < t:
            self.ticks.append((t, offset))

    def drained(self, t: int) -> None:
        """Every deadline until `t` was acted on."""
        self.ticks = [tick for tick in self.ticks if tick[0] >= t]

    def add(self, rows: Words, profiles: pa.Array, program: Program) -> None:
        """Take the records of a kernel."""
        cause, offset = self.now
        by_host = rows[:, y.R_CAUSE] == y.BY_HOST
        offsets = np.where(by_host, offset, self._offsets(rows[:, y.R_AT]))
        with self._lock:
            self._taken.append(_Taken(rows, profiles, program, cause, offsets))

    def _offsets(self, at: Words) -> Words:
        """The log entries that moved the clock past instants."""
        instants = np.array([t for t, _ in self.ticks], np.int64)
        offsets = np.array([*(offset for _, offset in self.ticks), self.now[1]], np.int64)
        return offsets[np.searchsorted(instants, at)]

    def take(self) -> pa.Table:
        """Everything recorded since the last call, in order."""
        taken, self._taken = self._taken, []
        if not taken:
            return SCHEMA.empty_table()
        if len({(id(each.program), each.cause) for each in taken}) == 1:
            found = _together(taken)
            at = _in_order(found)
            if at is not None:
                return found.table(at)
        found_ = pa.concat_tables([SCHEMA.empty_table(), *(each.table() for each in taken)])
        directions = {"change": "descending"}
        return found_.sort_by([(name, directions.get(name, "ascending")) for name in ORDER])


class _Taken(NamedTuple):
    """Records of one kind of occasion."""

    rows: Words
    profiles: pa.Array
    program: Program
    cause: str
    offsets: Words

    def table(self, at: Words | None = None) -> pa.Table:
        """All of them, or those at places, column by column."""
        rows = self.rows if at is None else self.rows[at]
        program, by = self.program, rows[:, y.R_CAUSE]
        segments, stages = ([output[i] for output in program.outputs] for i in (0, 1))
        reasons = [*program.events, *program.names, ""]
        found = [
            self.profiles if at is None else self.profiles.take(pa.array(at)),
            _chosen(segments, rows[:, y.R_BIT]),
            _chosen(stages, rows[:, y.R_BIT]),
            _chosen(["exited", "entered"], rows[:, y.R_ENTERED]),
            pa.array(rows[:, y.R_AT], pa.timestamp("us", "UTC")),
            _chosen(["event", "time", self.cause], by),
            _chosen(reasons, _reasons(by, rows[:, y.R_REASON], program)),
            pa.array(self.offsets if at is None else self.offsets[at], pa.int64()),
        ]
        return pa.table(found, schema=SCHEMA)


def _together(taken: list[_Taken]) -> _Taken:
    first = taken[0]
    if len(taken) == 1:
        return first
    return first._replace(
        rows=np.concatenate([each.rows for each in taken]),
        profiles=pa.concat_arrays([each.profiles for each in taken]),
        offsets=np.concatenate([each.offsets for each in taken]),
    )


def _in_order(found: _Taken) -> Words | None:
    """The places of records in order; None where two people changed at one instant.

    Their names decide then; everything else is decided by numbers.
    """
    outputs = found.program.outputs
    ranks = np.empty(len(outputs), np.int64)
    ranks[sorted(range(len(outputs)), key=outputs.__getitem__)] = np.arange(len(outputs))
    rows, n = found.rows, len(found.rows)
    whose, at = rows[:, y.R_PERSON], rows[:, y.R_AT]
    keys = ranks[rows[:, y.R_BIT]], rows[:, y.R_ENTERED], whose, at, found.offsets
    order = np.lexsort(keys)
    later, before = order[1:], order[: n - 1]
    same = (at[later] == at[before]) & (found.offsets[later] == found.offsets[before])
    alone = whose[later] == whose[before]
    return order if np.all(alone[same]) else None


def _reasons(by: Words, reason: Words, program: Program) -> Words:
    """Where the reason stands: the event that did it, the definition whose deadline it was."""
    n_events, n_names = len(program.events), len(program.names)
    timely = np.where(reason >= 0, n_events + reason, n_events + n_names)
    return np.select([by == y.BY_EVENT, by == y.BY_TIME], [reason, timely], n_events + n_names)


def _chosen(words: list[str], which: Words) -> pa.Array:
    """A column of texts by their places in a list."""
    return pa.array(words, pa.string()).take(pa.array(which))

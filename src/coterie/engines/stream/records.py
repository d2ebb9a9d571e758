"""Membership changes on their way out: whose, what, when, why, and by which log entry."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

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
        self._tables: list[pa.Table] = []
        self._taken: list[tuple[Words, list[str], Words]] = []
        self._cause = ""
        self._program: Program | None = None
        self._lock = Lock()

    def tick(self, t: int, offset: int) -> None:
        """The clock may now pass until `t`, by a log entry."""
        if not self.ticks or self.ticks[-1][0] < t:
            self.ticks.append((t, offset))

    def drained(self, t: int) -> None:
        """Every deadline until `t` was acted on."""
        self.ticks = [tick for tick in self.ticks if tick[0] >= t]

    def add(self, rows: Words, profiles: list[str], program: Program) -> None:
        """Take the records of a kernel."""
        cause, offset = self.now
        host = rows[:, y.R_CAUSE] == y.BY_HOST
        offsets = np.where(host, offset, self._offsets(rows[:, y.R_AT]))
        with self._lock:
            if self._cause != cause or self._program is not program:
                self._build()
                self._cause, self._program = cause, program
            self._taken.append((rows, profiles, offsets))

    def _build(self) -> None:
        """Make one table of what was taken for one cause, under one program."""
        taken, self._taken = self._taken, []
        program = self._program
        if not taken or program is None:
            return
        rows = np.concatenate([each[0] for each in taken])
        profiles = [name for each in taken for name in each[1]]
        by, reasons = rows[:, y.R_CAUSE], [*program.events, *program.names, ""]
        segments, stages = ([output[i] for output in program.outputs] for i in (0, 1))
        found = [
            pa.array(profiles, pa.string()),
            _chosen(segments, rows[:, y.R_BIT]),
            _chosen(stages, rows[:, y.R_BIT]),
            _chosen(["exited", "entered"], rows[:, y.R_ENTERED]),
            pa.array(rows[:, y.R_AT], pa.timestamp("us", "UTC")),
            _chosen(["event", "time", self._cause], by),
            _chosen(reasons, _reasons(by, rows[:, y.R_REASON], program)),
            pa.array(np.concatenate([each[2] for each in taken]), pa.int64()),
        ]
        self._tables.append(pa.Table.from_arrays(found, schema=SCHEMA))

    def _offsets(self, at: Words) -> Words:
        """The log entries that moved the clock past instants."""
        instants = np.array([t for t, _ in self.ticks], np.int64)
        offsets = np.array([*(offset for _, offset in self.ticks), self.now[1]], np.int64)
        return offsets[np.searchsorted(instants, at)]

    def take(self) -> pa.Table:
        """Everything recorded since the last call, in order."""
        self._build()
        if not self._tables:
            return SCHEMA.empty_table()
        found = pa.concat_tables([SCHEMA.empty_table(), *self._tables])
        self._tables = []
        directions = {"change": "descending"}
        return found.sort_by([(name, directions.get(name, "ascending")) for name in ORDER])


def _reasons(by: Words, reason: Words, program: Program) -> Words:
    """Where the reason stands: the event that did it, the definition whose deadline it was."""
    n_events, n_names = len(program.events), len(program.names)
    timely = np.where(reason >= 0, n_events + reason, n_events + n_names)
    return np.select([by == y.BY_EVENT, by == y.BY_TIME], [reason, timely], n_events + n_names)


def _chosen(words: list[str], which: Words) -> pa.Array:
    """A column of texts by their places in a list."""
    codes = pa.array(which.astype(np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array(words, pa.string())).cast(pa.string())

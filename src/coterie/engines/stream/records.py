"""Membership changes on their way out: whose, what, when, why, and by which log entry."""

from __future__ import annotations

from bisect import bisect_left
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
        names = list(program.events)
        outputs = program.outputs
        causes, reasons, offsets = [], [], []
        for by, reason, at in rows[:, [y.R_CAUSE, y.R_REASON, y.R_AT]].tolist():
            causes.append({y.BY_EVENT: "event", y.BY_TIME: "time"}.get(by, cause))
            reasons.append(_reason(by, reason, names, program.names))
            offsets.append(offset if by == y.BY_HOST else self._offset(at))
        found = pa.table(
            {
                "profile": pa.array(profiles, pa.string()),
                "segment": [outputs[b][0] for b in rows[:, y.R_BIT].tolist()],
                "stage": [outputs[b][1] for b in rows[:, y.R_BIT].tolist()],
                "change": np.where(rows[:, y.R_ENTERED] == 1, "entered", "exited"),
                "at": pa.array(rows[:, y.R_AT], pa.timestamp("us", "UTC")),
                "cause": causes,
                "reason": reasons,
                "offset": pa.array(offsets, pa.int64()),
            },
            schema=SCHEMA,
        )
        with self._lock:
            self._tables.append(found)

    def _offset(self, at: int) -> int:
        """The log entry that moved the clock past an instant."""
        i = bisect_left(self.ticks, (at, -1))
        return self.ticks[i][1] if i < len(self.ticks) else self.now[1]

    def take(self) -> pa.Table:
        """Everything recorded since the last call, in order."""
        found = pa.concat_tables([SCHEMA.empty_table(), *self._tables])
        self._tables = []
        directions = {"change": "descending"}
        return found.sort_by([(name, directions.get(name, "ascending")) for name in ORDER])


def _reason(by: int, reason: int, events: list[str], definitions: list[str]) -> str:
    """The event that did it, or the definition whose deadline it was."""
    if by == y.BY_EVENT:
        return events[reason]
    return definitions[reason] if by == y.BY_TIME and reason >= 0 else ""

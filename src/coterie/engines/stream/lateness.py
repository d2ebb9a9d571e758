"""Late events that nothing of their person's state has passed: applied as if they had been in time.

A person's state is that of the last unit, or of a moment ago (:mod:`rewinding`) with the events
since. Where all late events of a person occurred after it, they are applied at their own instants,
then the deadlines up to the clock, and nothing of that is recorded: the difference at the clock is.
That is what a rebuild from history comes to, and as after one, nothing counts as reached by a live
event.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coterie.engines.stream import deciding, due, stepping, units
from coterie.engines.stream import layout as y
from coterie.engines.stream.arriving import Arrival, Arriving
from coterie.engines.stream.batches import Words
from coterie.engines.stream.compiled import Memory, kernel

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition


@kernel
def catch_up(
    M: Memory, X: Memory, Y: Memory, R: Memory, D: Memory, E: Memory, O: Memory, A: Memory,
    i: int, n: int, t: int,
) -> int:  # fmt: skip
    """Pass the deadlines of the people ``A[i:n]`` since their last unit, and record where `t` is.

    Their last unit stays the last event or deadline that was acted on, not `t`.
    """
    while i < n:
        r = R[A[i]]
        if not units.ample(M) or not due.has_room(D):
            return stepping.halt(M, D, i)
        deciding.everything(M, X, Y, r, M[r + y.LAST])
        while M[r + y.DUE] <= t:
            if not stepping.able(M, r):
                return stepping.halt(M, D, i)
            stepping.pass_deadline(M, X, Y, E, r)
        if not units.ample(M):
            return stepping.halt(M, D, i)
        deciding.everything(M, X, Y, r, t)
        deciding.conclude(M, X, Y, r, t)
        units.record(M, O, r, A[i], t, y.BY_HOST, -1)
        due.arm(M, D, r, A[i])
        i += 1
    M[y.STATUS] = y.DONE
    return n


def overtake(
    engine: StreamEngine, arriving: Arriving, late: Sequence[Arrival], *, offset: int
) -> list[str]:
    """Apply late events where that is possible, and return whose histories have to be read.

    Parameters
    ----------
    late : sequence of Arrival
        All late events of these people since they were last corrected.
    offset : int
        Of the log entry that brought them.

    Notes
    -----
    The differences are recorded at the clock with the cause ``late``, as
    :meth:`StreamEngine.rebuild` records them.
    """
    engine.offset = offset
    left: list[str] = []
    for i, rows in arriving.rows(late).items():
        part = engine.parts[i]
        people, whose = np.unique(rows[:, y.E_PERSON], return_inverse=True)
        part.force(people, engine.clock)
        first = np.full(len(people), y.FOREVER)
        np.minimum.at(first, whose, rows[:, y.E_AT])
        possible, since = _possible(part, people, first)
        left += engine.people.named(i, people[~possible]).to_pylist()
        engine.records.now = ("late", offset)
        now = rows[possible[whose]]
        _apply(part, people[possible], np.concatenate([now, since]), engine.clock)
        if part.former is not None:
            part.former.add(now)
    return left


def _possible(part: Partition, people: Words, first: Words) -> tuple[Words, Words]:
    """Whose late events, from an instant on, all occurred after a unit whose state is there.

    Where that is a state of a moment ago it is brought back, and the events since are given too.
    """
    at = part.rows[people]
    possible = (first > part.memory[at + y.LAST]) & (part.memory[at + y.SEEN] & y.COLD == 0)
    if part.former is None or possible.all():
        return possible, part.waiting[:0]
    chosen, since = part.former.rewind(part, people[~possible], first[~possible])
    possible[~possible] = chosen
    return possible, since


def _apply(part: Partition, people: Words, rows: Words, clock: int) -> None:
    none, i = np.zeros(1, np.int64), 0
    part.fold(rows)
    while i < len(people):
        i = part.call(
            catch_up, part.rows, part.wheel, none, part.records, people, i, len(people), clock
        )
    part.unlive(people)
    part.shed()

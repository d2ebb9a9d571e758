"""A state that passes whole to another name, as a device's to a user of whom nothing was known.

Such a merge is a union with nothing. What a rebuild of both from history comes to is the state that
is there, under the other name: the one leaves everything and is forgotten, the other is evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coterie.engines.stream import layout as y
from coterie.engines.stream import rewinding
from coterie.engines.stream.arriving import Arrival, Arriving
from coterie.engines.stream.batches import Words

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition

Late = Mapping[str, Sequence[Arrival]]
"""Late events of people."""


def adopt(
    engine: StreamEngine, arriving: Arriving, pairs: Mapping[str, str], late: Late, *, offset: int
) -> dict[str, str]:
    """Let states pass to others where that is possible, and return the pairs where it is not.

    Parameters
    ----------
    pairs : mapping of str to str
        Profile -> the one that all of its events belong to from now on; nobody is in two pairs.
    late : mapping of str to sequence of Arrival
        The late events of those who gain.
    offset : int
        Of the log entry that joined them.

    Notes
    -----
    The differences are recorded at the clock with the cause ``merge``, as
    :meth:`StreamEngine.rebuild` records them.
    """
    engine.offset = offset
    left = {}
    for old, new in pairs.items():
        rows = arriving.rows(late.get(new, ()))
        engine.texts.refresh()
        if not _passed(engine, old, new, rows, offset):
            left[old] = new
    return left


def _passed(
    engine: StreamEngine, old: str, new: str, late: Mapping[int, Words], offset: int
) -> bool:
    """Whether a state passed from one profile to another."""
    known = engine.people.known(old)
    if known is None:
        return False
    i, people = known[0], np.array(known[1:], np.int64)
    ((j, others),) = engine.people.by_partition([new], add=True).items()
    part, to = engine.parts[i], engine.parts[j]
    to.enroll(engine.people.count(j))
    part.force(people, engine.clock)
    rows = late.get(j, part.waiting[:0])
    if not (_ready(part, people, rows) and to.memory[to.rows[others[0]] + y.SEEN] == 0):
        return False
    engine.records.now = ("merge", offset)
    _move(part, people, to, others)
    to.fold(rows)
    to.settle(others, engine.clock)
    part.vanish(people, engine.clock)
    engine.people.forget(i, people)
    part.shed()
    to.shed()
    return True


def _ready(part: Partition, people: Words, rows: Words) -> bool:
    """Whether somebody has a state or waits for one, and rows all come after the last unit."""
    at = int(part.rows[people[0]])
    seen, last = part.memory[at + y.SEEN], part.memory[at + y.LAST]
    somebody = seen & y.APPLIED != 0 or (part.waiting[:, y.E_PERSON] == people[0]).any()
    whole = somebody and seen & (y.HEAVY | y.COLD) == 0
    return bool(whole and (rows[:, y.E_AT] > last).all())


def _move(part: Partition, people: Words, to: Partition, others: Words) -> None:
    """Copy a state, and take along what waits."""
    ((state,),) = rewinding.kept(part, people)
    rewinding.give_back(to, others, state, np.zeros(1, np.int64))
    to.unlive(others)
    waiting = part.waiting[part.waiting[:, y.E_PERSON] == people[0]]
    part.forget_waiting(people)
    waiting[:, y.E_PERSON] = others[0]
    to.wait(waiting)
    for each, whose in ((part, people), (to, others)):
        if each.former is not None:
            each.former.drop(whose)

"""People made what their histories say: the one way of all that cannot be applied in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words
from coterie.errors import StoreError

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition


def rebuild(
    engine: StreamEngine,
    profiles: Sequence[str],
    histories: Mapping[str, pa.Table],
    cause: str,
    offset: int,
) -> None:
    """Fold histories, and record at the clock what differs (:meth:`StreamEngine.rebuild`)."""
    engine.offset = offset
    whose = _enrolled(engine, profiles)
    for i, people in whose.items():
        engine.parts[i].forget_waiting(people)
        engine.parts[i].force(people, engine.clock)
        engine.parts[i].clear(people)
    past = _past(engine, histories)
    for name, events in histories.items():
        engine.wait(name, events.filter(pc.greater(events["at"], engine.clock)))
    engine.records.now = (cause, offset)

    def work(i: int) -> None:
        part = engine.parts[i]
        if i in past:
            part.fold(past[i])
        part.settle(whose[i], engine.clock)
        gone = whose[i][part.memory[part.rows[whose[i]] + y.SEEN] & y.APPLIED == 0]
        part.vanish(gone, engine.clock)
        part.shed()

    engine.each(work, whose)
    _forget_strangers(engine, whose)


def _past(engine: StreamEngine, histories: Mapping[str, pa.Table]) -> dict[int, Words]:
    """The events that are not after the clock, by partition."""
    past: dict[int, list[Words]] = {}
    for name, events in histories.items():
        for i, rows in engine.rows(name, events.filter(pc.less_equal(events["at"], engine.clock))):
            past.setdefault(i, []).append(rows)
    return {i: np.concatenate(parts) for i, parts in past.items()}


def _enrolled(engine: StreamEngine, profiles: Sequence[str]) -> dict[int, Words]:
    """The numbers of people by partition; everybody has one."""
    found = engine.people.by_partition(profiles, add=True)
    for i, part in enumerate(engine.parts):
        part.enroll(engine.people.count(i))
    return found


def _forget_strangers(engine: StreamEngine, whose: Mapping[int, Words]) -> None:
    """Drop the names of those who have neither history nor future."""
    for i, people in whose.items():
        part, people = engine.parts[i], np.unique(people)
        gone = people[part.memory[part.rows[people] + y.SEEN] & y.APPLIED == 0]
        if len(gone):
            gone = gone[~np.isin(gone, part.waiting[:, y.E_PERSON])]
            engine.people.forget(i, gone)


# --- people over their budget -------------------------------------------------------------------


def cold(engine: StreamEngine, t: int | None) -> list[str]:
    """Whose state was let go, and whom moving the clock to `t` concerns."""
    found: list[str] = []
    for i, part in enumerate(engine.parts):
        people = part.cold()
        if t is not None and len(people):
            due = part.memory[part.rows[people] + y.DUE] <= t
            ahead = part.waiting[part.waiting[:, y.E_AT] <= t, y.E_PERSON]
            people = people[due | np.isin(people, ahead)]
        found += engine.people.named(i, people).to_pylist()
    return found


def refuse_cold(part: Partition, people: Words, what: str) -> None:
    """Refuse to go on where a state is wanted that was let go.

    Raises
    ------
    StoreError
        The host was to give it back first.
    """
    cold = int(np.isin(people, part.cold()).sum())
    if cold:
        raise StoreError(
            "states of people over the memory budget were let go", where=f"stream, {what}",
            got=f"{cold} of them", expected="none", hint="give them back first: cold() and warm()",
        )  # fmt: skip


def warm(engine: StreamEngine, profiles: Sequence[str], histories: Mapping[str, pa.Table]) -> None:
    """Fold the states of people as they were (:meth:`StreamEngine.warm`)."""
    engine.records.now = ("", engine.offset)
    past = _past(engine, histories)
    for i, people in engine.people.by_partition(profiles).items():
        rows = past.get(i, engine.parts[i].waiting[:0])
        for person in people.tolist():
            engine.parts[i].warm(person, rows[rows[:, y.E_PERSON] == person], engine.clock)

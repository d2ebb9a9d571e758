"""The state of some of the people: memory, rows, deadlines, and the kernels run over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import numpy as np

from coterie.engines.stream import due, kernels
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Batch, Words, in_order, stride
from coterie.engines.stream.compiled import plain
from coterie.engines.stream.growing import Room
from coterie.engines.stream.later import Later
from coterie.engines.stream.program import Program
from coterie.engines.stream.rewinding import Former
from coterie.engines.stream.texts import Texts

RECORDS = 16_384
"""Membership changes that a kernel writes before the engine takes them."""

Taken = Callable[["Partition", Words], None]
"""Told of records as they are taken: one row of :data:`RECORD` words each."""


class Partition:
    """Some of the people.

    Parameters
    ----------
    program : Program
    texts : Texts
    parameters : array of int64
        Of the active fits.
    taken : callable
        Where records go.
    budget : int
        Bytes that one person's windows, sets and waits may take.
    span : int
        Microseconds of event time for which states are kept; 0 for none.

    Attributes
    ----------
    former : Former or None
        States of a moment ago; None where none are kept.
    """

    def __init__(
        self, program: Program, texts: Texts, parameters: Words, taken: Taken, budget: int,
        span: int = 0,
    ) -> None:  # fmt: skip
        self.program = program
        self.texts = texts
        self.taken = taken
        self.budget = budget
        self.memory = np.concatenate([program.words, np.zeros(4096, np.int64)])
        self.rows = np.zeros(64, np.int64)
        self.wheel = np.zeros(due.START + 2 * due.SPARE, np.int64)
        self.wheel[due.TOP] = due.START
        self._memory_room, self._rows_room, self._wheel_room = Room(), Room(), Room()
        self.n_people = 0
        self._later = Later(stride(program))
        self._cold = True
        self._holds = False  # records stay where kernels write them, as long as there is room
        self.former = Former(span) if span else None
        self.ready(parameters)

    def ready(self, parameters: Words) -> None:
        """Room for records, as the program needs it, and the parameters of the active fits."""
        limit = RECORDS + int(self.program.words[y.N_BITS])
        self.records = np.zeros(limit * y.RECORD, np.int64)
        self.memory[y.OUT_LIMIT] = limit
        self.memory[y.BUDGET] = self.budget // 8
        self.memory[y.LIMIT] = len(self.memory)
        self.know(parameters)

    def know(self, parameters: Words) -> None:
        """Put parameters where kernels find them."""
        if self.former is not None:
            self.former.forget()
        if len(parameters) > self.memory[y.N_PARAMETERS]:
            self.reserve(len(parameters))
            self.memory[y.PARAMETERS] = self.memory[y.TOP]
            self.memory[y.N_PARAMETERS] = len(parameters)
            self.memory[y.TOP] += len(parameters)
        at = int(self.memory[y.PARAMETERS])
        self.memory[at : at + len(parameters)] = parameters

    def frozen(self, texts: Texts, taken: Taken, room: Words) -> Partition:
        """A copy that shares nothing that changes, its memory in `room` where that is enough."""
        other = copy(self)
        other.texts, other.taken, other.former = texts, taken, None
        used = int(self.memory[y.TOP])
        other.memory = room[:used] if len(room) >= used else np.empty(used, np.int64)
        np.copyto(other.memory, self.memory[:used])
        other.rows, other.wheel = self.rows.copy(), self.wheel.copy()
        other.records, other._later = self.records.copy(), self._later.frozen()
        return other

    def shed(self) -> None:
        """Let go of the states of people whose chunks take more than the budget."""
        if self.memory[y.N_HEAVY] > 0:
            rows = self.rows[: self.n_people]
            heavy = rows[self.memory[rows + y.SEEN] & y.HEAVY != 0]
            self.call(kernels.evict, heavy, stateful=False)
            self._cold = True

    def cold(self) -> Words:
        """The numbers of people whose state was let go."""
        if not self._cold:  # nobody was since the last look that found nobody
            return np.zeros(0, np.int64)
        found = np.flatnonzero(self.row(y.SEEN) & y.COLD)
        self._cold = len(found) > 0
        return found

    def warm(self, person: int, rows: Words, t: int) -> None:
        """Fold a person's state anew, up to the last unit; memberships stay as they are.

        Deadlines that were acted on by `t` and changed nothing are no units. They are passed again:
        else whoever is let go after each of them would come to the same one for ever.
        """
        people, row = np.array([person], np.int64), self.rows[person]
        last, passed = int(self.memory[row + y.LAST]), int(self.memory[row + y.DUE]) - 1
        self.clear(people)
        self.fold(rows[rows[:, y.E_AT] <= last])
        self.settle(people, last)
        self.force(people, min(passed, t))

    def lived(self, word: int) -> Words:
        """Where each person's bits lie of the leaves that were reached live, or of some of them."""
        return self.rows[: self.n_people] + int(self.program.words[y.LIVED]) + word

    def unlive(self, people: Words) -> None:
        """Count nothing of these people as reached live."""
        for word in range(int(self.program.words[y.FIRST_ATOMS] - self.program.words[y.LIVED])):
            self.memory[self.lived(word)[people]] = 0

    # --- people ----------------------------------------------------------------------------------

    def enroll(self, n: int) -> None:
        """Make sure that the people numbered below `n` have rows."""
        if n > len(self.rows):
            self._more_rows(max(n, len(self.rows) * 9 // 8))
        self.reserve((n - self.n_people) * self.program.width)
        while self.n_people < n:
            self.n_people = self.call(kernels.enroll, self.rows, self.n_people, n, stateful=False)

    def reserve(self, words: int) -> None:
        """Make sure that so many words were never used."""
        missing = int(self.memory[y.TOP]) + words - len(self.memory)
        if missing > 0:
            self._more_memory(missing)

    def _more_rows(self, size: int) -> None:
        self.rows = self._rows_room.longer(self.rows, size)

    @property
    def nbytes(self) -> int:
        """The bytes in use."""
        waiting: int = self.waiting.nbytes
        return int(self.memory[y.TOP]) * 8 + self.rows.nbytes + self.wheel.nbytes + waiting

    def row(self, word: int) -> Words:
        """One word of everybody's row."""
        return self.memory[self.rows[: self.n_people] + word]

    def bits(self, people: Words) -> Words:
        """The membership words of people, one row each."""
        at = self.rows[people][:, None] + y.BITS + np.arange(int(self.program.words[y.N_WORDS]))
        return self.memory[at]

    # --- kernels ---------------------------------------------------------------------------------

    def call(self, kernel: Any, *rest: Any, stateful: bool = True) -> int:
        """Call a kernel once, and give it what it asked for."""
        self.memory[y.CAPACITY] = self.texts.capacity
        texts = [self.texts.labels, self.texts.matches] if stateful else []
        arrays = [self.memory, *texts]
        given = [plain(x) if isinstance(x, np.ndarray) else x for x in (*arrays, *rest)]
        came = int(kernel(*given))
        for x in given:
            if isinstance(x, memoryview):
                x.release()
        if not self._holds or self.memory[y.STATUS] == y.RECORDS_FULL:
            self._take()
        if self.memory[y.STATUS] == y.MEMORY_LOW:
            self._more_memory()
        elif self.memory[y.STATUS] == y.WHEEL_FULL:
            more = max(len(self.wheel) // 8, 2 * due.SPARE)
            self.wheel = self._wheel_room.longer(self.wheel, len(self.wheel) + more)
        return came

    def _take(self) -> None:
        n = int(self.memory[y.OUT])
        if n:
            self.memory[y.OUT] = 0
            self.taken(self, self.records[: n * y.RECORD].reshape(n, y.RECORD).copy())

    def _more_memory(self, words: int = 4096) -> None:
        size = len(self.memory) + max(len(self.memory), words)
        self.memory = self._memory_room.longer(self.memory, size)
        self.memory[y.LIMIT] = size

    # --- events ----------------------------------------------------------------------------------

    @property
    def waiting(self) -> Words:
        """The events ahead of the clock, in any order."""
        return self._later.rows

    @property
    def n_waiting(self) -> int:
        """How many events are ahead of the clock."""
        return len(self._later)

    def wait(self, rows: Words) -> None:
        """Keep events until they are due."""
        self._later.add(rows)

    def admit(self, events: Batch, i: int) -> None:
        """Keep those events of a batch that are of this partition, the i-th, until they are due."""
        people, count = events.whose(i)
        self.enroll(count)
        events.write(i, people, self._later.room(len(people)))

    def step(self, t: int, limit: int) -> int:
        """Apply the events that are due, then up to `limit` deadlines; how many those were."""
        self._holds = True
        try:
            self.live(self._later.take(t))
            return self.pass_time(t, limit)
        finally:
            self._holds = False
            self._take()

    def forget_waiting(self, people: Words) -> None:
        """Drop the waiting events of people."""
        self._later.keep(~np.isin(self.waiting[:, y.E_PERSON], people))

    @contextmanager
    def living(self) -> Iterator[None]:
        """What occurs meanwhile is live."""
        self.memory[y.LIVE] = 1
        try:
            yield
        finally:
            self.memory[y.LIVE] = 0

    def live(self, rows: Words) -> None:
        """Apply events that are due, and record every change at its instant."""
        flat, i, n = rows.reshape(-1), 0, len(rows)
        if self.former is not None:
            self.former.note(self, rows)
        with self.living():
            while i < n:
                i = self.call(kernels.live, self.rows, self.wheel, flat, self.records, i, n, 0)

    def pass_time(self, t: int, limit: int) -> int:
        """Act on up to `limit` deadlines until an instant; how many that were."""
        done, none = 0, np.zeros(0, np.int64)
        with self.living():
            while done < limit:
                done = self.call(
                    kernels.live, self.rows, self.wheel, none, self.records, done, limit, t
                )
                if self.memory[y.STATUS] == y.DONE:
                    break
        return done

    def force(self, people: Words, t: int) -> None:
        """Act on the deadlines of these people until an instant."""
        i, n, none = 0, len(people), np.zeros(1, np.int64)
        with self.living():
            while i < n:
                i = self.call(
                    kernels.force, self.rows, self.wheel, none, self.records, people, i, n, t
                )

    def fold(self, rows: Words) -> None:
        """Apply events of histories in order, recording nothing."""
        flat, i, n = in_order(rows).reshape(-1), 0, len(rows)
        while i < n:
            i = self.call(kernels.fold, self.rows, flat, i, n)

    def ripen(self, t: int) -> None:
        """Let everybody's waits be over that are by an instant."""
        i, none = 0, np.zeros(1, np.int64)
        while i < self.n_people:
            i = self.call(kernels.ripen, self.rows, none, i, self.n_people, t)

    def graft(self, other: Partition, plan: Words) -> None:
        """Copy everybody's states from a partition of another program (:func:`kernels.graft`)."""
        i = 0
        while i < other.n_people:
            i = self.call(
                kernels.graft, self.rows, other.memory, other.rows, plan, i, other.n_people,
                stateful=False,
            )  # fmt: skip

    def settle(self, people: Words, t: int) -> None:
        """Evaluate people at an instant, and record what differs from before."""
        i, none = 0, np.zeros(1, np.int64)
        while i < len(people):
            i = self.call(
                kernels.settle, self.rows, self.wheel, none, self.records, people, i, len(people), t
            )

    def vanish(self, people: Words, t: int) -> None:
        """Let people leave everything, and free what they held."""
        i = 0
        while i < len(people):
            i = self.call(
                kernels.vanish, self.rows, self.records, people, i, len(people), t,
                stateful=False,
            )  # fmt: skip

    def clear(self, people: Words) -> None:
        """Empty the rows of people but for their memberships."""
        if self.former is not None:
            self.former.drop(people)
        if len(people):
            self.call(kernels.clear_all, self.rows, people, stateful=False)

    def answer(self, people: Words, registers: Words, t: int) -> Words:
        """The registers of people at an instant: ``(people, registers, 2)``."""
        found = np.zeros(len(people) * len(registers) * 2, np.int64)
        i = 0
        while i < len(people):
            i = self.call(kernels.answer, self.rows, people, registers, found, i, len(people), t)
        return found.reshape(len(people), len(registers), 2)

    def answer_one(self, person: int, registers: Words, t: int) -> list[int] | None:
        """The registers of one person, one after the other; None for whom something is due.

        Nor of a stranger, nor where the state was let go: then :meth:`answer` needs more.
        """
        self.memory[y.CAPACITY] = self.texts.capacity
        found = np.zeros(2 * len(registers), np.int64)
        labels, matches = plain(self.texts.labels), plain(self.texts.matches)
        if not kernels.answer_one(
            plain(self.memory), labels, matches, plain(self.rows), plain(registers), plain(found),
            person, t,
        ):  # fmt: skip
            return None
        answer: list[int] = found.tolist()
        return answer

"""States of a moment ago, so that somebody whose events came in another order goes back to one.

Before an event is applied to a person, the state is copied, and the events since are kept beside
it. An event that is late by less than that finds the person as before it: the state is brought
back, and all events since are folded again with the late one, without reading any history.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words
from coterie.engines.stream.compiled import Memory, kernel
from coterie.engines.stream.memory import address, held, put, release, room, take, words

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine
    from coterie.engines.stream.partition import Partition

FEW = 4096
"""Events of one batch; where there are more, nothing is kept of anybody."""

LARGE = 2048
"""Words of a state that is not kept: few have as much, and many of them would fill the memory."""

_LET_GO = y.HEAVY | y.COLD


@kernel
def keep(M: Memory, R: Memory, A: Memory, B: Memory, i: int, n: int) -> int:
    """Copy the states of the people ``A[i:n]`` to `B`: each one's row, then the chunks."""
    to = 0
    while i < n:
        r = R[A[i]]
        for k in range(M[y.WIDTH]):
            B[to + k] = M[r + k]
        to += M[y.WIDTH]
        for c in range(M[y.N_CHUNKS]):
            cell = r + M[M[y.CHUNKS] + c]
            at, size = address(M, cell), words(M, cell)
            for k in range(size):
                B[to + k] = M[at + k]
            to += size
        i += 1
    M[y.STATUS] = y.DONE
    return n


@kernel
def bring_back(
    M: Memory, R: Memory, A: Memory, B: Memory, P: Memory, i: int, n: int
) -> int:  # fmt: skip
    """Give the people ``A[i:n]`` the states that lie at ``P[i:n]`` in `B`.

    Memberships stay, as a later evaluation compares with them, and so does the wheel's entry.
    """
    while i < n:
        r, o = R[A[i]], P[i]
        more = 0
        for c in range(M[y.N_CHUNKS]):
            more += 2 * words(B, o + M[M[y.CHUNKS] + c])
        if not room(M, more):
            M[y.STATUS] = y.MEMORY_LOW
            return i
        for c in range(M[y.N_CHUNKS]):
            release(M, r + M[M[y.CHUNKS] + c])
        for k in range(M[y.WIDTH]):
            if k != y.ARMED and (k < y.BITS or k >= y.BITS + M[y.N_WORDS]):
                M[r + k] = B[o + k]
        at = o + M[y.WIDTH]
        for c in range(M[y.N_CHUNKS]):
            cell, size = r + M[M[y.CHUNKS] + c], words(B, o + M[M[y.CHUNKS] + c])
            M[cell] = 0
            if size > 0:
                to = take(M, size)
                for k in range(size):
                    M[to + k] = B[at + k]
                put(M, cell, to, size)
            at += size
        i += 1
    M[y.STATUS] = y.DONE
    return n


def remember(engine: StreamEngine, span: int) -> None:
    """Have an engine keep states of a moment ago.

    Parameters
    ----------
    span : int
        Microseconds of event time; everybody who has an event within it is copied.
    """
    engine.span = span
    for part in engine.parts:
        part.former = Former(span)


class Former:
    """What the people of one partition were before the events of a moment.

    Parameters
    ----------
    span : int
        Microseconds of event time that are remembered at least, and at most twice as many.

    Notes
    -----
    Each person's entry holds a state, then rows of the events applied to it since. Whatever else
    changes a state has the person forgotten.
    """

    def __init__(self, span: int) -> None:
        self._span = span
        self._until = y.NEVER
        self._now: dict[int, list[Words]] = {}
        self._before: dict[int, list[Words]] = {}

    def note(self, part: Partition, rows: Words) -> None:
        """Know of events, by person, that are applied next."""
        if not len(rows):
            return
        if len(rows) > FEW:
            self.forget()
            return
        self._turn(int(rows[:, y.E_AT].max()))
        people = np.unique(rows[:, y.E_PERSON])
        new = np.array([p for p in people.tolist() if p not in self._now], np.int64)
        new = new[_sizes(part, new) <= LARGE]
        self._now |= zip(new.tolist(), kept(part, new), strict=True)
        self.add(rows)

    def add(self, rows: Words) -> None:
        """Know of events that have been applied to people."""
        for person, row in zip(rows[:, y.E_PERSON].tolist(), rows, strict=True):
            for entries in (self._now, self._before):
                if person in entries:
                    entries[person].append(row)

    def rewind(self, part: Partition, people: Words, first: Words) -> tuple[Words, Words]:
        """Give people the states that they had before instants.

        Returns
        -------
        (array of bool, array of int64)
            For whom that was possible, and the rows of all their events since.
        """
        found = [
            self._at(part, *each) for each in zip(people.tolist(), first.tolist(), strict=True)
        ]
        chosen = np.array([entry is not None for entry in found], bool)
        entries = [entry for entry in found if entry is not None]
        if not entries:
            return chosen, part.waiting[:0]
        states = [state for state, *_ in entries]
        sizes = np.array([len(state) for state in states], np.int64)
        give_back(part, people[chosen], np.concatenate(states), np.cumsum(sizes) - sizes)
        return chosen, np.array([row for _, *rows in entries for row in rows], np.int64)

    def _at(self, part: Partition, person: int, first: int) -> list[Words] | None:
        """A person's entry from before an instant."""
        entry = self._before.get(person) or self._now.get(person)
        if entry is None or entry[0][y.LAST] >= first:
            return None
        seen = entry[0][y.SEEN] | part.memory[part.rows[person] + y.SEEN]
        return None if seen & _LET_GO else entry

    def drop(self, people: Words) -> None:
        """Forget some people."""
        for person in people.tolist():
            self._now.pop(person, None)
            self._before.pop(person, None)

    def forget(self) -> None:
        """Forget everybody."""
        self._now, self._before = {}, {}

    def _turn(self, at: int) -> None:
        """Forget what lies further back than the span."""
        if at >= self._until:
            near = at < self._until + self._span
            self._before, self._now = self._now if near else {}, {}
            self._until = at + self._span


def kept(part: Partition, people: Words) -> list[list[Words]]:
    """Copies of the states of people, each the beginning of an entry."""
    sizes = _sizes(part, people)
    copies = np.empty(int(sizes.sum()), np.int64)
    part.call(keep, part.rows, people, copies, 0, len(people), stateful=False)
    ends = np.cumsum(sizes).tolist()
    return [[copies[first:last]] for first, last in pairwise([0, *ends])]


def _sizes(part: Partition, people: Words) -> Words:
    """The words of each one's state, chunks and all."""
    at, n = int(part.memory[y.CHUNKS]), int(part.memory[y.N_CHUNKS])
    cells = part.rows[people][:, None] + part.memory[at : at + n]
    sizes: Words = part.program.width + held(part.memory[cells]).sum(axis=1)
    return sizes


def give_back(part: Partition, people: Words, states: Words, places: Words) -> None:
    """Give people states that were copied, each from its place on; memberships stay."""
    i = 0
    while i < len(people):
        i = part.call(bring_back, part.rows, people, states, places, i, len(people), stateful=False)

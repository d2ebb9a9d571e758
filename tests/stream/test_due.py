"""The wheel of deadlines: everybody's turn comes at the first step that reaches their instant."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coterie.engines.stream import due
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import Memory, kernel, plain

HOUR, DAY = 3_600_000_000, 86_400_000_000
BEGIN = 1_767_225_600_000_000


@kernel
def arm(memory: Memory, rows: Memory, wheel: Memory, person: int, when: int) -> int:
    """Give a person a deadline."""
    memory[rows[person] + y.DUE] = when
    due.arm(memory, wheel, rows[person], person)
    return when


@kernel
def step(memory: Memory, rows: Memory, wheel: Memory, t: int, turns: Memory) -> int:
    """Note when the turns come of everybody who is due; how many there is room for."""
    while due.turn(wheel, t):
        if not due.has_room(wheel):
            return 0
        if due.sift(wheel):
            continue
        at = due.entry(wheel)
        if wheel[at] == memory[rows[wheel[at + 1]] + y.ARMED]:
            turns[wheel[at + 1]] = t
        due.drop(wheel)
    return 1


@kernel
def soonest(memory: Memory, rows: Memory, wheel: Memory) -> int:
    """The earliest deadline."""
    return due.soonest(memory, rows, wheel)


class Wheel:
    """A wheel by itself: the people's rows are those words that it looks at."""

    def __init__(self, n: int) -> None:
        self.memory = np.full(n * y.BITS, y.FOREVER)
        self.rows = np.arange(n) * y.BITS
        self.wheel = np.zeros(due.START + due.SPARE, np.int64)
        self.wheel[due.TOP] = due.START
        self.turns = np.full(n, y.NEVER)

    def arm(self, person: int, when: int) -> None:
        """Give a person a deadline."""
        self.ample()
        given: list[Any] = [*self._arrays(), person, when]
        arm(*given)

    def step(self, t: int) -> None:
        """Let the clock pass to an instant."""
        turns = plain(self.turns)
        while True:
            given: list[Any] = [*self._arrays(), t, turns]
            if step(*given):
                break
            self.ample()

    def soonest(self) -> int:
        """The earliest deadline."""
        return int(soonest(*self._arrays()))

    def _arrays(self) -> list[Any]:
        return [plain(words) for words in (self.memory, self.rows, self.wheel)]

    def ample(self) -> None:
        """Room for one more block's entries."""
        if int(self.wheel[due.TOP]) + due.SPARE > len(self.wheel):
            self.wheel = np.concatenate([self.wheel, np.zeros(2 * due.SPARE, np.int64)])


lengths = st.sampled_from([1, 255, 256, 257, 65_536, 1_000_000, HOUR, DAY, 30 * DAY, 4_000 * DAY])
spans = st.builds(lambda length, k: max(length * k // 7, 1), lengths, st.integers(1, 20))


@given(st.lists(spans, max_size=60), st.lists(spans, min_size=1, max_size=12))
def test_turns_come_at_the_first_step_that_reaches_them(
    deadlines: list[int], steps: list[int]
) -> None:
    """Whatever the lengths of deadlines and steps: nobody is early, late or forgotten."""
    wheel, at = Wheel(len(deadlines)), BEGIN
    wheel.step(at)
    for person, after in enumerate(deadlines):
        wheel.arm(person, at + after)
    reached = [at := at + span for span in steps]
    for t in reached:
        wheel.step(t)
    for person, after in enumerate(deadlines):
        wanted = [t for t in reached if t >= BEGIN + after]
        assert wheel.turns[person] == (wanted[0] if wanted else y.NEVER)


@given(st.lists(spans, max_size=40), spans)
def test_the_soonest_deadline_is_known(deadlines: list[int], span: int) -> None:
    """The first one that is still to come, for ever where there is none."""
    wheel = Wheel(len(deadlines))
    wheel.step(BEGIN)
    for person, after in enumerate(deadlines):
        wheel.arm(person, BEGIN + after)
    wheel.step(BEGIN + span)
    left = [BEGIN + after for after in deadlines if after > span]
    assert wheel.soonest() == min(left, default=y.FOREVER)


def test_what_is_over_is_due_at_once() -> None:
    """A deadline before the clock, or at it, has its turn when the wheel is asked next."""
    wheel = Wheel(2)
    wheel.step(BEGIN)
    wheel.arm(0, BEGIN - DAY)
    wheel.arm(1, BEGIN)
    wheel.step(BEGIN)
    assert wheel.turns.tolist() == [BEGIN, BEGIN]


def test_many_of_one_instant_find_room() -> None:
    """A block is looked through only where all its entries find another place."""
    wheel = Wheel(2_000)
    wheel.step(BEGIN)
    for person in range(2_000):
        wheel.arm(person, BEGIN + DAY + person % 300 * 16_000_000)
    for k in range(1, 60):
        wheel.step(BEGIN + k * HOUR // 2)
    assert wheel.turns.min() > BEGIN

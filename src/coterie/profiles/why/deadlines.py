"""When a value changes by time alone: deadlines computed from the state, never polled.

Between two deadlines nothing that the value is made of changes, but for decaying sums, which fall
continuously; where such a sum crosses a constant in between is found by bisection of the exact
microsecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from coterie.engines.reference import Evaluation
from coterie.language import nodes as n
from coterie.language.time import micros

At = Callable[[int], Evaluation]
"""The evaluation of one person at an instant, with the same facts known."""

STEPS = 4_000
"""Deadlines looked at before the search gives up: some 10 years of daily steps."""

MOST = 20_000_000
"""Occurrences looked at before it gives up: some seconds."""


class Enough(Exception):
    """So much was looked at that the search gave up: nothing changes up to `at`."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at


def changes(
    expr: n.Expr, expanded: n.Expr, at: At, start: int, end: int, most: int = MOST
) -> Iterator[int]:
    """The instants in ``(start, end]`` at which the value of `expr` changes, with no new event.

    Parameters
    ----------
    expr, expanded : Expr
        Lowered; the second with every reference replaced by what it refers to.
    at : callable
        Instant -> evaluation that knows no event after `start`.
    start, end : int
        Microseconds UTC.
    most : int
        Occurrences to look at, those included that its evaluations looked at before.

    Raises
    ------
    Enough
        There is more to look at.
    """
    moving = [part for part in n.walk(expanded) if _moves(part)]
    fading = [part for part in n.walk(expanded) if isinstance(part, n.Compare) and _decays(part)]
    if not moving and not fading:
        return
    now, value = start, at(start).value(expr)
    for _ in range(STEPS):
        here = at(now)
        if here.effort > most:
            break
        until = min(_next(moving, here), end)
        for crossing in _crossings(fading, at, now, until):
            if at(crossing).value(expr) != value:
                value = at(crossing).value(expr)
                yield crossing
        if until >= end:
            return
        now = until
    raise Enough(now)


FOREVER = 2**63 - 1


def _moves(part: n.Node) -> bool:
    match part:
        case n.Without() | n.Clock() | n.Age() | n.Decayed():
            return True
        case n.Compare():
            return isinstance(part.left, n.Clock) or isinstance(part.right, n.Clock)
        case n.Aggregate(within=within):
            return within is not None
        case _:
            return False


def _next(parts: list[n.Node], evaluation: Evaluation) -> int:
    later = [i for part in parts for i in _deadlines(part, evaluation) if i > evaluation.t]
    return min(later, default=FOREVER)


def _deadlines(part: n.Node, now: Evaluation) -> Iterator[int]:
    match part:
        case n.Without(first, _, within):
            yield from _over(first, micros(within), now)
        case n.Compare(_, left, right):
            yield from _compared_with_clock(left, right, now)
        case n.Age(of, step) if step is not None:
            start = now.value(of)
            if isinstance(start, int):
                yield start + ((now.t - start) // micros(step) + 1) * micros(step)
        case n.Decayed(step=step) if step is not None:
            yield (now.t // micros(step) + 1) * micros(step)
        case n.Aggregate(of, within) if within is not None:
            yield from _over(of, micros(within), now)


def _over(selection: n.Selection, length: int, now: Evaluation) -> Iterator[int]:
    """When the first of what is not over yet will be over."""
    at = now.first(selection, now.t - length)
    if at is not None:
        yield at + length


def _compared_with_clock(left: n.Expr, right: n.Expr, now: Evaluation) -> Iterator[int]:
    for side, clock in ((left, right), (right, left)):
        if isinstance(clock, n.Clock) and isinstance(moment := now.value(side), int):
            yield moment + micros(clock.minus)
            yield moment + micros(clock.minus) + 1


# --- decaying sums --------------------------------------------------------------------------


def _crossings(fading: list[n.Compare], at: At, now: int, until: int) -> list[int]:
    """Where a decaying sum passes its constant in ``(now, until)``, then `until` itself."""
    last = until - 1
    crossed = [p for p in fading if last > now and at(now).value(p) != at(last).value(p)]
    return sorted({until, *(_bisect(part, at, now, last) for part in crossed)})


def _decays(part: n.Compare) -> bool:
    below = (*n.walk(part.left), *n.walk(part.right))
    return any(isinstance(p, n.Decayed) and p.step is None for p in below)


def _bisect(part: n.Compare, at: At, low: int, high: int) -> int:
    """The first microsecond at which the comparison has the value that it has at `high`."""
    after = at(high).value(part)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at(middle).value(part) == after else (middle, high)
    return high

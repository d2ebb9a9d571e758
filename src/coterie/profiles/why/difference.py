"""What would have to differ for a predicate to become true, or to stop being true."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from coterie.engines.reference import Evaluation, Value
from coterie.language import nodes as n
from coterie.language.inference import decimals
from coterie.language.library import Library
from coterie.language.numbers import rescale
from coterie.language.time import DAY, micros
from coterie.language.types import Instant, Real, is_exact_number, scale_of

Way = Mapping[n.Expr, Value]
"""Expressions and the values that they would need."""

MOST = 64
"""Ways looked at for one node, fewest differences first."""

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def nearest_way(expr: n.Expr, now: Evaluation, wanted: bool) -> Way | None:
    """The fewest values, nearest to what they are, that would make `expr` true (or not true).

    Every way is tried on the same evaluation before it is returned; None where no change of single
    values does it.
    """
    finder = _Ways(now)
    for way in sorted(finder.of(expr, wanted), key=finder.effort):
        if (now.supposing(way).value(expr) is True) is wanted:
            return way
    return None


class _Ways:
    """The ways of one evaluation, node by node."""

    def __init__(self, now: Evaluation) -> None:
        self._now = now
        self._library: Library = now.library

    def effort(self, way: Way) -> tuple[int, float]:
        """How many values would have to differ, and by how much; what is past is hard to move."""
        return len(way), sum(self._distance(part, value) for part, value in way.items())

    def _distance(self, part: n.Expr, needed: Value) -> float:
        now = self._now.value(part)
        if not isinstance(now, int | float) or not isinstance(needed, int | float):
            return 1.0
        if isinstance(self._library.type_of(part), Instant):
            return min(1.0, (needed - now) / (365 * DAY)) if needed > now else 1.0
        return abs(needed - now) / max(abs(now), abs(needed), 1)

    def of(self, expr: n.Expr, wanted: bool) -> list[Way]:
        """Ways to the known value `wanted`; the empty one where it has it already."""
        if self._now.value(expr) is wanted:
            return [{}]
        found = self._ways(expr, wanted)
        return sorted(itertools.islice(found, MOST), key=self.effort)

    def _ways(self, expr: n.Expr, wanted: bool) -> Iterator[Way]:
        match expr:
            case n.And(parts):
                yield from self._all(parts, True) if wanted else self._any(parts, False)
            case n.Or(parts):
                yield from self._any(parts, True) if wanted else self._all(parts, False)
            case n.Not(of):
                yield from self.of(of, not wanted)
            case n.Ref(name) if self._is_segment(name):
                yield from self.of(self._library.lowered[name], wanted)
            case n.Coalesce((of, n.Truth(False))):
                yield from self.of(of, wanted)
            case n.Compare(op, left, right):
                yield from self._compare(op if wanted else NEGATED[op], left, right)
            case n.IsIn(of, options) if wanted:
                yield from ({of: constant(option, self._scale(of))} for option in options)
            case n.Known(of) if not wanted:
                yield {of: None}
            case n.Truth():
                return
            case _:
                yield {expr: wanted}

    def _is_segment(self, name: str) -> bool:
        return name in self._library.segments

    def _all(self, parts: tuple[n.Expr, ...], wanted: bool) -> Iterator[Way]:
        for ways in itertools.product(*(self.of(part, wanted) for part in parts)):
            merged: dict[n.Expr, Value] = {}
            for way in ways:
                merged |= way
            yield merged

    def _any(self, parts: tuple[n.Expr, ...], wanted: bool) -> Iterator[Way]:
        yield from sorted((w for part in parts for w in self.of(part, wanted)), key=self.effort)

    def _compare(self, op: str, left: n.Expr, right: n.Expr) -> Iterator[Way]:
        for operator, side, other in ((op, left, right), (FLIPPED[op], right, left)):
            if not isinstance(side, n.Number | n.Words | n.Truth | n.Moment | n.Clock):
                for needed in self._needed(operator, side, other):
                    if needed is not None and self._possible(side, needed):
                        yield {side: needed}

    def _possible(self, side: n.Expr, needed: Value) -> bool:
        """Whether a value can be had at all: counts are never negative, ranks end at `n`."""
        match self._library.expanded(side):
            case n.Count() | n.Distinct():
                return isinstance(needed, int) and needed >= 0
            case n.QuantileRank(n=ranks):
                return isinstance(needed, int) and 1 <= needed <= ranks
            case _:
                return True

    def _needed(self, op: str, side: n.Expr, other: n.Expr) -> Iterator[Value]:
        """The values of `side` nearest to `other` for which the comparison is true."""
        bound: Any = self._now.value(other)
        if bound is None:
            return
        for sign in ("<", ">") if op == "!=" else (op,):
            yield self._nearest(sign, bound, side, other)

    def _nearest(self, op: str, bound: Any, side: n.Expr, other: n.Expr) -> Value:
        kind = self._library.type_of(side)
        if is_exact_number(kind) and is_exact_number(self._library.type_of(other)):
            return _units(op, bound, self._scale(other), scale_of(kind))
        if isinstance(kind, Real):
            bound = float(bound) / 10 ** self._scale(other)
            nudge = {">": 1.0, "<": -1.0}.get(op, 0.0)
            return float(bound + nudge * max(1e-6, abs(bound) * 1e-6))
        if isinstance(kind, Instant):
            return int(bound) + {">": 1, "<": -1}.get(op, 0)
        return _text(op, bound)

    def _scale(self, expr: n.Expr) -> int:
        return scale_of(self._library.type_of(expr))


def _units(op: str, bound: int, scale: int, wanted: int) -> int:
    """The nearest count of units at scale `wanted` on the right side of the bound."""
    shift: int = 10 ** max(scale - wanted, 0)
    exact: int = rescale(bound, scale, max(scale, wanted))
    floor = exact // shift
    match op:
        case ">":
            return floor + 1
        case ">=":
            return -(-exact // shift)
        case "<":
            return -(-exact // shift) - 1
        case _:
            return floor


def _text(op: str, bound: Any) -> Value:
    """Another text or truth on the right side of the bound; none is known before a text."""
    if op == ">":
        return bound + "\N{HORIZONTAL ELLIPSIS}" if isinstance(bound, str) else not bound
    return None if op == "<" else str(bound) if isinstance(bound, str) else bool(bound)


def constant(option: n.Literal_, scale: int) -> Value:
    """A constant of the language as an engine's value at this scale."""
    match option:
        case n.Number(value):
            return rescale(int(value.scaleb(decimals(value))), decimals(value), scale)
        case n.Moment(value):
            return micros(value)
        case _:
            return option.value

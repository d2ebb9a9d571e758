"""Rules made shorter: conditions that say no more than the rules before them are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd

from coterie.discover.candidates import NOISE
from coterie.discover.distilling.conditions import Condition, Flags
from coterie.discover.distilling.growing import Labels, Rule
from coterie.discover.distilling.joining import joined

TOLERANCE = 0.005
"""The part of the people who may be told wrongly so that rules are shorter."""
VAGUER = 0.005
"""How much less often a rule with one condition less may be right by itself."""


@dataclass(frozen=True)
class People:
    """Those on whom rules are tried.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of a crowd.
    at : int
        The crowd's clock.
    labels : (n,) int32
        What they are to be told.
    """

    frame: pd.DataFrame
    at: int
    labels: Labels


def shortened(rules: Sequence[Rule], people: People) -> tuple[Rule, ...]:
    """The same rules in an order and with the conditions that it needs.

    Clusters whose rules are shortest come first; the first rule that holds decides. Rules that
    nobody needs go, and conditions without which a rule is as true by itself, as long as no more
    than `TOLERANCE` of the people are told worse (rule post-pruning; Quinlan, "C4.5", 1993).
    Rules of one cluster that differ in one trait alone become one, and so do thresholds of a trait
    that lie beside each other.
    """
    return _Trial(_ordered(rules), people).done()


def _ordered(rules: Sequence[Rule]) -> list[Rule]:
    def length(cluster: int) -> int:
        return sum(len(rule.conditions) for rule in rules if rule.cluster == cluster)

    return sorted(rules, key=lambda r: (length(r.cluster), r.cluster, len(r.conditions)))


def _weaker(condition: Condition) -> Iterator[tuple[Condition, ...]]:
    """What may stand for a condition: nothing, less about the unknown, one of its two bounds."""
    yield ()
    if condition.unknown:
        yield (replace(condition, unknown=False),)
    if condition.low is not None and condition.high is not None:
        yield (replace(condition, low=None),)
        yield (replace(condition, high=None),)


def _thresholds(rules: Sequence[Rule], column: str) -> list[Decimal]:
    bounds = (
        bound
        for rule in rules
        for each in rule.conditions
        if each.column == column
        for bound in (each.low, each.high)
    )
    return sorted({bound for bound in bounds if bound is not None})


def _replaced(rule: Rule, column: str, old: Decimal, new: Decimal) -> Rule:
    def moved(bound: Decimal | None) -> Decimal | None:
        return new if bound == old else bound

    conditions = tuple(
        replace(each, low=moved(each.low), high=moved(each.high)) if each.column == column else each
        for each in rule.conditions
    )
    return replace(rule, conditions=conditions)


class _Trial:
    """Rules, and for whom each of their conditions holds."""

    def __init__(self, rules: list[Rule], people: People) -> None:
        self.rules = rules
        self.people = people
        self._known: dict[Condition, Flags] = {}
        self._right = self._score(rules)
        self._tolerance = 0.0

    def done(self) -> tuple[Rule, ...]:
        """Leave out and join what costs nothing, then what costs little, until nothing is left."""
        for tolerance in (0.0, TOLERANCE):
            self._tolerance = tolerance
            before: list[Rule] = []
            while before != self.rules:
                before = self.rules
                self._leave_out()
                self._weaken()
                self._agree()
                self._accepts(joined(self.rules))
        return tuple(self.rules)

    def _leave_out(self) -> None:
        for rule in sorted(self.rules, key=lambda rule: -len(rule.conditions)):
            if sum(other.cluster == rule.cluster for other in self.rules) > 1:
                self._accepts([other for other in self.rules if other is not rule])

    def _weaken(self) -> None:
        for i in sorted(range(len(self.rules)), key=lambda i: -len(self.rules[i].conditions)):
            for condition in self.rules[i].conditions:
                any(self._weakened(i, condition, less) for less in _weaker(condition))

    def _agree(self) -> None:
        """Make neighbouring thresholds of a trait one, so that nobody falls between two rules."""
        for column in dict.fromkeys(c.column for rule in self.rules for c in rule.conditions):
            for a, b in pairwise(_thresholds(self.rules, column)):
                any(
                    self._accepts([_replaced(rule, column, old, new) for rule in self.rules])
                    for old, new in ((a, b), (b, a))
                )

    def _weakened(self, i: int, condition: Condition, less: tuple[Condition, ...]) -> bool:
        rule, kept = self.rules[i], list[Condition]()
        for each in rule.conditions:
            kept += less if each == condition else (each,)
        left = replace(rule, conditions=tuple(kept))
        if not kept or self._true(left) < self._true(rule) - VAGUER:
            return False
        return self._accepts([*self.rules[:i], left, *self.rules[i + 1 :]])

    def _accepts(self, tried: list[Rule]) -> bool:
        right = self._score(tried)
        if right < self._right - self._tolerance:
            return False
        self.rules, self._right = tried, max(right, self._right)
        return True

    def _true(self, rule: Rule) -> float:
        """How often a rule is right by itself."""
        inside = self.people.labels[self._holds(rule)]
        return float((inside == rule.cluster).mean()) if len(inside) else 0.0

    def _score(self, rules: list[Rule]) -> float:
        told = np.full(len(self.people.labels), NOISE, dtype=np.int32)
        for rule in reversed(rules):
            told[self._holds(rule)] = rule.cluster
        return float((told == self.people.labels).mean())

    def _holds(self, rule: Rule) -> Flags:
        found = np.ones(len(self.people.labels), dtype=bool)
        for condition in rule.conditions:
            if condition not in self._known:
                self._known[condition] = condition.holds(self.people.frame, self.people.at)
            found &= self._known[condition]
        return found

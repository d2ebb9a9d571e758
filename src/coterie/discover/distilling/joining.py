"""Rules of one cluster that differ in one trait alone, made one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from coterie.discover.distilling.conditions import Condition
from coterie.discover.distilling.growing import Rule


def joined(rules: Sequence[Rule]) -> list[Rule]:
    """The same rules, as few as say exactly the same about the same people.

    Examples
    --------
    >>> from coterie.discover.crowd import Kind
    >>> gifts, toys = (Condition("top", Kind.CATEGORY, among=(x,)) for x in ("Gifts", "Toys"))
    >>> [rule.conditions[0].among for rule in joined([Rule(0, (gifts,)), Rule(0, (toys,))])]
    [('Gifts', 'Toys')]
    """
    left = list(rules)
    while True:
        found = _first(left)
        if found is None:
            return left
        i, j, one = found
        left[i] = one
        del left[j]


def _first(rules: list[Rule]) -> tuple[int, int, Rule] | None:
    for i, j in combinations(range(len(rules)), 2):
        if rules[i].cluster == rules[j].cluster:
            one = _one(rules[i], rules[j])
            if one is not None:
                return i, j, one
    return None


def _one(a: Rule, b: Rule) -> Rule | None:
    first, second = ({c.column: c for c in rule.conditions} for rule in (a, b))
    differing = [column for column in first if first[column] != second.get(column)]
    if set(first) != set(second) or len(differing) > 1:
        return None
    if not differing:
        return a
    either = united(first[differing[0]], second[differing[0]])
    if either is None:
        return None
    kept = tuple(either if c.column == either.column else c for c in a.conditions)
    return replace(a, conditions=kept)


def united(a: Condition, b: Condition) -> Condition | None:
    """The condition that holds where either does; None where there is no such one."""
    unknown = a.unknown or b.unknown
    if _is_text(a) and _is_text(b):
        return _texts(a, b, unknown)
    if _is_text(a) or _is_text(b) or not _touch(a, b):
        return None
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    return None if low is None and high is None else replace(a, low=low, high=high, unknown=unknown)


def _texts(a: Condition, b: Condition, unknown: bool) -> Condition | None:
    if a.among is not None and b.among is not None:
        return replace(a, among=tuple(dict.fromkeys((*a.among, *b.among))), unknown=unknown)
    if a.among is not None:
        a, b = b, a
    kept = tuple(
        x for x in a.beside if (x not in b.among if b.among is not None else x in b.beside)
    )
    return replace(a, beside=kept, unknown=unknown) if kept else None


def _is_text(condition: Condition) -> bool:
    return condition.among is not None or bool(condition.beside)


def _touch(a: Condition, b: Condition) -> bool:
    """Whether no number lies between the two intervals."""
    return _reaches(a.high, b.low) and _reaches(b.high, a.low)


def _reaches(high: Decimal | None, low: Decimal | None) -> bool:
    return high is None or low is None or high >= low

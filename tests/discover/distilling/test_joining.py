"""Rules that are joined or shortened still say what they said."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coterie.discover.crowd import Kind
from coterie.discover.distilling.growing import Rule
from coterie.discover.distilling.joining import joined, united
from coterie.discover.distilling.rules import assigned
from coterie.discover.distilling.shortening import TOLERANCE, People, shortened
from tests.discover.distilling.test_conditions import conditions, of_row, value
from tests.discover.planted import AT, study


@given(st.data())
def test_conditions_united_hold_where_either_does(data: st.DataObject) -> None:
    """Where two conditions have one that is their union, it is exactly that."""
    first = data.draw(conditions())
    second = data.draw(conditions(first.kind))
    either = united(first, second)
    if either is not None:
        units = data.draw(value(first.kind))
        assert of_row(either, units) == (of_row(first, units) or of_row(second, units))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule about two traits of the planted people."""
    found = []
    for kind, column in ((Kind.NUMBER, "orders"), (Kind.CATEGORY, "favourite")):
        each = draw(conditions(kind))
        found.append(type(each)(column, kind, each.low, each.high, each.among, each.beside))
    return Rule(draw(st.integers(0, 2)), tuple(found))


@given(st.lists(rules(), min_size=1, max_size=6))
def test_joined_rules_tell_everybody_the_same(given_rules: list[Rule]) -> None:
    """Fewer rules, and nobody is told otherwise; rules of one cluster stand together."""
    ordered = sorted(given_rules, key=lambda rule: rule.cluster)
    frame = study(200).crowd.frame
    fewer = joined(ordered)
    assert len(fewer) <= len(ordered)
    assert (assigned(fewer, frame, AT) == assigned(ordered, frame, AT)).all()


@given(st.lists(rules(), min_size=1, max_size=5))
def test_shortened_rules_are_as_true(given_rules: list[Rule]) -> None:
    """No more people are told wrongly than is allowed, and nothing grew."""
    frame, labels = study(200).crowd.frame, study(200).candidate.labels
    people = People(frame, AT, np.minimum(labels, 2))
    fewer = shortened(given_rules, people)
    before = assigned(sorted(given_rules, key=_order(given_rules)), frame, AT) == people.labels
    after = assigned(fewer, frame, AT) == people.labels
    assert after.mean() >= before.mean() - TOLERANCE
    assert sum(len(r.conditions) for r in fewer) <= sum(len(r.conditions) for r in given_rules)


def _order(given_rules: list[Rule]) -> Callable[[Rule], tuple[int, int, int]]:
    def lengths(cluster: int) -> int:
        return sum(len(rule.conditions) for rule in given_rules if rule.cluster == cluster)

    return lambda rule: (lengths(rule.cluster), rule.cluster, len(rule.conditions))

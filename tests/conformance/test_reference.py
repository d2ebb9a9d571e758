"""The case table on the reference engine, and what the table itself promises."""

from __future__ import annotations

import math

import pytest

from coterie.engines.reference import Value, evaluate
from coterie.language import nodes as n
from coterie.language.types import Real, Type
from tests.conformance.cases import CASES, Case, library_of

LOWERED_ONLY = {n.Clock}


def same(got: Value, expected: Value, kind: Type) -> bool:
    """Equal exactly; within 1e-9 of each other where the value is real (law 1)."""
    if isinstance(kind, Real) and got is not None and expected is not None:
        return math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-12)
    return got == expected and type(got) is type(expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reference_gives_the_values_found_by_hand(case: Case) -> None:
    """At every position of the table, every expected value."""
    library = library_of(case)
    wrong = []
    for (offset, t), expected in case.expected:
        got = evaluate(library, expected, case.history, offset, t, case.fits(library))
        wrong += [
            f"({offset}, {t}) {name}: got {got[name]!r}, expected {value!r}"
            for name, value in expected.items()
            if not same(got[name], value, library.type(name))
        ]
    assert not wrong, "\n".join(wrong)


def test_every_node_occurs_in_the_table() -> None:
    """A node without a case is a node without a meaning that engines share."""
    used = {
        type(node)
        for case in CASES
        for definition in case.definitions.by_name.values()
        for node in n.walk(definition)
    }
    assert not {*n.SELECTIONS, *n.EXPRESSIONS, n.When} - LOWERED_ONLY - used


def test_the_table_is_not_small() -> None:
    """At least a hundred positions; every definition has a value somewhere."""
    assert sum(len(case.expected) for case in CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        said = {name for _, expected in case.expected for name in expected}
        assert said <= set(case.definitions.by_name), case.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_order_of_arrival_changes_nothing(case: Case) -> None:
    """The history is a set: its facts in any order give the same values."""
    library = library_of(case)
    for (offset, t), expected in case.expected:
        there, back = (
            evaluate(library, expected, history, offset, t, case.fits(library))
            for history in (case.history, case.history[::-1])
        )
        assert there == back

"""The case table, on every engine: the values found by hand, and agreement at every position."""

from __future__ import annotations

from typing import Any

import pytest

from coterie.engines.reference import evaluate
from tests.conformance.cases import CASES, Case, library_of
from tests.conformance.parity import agree, answered, every_point, loaded, same

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def check_expected(case: Case, backend: Any) -> None:
    """One question for all positions of a case, and one for each (where constants are folded)."""
    library, fits = library_of(case), case.fits(library_of(case))
    engine = loaded(backend, library, {"who": case.history})
    points = [("who", offset, t) for (offset, t), _ in case.expected]
    together = answered(engine, points, fits)
    for point, (_, expected), answer in zip(points, case.expected, together, strict=True):
        [alone] = answered(engine, [point], fits, list(expected))
        for name, value in expected.items():
            assert same(answer[name], value), (point, name, answer[name], value)
            assert same(alone[name], value), (point, name, alone[name], value)


@every_case
def test_reference_gives_the_values_found_by_hand(case: Case) -> None:
    """The plain-Python meaning of each node is the one in the table."""
    library = library_of(case)
    for (offset, t), expected in case.expected:
        found = evaluate(library, list(expected), case.history, offset, t, case.fits(library))
        for name, value in expected.items():
            assert same(found[name], value), ((offset, t), name, found[name], value)


@every_case
def test_duckdb_gives_the_values_found_by_hand(case: Case, duckdb_backend: Any) -> None:
    """DuckDB answers what the table says."""
    check_expected(case, duckdb_backend)


@every_case
def test_postgres_gives_the_values_found_by_hand(case: Case, postgres_backend: Any) -> None:
    """PostgreSQL answers what the table says."""
    check_expected(case, postgres_backend)


@every_case
def test_duckdb_agrees_at_every_prefix_and_edge(case: Case, duckdb_backend: Any) -> None:
    """DuckDB equals the reference after each log entry, at and one microsecond around each edge."""
    library, histories = library_of(case), {"who": case.history}
    points = every_point(histories, library, most=1500)
    agree(duckdb_backend, library, histories, points, case.fits(library))


@every_case
def test_postgres_agrees_at_every_prefix_and_edge(case: Case, postgres_backend: Any) -> None:
    """PostgreSQL equals the reference after each log entry, at and around each edge."""
    library, histories = library_of(case), {"who": case.history}
    points = every_point(histories, library, most=300)
    agree(postgres_backend, library, histories, points, case.fits(library))

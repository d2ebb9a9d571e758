"""Generated definitions over generated histories: SQL equals the reference everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.parity import agree, every_point
from tests.conftest import SOAK
from tests.strategies import fits_for, histories, library_over, plans

generated = settings(suppress_health_check=list(HealthCheck), print_blob=True)


def check(data: st.DataObject, backend: Any, most: int) -> int:
    """Compare one library over one set of histories; returns how many points were compared."""
    plan = data.draw(plans())
    library = data.draw(library_over(plan))
    people = data.draw(histories(plan))
    fits = data.draw(fits_for(library))
    points = every_point(people, library, most=most)
    if not points:
        return 0
    _, offset, t = points[len(points) // 2]
    common = [(profile, offset, t) for profile in people]
    return agree(backend, library, people, points, fits) + agree(
        backend, library, people, [*common, *common], fits
    )


@settings(generated, max_examples=40)
@given(st.data())
def test_duckdb_agrees_with_the_reference(duckdb_backend: Any, data: st.DataObject) -> None:
    """Whatever is defined and whatever happened, DuckDB answers as plain Python does."""
    check(data, duckdb_backend, most=400)


@settings(generated, max_examples=12)
@given(st.data())
def test_postgres_agrees_with_the_reference(postgres_backend: Any, data: st.DataObject) -> None:
    """Whatever is defined and whatever happened, PostgreSQL answers as plain Python does."""
    check(data, postgres_backend, most=150)


def soak(backend: Any, points: int, most: int) -> int:
    """Try new examples until so many points were compared."""
    compared = 0

    @settings(generated, max_examples=25)
    @given(st.data())
    def one_round(data: st.DataObject) -> None:
        nonlocal compared
        compared += check(data, backend, most)

    while compared < points:
        one_round()
    return compared


@pytest.mark.soak
def test_duckdb_agrees_at_so_many_points(duckdb_backend: Any) -> None:
    """No difference in COTERIE_SOAK points on DuckDB."""
    assert soak(duckdb_backend, SOAK, most=1000) >= SOAK


@pytest.mark.soak
def test_postgres_agrees_at_a_tenth_of_them(postgres_backend: Any) -> None:
    """No difference in a tenth of COTERIE_SOAK points on PostgreSQL."""
    assert soak(postgres_backend, SOAK // 10, most=300) >= SOAK // 10

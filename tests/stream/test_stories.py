"""Generated logs on three engines: the stream, the reference and DuckDB say the same everywhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import SOAK
from tests.strategies import IN_ORDER, stories
from tests.stream.following import check_duckdb, follow
from tests.stream.story import Story

PARTS = 4
"""A soak is as many tests, for as many workers."""

generated = settings(suppress_health_check=list(HealthCheck))


@settings(generated, max_examples=60)
@given(stories(), st.data())
def test_the_stream_says_what_the_reference_says(story: Story, data: st.DataObject) -> None:
    """After every entry: everyone's values, memberships, and each change at its exact instant."""
    follow(story, data.draw(st.integers(0, len(story.entries) // 2)))


@settings(generated, max_examples=40)
@given(stories(kinds=IN_ORDER))
def test_input_in_order_has_every_transition(story: Story) -> None:
    """Events before their ticks: entering and leaving between two ticks gives both records."""
    follow(story)


@settings(generated, max_examples=15)
@given(story=stories())
def test_three_engines_agree(duckdb_backend: Any, story: Story) -> None:
    """The stream's answers are those of the reference and of DuckDB."""
    _, world, seen = follow(story)
    check_duckdb(duckdb_backend, world, seen)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_the_stream_agrees_at_so_many_positions(duckdb_backend: Any, part: int) -> None:
    """No difference in COTERIE_SOAK positions of people; DuckDB is asked about some of them."""
    compared = 0

    @settings(generated, max_examples=25)
    @given(st.one_of(stories(most=24), stories(most=24, kinds=IN_ORDER)), st.integers(0, 3))
    def one_round(story: Story, start: int) -> None:
        nonlocal compared
        number, world, seen = follow(story, start)
        if compared // 500 < (compared + number) // 500:
            check_duckdb(duckdb_backend, world, seen)
        compared += number

    while compared < SOAK / PARTS:
        one_round()

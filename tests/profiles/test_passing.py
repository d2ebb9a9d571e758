"""Funnels are counted as the definition says: by brute force, and by a published example."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise, product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.profiles.passing import Funnel, Way, funnel
from coterie.profiles.stores import Position

Event = tuple[str, str, int]
"""Who, what, when."""


class Told:
    """A lake of a few events that stands wherever it is asked."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with TemporaryDirectory() as spill, duckdb.connect() as con:
            con.execute(f"SET temp_directory = '{Path(spill)}'")
            yield con

    def scan(self, con: duckdb.DuckDBPyConnection, name: str, kinds: object, offset: int) -> str:
        """The rows of one event name; the second of two equal ones supersedes nothing."""
        found = [(who, at) for who, what, at in self._events if what == name]
        rows = ", ".join(f"('{who}', {at}, NULL::BIGINT)" for who, at in found)
        empty = "SELECT '' AS profile, 0 AS \"at\", NULL::BIGINT AS retired WHERE false"
        return f'SELECT * FROM (VALUES {rows}) AS v(profile, "at", retired)' if rows else empty


def asked(events: list[Event], way: Way, t: int = 10**9) -> Funnel:
    """The funnel of everybody in these events."""
    people = pa.array(sorted({who for who, _, _ in events}), pa.string())
    return funnel(Told(events), way, people, Position(1, t))  # type: ignore[arg-type]


def brute(events: list[Event], way: Way, t: int) -> list[tuple[int, float | None]]:
    """The definition word for word: every choice of one event a step."""
    steps: list[dict[str, int]] = [{} for _ in way.steps]
    for who in {who for who, _, _ in events}:
        own = [
            [at for one, what, at in events if (one, what) == (who, name) and at <= t]
            for name in way.steps
        ]
        own[0] = [at for at in own[0] if way.since <= at < way.until]
        for number in range(len(steps)):
            for chain in product(*own[: number + 1]):
                rises = all(a < b for a, b in pairwise(chain))
                took = chain[-1] - chain[0]
                if rises and (took < way.within or number == 0):
                    steps[number][who] = min(took, steps[number].get(who, took))
    return [(len(one), median(one.values()) / 1e6 if one else None) for one in steps]


events = st.lists(
    st.tuples(st.sampled_from("uvw"), st.sampled_from("abc"), st.integers(0, 30)), max_size=24
)
ways = st.builds(
    Way,
    st.lists(st.sampled_from("abc"), min_size=2, max_size=4).map(tuple),
    st.integers(1, 20),
    st.integers(0, 10),
    st.integers(5, 40),
)


@settings(deadline=None, max_examples=60)
@given(events, ways, st.integers(0, 35))
def test_funnel_is_the_definition_word_for_word(found: list[Event], way: Way, t: int) -> None:
    """People and quickest times equal those of every possible choice of events."""
    told = asked(found, way, t)
    expected = brute(found, way, t)
    assert [one.people for one in told.passed] == [people for people, _ in expected]
    assert [one.median for one in told.passed] == [took for _, took in expected]


def test_funnel_equals_published_examples() -> None:
    """The table of Hologres' manual for `windowFunnel`, whose window holds all events."""
    way = Way(("c1", "c2", "c3"), 100, 0, 100)
    published = {("c1", "c2", "c3", "c4"): 3, ("c4", "c3", "c2", "c1"): 1, ("c4", "c3"): 0}
    for names, level in published.items():
        found = [("u", name, at) for at, name in enumerate(names)]
        assert sum(one.people for one in asked(found, way).passed) == level


def test_step_as_late_as_the_window_is_long_is_too_late() -> None:
    """The window is open at its end, as those of the language are."""
    found = [("u", "a", 0), ("u", "b", 10)]
    assert [one.people for one in asked(found, Way(("a", "b"), 10, 0, 99)).passed] == [1, 0]
    assert [one.people for one in asked(found, Way(("a", "b"), 11, 0, 99)).passed] == [1, 1]


def test_simultaneous_events_are_not_after_one_another() -> None:
    """Two events of one instant pass one step."""
    found = [("u", "a", 5), ("u", "b", 5)]
    assert [one.people for one in asked(found, Way(("a", "b"), 10, 0, 99)).passed] == [1, 0]


def test_same_event_may_be_two_steps() -> None:
    """Who orders twice passes both; who orders once does not."""
    found = [("u", "a", 5), ("u", "a", 7), ("v", "a", 5)]
    assert [one.people for one in asked(found, Way(("a", "a"), 10, 0, 99)).passed] == [2, 1]


def test_later_beginning_counts_where_the_first_took_too_long() -> None:
    """The window goes with whichever beginning leads to the end."""
    found = [("u", "a", 0), ("u", "a", 50), ("u", "b", 55)]
    told = asked(found, Way(("a", "b"), 10, 0, 99))
    assert [(one.people, one.median) for one in told.passed] == [(1, 0.0), (1, 5e-6)]


def test_who_still_has_time_is_told() -> None:
    """At the position the windows of some are not over, and they did not come to the end."""
    found = [("u", "a", 95), ("v", "a", 95), ("v", "b", 96), ("w", "a", 10)]
    assert asked(found, Way(("a", "b"), 10, 0, 99), t=99).waiting == 1
    assert asked(found, Way(("a", "b"), 10, 0, 99), t=104).waiting == 0


def test_nobody_passes_where_nothing_happened() -> None:
    """No events, no people, no times."""
    told = asked([], Way(("a", "b"), 10, 0, 99))
    assert [(one.people, one.median) for one in told.passed] == [(0, None), (0, None)]

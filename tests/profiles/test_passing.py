"""Funnels are counted as the definition says: by brute force, and by a published example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, product
from statistics import median

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.engines.sql.sources import column
from coterie.language import nodes as n
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.language.properties import Property
from coterie.language.types import Type
from coterie.profiles.passing import Funnel, Way, funnel
from coterie.profiles.stores import Position

Event = tuple[str, str, int, int | None]
"""Who, what, when, and for how much."""

WORTH = {"worth": Property(type="decimal", scale=2)}
PLAN = TrackingPlan(events={name: PlannedEvent(properties=WORTH) for name in ("a", "b", "c")})
LIBRARY = Library(Definitions(), PLAN, {"analytics": "consent"}, "analytics")


class Told:
    """Events in a DuckDB, as a source tells them; none of them is superseded."""

    def __init__(self, events: list[Event]) -> None:
        self.backend = ibis.duckdb.connect()
        self.last = None
        self._events = events

    def events(self, name: str, kinds: Mapping[str, Type]) -> ir.Table:
        """The rows of one event name."""
        found = [(who, at, worth) for who, what, at, worth in self._events if what == name]
        who, at, worth = zip(*found, strict=True) if found else ((), (), ())
        table = pa.table(
            {
                "profile": pa.array(who, pa.string()), "at": pa.array(at, pa.int64()),
                "retired": pa.nulls(len(found), pa.int64()),
                column("worth"): pa.array(worth, pa.int64()),
            }
        )  # fmt: skip
        con = self.backend.con
        con.register("told", table)
        con.execute(f"CREATE OR REPLACE TABLE event_{name} AS FROM told")
        schema = {"profile": "string", "at": "int64", "retired": "int64", column("worth"): "int64"}
        return ibis.table(schema, name=f"event_{name}")


def asked(events: list[Event], way: Way, t: int = 10**9) -> Funnel:
    """The funnel of everybody in these events."""
    people = pa.array(sorted({who for who, *_ in events}), pa.string())
    source = Told(events)
    try:
        return funnel(source, LIBRARY, way, people, Position(1, t))
    finally:
        source.backend.disconnect()


def way(names: Sequence[str], within: int, since: int = 0, until: int = 99) -> Way:
    """A way of events by name alone."""
    return Way(tuple(map(n.Named, names)), within, since, until)


def passes(step: n.Selection, what: str, worth: int | None) -> bool:
    """Whether an event is of a step; an unknown worth is more or less than nothing."""
    if isinstance(step, n.Named):
        return step.event == what
    assert isinstance(step, n.Where)
    assert isinstance(step.that, n.Compare)
    assert isinstance(step.that.right, n.Number)
    if worth is None or not passes(step.of, what, worth):
        return False
    found, least = Decimal(worth) / 100, step.that.right.value
    return found >= least if step.that.op == ">=" else found < least


def brute(events: list[Event], way: Way, t: int) -> list[tuple[int, float | None]]:
    """The definition word for word: every choice of one event a step."""
    steps: list[dict[str, int]] = [{} for _ in way.steps]
    for who in {who for who, *_ in events}:
        own = [
            [at for one, what, at, worth in events
             if one == who and at <= t and passes(step, what, worth)]
            for step in way.steps
        ]  # fmt: skip
        own[0] = [at for at in own[0] if way.since <= at < way.until]
        for number in range(len(steps)):
            for chain in product(*own[: number + 1]):
                rises = all(a < b for a, b in pairwise(chain))
                took = chain[-1] - chain[0]
                if rises and (took < way.within or number == 0):
                    steps[number][who] = min(took, steps[number].get(who, took))
    return [(len(one), median(one.values()) / 1e6 if one else None) for one in steps]


events = st.lists(
    st.tuples(
        st.sampled_from("uvw"), st.sampled_from("abc"), st.integers(0, 30),
        st.none() | st.integers(-1, 3),
    ), max_size=24,
)  # fmt: skip
named = st.sampled_from("abc").map(n.Named)
compared = st.builds(
    n.Compare, st.sampled_from([">=", "<"]), st.just(n.Property("worth")),
    st.sampled_from(["0", "0.01", "0.015", "0.02"]).map(Decimal).map(n.Number),
)  # fmt: skip
steps = named | st.builds(n.Where, named, compared)
ways = st.builds(
    Way,
    st.lists(steps, min_size=2, max_size=4).map(tuple),
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


def happened(*events: tuple[str, str, int]) -> list[Event]:
    """Events whose worth nobody asks for."""
    return [(*each, None) for each in events]


def test_funnel_equals_published_examples() -> None:
    """The table of Hologres' manual for `windowFunnel`, whose window holds all events."""
    published = {("a", "b", "c", "d"): 3, ("d", "c", "b", "a"): 1, ("d", "c"): 0}
    for names, level in published.items():
        found = happened(*(("u", name, at) for at, name in enumerate(names)))
        assert sum(one.people for one in asked(found, way("abc", 100)).passed) == level


def test_step_as_late_as_the_window_is_long_is_too_late() -> None:
    """The window is open at its end, as those of the language are."""
    found = happened(("u", "a", 0), ("u", "b", 10))
    assert [one.people for one in asked(found, way("ab", 10)).passed] == [1, 0]
    assert [one.people for one in asked(found, way("ab", 11)).passed] == [1, 1]


def test_simultaneous_events_are_not_after_one_another() -> None:
    """Two events of one instant pass one step."""
    found = happened(("u", "a", 5), ("u", "b", 5))
    assert [one.people for one in asked(found, way("ab", 10)).passed] == [1, 0]


def test_same_event_may_be_two_steps() -> None:
    """Who orders twice passes both; who orders once does not."""
    found = happened(("u", "a", 5), ("u", "a", 7), ("v", "a", 5))
    assert [one.people for one in asked(found, way("aa", 10)).passed] == [2, 1]


def test_later_beginning_counts_where_the_first_took_too_long() -> None:
    """The window goes with whichever beginning leads to the end."""
    found = happened(("u", "a", 0), ("u", "a", 50), ("u", "b", 55))
    told = asked(found, way("ab", 10))
    assert [(one.people, one.median) for one in told.passed] == [(1, 0.0), (1, 5e-6)]


def test_who_still_has_time_is_told() -> None:
    """At the position the windows of some are not over, and they did not come to the end."""
    found = happened(("u", "a", 95), ("v", "a", 95), ("v", "b", 96), ("w", "a", 10))
    assert asked(found, way("ab", 10), t=99).waiting == 1
    assert asked(found, way("ab", 10), t=104).waiting == 0


def test_nobody_passes_where_nothing_happened() -> None:
    """No events, no people, no times."""
    told = asked([], way("ab", 10))
    assert [(one.people, one.median) for one in told.passed] == [(0, None), (0, None)]


def test_event_of_unknown_worth_is_of_no_step_that_asks_for_it() -> None:
    """As in every selection of the language: unknown leaves out, whichever way is asked."""
    worth = n.Property("worth")
    some = n.Where(n.Named("a"), n.Compare(">=", worth, n.Number(Decimal("0.01"))))
    unknown = n.Where(n.Named("a"), n.Not(n.Known(worth)))
    found: list[Event] = [("u", "a", 1, 1), ("v", "a", 1, None), ("w", "a", 1, 0)]
    found += [(who, "b", 2, None) for who in "uvw"]
    for step, people in ((some, 1), (unknown, 1), (n.Named("a"), 3)):
        told = asked(found, Way((step, n.Named("b")), 10, 0, 99))
        assert [one.people for one in told.passed] == [people, people]

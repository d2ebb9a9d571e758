"""The case table on the stream engine: by hand, at every prefix and edge, and all cases at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import pytest

from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Fact, Value, evaluate
from coterie.engines.stream import StreamEngine
from coterie.language import nodes as n
from coterie.language.definitions import Definitions
from coterie.language.library import Library
from tests.conformance.case import BASE, END, HOUR, PLAN
from tests.conformance.cases import CASES, Case, library_of
from tests.conformance.parity import same
from tests.strategies import edges
from tests.stream.host import needed, tables

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
Asked = Callable[[Case, int, int, list[str]], dict[str, Value]]
WHO = "who"
BEFORE = BASE - 1000 * HOUR
"""An instant before every fact."""


def visible(history: Iterable[Fact], offset: int) -> list[Fact]:
    """The facts that a prefix of the log knows, those ahead of the clock too."""
    return [
        msgspec.structs.replace(fact, retired=None)
        for fact in history
        if fact.offset <= offset and (fact.retired is None or fact.retired > offset)
    ]


def active(case: Case, offset: int, t: int) -> Fits:
    """The versions of fits that a position sees, with all that came before them."""
    fits = case.fits(library_of(case))
    keys = library_of(case).fitted()
    return Fits(
        fit for key in keys for fit in fits.versions(key) if fit.offset <= offset and fit.at <= t
    )


def activations(case: Case, offset: int) -> list[Fit]:
    """The versions that a prefix of the log knows."""
    fits, keys = case.fits(library_of(case)), library_of(case).fitted()
    return [fit for key in keys for fit in fits.versions(key) if fit.offset <= offset]


def answer(engine: StreamEngine, names: Iterable[str], who: str = WHO) -> dict[str, Value] | None:
    """The values of one profile; None where the engine knows nobody of that name."""
    rows = engine.read(list(names), [who]).to_pylist()
    assert all(row.pop("profile") == who for row in rows)
    return rows[0] if rows else None


class Live:
    """A case whose log was read up to an offset, before the clock moves."""

    def __init__(self, case: Case, offset: int, clock: int = BEFORE) -> None:
        self.case, self.offset = case, offset
        self.library = library_of(case)
        self.engine = StreamEngine(
            self.library, clock, fits=active(case, offset, clock), offset=offset
        )
        self.facts = visible(case.history, offset)

    def feed(self, facts: Iterable[Fact]) -> None:
        """Events as they arrive."""
        given = tables(self.library.plan, needed(self.engine), ((WHO, fact) for fact in facts))
        for name, each in given.items():
            self.engine.feed(name, each)

    def rebuild(self, facts: Iterable[Fact], cause: str) -> None:
        """All that is known of the profile, at once."""
        given = tables(self.library.plan, needed(self.engine), ((WHO, fact) for fact in facts))
        self.engine.rebuild([WHO], given, cause=cause, offset=self.offset)

    def move(self, t: int) -> None:
        """The clock moves; fits become active on the way."""
        turns = {f.at for f in activations(self.case, self.offset)}
        for at in sorted(turns | {t}):
            if self.engine.clock <= at <= t:
                assert self.engine.advance(at, offset=self.offset)
                if at in turns:
                    fits = active(self.case, self.offset, at)
                    self.engine.refit(fits, offset=self.offset)


def by_events(case: Case, offset: int, t: int, names: list[str]) -> dict[str, Value] | None:
    """Everything waits, and the clock moves once."""
    live = Live(case, offset)
    live.feed(live.facts)
    live.move(t)
    return answer(live.engine, names)


def by_steps(case: Case, offset: int, t: int, names: list[str]) -> dict[str, Value] | None:
    """Each event by itself, and the clock stops at every edge."""
    live = Live(case, offset)
    for each in live.facts:
        live.feed([each])
    for edge in sorted({*edges(live.facts, live.library), t}):
        if live.engine.clock < edge <= t:
            live.move(edge)
            live.engine.read(names)
    return answer(live.engine, names)


def by_late_events(case: Case, offset: int, t: int, names: list[str]) -> dict[str, Value] | None:
    """The clock is there already when the events come, one after the other."""
    live = Live(case, offset, t)
    for i, each in enumerate(live.facts, 1):
        live.feed([each])
        if stale := live.engine.stale():
            assert stale == {WHO: "late"}
            live.rebuild(live.facts[:i], "late")
    return answer(live.engine, names)


def by_hand_off(case: Case, offset: int, t: int, names: list[str]) -> dict[str, Value] | None:
    """All of it is history."""
    live = Live(case, offset, t)
    live.rebuild(live.facts, "start")
    return answer(live.engine, names)


WAYS = [by_events, by_steps, by_late_events, by_hand_off]


@every_case
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_stream_gives_the_values_found_by_hand(
    case: Case, way: Callable[[Case, int, int, list[str]], dict[str, Value] | None]
) -> None:
    """However the events come, the stream answers what the table says."""
    for (offset, t), expected in case.expected:
        found = way(case, offset, t, list(expected))
        if not any(fact.at <= t for fact in visible(case.history, offset)):
            assert found is None, "somebody without events is known"
            continue
        assert found is not None, "nobody is known"
        for name, value in expected.items():
            assert same(found[name], value), ((offset, t), name, found[name], value)


@every_case
def test_the_stream_agrees_at_every_prefix_and_edge(case: Case) -> None:
    """It equals the reference after each log entry, at and one microsecond around each edge."""
    library = library_of(case)
    for offset in range(max((fact.offset for fact in case.history), default=0) + 2):
        live = Live(case, offset)
        live.feed(live.facts)
        for t in around(case):
            live.move(t)
            found = answer(live.engine, library.names)
            fits = active(case, offset, t)
            check(live.library, library.names, live.facts, (offset, t), fits, found)


def around(case: Case) -> list[int]:
    """Each edge of a case, and the microseconds before and after it."""
    found = edges(case.history, library_of(case))
    return sorted({t + shift for t in found for shift in (-1, 0, 1)})


def check(
    library: Library,
    names: Iterable[str],
    facts: list[Fact],
    point: tuple[int, int],
    fits: Fits,
    found: dict[str, Value] | None,
) -> None:
    """One answer beside the reference's."""
    if not any(fact.at <= point[1] for fact in facts):
        assert found is None, point
        return
    assert found is not None, point
    for name, value in evaluate(library, names, facts, *point, fits).items():
        assert same(found[name], value), (point, name, found[name], value)


# --- all cases in one engine ------------------------------------------------------------------

TOGETHER = [case for case in CASES if case.plan == PLAN and not library_of(case).fitted()]


def renamed(definitions: Definitions, prefix: str) -> Definitions:
    """The same definitions under other names."""

    def turn(node: n.Node) -> n.Node:
        return n.Ref(prefix + node.name) if isinstance(node, n.Ref) else n.rebuild(node, turn)

    return Definitions({prefix + name: turn(d) for name, d in definitions.by_name.items()})  # type: ignore[misc]


def everything() -> Library:
    """The definitions of all cases of one plan."""
    together = Definitions()
    for i, case in enumerate(TOGETHER):
        together.merge(renamed(case.definitions, f"c{i}_"))
    return Library(together, PLAN, {"analytics": "legitimate_interest"}, "analytics")


@pytest.mark.parametrize("partitions", [1, 4])
def test_all_cases_in_one_engine_agree_at_every_prefix_and_edge(partitions: int) -> None:
    """A profile for each prefix of each case; all definitions about all of them."""
    library = everything()
    prefixes = {
        f"{i}@{offset}": (i, visible(case.history, offset))
        for i, case in enumerate(TOGETHER)
        for offset in sorted({fact.offset for fact in case.history} | {0})
    }
    engine = StreamEngine(library, BEFORE, offset=END, partitions=partitions)
    rows = ((who, fact) for who, (_, facts) in prefixes.items() for fact in facts)
    for name, given in tables(PLAN, needed(engine), rows).items():
        engine.feed(name, given)
    for turn, t in enumerate(sorted({t for case in TOGETHER for t in around(case)})):
        assert engine.advance(t, offset=END)
        part = list(prefixes)[turn % 7 :: 7]
        asked = engine.read(library.names, part).to_pylist()
        known = {row.pop("profile"): row for row in asked}
        for who in part:
            i, facts = prefixes[who]
            own = [name for name in library.names if name.startswith(f"c{i}_")]
            check(library, own, facts, (END, t), Fits(), known.get(who))


def test_hardly_a_case_is_left_out() -> None:
    """One engine holds every definition of all cases but the fitted and those of other plans."""
    assert len(TOGETHER) > 0.8 * len(CASES)
    assert len(everything().names) == sum(len(case.definitions.by_name) for case in TOGETHER)

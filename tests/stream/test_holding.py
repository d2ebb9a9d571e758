"""What the state takes is known: of each person, of each distinct aggregate, and at most."""

from __future__ import annotations

from coterie import hours, segment, trait
from coterie.engines.held import Held
from coterie.engines.stream import StreamEngine
from coterie.engines.stream.holding import WORD, held
from tests.conformance.case import at, cart, fact, order
from tests.stream.host import tables
from tests.stream.shop import library
from tests.stream.test_budget import LIBRARY, PLAN, history

KINDS = trait(order.distinct("category"))
RECENT = trait(order.count(within=hours(2)))


def engine(budget: int = 2**20, partitions: int = 1, **definitions: object) -> StreamEngine:
    """Two people with an order each, and one of them with three more of other categories."""
    made = StreamEngine(library(**definitions), at(-1), budget=budget, partitions=partitions)
    given = [("ann", i, f"c{i}") for i in range(4)] + [("bob", 9, "c0")]
    facts = [(who, fact(i, "Order", at(i / 8), i + 1, category=c)) for who, i, c in given]
    needs = {name: made.needs().get(name, {}) for name in ("Order",)}
    for name, table in tables(made.library.plan, needs, facts).items():
        made.feed(name, table)
    made.advance(at(1), offset=1)
    return made


def by_name(found: StreamEngine) -> dict[str, Held]:
    return {one.name: one for one in held(found)}


def test_equal_aggregates_are_one_and_named_after_the_first() -> None:
    """Two definitions that ask for the same thing keep it once, and so do both partitions."""
    again = segment(order.distinct("category") > 2)
    found = held(engine(kinds=KINDS, many=again, recent=RECENT))
    assert [one.name for one in found] == ["kinds", "recent"]
    assert "different" in found[0].of
    assert found == held(engine(partitions=2, kinds=KINDS, many=again, recent=RECENT))


def test_bytes_are_those_of_rows_windows_and_sets() -> None:
    """What has no window takes the same of everybody; what remembers takes more of who did more."""
    found = by_name(engine(total=trait(order.count()), kinds=KINDS))
    assert found["total"].bytes == 2 * found["total"].most
    assert found["total"].most % WORD == 0
    assert found["kinds"].most < found["kinds"].bytes < 2 * found["kinds"].most


def test_a_window_gives_its_bytes_back() -> None:
    """Once nothing is in it."""
    made = engine(recent=RECENT)
    full = by_name(made)["recent"].bytes
    made.advance(at(9), offset=2)
    empty = by_name(made)["recent"]
    assert empty.bytes == 2 * empty.most < full


def test_a_sequence_is_told_beside_what_reads_it() -> None:
    """Events that wait for an answer are kept by the selection, whatever aggregates read it."""
    left = cart.without(order, within=hours(1))
    found = held(engine(left=trait(left.count()), ever=segment(left.any())))
    assert {one.name for one in found} == {"left", "ever"}
    assert [one.of for one in found if "within 1 hour" in one.of and "number" not in one.of]


def test_everything_adds_up_to_less_than_the_whole() -> None:
    """Names, memberships and deadlines take the rest."""
    made = engine(kinds=KINDS, recent=RECENT)
    assert 0 < sum(one.bytes for one in held(made)) < made.sizes()["bytes"]


def test_an_empty_engine_holds_nothing() -> None:
    """No people, no bytes."""
    found = held(StreamEngine(library(kinds=KINDS), at(0)))
    assert [(one.bytes, one.most) for one in found] == [(0, 0)]


def test_the_budget_bounds_what_one_person_takes() -> None:
    """Whoever took more is cold: counted, and without anything beyond the row."""
    facts = [each for each in history(7) if each[1].at <= at(12)]
    made = StreamEngine(LIBRARY, at(-1), budget=256)
    needs = {name: made.needs().get(name, {}) for name in PLAN.events}
    made.advance(at(12), offset=1)
    everybody = sorted({who for who, _ in facts})
    made.rebuild(everybody, tables(PLAN, needs, facts), cause="start", offset=1)
    sizes, rows = made.sizes(), made.program.width * WORD
    assert sizes["budget"] == 256
    assert sizes["cold"] == len(made.cold()) > 0
    assert sum(one.most for one in held(made)) <= rows + 256 * len(made.program.blocks)
    free = StreamEngine(LIBRARY, at(-1))
    free.advance(at(12), offset=1)
    free.rebuild(everybody, tables(PLAN, needs, facts), cause="start", offset=1)
    assert free.sizes()["cold"] == 0
    assert sum(one.bytes for one in held(made)) < sum(one.bytes for one in held(free))

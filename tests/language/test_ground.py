"""The small laws of the ground: numbers, time, trees, lowering, names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie import event, segment, trait
from coterie.errors import DefinitionError, DuplicateName, WrongType
from coterie.language import nodes as n
from coterie.language import numbers
from coterie.language.authoring import node_of
from coterie.language.definitions import Definitions, Trait
from coterie.language.inference import RULES, type_of
from coterie.language.library import Library
from coterie.language.naming import named
from coterie.language.rewrite import plain
from coterie.language.time import days, iso, micros, parse_duration, parse_instant
from coterie.language.tree import depth
from coterie.language.types import Enumerated
from tests.strategies import libraries

UNITS = st.integers(-(2**63), 2**63 - 1)
SCALE = st.integers(0, 6)


def value(units: int, scale: int) -> Decimal:
    return Decimal(units).scaleb(-scale)


@given(UNITS, SCALE, UNITS, SCALE)
def test_sums_are_exact_or_unknown(a: int, scale_a: int, b: int, scale_b: int) -> None:
    """A sum at the larger scale is the sum, and unknown only where it does not fit."""
    found, scale = numbers.add(a, scale_a, b, scale_b), max(scale_a, scale_b)
    exact = value(a, scale_a) + value(b, scale_b)
    assert (found is None) == (not -(2**63) <= exact.scaleb(scale) < 2**63)
    assert found is None or value(found, scale) == exact


@given(UNITS, SCALE, UNITS.filter(bool), SCALE)
def test_quotients_are_the_nearest(a: int, scale_a: int, b: int, scale_b: int) -> None:
    """A quotient is within half a millionth of the truth, and symmetric around zero."""
    found = numbers.divide(a, scale_a, b, scale_b)
    if found is not None:
        wide = abs(2 * (found * b * 10**scale_a - a * 10 ** (6 + scale_b)))
        assert wide <= abs(b) * 10**scale_a
        assert numbers.divide(-a, scale_a, b, scale_b) == -found


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_constants_keep_every_digit(number: Decimal) -> None:
    """The one form of a constant equals it, however many digits it has."""
    assert numbers.exact(number) == number
    assert "E" not in str(numbers.exact(number)) or abs(number) < Decimal("1e-6")


@pytest.mark.parametrize("number", [10**30 + 1, Decimal("0.1234567890123456789012345678901234567")])
def test_too_long_constant_is_not_rounded_into_a_shorter_one(number: Decimal) -> None:
    """Thirty digits are refused by the checks, and not made twenty-eight on the way."""
    assert node_of(number).value == number
    with pytest.raises(WrongType):
        type_of(node_of(number), None)  # type: ignore[arg-type]


def test_instants_are_moments_whatever_the_zone() -> None:
    """The same moment in two zones is one constant; of an hour that comes twice, the one meant."""
    berlin = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2011, 10, 30, 2, 30, tzinfo=berlin, fold=f) for f in (0, 1))
    assert node_of(second).value - node_of(first).value == timedelta(hours=1)
    moved = datetime(2011, 6, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert repr(node_of(moved)) == repr(node_of(datetime(2011, 6, 1, tzinfo=UTC)))
    with pytest.raises(WrongType):
        node_of(datetime.min.replace(tzinfo=timezone(timedelta(hours=2))))


@given(st.integers(-(10**16), 10**17))
def test_instants_are_written_and_read_to_the_microsecond(instant: int) -> None:
    """ISO 8601 keeps an instant."""
    assert micros(parse_instant(iso(instant))) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "-P",
        "PT",
        "P1Y",
        "P1M",
        "1D",
        "P1.5D",
        "PT1.0000001S",
        "p1d",
        "P1DT",
        "P٣D",
        "P" + "9" * 30 + "D",
    ],
)
def test_other_durations_are_refused(text: str) -> None:
    """Months and years have no one length; half a format has no meaning."""
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_weeks_are_read() -> None:
    """P2W is fourteen days."""
    assert parse_duration("P2W") == days(14)


@given(libraries(depth=4))
def test_lowered_definitions_use_the_smaller_language(library: Library) -> None:
    """No `Between`, no unstepped age, no duration; and every part still has a type."""
    for name in library:
        lowered = library.lowered[name]
        for node in n.walk(lowered):
            assert not isinstance(node, n.Between | n.Length)
            assert not isinstance(node, n.Age) or node.step is not None
        kind, declared = library.type_of(lowered), library.type(name)
        assert kind == declared or isinstance(declared, Enumerated)


@given(libraries(depth=4))
def test_every_node_is_rebuilt_as_it_was(library: Library) -> None:
    """Rebuilding by nothing changes nothing; a walk meets every node of the deepest way."""
    for name in library:
        definition = library.definition(name)
        assert n.rebuild(definition, lambda child: child) == definition
        assert 1 <= depth(definition) <= len(list(n.walk(definition)))


def test_rules_know_every_expression() -> None:
    """Each node of the language has a rule of types."""
    assert len(RULES) == 4
    default = type_of.dispatch(object)
    assert not [kind for kind in n.EXPRESSIONS if type_of.dispatch(kind) is default]


def test_selection_without_order_is_plain() -> None:
    """Unions and predicates become one predicate an event; an ordered one has no plain form."""
    a, b, p, q = n.Named("a"), n.Named("b"), n.Truth(True), n.Truth(False)
    assert plain(n.Where(n.Either((n.Where(a, p), b)), q)) == {"a": n.And((p, q)), "b": q}
    assert plain(n.Either((n.Where(a, p), n.Where(a, q)))) == {"a": n.Or((p, q))}
    assert plain(n.Either((a, n.Where(a, q)))) == {"a": None}
    assert plain(n.Where(n.Sessions(a, days(1)), p)) is None
    assert plain(n.Either((a, n.Then(a, b, days(1))))) is None


def test_unnamed_segment_cannot_be_used() -> None:
    """A trait may stay without a name; a segment that others use may not."""
    order = event("Order")
    unnamed = trait(order.count())
    assert named({"a": trait(unnamed + 1)}).by_name["a"].value.left == n.Count(n.Named("Order"))
    with pytest.raises(DefinitionError, match="without a name"):
        named({"a": segment(segment(order.any()))})


def test_names_are_plain_words() -> None:
    """Lower-case letters, digits, underscores; each once."""
    found = Definitions()
    for name in ("A", "1a", "a-b", "", "_a", "é", "a\n"):
        with pytest.raises(DefinitionError):
            found.add(name, Trait(n.Truth(True)))
    found.add("a_1", Trait(n.Truth(True)), "f:1")
    with pytest.raises(DuplicateName) as caught:
        found.add("a_1", Trait(n.Truth(True)), "f:2")
    assert "f:1" in caught.value.got

"""The strategies generate what they promise, so that laws are tested on something."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, seed, settings
from hypothesis import strategies as st

from coterie.engines.reference import evaluate
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Boolean, Type
from tests.strategies import every_position, fits_for, histories, libraries, one_history, positions

SEEN: Counter[type] = Counter()
KNOWN: Counter[type] = Counter()
TYPES = {"Integer", "Decimal", "Real", "Text", "Boolean", "Instant", "ListOf", "Enumerated"}


@settings(max_examples=300, derandomize=False)
@given(st.data())
def _generate(data: st.DataObject) -> None:
    library = data.draw(libraries())
    SEEN.update(type(node) for name in library for node in n.walk(library.definition(name)))
    history = data.draw(one_history(library.plan))
    offset, t = data.draw(positions(history, library))
    fits = data.draw(fits_for(library))
    values = evaluate(library, library.names, history, offset, t, fits)
    KNOWN.update(type(library.type(k)) for k, value in values.items() if value is not None)


def _missing() -> tuple[set[type], set[str]]:
    nodes = {*n.SELECTIONS, *n.EXPRESSIONS, n.When} - set(SEEN) - {n.Clock}
    return nodes, TYPES - {kind.__name__ for kind in KNOWN}


def test_every_node_and_type_is_generated() -> None:
    """No node escapes the laws, and each type is met with a value: within five rounds at most."""
    for number in range(5):
        seed(number)(_generate)()  # other examples in each round, the same on every machine
        if _missing() == (set(), set()):
            break
    assert _missing() == (set(), set())
    assert n.Clock not in SEEN


@given(st.data())
def test_histories_have_unique_keys_and_offsets(data: st.DataObject) -> None:
    """Across all profiles, as in one log."""
    library = data.draw(libraries(most=1, depth=1))
    facts = [fact for each in data.draw(histories(library.plan)).values() for fact in each]
    assert len({fact.key for fact in facts}) == len({fact.offset for fact in facts}) == len(facts)
    assert all(fact.retired is None or fact.retired > fact.offset for fact in facts)


@settings(max_examples=25)
@given(st.data())
def test_segments_are_never_unknown(data: st.DataObject) -> None:
    """At every prefix, and on both sides of every edge, a segment is true or false."""
    library = data.draw(libraries(most=2, depth=2))
    history = data.draw(one_history(library.plan, most=3))
    fits = data.draw(fits_for(library))
    for offset, t in every_position(history, library):
        values = evaluate(library, library.segments, history, offset, t, fits)
        assert all(isinstance(value, bool) for value in values.values())


@settings(max_examples=100)
@given(st.data())
def test_values_have_the_form_of_their_type(data: st.DataObject) -> None:
    """What is typed a truth is true, false or unknown, and so with every type."""
    library: Library = data.draw(libraries())
    history = data.draw(one_history(library.plan))
    offset, t = data.draw(positions(history, library))
    values = evaluate(library, library.names, history, offset, t, data.draw(fits_for(library)))
    assert all(v is None or type(v) is _form(library.type(k)) for k, v in values.items())


def _form(kind: Type) -> type:
    forms = {"Integer": int, "Decimal": int, "Instant": int, "Real": float, "ListOf": list}
    return bool if kind == Boolean() else forms.get(type(kind).__name__, str)

"""Positions: every prefix of the log, at, between and one microsecond around every edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from hypothesis import strategies as st

from coterie.engines.reference import Fact
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.time import micros
from tests.strategies.grid import BASE, HOUR


def durations(library: Library) -> set[int]:
    """Every duration that a definition mentions, in microseconds."""
    return {
        micros(value)
        for name in library
        for node in n.walk(library.definition(name))
        for field in node.__struct_fields__
        if isinstance(value := getattr(node, field), timedelta)
    }


def edges(history: Iterable[Fact], library: Library | None = None) -> list[int]:
    """The instants at which something may change: facts, and the ends of windows after them."""
    lengths = {0} | (durations(library) if library is not None else set())
    return sorted({fact.at + length for fact in history for length in lengths} | {BASE})


def positions(
    history: Iterable[Fact], library: Library | None = None
) -> st.SearchStrategy[tuple[int, int]]:
    """One position ``(offset, t)`` at, just before, just after or far from an edge."""
    facts = list(history)
    last = max((fact.offset for fact in facts), default=0)
    instants = st.builds(
        lambda edge, shift: edge + shift,
        st.sampled_from(edges(facts, library)),
        st.sampled_from((0, 0, 0, 1, -1, HOUR // 2, 48 * HOUR)),
    )
    return st.tuples(st.one_of(st.just(last + 1), st.integers(0, last + 1)), instants)


def every_position(
    history: Iterable[Fact], library: Library | None = None
) -> Iterator[tuple[int, int]]:
    """Every prefix of the log at every edge, one microsecond before it and after it."""
    facts = list(history)
    last = max((fact.offset for fact in facts), default=0)
    for edge in edges(facts, library):
        for t in (edge - 1, edge, edge + 1):
            yield from ((offset, t) for offset in range(last + 1))

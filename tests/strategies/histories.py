"""Histories of one or many profiles: ties, nulls, late arrivals, superseded facts."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from coterie.engines.reference import Fact
from coterie.language.plan import Property, TrackingPlan
from tests.strategies.grid import HUGE, REALS, SMALL, TEXTS, instants

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.one_of(SMALL, SMALL, SMALL, HUGE),
    "decimal": st.one_of(SMALL, SMALL, st.integers(-20_000, 20_000), HUGE),
    "real": st.sampled_from(REALS),
    "text": st.sampled_from(TEXTS),
    "boolean": st.booleans(),
    "instant": instants,
}


@st.composite
def histories(
    draw: st.DrawFn, plan: TrackingPlan, *, people: int = 3, most: int = 10
) -> dict[str, list[Fact]]:
    """Profile -> its facts, in order of arrival; keys and offsets are the whole log's.

    Some profiles are empty. Offsets do not follow time (late arrivals), several facts share an
    instant, and some are superseded at the offset of a later one.
    """
    n = draw(st.one_of(st.integers(most // 2, most), st.integers(0, most)))
    keys = draw(st.lists(st.integers(0, 255), min_size=n, max_size=n, unique=True))
    facts = [_fact(draw, plan, key, offset) for offset, key in enumerate(keys, 1)]
    owners = [draw(st.integers(0, people - 1)) for _ in facts]
    found: dict[str, list[Fact]] = {f"p{i}": [] for i in range(people)}
    for fact, owner in zip(facts, owners, strict=True):
        found[f"p{owner}"].append(fact)
    return found


@st.composite
def one_history(draw: st.DrawFn, plan: TrackingPlan, *, most: int = 8) -> list[Fact]:
    """The facts of one profile, in order of arrival."""
    return draw(histories(plan, people=1, most=most))["p0"]


def fact_of(draw: st.DrawFn, plan: TrackingPlan, key: int, offset: int, at: int) -> Fact:
    """A fact of some event of the plan, with some values, that nothing superseded."""
    name = draw(st.sampled_from(sorted(plan.events)))
    values = _values(draw, plan.events[name].properties)
    return Fact(key.to_bytes(1, "big") + bytes(15), name, at, offset, None, values)


def _fact(draw: st.DrawFn, plan: TrackingPlan, key: int, offset: int) -> Fact:
    found = fact_of(draw, plan, key, offset, draw(instants))
    retired = draw(st.one_of(st.none(), st.none(), st.none(), st.integers(1, 4)))
    if retired is None:
        return found
    return msgspec.structs.replace(found, retired=offset + retired)


def _values(draw: st.DrawFn, declared: dict[str, Property]) -> dict[str, Any]:
    """Values in units at the plan's scale; some are null, some are missing altogether."""
    missing = st.sampled_from(("given", "given", "given", "given", "null", "missing"))
    found: dict[str, Any] = {}
    for name, prop in declared.items():
        fate = draw(missing)
        if fate != "missing":
            found[name] = draw(VALUES[prop.type]) if fate == "given" else None
    return found

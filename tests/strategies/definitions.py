"""Well-typed libraries: every node of the language, over any plan, referring to each other."""

from __future__ import annotations

from hypothesis import strategies as st

from coterie.language import nodes as n
from coterie.language.definitions import Definition, Definitions, Segment, Stage, Stages, Trait
from coterie.language.library import Library
from coterie.language.plan import TrackingPlan
from coterie.language.types import Type
from tests.strategies.expressions import Maker
from tests.strategies.plans import PURPOSES, plans

TOP = ("exact", "real", "text", "boolean", "instant", "listed", "listed", "decaying", "stage")
STAGES = ("new", "it's", 'a "b"', "loyal")


@st.composite
def expressions(
    draw: st.DrawFn, plan: TrackingPlan, category: str = "boolean", depth: int = 3
) -> n.Expr:
    """One profile expression of a category (see `TOP`)."""
    return Maker(draw, plan, {}).of(category, None, depth)


@st.composite
def library_over(draw: st.DrawFn, plan: TrackingPlan, *, most: int = 4, depth: int = 3) -> Library:
    """One to `most` definitions over a plan; later ones refer to earlier ones."""
    definitions, types = Definitions(), dict[str, Type]()
    for i in range(draw(st.integers(1, most))):
        name = f"d{i}"
        definitions.add(name, _definition(draw, Maker(draw, plan, types), depth))
        types[name] = checked(definitions, plan).type(name)
    return checked(definitions, plan)


@st.composite
def libraries(draw: st.DrawFn, *, most: int = 4, depth: int = 3) -> Library:
    """A plan and definitions over it."""
    return draw(library_over(draw(plans()), most=most, depth=depth))


@st.composite
def edits(draw: st.DrawFn, library: Library, *, depth: int = 2) -> Library:
    """Another library over the same plan: some definitions kept, some turned, some new."""
    definitions, types = Definitions(), dict[str, Type]()
    for name in library.order[: draw(st.integers(0, len(library.order)))]:
        kept = library.definition(name)
        if isinstance(kept, Segment) and draw(st.booleans()):
            kept = Segment(n.Not(kept.predicate), kept.purpose)
        definitions.add(name, kept)
        types[name] = library.type(name)
    spare = [f"d{i}" for i in range(9) if f"d{i}" not in types]
    for name in spare[: draw(st.integers(not types, 2))]:
        definitions.add(name, _definition(draw, Maker(draw, library.plan, types), depth))
        types[name] = checked(definitions, library.plan).type(name)
    return checked(definitions, library.plan)


def checked(definitions: Definitions, plan: TrackingPlan) -> Library:
    """The library of these definitions; raises where one is wrong."""
    return Library(definitions, plan, PURPOSES, "analytics")


def _definition(draw: st.DrawFn, make: Maker, depth: int) -> Definition:
    purpose = draw(st.sampled_from(("", "marketing")))
    kind = draw(st.sampled_from(("trait", "trait", "segment", "stages", "tiers")))
    if kind == "trait":
        return Trait(make.of(draw(st.sampled_from(TOP)), None, depth))
    if kind == "segment":
        return Segment(make.of("boolean", None, depth), purpose)
    named = STAGES[: draw(st.integers(1, len(STAGES)))]
    stages = tuple(Stage(name, make.of("boolean", None, depth - 1)) for name in named)
    return Stages(stages, "none", kind == "tiers", purpose)

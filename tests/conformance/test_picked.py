"""What selections pick: as their nodes read, word by word, at any instant of the same person."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.engines.reference import Evaluation, Fact, evaluate
from coterie.engines.reference.selections import Occurrence
from coterie.language import nodes as n
from coterie.language.time import micros
from tests.strategies import fits_for, library_over, plans
from tests.strategies.histories import one_history
from tests.strategies.positions import edges

generated = settings(suppress_health_check=list(HealthCheck), max_examples=60)


def read_aloud(selection: n.Selection, now: Evaluation) -> list[Occurrence]:
    """The occurrences up to the instant of an evaluation, each compared with every other."""

    def select(part: n.Selection) -> list[Occurrence]:
        return read_aloud(part, now)

    match selection:
        case n.Named(event):
            found = [Occurrence(f.at, f.key, f) for f in now.facts if f.name == event]
        case n.Where(of):
            found = [o for o in select(of) if now._holds(selection, o)]
        case n.Either(parts):
            found = list({(o.at, o.key): o for part in parts for o in select(part)}.values())
        case n.Then(first, second, within):
            length = micros(within)
            found = [
                o for o in select(second)
                if any(o.at - length < s.at < o.at for s in select(first))
            ]  # fmt: skip
        case n.Without(first, second, within):
            length = micros(within)
            found = [
                o._replace(at=o.at + length) for o in select(first)
                if not any(o.at < s.at < o.at + length for s in select(second))
                and o.at + length <= now.t
            ]  # fmt: skip
        case n.Sessions(of, gap):
            events = select(of)
            found = [
                o for o in events
                if not any(o.at - micros(gap) < e.at < o.at for e in events)
                and o.key == min(e.key for e in events if e.at == o.at)
            ]  # fmt: skip
    return sorted(found, key=lambda o: (o.at, o.key))


@generated
@given(st.data())
def test_selections_pick_what_their_nodes_say(data: st.DataObject) -> None:
    """Whatever is selected, and however it is looked up."""
    plan = data.draw(plans())
    library = data.draw(library_over(plan))
    history = data.draw(one_history(plan))
    t = data.draw(st.sampled_from(edges(history, library)))
    now = Evaluation(library, history, _last(history), t, data.draw(fits_for(library)))
    selections: set[Any] = {
        part for name in library for part in n.walk(library.expanded(library.lowered[name]))
        if isinstance(part, n.SELECTIONS)
    }  # fmt: skip
    for selection in selections:
        assert now.selected(selection) == read_aloud(selection, now)


@generated
@given(st.data())
def test_a_person_at_an_earlier_instant_is_as_if_nothing_had_happened_since(
    data: st.DataObject,
) -> None:
    """What was found for one instant is good for every other."""
    plan = data.draw(plans())
    library = data.draw(library_over(plan))
    history, fits = data.draw(one_history(plan)), data.draw(fits_for(library))
    instants = edges(history, library)
    now = Evaluation(library, history, _last(history), instants[-1], fits)
    for t in instants:
        other = now.moved(t)
        told = {name: other.named(name) for name in library}
        assert told == evaluate(library, library, history, _last(history), t, fits)


def _last(history: list[Fact]) -> int:
    return max((fact.offset for fact in history), default=0)

"""An explanation as a page tells it: instants as instants, and the evidence as events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from coterie.language.time import from_micros, parse_instant
from coterie.profiles.why import Explanation
from coterie.profiles.why.clauses import Clause
from coterie.project.persons.reports import Entry, Explained, Needed, Why


def explained(profile: str, found: Explanation, english: str, learnt: Sequence[int]) -> Explained:
    """An explanation as data for pages.

    Parameters
    ----------
    learnt : sequence of int
        When the parameters that it rests on were learnt, microseconds UTC.
    """
    needed = found.difference
    return Explained(
        profile=profile, name=found.name, as_of=parse_instant(found.at), english=english,
        value=found.value, holds=found.holds, purpose=found.purpose, may=found.may,
        since=_instant(found.since), until=_instant(found.next_change),
        because=_why(found.clauses),
        difference=None if needed is None else [
            Needed(each.text, each.now, each.needed) for each in needed
        ],
        learnt=[from_micros(at) for at in learnt],
        since_exact=found.since_exact, until_exact=found.next_exact,
    )  # fmt: skip


def _instant(said: str | None) -> datetime | None:
    return None if said is None else parse_instant(said)


def _why(clause: Clause) -> Why:
    return Why(
        text=clause.text, value=clause.value, holds=clause.holds, condition=clause.condition,
        n_events=clause.n_events,
        events=[Entry(parse_instant(e.at), "event", e.event) for e in reversed(clause.events)],
        parts=[_why(part) for part in clause.parts],
    )  # fmt: skip

"""One person at one position: who they are, what happened, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Literal

import msgspec
import pyarrow as pa

from coterie.engines.fits import Fit, Fits
from coterie.engines.reference import Evaluation
from coterie.language import nodes as n
from coterie.language.definitions import Definition, Stages, Trait
from coterie.language.english import sentence
from coterie.language.time import DAY, from_micros
from coterie.language.types import Instant
from coterie.language.values import plain
from coterie.profiles.crossings import Crossing
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Position
from coterie.profiles.timeline import Happened
from coterie.profiles.why.deadlines import MOST
from coterie.profiles.why.explain import ALWAYS, explain
from coterie.profiles.why.since import Found, Timeline
from coterie.project.persons import reports as r
from coterie.project.persons.events import Events
from coterie.project.persons.explaining import explained
from coterie.project.persons.story import MOST as MOST_ENTRIES
from coterie.project.persons.story import story

AHEAD = 2 * 365 * DAY
"""How far ahead a list of memberships looks for what time alone will change."""

_FITTED = (n.Population, n.QuantileRank, n.Cluster, n.Predict)
_DECLARED = ("identify", "group")


class One:
    """One person at one position.

    Parameters
    ----------
    profile : str
    questions : Questions
    events : Events
        Those of theirs that are known.
    position : Position
    now : int
        Where the project's clock stands, microseconds UTC.
    fits : (Fits, dict of str to Fit)
        What the position may use, and what of it was learnt only after its instant.
    devices : list of str
    crossings : callable
        Reads their entrances and exits, in the order in which they were recorded.
    """

    def __init__(
        self, profile: str, questions: Questions, events: Events, position: Position, now: int,
        fits: tuple[Fits, dict[str, Fit]], *, devices: list[str],
        crossings: Callable[[], Sequence[Crossing]],
    ) -> None:  # fmt: skip
        self.profile = profile
        self._questions = questions
        self._events = events
        self._position = position
        self._now = now
        self._fits, self._later = fits
        self._devices = devices
        self._crossings = crossings

    @cached_property
    def _evaluation(self) -> Evaluation:
        facts = self._events.facts()
        return Evaluation(self._questions.asked, facts, *self._position, self._fits)

    @cached_property
    def _seen(self) -> pa.Table:
        return self._events.seen(self._position)

    def report(self) -> r.Person:
        """Traits, memberships and permissions."""
        questions, now = self._questions, self._evaluation
        instants = self._seen["at"]
        return r.Person(
            profile=self.profile, as_of=from_micros(self._position.t),
            offset=self._position.offset, now=from_micros(self._now), devices=self._devices,
            n_events=len(instants), first=_instant(instants[:1]), last=_instant(instants[-1:]),
            permissions={p: now.named(name) is True for p, name in questions.may.items()},
            traits=[*self._traits()], memberships=[*self._memberships()],
            events=dict(Counter(self._seen["name"].to_pylist()).most_common()),
            learnt_after=[
                name for name in questions.library.names
                if self._later.keys() & questions.asked.fitted([name]).keys()
            ],
        )  # fmt: skip

    def _traits(self) -> Iterator[r.Trait]:
        library = self._questions.library
        for name in library.traits:
            definition, kind = library.definition(name), library.type(name)
            assert isinstance(definition, Trait)
            value = plain(self._evaluation.named(name), kind)
            said = sentence(name, definition)
            yield r.Trait(name, value, str(kind), origin(definition), said)

    def _memberships(self) -> Iterator[r.Membership]:
        questions = self._questions
        library = questions.library
        for name in questions.groups:
            definition, value = library.definition(name), self._evaluation.named(name)
            staged = isinstance(definition, Stages)
            may = self._evaluation.named(questions.permission(name)) is True
            yield r.Membership(
                name=name, kind=_kind(definition), stage=str(value) if staged else "",
                holds=staged or value is True, purpose=library.purpose(name), may=may,
                english=sentence(name, definition),
            )  # fmt: skip

    def story(self, name: str = "", page: int = 1, most: int = MOST_ENTRIES) -> r.Story:
        """A page of what happened up to the position's instant, newest first.

        Parameters
        ----------
        name : str, optional
            Only events of this name; ``changes`` for entrances and exits alone.
        """
        at = self._position.t
        crossed = [each for each in self._crossings() if each.at <= at]
        return story(self._seen, self._told, crossed, at, name, page, most)

    def _told(self, some: pa.Table) -> list[Happened]:
        return [self._timed(each) for each in self._events.told(some, self._position)]

    def _timed(self, each: Happened) -> Happened:
        """An event whose instants are told as such."""
        planned = self._questions.library.plan.events.get(each.name)
        known = {} if planned is None else planned.properties
        timed = {
            name: from_micros(value) for name, value in each.properties.items()
            if isinstance(value, int) and name in known and isinstance(known[name].kind, Instant)
        }  # fmt: skip
        return msgspec.structs.replace(each, properties=each.properties | timed)

    def coming(self) -> list[r.Coming]:
        """Since when each membership is what it is, and when time alone changes it."""
        return [self._coming(name) for name in self._questions.groups]

    def _coming(self, name: str) -> r.Coming:
        library, t = self._questions.asked, self._position.t
        expr, value = library.lowered[name], self._evaluation.named(name)
        timeline = Timeline(
            library, expr, self._evaluation.facts, self._position.offset, self._held(name),
            MOST // len(self._questions.groups),
        )  # fmt: skip
        staged = name in library.stages
        holds = staged or value is True
        since = timeline.since(t) if holds else Found(None)
        until = timeline.next_change(t, AHEAD)
        return r.Coming(
            name, str(value) if staged else "", holds, _told(since.at), _told(until.at),
            since.exact, until.exact,
        )  # fmt: skip

    def _held(self, name: str) -> Fits:
        """The parameters of now, as if they had always been."""
        keys = self._questions.asked.fitted([name])
        used = (self._fits.active(key, *self._position) for key in keys)
        return Fits(Fit(f.key, 0, ALWAYS, f.parameters) for f in used if f is not None)

    def why(self, name: str) -> r.Explained:
        """Why a segment, stage or trait is what it is.

        Raises
        ------
        UnknownName
            Nothing, or no stage, has this name.
        """
        questions = self._questions
        group = name.partition(".")[0]
        definition = questions.library.definition(group)
        found = explain(
            questions.asked, name, self._events.facts(), *self._position, self._fits
        )  # fmt: skip
        used = (self._fits.active(key, *self._position) for key in questions.asked.fitted([group]))
        learnt = {self._later.get(f.key, f).at for f in used if f is not None}
        said = sentence(group, definition)
        return explained(self.profile, found, said, sorted(learnt))


def _told(at: int | None) -> datetime | None:
    return None if at is None else from_micros(at)


def _instant(some: pa.ChunkedArray) -> datetime | None:
    return from_micros(some[0].as_py()) if len(some) else None


def origin(definition: Trait) -> r.Kind:
    """How the values of a trait come to be."""
    parts = [*n.walk(definition.value)]
    if any(isinstance(part, _FITTED) for part in parts):
        return "fitted"
    named = {part.event for part in parts if isinstance(part, n.Named)}
    if not named:
        return "derived"
    return "declared" if named <= {*_DECLARED} else "counted"


def _kind(definition: Definition) -> Literal["segment", "stages", "tiers"]:
    if not isinstance(definition, Stages):
        return "segment"
    return "tiers" if definition.ordered else "stages"

"""The pictures of everybody that Explore draws: what each is asked with, and what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Literal

import msgspec
import pyarrow as pa
from msgspec import Meta

from coterie.errors import DefinitionError, UnknownName, WrongType, nearest
from coterie.language import nodes as n
from coterie.language.authoring import event
from coterie.language.data import from_data
from coterie.language.definitions import Stages
from coterie.language.time import from_micros
from coterie.language.types import Integer
from coterie.pictures import comparison, distribution, flow, funnel, retention, rfm
from coterie.pictures.theme import Drawing
from coterie.project import Project
from coterie.project.published import Published
from coterie.server.api.rooms.explore_views import Choices, Trait

Day = Annotated[date | None, Meta(description="At its 00:00 in the project's zone.")]
Months = Annotated[int, Meta(ge=1, le=24)]
Length = Annotated[float, Meta(gt=0, le=366)]
LONGEST = 20_000
"""Characters of a step of a funnel."""
FIRST, LAST = date(1970, 1, 2), date(2200, 1, 1)
Drawn = tuple[pa.Table, Drawing]
Source = Project | Published
"""Whom a picture is drawn of: everybody by today's definitions, or as they were answered last."""
_STAGES = "lifecycle_stage"


class Distribution(msgspec.Struct, frozen=True):
    """How the values of one trait are spread over people; by default of the first that has one."""

    trait: str = ""
    scale: Literal["", "even", "log"] = ""
    at: Day = None
    purpose: str = ""

    def __call__(self, project: Source) -> Drawn:
        """The numbers, and how they are drawn."""
        trait = self.trait or _first([one.name for one in choices(project).traits], "traits")
        log = None if not self.scale else self.scale == "log"
        at = _instant(project, self.at)
        data = distribution.data(project, trait, at=at, log=log, purpose=self.purpose)
        return data, distribution.chart(data)


class Rfm(msgspec.Struct, frozen=True):
    """The grid of recency and frequency; by default by the names that the recipe gives."""

    recency: str = rfm.RECENCY
    frequency: str = rfm.FREQUENCY
    stages: str | None = None
    at: Day = None
    purpose: str = ""

    def __call__(self, project: Source) -> Drawn:
        """The numbers, and how they are drawn."""
        for name in (self.recency, self.frequency):
            _integer(project, name)
        stages = self.stages
        if stages is None:
            stages = rfm.STAGES if rfm.STAGES in project.library.stages else ""
        at = _instant(project, self.at)
        data = rfm.data(project, self.recency, self.frequency, stages, at=at, purpose=self.purpose)
        return data, rfm.chart(data)


class Flow(msgspec.Struct, frozen=True):
    """How people moved between stages from one day to another; by default in three months."""

    stages: str = ""
    since: Day = None
    until: Day = None
    purpose: str = ""

    def __call__(self, project: Source) -> Drawn:
        """The numbers, and how they are drawn."""
        known = project.library.stages
        preferred = _STAGES if _STAGES in known else ""
        stages = self.stages or preferred or _first(known, "stages")
        since, until = _instant(project, self.since), _instant(project, self.until)
        data = flow.data(project, stages, since, until, purpose=self.purpose)
        return data, flow.chart(data)


class Retention(msgspec.Struct, frozen=True):
    """Of who first did something in a month, how many do it again in each month after."""

    event: str = retention.NAME
    months: Months = 12
    at: Day = None
    purpose: str = ""

    def __call__(self, project: Source) -> Drawn:
        """The numbers, and how they are drawn."""
        _known(project, self.event)
        at = _instant(project, self.at)
        data = retention.data(
            project, event(self.event), at=at, months=self.months, purpose=self.purpose
        )
        return data, retention.chart(data)


class Funnel(msgspec.Struct, frozen=True):
    """How far people come along events; by default those of a shop that the plan has.

    Parameters
    ----------
    step : tuple of str
        Names of events, or selections of one event in JSON.
    within : float
        Days for the whole way.
    """

    step: tuple[Annotated[str, Meta(max_length=LONGEST)], ...] = ()
    within: Length = 7
    since: Day = None
    until: Day = None
    purpose: str = ""

    def __call__(self, project: Source) -> Drawn:
        """The numbers, and how they are drawn."""
        events = choices(project).events
        usual = [name for name in funnel.STEPS if name in events]
        steps = self.step or tuple(usual if len(usual) > 1 else events[:2])
        chosen = [selection(step, i, events) for i, step in enumerate(steps)]
        since, until = _instant(project, self.since), _instant(project, self.until)
        data = funnel.data(
            project, chosen, within=timedelta(days=self.within), since=since, until=until,
            purpose=self.purpose,
        )  # fmt: skip
        return data, funnel.chart(data)


class Comparison(msgspec.Struct, frozen=True):
    """By which traits the people of two segments differ; by default of the first two."""

    a: str = ""
    b: str = ""
    at: Day = None
    purpose: str = ""

    def __call__(self, project: Source) -> Drawn:
        """The numbers, and how they are drawn."""
        known = _segments(project)
        a = self.a or _first([name for name in known if name != self.b], "segments")
        b = self.b or _first([name for name in known if name != a], "segments")
        at = _instant(project, self.at)
        kept = None
        if isinstance(project, Published) and at is None:
            kept = partial(inside, project, self.purpose)
        data = comparison.data(project, a, b, at=at, purpose=self.purpose, known=kept)
        return data, comparison.chart(data)


def inside(published: Published, purpose: str, name: str) -> comparison.Inside:
    """What comparisons need of one segment or stage, worked out once for each answer."""
    purpose = purpose or published.settings.default_purpose
    return published.remembered(
        ("inside", name, purpose), lambda: comparison.inside(published, name, purpose=purpose)
    )


Question = Distribution | Rfm | Flow | Retention | Funnel | Comparison
QUESTIONS: Mapping[str, type[Question]] = {
    "distribution": Distribution, "rfm": Rfm, "flow": Flow, "retention": Retention,
    "funnel": Funnel, "comparison": Comparison,
}  # fmt: skip


def is_held(question: object) -> bool:
    """Whether a question is about the values of the last answer alone, which lie in memory."""
    return isinstance(question, Distribution | Rfm | Comparison) and question.at is None


def source(question: Question, definitions: str, project: Project) -> Source:
    """What answers a question: the last answer, where it has all that is asked for.

    Parameters
    ----------
    definitions : str
        The hash of those that the last answer was by.
    """
    held = is_held(question) and project.library.hash() == definitions
    return project.published if held else project


def selection(said: str, number: int, events: Sequence[str]) -> funnel.Step:
    """A step of a funnel: the name of an event, or a selection of one in JSON.

    Raises
    ------
    DefinitionError
        It begins like JSON, is no event's name, and no selection either.
    """
    if said in events or not said.startswith("{"):
        return said
    where = f"steps[{number}]"
    try:
        found: n.Selection = from_data(msgspec.json.decode(said), n.Selection, where)
    except msgspec.DecodeError:
        raise WrongType("a step is no JSON", where=where, expected='{"node": "where", …}') from None
    except RecursionError:
        raise WrongType("a step is nested too deeply", where=where) from None
    return found


def choices(project: Source) -> Choices:
    """What the pictures can be asked of.

    Raises
    ------
    CoterieError
        Nothing has been computed yet, or the definitions cannot be used.
    """
    library, usual = project.library, project.settings.default_purpose
    drawable = [name for name in library if distribution.drawable(project, name)]
    return Choices(
        as_of=from_micros(project.answers.last_run().clock),
        traits=[Trait(name, str(library.type(name))) for name in drawable],
        ranks=[name for name in library.traits if library.type(name) == Integer()],
        stages=[*library.stages],
        segments=_segments(project),
        events=[*library.plan.events],
        purposes=sorted(project.questions.may, key=lambda name: (name != usual, name)),
    )


def _segments(project: Source) -> list[str]:
    library = project.library
    found = [*library.segments]
    for name in library.stages:
        definition = library.definition(name)
        assert isinstance(definition, Stages)
        found += [f"{name}.{stage}" for stage in definition.options]
    return found


def _first(names: Sequence[str], what: str) -> str:
    if not names:
        raise UnknownName(f"the project defines no {what} that could be drawn")
    return names[0]


def _integer(project: Source, name: str) -> None:
    if project.library.type(name) != Integer():
        raise UnknownName(
            f"{name!r} does not rank people", hint=nearest(name, choices(project).ranks)
        )


def _known(project: Source, name: str) -> None:
    events = project.library.plan.events
    if name not in events:
        raise UnknownName(f"no event is called {name!r}", hint=nearest(name, events))


def _instant(project: Source, day: date | None) -> int | None:
    if day is None:
        return None
    if not FIRST <= day <= LAST:
        raise DefinitionError("a day lies too far away", expected=f"{FIRST} to {LAST}")
    return project.instant(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - the project's

"""One person, at any instant, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, TypeVar, cast

import msgspec
from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from coterie.collect.spec import MOST_TEXT
from coterie.errors import ProjectError, UnknownName, UnknownPerson
from coterie.language.time import micros
from coterie.profiles import transitions
from coterie.project import Project
from coterie.project.persons.events import Eventful
from coterie.project.persons.one import One
from coterie.project.persons.reports import Coming, Explained, Found, Person, Story
from coterie.project.streaming.live import Change
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.changes import moved
from coterie.server.api.problems import MISTAKEN, UNKNOWN, Refused
from coterie.server.api.views import Moved
from coterie.storage.outbox import Outbox

Answer = TypeVar("Answer")
NAMELESS = Refused(404, "unknown_name", "no definition has this name")
MOST_PAGES = 1_000_000
EARLIEST, LATEST = micros(datetime(1, 2, 1, tzinfo=UTC)), micros(datetime(9990, 1, 1, tzinfo=UTC))
"""Instants asked for beyond these are these: what is told lies years around them."""
EVENTFUL = 2_000
"""Events of a person that an engine looks at in some hundredths of a second."""
LOOKED_AT, LISTED = 500, 20
"""Changes that are looked at for who changed last, and people who are told of."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LONGEST = 4 * MOST_TEXT
_ONE = GUARDED | described(MISTAKEN, UNKNOWN)
Id = Annotated[str, PathParameter(name="id", description="Of any kind.")]
At = Annotated[
    datetime | None,
    QueryParameter(description="As of this instant; by default where the clock stands."),
]


class People(msgspec.Struct, frozen=True):
    """Whoever may be meant by an id, or who entered or left a segment last.

    Parameters
    ----------
    people : list of Found
        Nobody, somebody, or several by ids of several kinds.
    moved : list of Moved
        Without an id: the newest change of each of the people who changed last, newest first.
    """

    people: list[Found]
    moved: list[Moved] = []


class Comings(msgspec.Struct, frozen=True):
    """Since when each membership is what it is, and when time alone changes it."""

    profile: str
    memberships: list[Coming]


@get(
    "/v1/people", guards=[whole], responses=_ONE,
    summary="Whoever is known by an id, or changed last",
)  # fmt: skip
async def people(
    request: Asked,
    said: Annotated[
        str, QueryParameter(name="id", description="A raw id, a device's id, or a pseudonym.")
    ] = "",
) -> Response[People]:
    """Without an id: who entered or left a segment last."""
    return answered(await asked(request, partial(find, said)))


@get("/v1/people/{id:str}", guards=[whole], summary="One person", responses=_ONE)
async def person(request: Asked, said: Id, at: At = None) -> Response[Person]:
    """Traits and how each came to be, memberships, permissions."""
    return answered(await asked(request, partial(of, said, at, One.report)))


@get(
    "/v1/people/{id:str}/timeline", guards=[whole], responses=_ONE,
    summary="What happened to one person, newest first, in sessions",
)  # fmt: skip
async def timeline(
    request: Asked,
    said: Id,
    at: At = None,
    name: Annotated[
        str, QueryParameter(name="event", description="Of this name alone, or `changes`.")
    ] = "",
    page: Annotated[int, QueryParameter(ge=1, le=MOST_PAGES, description="Of 50 entries.")] = 1,
) -> Response[Story]:
    """Events, and every entrance and exit as it was recorded."""
    story = partial(One.story, name=name, page=page)
    return answered(await asked(request, partial(of, said, at, story)))


@get(
    "/v1/people/{id:str}/coming", guards=[whole], responses=_ONE,
    summary="Since when each membership is what it is, and when time alone changes it",
)  # fmt: skip
async def coming(request: Asked, said: Id, at: At = None) -> Response[Comings]:
    """With no new event, and within two years."""
    return answered(await asked(request, partial(of, said, at, comings)))


@get(
    "/v1/people/{id:str}/why/{name:str}", guards=[whole], responses=_ONE | described(NAMELESS),
    summary="Why a segment, stage or trait is what it is for one person",
)  # fmt: skip
async def why(
    request: Asked,
    said: Id,
    name: Annotated[str, PathParameter(description="As in `vip`, or `lifecycle.loyal`.")],
    at: At = None,
) -> Response[Explained]:
    """Each part of the definition with its value and its newest events."""
    return answered(await asked(request, partial(of, said, at, partial(One.why, name=name))))


def answered(view: Answer) -> Response[Answer]:
    """An answer whose amounts are exact numbers."""
    body = cast("Answer", _ENCODER.encode(view))
    return Response(body, media_type=MediaType.JSON, headers=FRESH)


async def asked(request: Asked, question: Callable[[Project], Answer]) -> Answer:
    """An answer about people; about whoever has thousands of events where nobody else waits.

    Raises
    ------
    Refused
        There is no such person.
    """
    api = api_of(request)
    try:
        return await api.reading.ask(partial(_soon, question))
    except Eventful:
        return await api.computing.ask(question)


def _soon(question: Callable[[Project], Answer], project: Project) -> Answer:
    project.persons.most = EVENTFUL
    return question(project)


def find(said: str, project: Project) -> People:
    """Whoever is known by an id, or changed last."""
    if not said:
        return People([], [*_moved(project)])
    return People(project.persons.find(said) if len(said) <= _LONGEST else [])


def _moved(project: Project) -> Iterator[Moved]:
    """The newest change of each of the people who changed last, newest first."""
    stores = project.stores
    newest = transitions.latest(stores.lake, Outbox(stores.ledger), LOOKED_AT, lambda found: found)
    seen: set[str] = set()
    for row in reversed(newest.to_pylist()):
        if row["profile"] not in seen:
            seen.add(row["profile"])
            yield moved(msgspec.convert({**row, "stage": row["stage"] or None}, Change))
        if len(seen) >= LISTED:
            return


def of(
    said: str, at: datetime | str | None, answer: Callable[[One], Answer], project: Project
) -> Answer:
    """What is asked of one person, at an instant or where the clock stands.

    Raises
    ------
    Refused
        There is no such person, instant or name.
    """
    try:
        instant = project.instant(at or None)
    except ProjectError:
        raise MISTAKEN from None
    if instant is not None:
        instant = min(max(instant, EARLIEST), LATEST)
    if len(said) > _LONGEST:
        raise UNKNOWN
    try:
        return answer(project.persons.one(said, instant))
    except UnknownPerson:
        raise UNKNOWN from None
    except UnknownName:
        raise NAMELESS from None


def comings(one: One) -> Comings:
    """What of somebody's memberships time alone will change."""
    return Comings(one.profile, one.coming())


ROUTES: Sequence[HTTPRouteHandler] = (people, person, timeline, coming, why)

"""One segment and its people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from coterie.project import Project
from coterie.project.streaming.live import Live, Profile
from coterie.server.api import problems
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.rooms import segment_questions as q
from coterie.server.api.rooms import segment_views as v
from coterie.server.api.rooms.segment_questions import Listed

Answer = TypeVar("Answer")
_ANSWERS = GUARDED | described(problems.NOWHERE, problems.MISTAKEN)
_LONGEST = 2_000

Number = Annotated[int, QueryParameter(name="page", ge=1, le=1_000_000, description="From 1.")]
Search = Annotated[
    str,
    QueryParameter(
        max_length=_LONGEST, description="Anybody's id, or the beginning of a pseudonym."
    ),
]
Sort = Annotated[
    str, QueryParameter(description="One of the traits that are told; else by pseudonym.")
]
Order = Annotated[Literal["up", "down"], QueryParameter(description="Of the trait.")]
Who = Annotated[
    Literal["audience", "everyone"], QueryParameter(description="Those who may be used, or all.")
]
Which = Annotated[
    Literal["", "entered", "exited"], QueryParameter(description="Only these changes.")
]
Cause = Annotated[str, QueryParameter(description="Only changes by this cause.")]
Trait = Annotated[str, QueryParameter(description="By default the first that can be asked for.")]


async def read(request: Asked, question: Callable[[Project], Answer]) -> Answer:
    """The answer to a question that takes milliseconds."""
    return await api_of(request).reading.ask(partial(_steadily, question))


def _steadily(question: Callable[[Project], Answer], project: Project) -> Answer:
    with project.published.steady():
        return question(project)


@get(
    "/v1/segments/{name:str}/definition", summary="What a segment or set of stages is",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def definition(request: Asked, name: FromPath[str]) -> Response[v.Definition]:
    """In English, as it was written, and as engines are asked it."""
    return Response(await read(request, partial(q.definition, name)), headers=FRESH)


@get(
    "/v1/segments/{name:str}/history", summary="A segment's or stage's size over time, with causes",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def history(request: Asked, name: FromPath[str]) -> Response[v.History]:
    """As it was believed, up to this moment."""
    found = await read(request, partial(q.history, name))
    return Response(q.history_view(name, found), headers=FRESH)


@get(
    "/v1/segments/{name:str}/members", summary="The people of a segment or stage, 50 a page",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def members(
    request: Asked, name: FromPath[str], search: Search = "", sort: Sort = "", order: Order = "up",
    who: Who = "audience", number: Number = 1,
) -> Response[v.People]:  # fmt: skip
    """Those as well who came in since the answer published last."""
    found = await listed(request, name, search, sort, order, who, number)
    return Response(found, headers=FRESH)


@get(
    "/v1/segments/{name:str}/changes",
    summary="Who entered and left a segment or stage, 50 a page, the newest first",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def changes(
    request: Asked, name: FromPath[str], change: Which = "", cause: Cause = "", number: Number = 1
) -> Response[v.Changes]:
    """Each with its cause; `/v1/changes` tells those to come."""
    found = await read(request, partial(q.changes, name, change, cause, number))
    return Response(found, headers=FRESH)


@get(
    "/v1/segments/{name:str}/overlap", summary="Whom a segment or stage shares with the others",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def overlap(request: Asked, name: FromPath[str]) -> Response[v.Overlap]:
    """Of who may be used for its purpose, by the answer published last."""
    return Response(await read(request, partial(q.overlap, name)), headers=FRESH)


@get(
    "/v1/segments/{name:str}/traits",
    summary="One trait of a segment's or stage's people against everyone's", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def traits(request: Asked, name: FromPath[str], trait: Trait = "") -> Response[v.Spread]:
    """Of who may be used for its purpose, by the answer published last."""
    return Response(await read(request, partial(q.spread_view, name, trait)), headers=FRESH)


async def listed(
    request: Asked, name: str, search: str, sort: str, order: str, who: str, number: int
) -> v.People:
    """A page of people, as the API and the pages tell it."""
    api = api_of(request)
    live = api.live if api.live is not None and api.live.ready else None
    wanted = {
        "begins": search.lower() if search.isalnum() else "",
        "ids": [*api.profiles.ids(search, "any")] if search else (),
        "sort": sort, "descending": order == "down", "everyone": who == "everyone",
        "skipped": (number - 1) * q.SIZE,
    }  # fmt: skip
    ask = partial(q.people, name, wanted, live is not None)
    found = await read(request, ask)
    current = {} if live is None else await asyncio.to_thread(_current, live, found)
    told = {} if live is None else {each: _since(live, found, one) for each, one in current.items()}
    since = told if found.since is None else found.since
    shown = [_person(found, row, current, since) for row in found.found.rows.to_pylist()]
    kept = [each for each in shown if each.may or found.wanted.everyone]
    return v.People(
        name=name, purpose=found.purpose, holds=found.found.holds, audience=found.found.audience,
        found=found.found.found, page=number, pages=q.pages(found.found.found),
        traits=[*found.wanted.traits], withdrawn=len(shown) - len(kept), people=kept,
    )  # fmt: skip


def _current(live: Live, found: Listed) -> Mapping[str, Profile]:
    """These people as the stream knows them."""
    asked = found.found.rows["profile"].to_pylist()
    return {each: one for each in asked if (one := live.profile(each)) is not None}


def _since(live: Live, found: Listed, one: Profile) -> int | None:
    """When somebody entered it last, where the stream still has them in it."""
    segment, stage = found.wanted.segment, found.wanted.stage
    if stage:
        inside = one.stages.get(segment) == stage
        return live.came(one.profile, segment) if inside else None
    return one.memberships.get(segment)


def _person(
    found: Listed, row: Mapping[str, Any], current: Mapping[str, Profile],
    since: Mapping[str, int | None],
) -> v.Person:  # fmt: skip
    """One person, as current as can be."""
    profile, wanted = row["profile"], found.wanted
    one = current.get(profile)
    if one is not None:
        may = one.may.get(found.purpose, False)
    else:
        may = bool((found.may or {}).get(profile))
    values = row if one is None else one.traits
    told = {name: values.get(name) for name in wanted.traits}
    return v.Person(profile, may, q.instant(since.get(profile)), told)


ROUTES: Sequence[HTTPRouteHandler] = (definition, history, members, changes, overlap, traits)

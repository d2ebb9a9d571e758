"""Everybody, in pictures, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Annotated, Literal, NamedTuple, TypeVar

import pyarrow as pa
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Meta

from coterie.errors import DefinitionError
from coterie.pictures import rfm
from coterie.pictures.retention import NAME as ORDER
from coterie.pictures.theme import Drawing
from coterie.project import Project
from coterie.server.api import problems
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.problems import Refused
from coterie.server.api.rooms.explore_questions import (
    LONGEST,
    Comparison,
    Distribution,
    Flow,
    Funnel,
    Question,
    Retention,
    Rfm,
    choices,
    source,
)
from coterie.server.api.rooms.explore_views import Choices, Picture, picture

Made = TypeVar("Made")
_ANSWERS = GUARDED | described(problems.MISTAKEN, problems.NOWHERE)
_RANK = "A trait that ranks people, 1 the lowest."
_STEP = (
    "Two to eight events, in their order: the name of each, or in JSON a selection of one event "
    'with conditions on its properties, as in {"node": "where", "of": {"node": "event", "event": '
    '"Order Completed"}, "that": {"node": "compare", "op": ">=", "left": {"node": "property", '
    '"name": "revenue"}, "right": {"node": "number", "value": 50}}}.'
)
_GROUP = "A segment, or a stage as in `lifecycle.loyal`."
At = Annotated[
    date | None, QueryParameter(description="As of that day's 00:00; by default the last answer.")
]
Purpose = Annotated[
    str, QueryParameter(description="Whom to count; by default the project's purpose.")
]


class Edition(NamedTuple):
    """The answer published last: what pictures are drawn of changes with it."""

    offset: int
    definitions: str


async def edition(request: Asked) -> Edition:
    """The edition that a request is answered by."""
    return await api_of(request).reading.ask(_edition)


def _edition(project: Project) -> Edition:
    run = project.stores.ledger.last_run()
    return Edition(0, "") if run is None else Edition(run.offset, run.definitions_hash)


def drawn(
    question: Question, of: Edition, finish: Callable[[pa.Table, Drawing], Made], project: Project
) -> Made:
    """A picture by today's definitions, finished as somebody wants it."""
    if project.library.hash() != of.definitions:
        project.reload()
    with project.published.steady():
        return finish(*question(source(question, of.definitions, project)))


def offered(of: Edition, project: Project) -> Choices:
    """What pictures can be asked of by today's definitions."""
    if project.library.hash() != of.definitions:
        project.reload()
    return choices(project)


async def asked(request: Asked, question: Question) -> Response[Picture]:
    """A picture as JSON, when it is done."""
    of = await edition(request)
    work = partial(drawn, question, of, picture)
    try:
        found = await api_of(request).pictures.answer((of, question, "json"), work)
    except DefinitionError as error:
        detail = "no picture can be drawn of this; GET /v1/explore says of what"
        raise Refused(404, error.code, detail) from None
    return Response(found, headers=FRESH)


@get(
    "/v1/explore", summary="What pictures of everybody can be drawn of", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def explore(request: Asked) -> Response[Choices]:
    """As of the answer published last."""
    of = await edition(request)
    found = await api_of(request).reading.ask(partial(offered, of))
    return Response(found, headers=FRESH)


@get(
    "/v1/explore/distribution", summary="How the values of a trait are spread", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def distribution(
    request: Asked,
    trait: Annotated[
        str, QueryParameter(description="By default the first that can be drawn.")
    ] = "",
    scale: Annotated[
        Literal["", "even", "log"], QueryParameter(description="By default as the values ask.")
    ] = "",
    at: At = None,
    purpose: Purpose = "",
) -> Response[Picture]:
    """A row a bar."""
    return await asked(request, Distribution(trait, scale, at, purpose))


@get(
    "/v1/explore/rfm", summary="How many stand in each cell of recency and frequency",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def grid(
    request: Asked,
    recency: Annotated[str, QueryParameter(description=_RANK)] = rfm.RECENCY,
    frequency: Annotated[str, QueryParameter(description=_RANK)] = rfm.FREQUENCY,
    stages: Annotated[
        str | None, QueryParameter(description="Which name the cells; empty for none.")
    ] = None,
    at: At = None,
    purpose: Purpose = "",
) -> Response[Picture]:
    """A row a cell that somebody stands in."""
    return await asked(request, Rfm(recency, frequency, stages, at, purpose))


@get(
    "/v1/explore/flow", summary="Who moved from which stage to which, between two days",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def flow(
    request: Asked,
    stages: Annotated[str, QueryParameter(description="By default those of the lifecycle.")] = "",
    since: Annotated[
        date | None, QueryParameter(description="By default some three months before `until`.")
    ] = None,
    until: At = None,
    purpose: Purpose = "",
) -> Response[Picture]:
    """A row a pair of stages, by what is known now."""
    return await asked(request, Flow(stages, since, until, purpose))


@get(
    "/v1/explore/retention", summary="Who comes again in each month after the first",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def retention(
    request: Asked,
    event: Annotated[str, QueryParameter(description="What counts as coming.")] = ORDER,
    months: Annotated[int, QueryParameter(ge=1, le=24)] = 12,
    at: At = None,
    purpose: Purpose = "",
) -> Response[Picture]:
    """A row a cohort and month."""
    return await asked(request, Retention(event, months, at, purpose))


@get(
    "/v1/explore/funnel", summary="How far people come along a row of events",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def funnel(
    request: Asked,
    step: Annotated[
        list[Annotated[str, Meta(max_length=LONGEST)]] | None, QueryParameter(description=_STEP)
    ] = None,
    within: Annotated[
        float, QueryParameter(gt=0, le=366, description="Days for the whole way.")
    ] = 7,
    since: Annotated[
        date | None, QueryParameter(description="First steps from then on; by default 90 days.")
    ] = None,
    until: Annotated[
        date | None, QueryParameter(description="First steps before then; by default all.")
    ] = None,
    purpose: Purpose = "",
) -> Response[Picture]:
    """A row a step; each lies after the one before, and other events may lie between."""
    return await asked(request, Funnel(tuple(step or ()), within, since, until, purpose))


@get(
    "/v1/explore/comparison", summary="By which traits the people of two segments differ",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def comparison(
    request: Asked,
    a: Annotated[str, QueryParameter(description=_GROUP)] = "",
    b: Annotated[str, QueryParameter(description=_GROUP)] = "",
    at: At = None,
    purpose: Purpose = "",
) -> Response[Picture]:
    """A row a trait, the largest difference first."""
    return await asked(request, Comparison(a, b, at, purpose))


ROUTES: Sequence[HTTPRouteHandler] = (
    explore, distribution, grid, flow, retention, funnel, comparison,
)  # fmt: skip

"""Sources, plan, violations, attributes, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from coterie.errors import DefinitionError
from coterie.server.api import problems
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.rooms import data_questions as q
from coterie.server.api.rooms import data_views as v
from coterie.server.api.rooms.explore import edition

_ANSWERS = GUARDED | described(problems.NOWHERE, problems.MISTAKEN)
_LONGEST = 200
_FRESH = 15_000_000
"""Microseconds that what was said of sources holds."""

Search = Annotated[str, QueryParameter(max_length=_LONGEST, description="Only where this stands.")]
Days = Annotated[int, QueryParameter(ge=1, le=90, description="Up to today.")]
Source = Annotated[str, QueryParameter(description="Only of this source.")]
Target = Annotated[
    str, QueryParameter(description="A segment: how much each attribute tells of it.")
]


def heard(request: Asked) -> tuple[tuple[str, int], partial[v.Sources]]:
    """What is asked about sources now, and the key under which the answer is kept."""
    now = clock(request)
    return ("sources", now // _FRESH), partial(q.sources, now)


def clock(request: Asked) -> int:
    """Now, by the stream's clock where there is one, microseconds UTC."""
    api = api_of(request)
    standing = None if api.live is None else api.live.standing()
    return api.now() if standing is None else standing.clock


@get(
    "/v1/data/sources", summary="Every source, with what went wrong last", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def sources(request: Asked) -> Response[v.Sources]:
    """When each was heard of, its quarantine and violations."""
    key, ask = heard(request)
    return Response(await api_of(request).pictures.answer(key, ask), headers=FRESH)


@get(
    "/v1/data/plan", summary="The tracking plan as a data dictionary", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def plan(request: Asked, search: Search = "") -> Response[v.Dictionary]:
    """As its files are now, with the versions that runs recorded."""
    found = await api_of(request).reading.ask(partial(q.dictionary, search))
    return Response(found, headers=FRESH)


@get(
    "/v1/data/violations", summary="Values that were not as planned", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def violations(
    request: Asked, days: Days = 30, source: Source = ""
) -> Response[v.Violations]:
    """By rule, and by day."""
    found = await api_of(request).reading.ask(partial(q.violations, days, source))
    return Response(found, headers=FRESH)


@get(
    "/v1/data/audit", summary="Unknowns, spread, age and use of each attribute", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def audit(request: Asked, target: Target = "") -> Response[v.Audit]:
    """When it is done; everybody is read for it."""
    of = await edition(request)
    try:
        found = await api_of(request).pictures.answer(
            (of, "audit", target), partial(q.audit, target)
        )
    except DefinitionError:  # there is no such target
        raise problems.NOWHERE from None
    return Response(found, headers=FRESH)


ROUTES: Sequence[HTTPRouteHandler] = (sources, plan, violations, audit)

"""What stands on the first page, as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from coterie.server.api.app import (
    FRESH,
    GUARDED,
    Asked,
    api_of,
    described,
    whole,
)
from coterie.server.api.problems import NOWHERE
from coterie.server.api.rooms.home_views import Overview

_RESPONSES = GUARDED | described(NOWHERE)


@get(
    "/v1/overview", summary="Where the project stands, with every segment's size now",
    guards=[whole], responses=_RESPONSES,
)  # fmt: skip
async def overview(request: Asked) -> Response[Overview]:
    """People, events a second, sizes and how they moved, and what needs attention."""
    return Response(await api_of(request).overviews.now(), headers=FRESH)


@get(
    "/v1/overview/stream", summary="The same as server-sent events, each second",
    guards=[whole], media_type="text/event-stream", responses=_RESPONSES,
)  # fmt: skip
async def looking_on(request: Asked) -> Stream:
    """Whenever it is another than before."""
    headers = FRESH | {"x-accel-buffering": "no"}
    told = api_of(request).looking_on()
    return Stream(told, media_type="text/event-stream", headers=headers)


ROUTES: Sequence[HTTPRouteHandler] = (overview, looking_on)

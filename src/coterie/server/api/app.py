"""The API's routes, checked and documented by Litestar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Stream

from coterie.errors import CoterieError, StoreError
from coterie.server import metrics
from coterie.server.api import problems
from coterie.server.api.guard import Caller
from coterie.server.api.knowing import Api
from coterie.server.api.problems import Problem, Refused
from coterie.server.api.slashes import restored
from coterie.server.api.views import Health, Readiness, Segment, Segments, Status
from coterie.server.desk import Busy

Asked = Request[Any, Any, State]

_KNOWN = {400: problems.MISTAKEN, 404: problems.NOWHERE, 405: problems.NO_METHOD}
FRESH = {"cache-control": "no-store"}
_NUMBER = "The number of the last change received, 0 for all; without it, what comes from now on."
_MOST = 2**53


def guarded(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """See that whoever asks may, and remember who it is."""
    client = connection.scope["client"]
    said = "" if client is None else f"{client[0]}:{client[1]}"
    api: Api = connection.app.state.api
    connection.scope["state"]["caller"] = api.guard.admit(said, connection.headers)


def whole(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """See that whoever asks may see everything, and not what is for one purpose alone."""
    guarded(connection, handler)
    if connection.scope["state"]["caller"].purpose:
        raise problems.NOWHERE


def caller_of(request: Asked) -> Caller:
    """Who asks, as the guard found."""
    found: Caller = request.scope["state"]["caller"]
    return found


def api_of(request: Asked) -> Api:
    """What this server answers from."""
    found: Api = request.app.state.api
    return found


def described(*found: Refused) -> dict[int, ResponseSpec]:
    """Problems as responses of a route."""
    return {
        refused.problem.status: ResponseSpec(
            Problem, generate_examples=False, description=refused.problem.title,
            media_type=problems.MEDIA,
        )
        for refused in found
    }  # fmt: skip


GUARDED = described(problems.STRANGER, problems.FOREIGN, problems.BUSY)
_UNREADY = {503: ResponseSpec(Readiness, generate_examples=False, description="Not now.")}


@get("/health", summary="Whether the process answers", responses=described(problems.BUSY))
async def health(request: Asked) -> Health:
    """Answer to anybody."""
    if api_of(request).closed:
        raise problems.BUSY
    return Health("ok")


@get("/ready", summary="Whether every role does its work", responses=_UNREADY)
async def ready(request: Asked) -> Response[Readiness]:
    """Answer to anybody."""
    api = api_of(request)
    roles = dict(api.roles())
    fine = all(roles.values()) and not api.closed
    return Response(Readiness(fine, roles), status_code=200 if fine else 503, headers=FRESH)


@get(
    "/metrics", summary="What Prometheus reads", media_type=metrics.MEDIA, guards=[guarded],
    responses=GUARDED,
)  # fmt: skip
async def measured(request: Asked) -> Response[str]:
    """Everything that is counted and measured."""
    text = api_of(request).metrics.text().decode()
    return Response(text, media_type=metrics.MEDIA, headers=FRESH)


@get("/v1/status", summary="Where the project stands", guards=[guarded], responses=GUARDED)
async def status(request: Asked) -> Response[Status]:
    """Messages by fate, what waits, the engine's clock."""
    return Response(await api_of(request).status(), headers=FRESH)


@get(
    "/v1/segments", summary="Every segment and set of stages, with its size", guards=[guarded],
    responses=GUARDED,
)  # fmt: skip
async def segments(request: Asked) -> Response[Segments]:
    """As of the answer published last."""
    api, purpose = api_of(request), caller_of(request).purpose
    return Response(await api.desk.ask(partial(api.sizes.all, purpose)), headers=FRESH)


@get(
    "/v1/segments/{name:str}", summary="One segment or set of stages", guards=[guarded],
    responses=GUARDED | described(problems.NOWHERE),
)  # fmt: skip
async def segment(request: Asked, name: FromPath[str]) -> Response[Segment]:
    """As of the answer published last."""
    api, purpose = api_of(request), caller_of(request).purpose
    return Response(await api.desk.ask(partial(api.sizes.one, name, purpose)), headers=FRESH)


@get(
    "/v1/changes", summary="Every entrance and exit, as server-sent events", guards=[guarded],
    media_type="text/event-stream", responses=GUARDED | described(problems.MISTAKEN),
)  # fmt: skip
async def changes(
    request: Asked,
    in_segment: Annotated[
        str,
        QueryParameter(name="segment", description="Of this segment, these stages, or one stage."),
    ] = "",
    profile: Annotated[str, QueryParameter(description="Of this person, by any id.")] = "",
    last: Annotated[
        int | None, HeaderParameter(name="Last-Event-ID", ge=0, le=_MOST, description=_NUMBER)
    ] = None,
) -> Stream:
    """From the change after the last one received, or from now on."""
    told = api_of(request).following(caller_of(request), in_segment, profile, last)
    headers = FRESH | {"x-accel-buffering": "no"}
    return Stream(told, media_type="text/event-stream", headers=headers)


OPERATIONS: Sequence[HTTPRouteHandler] = (health, ready, measured)
"""Of every process."""

QUESTIONS: Sequence[HTTPRouteHandler] = (status, segments, segment, changes)
"""Of the role ``api``."""


def application(
    api: Api, handlers: Sequence[HTTPRouteHandler], page: Callable[[Refused], Response[str]]
) -> Litestar:
    """The ASGI application of these routes.

    Parameters
    ----------
    page : callable
        A problem as somebody at a browser reads it.
    """
    return Litestar(
        [*handlers], openapi_config=None, logging_config=None, debug=False,
        state=State({"api": api, "page": page}), exception_handlers={Exception: refused},
        before_request=restored,
    )  # fmt: skip


def refused(request: Asked, error: Exception) -> Response[Any]:
    """An error as a problem without any value of the request, or as a page where one is read."""
    found = meant(error)
    if found is problems.FAILED or isinstance(error, StoreError):
        api_of(request).unexpected(error)
    if _read(request):
        shown: Response[str] = request.app.state.page(found)
        return shown
    return Response(
        found.body, status_code=found.problem.status, media_type=problems.MEDIA,
        headers=found.headers | _allowed(error),
    )  # fmt: skip


def _read(request: Asked) -> bool:
    """Whether somebody at a browser opens a page."""
    of_api = request.url.path.startswith("/v1/")
    return not of_api and "text/html" in request.headers.get("accept", "")


def meant(error: Exception) -> Refused:
    """What an error is, told to a stranger."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, Busy):
        return problems.BUSY
    if isinstance(error, CoterieError):
        return Refused(503, error.code, "this cannot be answered now; `coterie status` says why")
    known = {400: problems.MISTAKEN, 404: problems.NOWHERE, 405: problems.NO_METHOD}
    return known.get(
        error.status_code if isinstance(error, HTTPException) else 500, problems.FAILED
    )


def _allowed(error: Exception) -> dict[str, str]:
    """Which methods a route has, where another was used."""
    said = error.headers if isinstance(error, HTTPException) and error.headers else {}
    found = [value for name, value in said.items() if name.lower() == "allow"]
    return {"allow": found[0]} if found else {}

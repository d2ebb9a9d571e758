"""Definitions in force, keys, jobs, destinations, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from coterie.project import Project
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.problems import MISTAKEN, NOWHERE
from coterie.server.api.rooms import settings_answers as a
from coterie.server.api.rooms import settings_views as v

Answer = TypeVar("Answer")
_MINE = GUARDED | described(NOWHERE)
_READ = _MINE | described(MISTAKEN)
_MOST = 2**31


@get("/v1/settings/definitions", guards=[whole], summary="Definitions in force", responses=_MINE)
async def definitions(request: Asked) -> Response[v.Definitions]:
    """And what the files say otherwise."""
    return told(await asked(request, a.definitions))


@get(
    "/v1/settings/versions", guards=[whole], responses=_MINE,
    summary="Every version of the definitions",
)  # fmt: skip
async def versions(request: Asked) -> Response[v.Versions]:
    """When, by whom, why, and what it changed; newest first."""
    return told(await asked(request, a.versions))


@get(
    "/v1/settings/differences", guards=[whole], responses=_READ | described(a.NO_VERSION),
    summary="What two versions of the definitions do not share",
)  # fmt: skip
async def differences(
    request: Asked,
    old: Annotated[
        int | None, QueryParameter(ge=1, le=_MOST, description="By default that in force.")
    ] = None,
    new: Annotated[
        int | None, QueryParameter(ge=1, le=_MOST, description="By default the files as they are.")
    ] = None,
) -> Response[v.Compared]:
    """In English and as YAML."""
    return told(await asked(request, partial(a.compared, old, new)))


@get("/v1/settings/access", guards=[whole], summary="Write keys and tokens", responses=_MINE)
async def access(request: Asked) -> Response[v.Access]:
    """By their ids; the secrets are kept nowhere."""
    return told(await asked(request, a.access))


@post(
    "/v1/settings/keys", guards=[whole], responses=_READ,
    summary="Make a write key for a source", status_code=201,
)  # fmt: skip
async def add_key(request: Asked, data: JSONBody[v.NewKey]) -> Response[v.Made]:
    """It is told once."""
    return told(await asked(request, partial(a.add_key, data)), 201)


@post(
    "/v1/settings/keys/revoke", guards=[whole], responses=_READ | described(a.NO_KEY),
    summary="Let write keys work no more", status_code=200,
)  # fmt: skip
async def revoke_key(request: Asked, data: JSONBody[v.Old]) -> Response[v.Revoked]:
    """Within a second."""
    return told(await asked(request, partial(a.revoke_key, data)))


@post(
    "/v1/settings/tokens", guards=[whole], responses=_READ | described(a.NO_PURPOSE),
    summary="Make a token for who asks from another machine", status_code=201,
)  # fmt: skip
async def add_token(request: Asked, data: JSONBody[v.NewToken]) -> Response[v.Made]:
    """It is told once."""
    return told(await asked(request, partial(a.add_token, data)), 201)


@post(
    "/v1/settings/tokens/revoke", guards=[whole], responses=_READ | described(a.NO_KEY),
    summary="Let tokens work no more", status_code=200,
)  # fmt: skip
async def revoke_token(request: Asked, data: JSONBody[v.Old]) -> Response[v.Revoked]:
    """Within a second."""
    return told(await asked(request, partial(a.revoke_token, data)))


@get("/v1/settings/jobs", guards=[whole], summary="Schedules", responses=_MINE)
async def jobs(request: Asked) -> Response[v.Jobs]:
    """When next, what came of the last, what was missed."""
    return told(await asked(request, a.jobs))


@get("/v1/settings/destinations", guards=[whole], summary="Destinations", responses=_MINE)
async def destinations(request: Asked) -> Response[v.Destinations]:
    """Where changes of audiences are sent, and what became of them."""
    return told(await asked(request, a.destinations))


@post(
    "/v1/settings/destinations/{name:str}/pause", guards=[whole], status_code=200,
    responses=_MINE | described(a.NO_DESTINATION), summary="Send nothing to a destination",
)  # fmt: skip
async def pause(request: Asked, name: FromPath[str]) -> Response[v.Destinations]:
    """Changes are kept for it until it is resumed."""
    return told(await asked(request, partial(a.paused, name)))


@post(
    "/v1/settings/destinations/{name:str}/resume", guards=[whole], status_code=200,
    responses=_MINE | described(a.NO_DESTINATION), summary="Send to a destination again",
)  # fmt: skip
async def resume(request: Asked, name: FromPath[str]) -> Response[v.Destinations]:
    """What waited goes first."""
    return told(await asked(request, partial(a.resumed, name)))


def told(view: Answer, status: int = 200) -> Response[Answer]:
    """An answer that nobody keeps."""
    return Response(view, headers=FRESH, status_code=status)


async def asked(request: Asked, question: Callable[[Project], Answer]) -> Answer:
    """An answer about settings."""
    return await api_of(request).reading.ask(question)


ROUTES: Sequence[HTTPRouteHandler] = (
    definitions, versions, differences, access, add_key, revoke_key, add_token, revoke_token,
    jobs, destinations, pause, resume,
)  # fmt: skip

"""Definitions that are being written, as pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.rooms.builder import known, opened
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text


@get("/segments/new", guards=[whole], include_in_schema=False)
async def new(
    request: Asked,
    like: Annotated[str, QueryParameter(description="A segment to begin with.")] = "",
) -> Response[str]:
    """A segment that is not there yet; it may begin as a copy of another."""
    return await _builder(request, like, text("builder.new"), copy=True)


@get("/segments/{name:str}/edit", guards=[whole], include_in_schema=False)
async def edit(request: Asked, name: FromPath[str]) -> Response[str]:
    """A segment that is there."""
    return await _builder(request, name, text("builder.edit", name=name), copy=False)


async def _builder(request: Asked, name: str, title: str, *, copy: bool) -> Response[str]:
    desk = api_of(request).drafting
    vocabulary = await desk.ask(known)
    there = await desk.ask(partial(opened, name)) if name else None
    if there is not None and there.definition["node"] != "segment":
        return page("builder_other.html", "segments", title, texts="builder", there=there)
    elsewhere = "" if there is None or copy else there.elsewhere
    fresh = copy or bool(elsewhere)
    begun = {
        "vocabulary": vocabulary,
        "definition": None if there is None else there.definition,
        "name": f"{name}_2" if fresh and name else name,
        "edition": "" if there is None or fresh else there.edition,
    }
    return page(
        "builder.html", "segments", title, texts="builder", begun=begun, elsewhere=elsewhere,
        purposes=vocabulary.purposes, default_purpose=vocabulary.default_purpose,
    )  # fmt: skip


ROUTES: Sequence[HTTPRouteHandler] = (new, edit)

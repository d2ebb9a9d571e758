"""What stands on the first page, as pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from coterie.server.api.app import Asked, guarded
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text


@get("/", guards=[guarded], include_in_schema=False)
async def home(request: Asked) -> Response[str]:
    """The first page."""
    return page("home.html", "home", text("home.title"))


ROUTES: Sequence[HTTPRouteHandler] = (home,)

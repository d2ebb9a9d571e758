"""The quarantine as pages: a list, and one row to be mended and tried again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.rooms.quarantine import ABSENT, SIZE, opened, rows
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text

ROOM = "data"
PATH = "/data/quarantine"


@get(PATH, guards=[whole], include_in_schema=False)
async def quarantine(
    request: Asked, source: str = "", reason: str = "",
    number: Annotated[int, QueryParameter(name="page", ge=1, le=1_000_000)] = 1,
) -> Response[str]:  # fmt: skip
    """Refused rows without their content."""
    found = await api_of(request).reading.ask(partial(rows, source, reason, number))

    def href(wanted: int) -> str:
        said = {"source": source, "reason": reason, "page": wanted}
        return f"{PATH}?{urlencode({name: value for name, value in said.items() if value})}"

    return page(
        "quarantine.html", ROOM, text("quarantine.title"), texts="quarantine", view=found,
        source=source, reason=reason, sources=_choices("sources", found.sources),
        reasons=_choices("reasons", found.reasons), number=number,
        n_pages=-(-found.n // SIZE), href=href,
    )  # fmt: skip


@get(PATH + "/{row:str}", guards=[whole], include_in_schema=False)
async def quarantined(request: Asked, row: FromPath[str], *, again: bool = False) -> Response[str]:
    """One row as it came, in a form."""
    try:
        found = await api_of(request).reading.ask(partial(opened, row))
    except type(ABSENT) as refused:
        if refused is not ABSENT:
            raise
        return page("quarantine_gone.html", ROOM, text("quarantine.gone"), status=404)
    title = text("quarantine.row_title")
    return page("quarantine_row.html", ROOM, title, texts="quarantine", view=found, again=again)


def _choices(what: str, counts: Mapping[str, int]) -> Sequence[tuple[str, str]]:
    """Values of a list's filter, with how many rows each has."""
    every = ("", str(text(f"quarantine.all_{what}")))
    return [every, *((name, f"{name} ({n:,})") for name, n in counts.items())]


ROUTES: Sequence[HTTPRouteHandler] = (quarantine, quarantined)

"""What stands on the first page, as pages."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.rooms.home_views import Attention, Group
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text

_PLACES = {
    "behind": "/settings", "definitions": "/settings", "delivery": "/settings",
    "schedule": "/settings", "quarantine": "/data/quarantine", "source": "/data",
}  # fmt: skip


@get("/", guards=[whole], include_in_schema=False)
async def home(request: Asked) -> Response[str]:
    """The first page: it moves by itself once it is there."""
    api = api_of(request)
    view = await api.overviews.now()
    alone = [each for each in view.segments if each.kind == "segment"]
    return page(
        "home.html", "home", text("home.title"), view=view, project=api.name, alone=alone,
        staged=_staged(view.segments), href=_href, names=" ".join(e.name for e in view.segments),
        shown=", ".join(map(_shown, view.attention)),
    )  # fmt: skip


def _staged(groups: Sequence[Group]) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for each in groups:
        if each.kind != "segment":
            found.setdefault(each.name.partition(".")[0], []).append(each)
    return found


def _href(each: Attention) -> str:
    """Where what needs attention is looked after."""
    return _PLACES.get(each.kind, f"/segments/{each.name.partition('.')[0]}")


def _shown(each: Attention) -> str:
    """What tells whether the page shows it as it is."""
    return f"{each.kind} {each.name} {'' if each.n is None else each.n}"


ROUTES: Sequence[HTTPRouteHandler] = (home,)

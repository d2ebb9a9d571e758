"""All pages, and what a page says where it cannot be shown."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from coterie.server.api.problems import FOREIGN, NOWHERE, STRANGER, Refused
from coterie.server.pages import (
    builder,
    data,
    explore,
    home,
    people,
    quarantine,
    segments,
    settings,
    static,
    studies,
    studies_new,
)
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text

_ROOMS = (
    home, segments, builder, people, explore, studies_new, studies, data, quarantine, settings,
)  # fmt: skip
PAGES: Sequence[HTTPRouteHandler] = (
    static.static, *(route for room in _ROOMS for route in room.ROUTES),
)  # fmt: skip


def refusal(found: Refused) -> Response[str]:
    """A page that says why there is none."""
    title, hint = text("shell.problem"), text("shell.no_answer_hint")
    if found is NOWHERE:
        title, hint = text("shell.nowhere"), text("shell.nowhere_hint")
    elif found in (FOREIGN, STRANGER):
        title, hint = text("shell.foreign"), text("shell.foreign_hint")
    return page(
        "problem.html", "home", title, status=found.problem.status, what=found.problem.title,
        detail=found.problem.detail, hint=hint,
    )  # fmt: skip

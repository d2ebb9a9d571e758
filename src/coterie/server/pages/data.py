"""Sources, plan, violations, attributes, as pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from coterie.errors import CoterieError
from coterie.pictures import violations as picture
from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.problems import Refused
from coterie.server.api.rooms import data_questions as q
from coterie.server.api.rooms.data import Days, Search, Source, Target, clock, heard
from coterie.server.api.rooms.explore import edition
from coterie.server.pages.figures import figure
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text

SPANS = (7, 30, 90)
"""Days that violations are counted over."""
PATIENCE = 0.2
"""Seconds after which a page says that something is still worked on."""


@get("/data", guards=[whole], include_in_schema=False)
async def sources(request: Asked) -> Response[str]:
    """Where facts come from, and what went wrong there last."""
    view = await api_of(request).pictures.within(*heard(request), PATIENCE)
    return _page("data.html", view=view)


@get("/data/plan", guards=[whole], include_in_schema=False)
async def plan(request: Asked, search: Search = "") -> Response[str]:
    """The tracking plan as a data dictionary."""
    view = await api_of(request).reading.ask(partial(q.dictionary, search))
    n = sum(len(each.properties) for each in view.events)
    return _page("data_plan.html", view=view, search=search, n_properties=n)


@get("/data/violations", guards=[whole], include_in_schema=False)
async def violations(request: Asked, days: Days = 30, source: Source = "") -> Response[str]:
    """What was not as planned, over time."""
    view = await api_of(request).reading.ask(partial(q.violations, days, source))
    data = q.drawn(view, clock(request))
    shown = figure(data, picture.chart(data)) if view.n else None
    return _page(
        "data_violations.html", view=view, days=days, source=source, spans=SPANS,
        sources=sorted({*view.sources, source} - {""}), figure=shown,
    )  # fmt: skip


@get("/data/audit", guards=[whole], include_in_schema=False)
async def audit(request: Asked, target: Target = "") -> Response[str]:
    """What is held of people, how good it is, and what of it is used."""
    key = (await edition(request), "audit", target)
    view, wrong = None, ""
    try:
        view = await api_of(request).pictures.within(key, partial(q.audit, target), PATIENCE)
    except Refused:
        raise
    except CoterieError as error:
        wrong = f"{error.what}. {error.hint}" if error.hint else error.what
    return _page("data_audit.html", view=view, target=target, wrong=wrong)


def _page(template: str, **values: Any) -> Response[str]:
    return page(template, "data", text("data.title"), **values)


ROUTES: Sequence[HTTPRouteHandler] = (sources, plan, violations, audit)

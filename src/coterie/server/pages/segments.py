"""One segment and its people, as pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup

from coterie.pictures import against, causes, course, trend
from coterie.pictures.causes import CAUSES
from coterie.profiles.course import Course
from coterie.project import Project
from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.rooms import segment_questions as q
from coterie.server.api.rooms.home_views import Group
from coterie.server.api.rooms.segment_views import Definition
from coterie.server.api.rooms.segments import (
    Cause,
    Number,
    Order,
    Search,
    Sort,
    Trait,
    Which,
    Who,
    listed,
    read,
)
from coterie.server.pages.figures import figure
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text

TABS = ("", "people", "changes", "traits", "overlap", "months")
PATIENCE = 0.2
"""Seconds after which a page says that something is still worked on."""
NEWEST = 8
"""Changes on the first page of a segment."""
SORTS: dict[str, Callable[[Group], Any]] = {
    "size": lambda each: -each.holds,
    "change": lambda each: -abs(each.net),
    "name": lambda each: each.name,
}


@get("/segments", guards=[whole], include_in_schema=False)
async def segments(request: Asked, search: Search = "", sort: Sort = "") -> Response[str]:
    """Every segment and set of stages."""
    api = api_of(request)
    view = await api.overviews.now()
    published = await api.desk.ask(partial(api.sizes.all, "")) if view.people is not None else None
    english = {each.name: each.english for each in published.segments} if published else {}
    found = [
        each for each in view.segments
        if search.lower() in f"{each.name} {english.get(each.name.partition('.')[0], '')}".lower()
    ]  # fmt: skip
    if sort in SORTS:
        found.sort(key=SORTS[sort])
    alone = [each for each in found if each.kind == "segment"]
    return page(
        "segments.html", "segments", text("segments.title"), view=view, alone=alone,
        staged=_staged(each for each in found if each.kind != "segment"), english=english,
        search=search, sort=sort, sorts=["", *SORTS], names=" ".join(e.name for e in found),
    )  # fmt: skip


def _staged(groups: Any) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for each in groups:
        found.setdefault(each.name.partition(".")[0], []).append(each)
    return found


@get("/segments/{name:str}", guards=[whole], include_in_schema=False)
async def segment(request: Asked, name: FromPath[str]) -> Response[str]:
    """What it is, and its size over time; of a set of stages, which there are."""
    meant = await read(request, partial(q.definition, name))
    if meant.stages and "." not in name:
        return await _stages(request, name, meant)
    found = await read(request, partial(q.history, name))
    drawn = await read(request, partial(_drawn, name, found, api_of(request).now()))
    newest = await read(request, partial(q.changes, name, "", "", 1))
    view = await api_of(request).overviews.now()
    now = next((each for each in view.segments if each.name == name), None)
    return await _page(
        request, "segment.html", name, "", meant=meant, figures=drawn, size=found.size, now=now,
        people=view.people, newest=newest.changes[:NEWEST], n_changes=newest.found,
    )  # fmt: skip


async def _stages(request: Asked, name: str, meant: Definition) -> Response[str]:
    view = await api_of(request).overviews.now()
    stages = [each for each in view.segments if each.name.startswith(f"{name}.")]
    return page(
        "segment_stages.html", "segments", name, name=name, meant=meant, stages=stages, view=view
    )  # fmt: skip


def _drawn(name: str, found: Course, now: int, project: Project) -> list[Markup]:
    """Its size over time, and who entered and left; nothing where nobody ever moved."""
    published = project.published
    size = course.data(published, name, max(now, published.clock), found)
    moved = causes.data(published, name, found)
    shown = [figure(size, course.chart(size))] if size.num_rows else []
    return shown + ([figure(moved, causes.chart(moved))] if moved.num_rows else [])


@get("/segments/{name:str}/people", guards=[whole], include_in_schema=False)
async def people(
    request: Asked, name: FromPath[str], search: Search = "", sort: Sort = "", order: Order = "up",
    who: Who = "audience", number: Number = 1,
) -> Response[str]:  # fmt: skip
    """Who is in it, a page at a time."""
    view = await listed(request, name, search, sort, order, who, number)
    said = {"search": search, "sort": sort, "order": order, "who": who}
    return await _page(
        request, "segment_people.html", name, "people", view=view, said=said,
        href=_href(f"{_place(name)}/people", said),
    )  # fmt: skip


@get("/segments/{name:str}/changes", guards=[whole], include_in_schema=False)
async def changes(
    request: Asked, name: FromPath[str], change: Which = "", cause: Cause = "", number: Number = 1
) -> Response[str]:
    """Who entered and left it, the newest first."""
    view = await read(request, partial(q.changes, name, change, cause, number))
    said = {"change": change, "cause": cause}
    return await _page(
        request, "segment_changes.html", name, "changes", view=view, said=said,
        href=_href(f"{_place(name)}/changes", said),
    )  # fmt: skip


@get("/segments/{name:str}/traits", guards=[whole], include_in_schema=False)
async def traits(request: Asked, name: FromPath[str], trait: Trait = "") -> Response[str]:
    """How its people differ from everyone in one trait."""
    known = await read(request, partial(q.traits, name))
    shown = None
    if known:
        shown = await read(request, partial(_against, name, trait))
    return await _page(
        request, "segment_traits.html", name, "traits", traits=known,
        trait=trait or (known[0] if known else ""), figure=shown,
    )  # fmt: skip


def _against(name: str, trait: str, project: Project) -> Markup:
    data = q.spread(name, trait, project)
    key = "figure", name, trait
    return project.published.remembered(key, lambda: figure(data, against.chart(data)))


@get("/segments/{name:str}/overlap", guards=[whole], include_in_schema=False)
async def overlap(request: Asked, name: FromPath[str]) -> Response[str]:
    """Whom it shares with the others."""
    view = await read(request, partial(q.overlap, name))
    return await _page(request, "segment_overlap.html", name, "overlap", view=view)


@get("/segments/{name:str}/months", guards=[whole], include_in_schema=False)
async def months(request: Asked, name: FromPath[str]) -> Response[str]:
    """Its size at the beginning of each month, by what is known now; that takes its time."""
    key = await read(request, partial(_edition, name))
    work = partial(_by_month, name)
    found = await api_of(request).pictures.within((key, "months", name), work, PATIENCE)
    return await _page(request, "segment_months.html", name, "months", figure=found)


def _edition(name: str, project: Project) -> tuple[object, ...]:
    q.named(project, name)
    return project.published.key


def _by_month(name: str, project: Project) -> Markup:
    data = trend.data(project.published, [name])
    return figure(data, trend.chart(data))


async def _page(request: Asked, template: str, name: str, tab: str, **values: Any) -> Response[str]:
    """A page of one segment or stage."""
    group, _, stage = name.partition(".")
    return page(
        template, "segments", name, name=name, group=group, stage=stage, tabs=TABS, tab=tab,
        place=_place(name), causes=CAUSES, **values,
    )  # fmt: skip


def _place(name: str) -> str:
    return f"/segments/{quote(name, safe='')}"


def _href(path: str, said: dict[str, str]) -> Callable[[int], str]:
    """Where another page of a list is."""
    kept = {name: value for name, value in said.items() if value}
    return lambda number: f"{path}?{urlencode(kept | {'page': number})}"


ROUTES: Sequence[HTTPRouteHandler] = (
    segments, segment, people, changes, traits, overlap, months,
)  # fmt: skip

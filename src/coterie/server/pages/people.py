"""One person, at any instant, as pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter
from litestar.response import Redirect
from markupsafe import Markup, escape

from coterie.language.time import parse_instant
from coterie.pictures.causes import CAUSES
from coterie.project import Project
from coterie.project.persons.one import One
from coterie.project.persons.reports import Person, Story
from coterie.server.api.app import Asked, whole
from coterie.server.api.problems import UNKNOWN, Refused
from coterie.server.api.rooms.people import MOST_PAGES, asked, find, of
from coterie.server.pages.shell import instant, number, page
from coterie.server.pages.texts import text

LONG = 160
"""Characters of a text that are shown at once."""

SHORTEST = 60
"""Seconds of a session that are worth telling."""


class Shown(NamedTuple):
    """A person, a page of what happened, and the project's zone."""

    person: Person
    story: Story
    zone: str


@get("/people", guards=[whole], include_in_schema=False)
async def search(
    request: Asked, said: Annotated[str, QueryParameter(name="id")] = ""
) -> Response[Any]:
    """Somebody looked for by any id; who is found alone is shown at once."""
    said = said.strip()
    view = await asked(request, partial(find, said))
    if len(view.people) == 1:
        return Redirect(f"/people/{quote(view.people[0].profile)}", status_code=303)
    return page("people.html", "people", text("people.title"), said=said, view=view)


@get("/people/{id:str}", guards=[whole], include_in_schema=False)
async def person(
    request: Asked,
    said: Annotated[str, PathParameter(name="id")],
    at: str = "",
    name: Annotated[str, QueryParameter(name="event")] = "",
    here: Annotated[int, QueryParameter(name="page", ge=1, le=MOST_PAGES)] = 1,
) -> Response[str]:
    """One person: what they are, and what happened."""
    try:
        found = await asked(request, partial(shown, said, at, name, here))
    except Refused as refused:
        if refused is not UNKNOWN:
            raise
        return page("people.html", "people", text("people.title"), status=404, said=said, view=None)
    who, zone = found.person, ZoneInfo(found.zone)
    return page(
        "person.html", "people", text("people.one", id=who.profile[:8]), view=who,
        story=found.story, at=at, event=name, zone=found.zone, clock=_clock(who.as_of, zone),
        link=partial(_link, who.profile, at), spans=_spans, value=value,
        causes=CAUSES, **_parts(who),
    )  # fmt: skip


@get("/people/{id:str}/why/{name:str}", guards=[whole], include_in_schema=False)
async def why(
    request: Asked,
    said: Annotated[str, PathParameter(name="id")],
    name: Annotated[str, PathParameter()],
    at: str = "",
) -> Response[str]:
    """Why a definition is what it is for one person."""
    view = await asked(request, partial(of, said, at, partial(One.why, name=name)))
    title = text("people.why_title", name=name)
    back = _link(view.profile, at)
    return page("person_why.html", "people", title, view=view, back=back, told=told)


def shown(said: str, at: str, name: str, here: int, project: Project) -> Shown:
    """All that the page of a person shows at once.

    Raises
    ------
    Refused
        There is no such person or instant.
    """

    def both(one: One) -> Shown:
        return Shown(one.report(), one.story(name, here), project.settings.zone)

    return of(said, at, both, project)


def value(found: Any) -> Markup:
    """A value as a page shows it: numbers and instants as the reader writes them."""
    match found:
        case None:
            return Markup('<span class="soft">{}</span>').format(text("people.unknown"))
        case bool():
            return text("people.yes" if found else "people.no")
        case int():
            return number(found)
        case Decimal():
            return number(float(found), _digits(found))
        case float():
            return number(found, 3 if abs(found) >= 1 or not found else 6)
        case datetime():
            return instant(found)
        case str():
            return _said(found)
        case _:
            return _said(msgspec.json.encode(found).decode())


def told(found: str) -> Markup:
    """A value as an explanation has it; an instant as the reader writes it."""
    try:
        return instant(parse_instant(found), "second") if "T" in found else _said(found)
    except ValueError:
        return _said(found)


def _said(found: str) -> Markup:
    """A text from outside; of a long one the beginning, and all of it where that is asked for."""
    if len(found) <= LONG:
        return Markup('<bdi class="outside">{}</bdi>').format(found)
    return Markup(
        '<details class="said"><summary><bdi class="outside">{}&hellip;</bdi></summary>'
        '<bdi class="outside whole">{}</bdi></details>'
    ).format(found[:LONG], found)


def _digits(found: Decimal) -> int:
    exponent = found.normalize().as_tuple().exponent
    return min(max(2, -exponent), 6) if isinstance(exponent, int) and exponent < 0 else 0


def _parts(who: Person) -> dict[str, Any]:
    """Memberships as the page sorts them, and whether it shows the present."""
    return {
        "inside": [each for each in who.memberships if each.holds and not each.stage],
        "staged": [each for each in who.memberships if each.stage],
        "outside": [each for each in who.memberships if not each.holds],
        "live": who.as_of == who.now,
        "ahead": who.as_of > who.now,
        "first": _minutes(who.first or who.as_of),
        "last": _minutes(max(who.now, who.last or who.now)),
        "here": _minutes(who.as_of),
    }


def _minutes(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """An instant as an input of the browser takes it."""
    return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _link(profile: str, at: str, path: str = "", **more: object) -> str:
    """An address of the person's, at the same instant."""
    said = {"at": at, **more}
    query = "&".join(f"{name}={quote(str(each), safe='')}" for name, each in said.items() if each)
    return f"/people/{quote(profile)}{path}" + (f"?{query}" if query else "")


def _spans(started: datetime, ended: datetime) -> Markup:
    """From when to when something went on."""
    if (ended - started).total_seconds() < SHORTEST:
        return instant(started)
    minutes = round((ended - started).total_seconds() / 60)
    said = text("people.lasting", minutes=minutes)
    return escape("").join([instant(started), Markup(" "), said])


ROUTES: Sequence[HTTPRouteHandler] = (search, person, why)

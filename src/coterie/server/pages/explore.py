"""Everybody, in pictures, as pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec
import pyarrow as pa
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup

from coterie.errors import CoterieError, DefinitionError
from coterie.pictures.funnel import STEPS, said
from coterie.pictures.theme import Drawing
from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.problems import NOWHERE
from coterie.server.api.rooms.explore import Edition, drawn, edition, offered
from coterie.server.api.rooms.explore_questions import QUESTIONS, Question, selection
from coterie.server.api.rooms.explore_views import Choices
from coterie.server.pages.figures import figure
from coterie.server.pages.shell import page
from coterie.server.pages.texts import text

DAYS = ("at", "since", "until")
PATIENCE = 0.2
"""Seconds after which a page says that a picture is still worked on."""
SHOWN = 6
"""Steps of a funnel that a page has fields for."""


class Place(NamedTuple):
    """What stands in the place of a picture.

    Parameters
    ----------
    state : {"drawn", "working", "refused", "empty"}
    figure : Markup
    detail : str
        Why it is refused.
    again : str
        Where to look again for what is worked on.
    """

    state: str
    figure: Markup = Markup()
    detail: str = ""
    again: str = ""


@get("/explore", guards=[whole], include_in_schema=False)
async def explore(request: Asked) -> Response[str]:
    """The first of the pictures."""
    return await _page(request, "distribution")


@get("/explore/{name:str}", guards=[whole], include_in_schema=False)
async def picture(request: Asked, name: FromPath[str]) -> Response[str]:
    """One picture, and what it can be asked with."""
    if name not in QUESTIONS:
        raise NOWHERE
    return await _page(request, name)


async def _page(request: Asked, name: str) -> Response[str]:
    of = await edition(request)
    asked = _said(request)
    choices = await _choices(request, of)
    place = Place("empty") if choices is None else await _place(request, name, of, asked)
    about = text(f"explore.about_{name}")
    return page(
        "explore.html", "explore", text("explore.title"), name=name,
        texts="builder" if name == "funnel" else "explore", tabs=list(QUESTIONS),
        about=about, choices=choices, asked=_plain(asked), pairs=_pairs, traits=_traits(choices),
        steps=_steps(asked, choices), place=place,
    )  # fmt: skip


async def _choices(request: Asked, of: Edition) -> Choices | None:
    """What there is to draw of; None where nothing has been computed."""
    try:
        return await api_of(request).reading.ask(partial(offered, of))
    except CoterieError:
        return None


async def _place(request: Asked, name: str, of: Edition, asked: Mapping[str, list[str]]) -> Place:
    """What stands in the place of the picture."""
    again = f"/explore/{name}?{urlencode(asked, doseq=True)}"
    try:
        question = _question(name, asked)
        work = partial(drawn, question, of, _figure)
        found = await api_of(request).pictures.within((of, question, "figure"), work, PATIENCE)
    except msgspec.ValidationError:
        return Place("refused", detail=text("explore.mistaken"))
    except DefinitionError as error:
        return Place("refused", detail=error.what)
    if found is None:
        return Place("working", again=again)
    return Place("drawn" if found else "empty", figure=found)


def _question(name: str, asked: Mapping[str, list[str]]) -> Question:
    """What is asked for, out of the address."""
    kind = QUESTIONS[name]
    known = {each for each in kind.__struct_fields__ if each in asked}
    said = {each: asked[each] if each == "step" else asked[each][-1] for each in known}
    return msgspec.convert(said, kind, strict=False)


def _figure(data: pa.Table, drawing: Drawing) -> Markup:
    """The picture as a part of a page; empty where there is nobody in it."""
    people = data["people"] if "people" in data.column_names else data["known_a"]
    return figure(data, drawing) if any(people.to_pylist()) else Markup()


def _said(request: Asked) -> dict[str, list[str]]:
    """The address's parameters, but for those that say nothing."""
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if value:
            found.setdefault(name, []).append(value)
    return found


def _plain(asked: Mapping[str, list[str]]) -> dict[str, str]:
    """What stands in each field; a day that is none stands in no field for days."""
    found = {name: values[-1] for name, values in asked.items()}
    return {name: said for name, said in found.items() if name not in DAYS or _is_day(said)}


def _is_day(said: str) -> bool:
    try:
        return date.fromisoformat(said).isoformat() == said
    except ValueError:
        return False


def _pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, name) for name in names]


def _traits(choices: Choices | None) -> list[tuple[str, str]]:
    known = choices.traits if choices else []
    return [(one.name, one.name) for one in known]


def _steps(asked: Mapping[str, list[str]], choices: Choices | None) -> list[tuple[str, str]]:
    """What stands in each field of the funnel, and how it is shown."""
    events: Sequence[str] = choices.events if choices else ()
    usual = [name for name in STEPS if name in events]
    shown = asked.get("step") or (usual if len(usual) > 1 else list(events[:2]))
    found = [(step, _shown(step, number, events)) for number, step in enumerate(shown)]
    return [*found, *[("", "")] * (SHOWN - len(found))]


def _shown(step: str, number: int, events: Sequence[str]) -> str:
    """An event by its name, and with conditions in English."""
    try:
        found = selection(step, number, events)
    except DefinitionError:
        return str(text("explore.unread_step"))
    return found if isinstance(found, str) else said(found)


ROUTES: Sequence[HTTPRouteHandler] = (explore, picture)

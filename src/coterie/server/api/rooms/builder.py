"""Definitions that are being written, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from coterie.errors import DefinitionError, UnknownName
from coterie.project import Project
from coterie.project.drafting import drafting
from coterie.project.drafting.mistakes import Mistake, mistakes
from coterie.project.drafting.saving import Moved, Saved
from coterie.project.drafting.vocabulary import Vocabulary
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.problems import NOWHERE, Refused
from coterie.server.api.rooms.builder_views import (
    MOVERS,
    CountAnswer,
    DraftBody,
    PreviewAnswer,
    SaveBody,
    Values,
    counted,
    previewed,
)

EDITED = Refused(
    409, "definition.edited", "somebody else saved it meanwhile; open it again, nothing was written"
)
UNSOUND = Refused(
    409, "definition", "it means nothing, or its name is taken; POST /v1/definitions/check says why"
)
MISTAKEN = Refused(400, "mistaken", "this is no definition")
_MINE = GUARDED | described(NOWHERE, MISTAKEN)


@get(
    "/v1/vocabulary", summary="All that a condition may speak of", guards=[whole],
    responses=GUARDED | described(NOWHERE),
)  # fmt: skip
async def vocabulary(request: Asked) -> Response[Vocabulary]:
    """Traits, segments, stages, events and their properties, with types; purposes."""
    return Response(await api_of(request).drafting.ask(known), headers=FRESH)


@get(
    "/v1/vocabulary/values", summary="Texts that a trait or property is known to have",
    guards=[whole], responses=GUARDED | described(NOWHERE),
)  # fmt: skip
async def values(
    request: Asked,
    trait: Annotated[str, QueryParameter(description="A text trait, or stages.")] = "",
    event: Annotated[str, QueryParameter(description="An event of the plan.")] = "",
    prop: Annotated[str, QueryParameter(name="property", description="A property of it.")] = "",
) -> Response[Values]:
    """The most frequent first; of many people a random sample is looked at."""
    found = await api_of(request).drafting.ask(partial(texts, trait, event, prop))
    return Response(found, headers=FRESH)


@get(
    "/v1/drafts/{name:str}", summary="A definition as it stands in its file, to edit",
    guards=[whole], responses=GUARDED | described(NOWHERE),
)  # fmt: skip
async def definition(request: Asked, name: FromPath[str]) -> Response[drafting.Written]:
    """With the edition that a save over it names."""
    found = await api_of(request).drafting.ask(partial(opened, name))
    return Response(found, headers=FRESH)


@post(
    "/v1/definitions/check", summary="What a definition says, or what is wrong with it",
    guards=[whole], responses=_MINE, status_code=200,
)  # fmt: skip
async def check(request: Asked, data: JSONBody[DraftBody]) -> Response[drafting.Checked]:
    """English and YAML, and every mistake at its place."""
    found = await api_of(request).drafting.ask(partial(checked, data))
    return Response(found, headers=FRESH)


@post(
    "/v1/definitions/count", summary="How many people a segment would hold",
    guards=[whole], responses=_MINE, status_code=200,
)  # fmt: skip
async def count(request: Asked, data: JSONBody[DraftBody]) -> Response[CountAnswer]:
    """At the answer published last: of everybody, or of a random sample with its interval."""
    api = api_of(request)
    desk = api.computing if data.everybody else api.drafting
    return Response(await desk.ask(partial(how_many, data)), headers=FRESH)


@post(
    "/v1/definitions/preview", summary="Who would enter and leave by a definition",
    guards=[whole], responses=_MINE, status_code=200,
)  # fmt: skip
async def preview(request: Asked, data: JSONBody[DraftBody]) -> Response[PreviewAnswer]:
    """Of the segment and all that rest on it; nothing is written."""
    return Response(await api_of(request).computing.ask(partial(effects, data)), headers=FRESH)


@put(
    "/v1/definitions/{name:str}", summary="Save a definition as a file of the project",
    guards=[whole], responses=_MINE | described(EDITED), status_code=200,
)  # fmt: skip
async def save(request: Asked, name: FromPath[str], data: JSONBody[SaveBody]) -> Response[Saved]:
    """The stream, or else the next run, brings it into force as a new version."""
    found = await api_of(request).drafting.ask(partial(written, name, data))
    return Response(found, headers=FRESH)


# --- asked of a project -----------------------------------------------------------------------


def known(project: Project) -> Vocabulary:
    """All that a condition may speak of."""
    return project.drafting.vocabulary()


def texts(trait: str, event: str, prop: str, project: Project) -> Values:
    """Known texts of a trait, or of a property of an event; none of what nobody knows."""
    try:
        return Values(project.drafting.values(trait, event, prop))
    except UnknownName:
        return Values([])


def opened(name: str, project: Project) -> drafting.Written:
    """A definition as it stands in its file.

    Raises
    ------
    Refused
        There is none of this name.
    """
    try:
        return project.drafting.opened(name)
    except UnknownName:
        raise NOWHERE from None


def checked(body: DraftBody, project: Project) -> drafting.Checked:
    """What a draft says, or what is wrong with it."""
    return project.drafting.check(body.name, body.definition)


def how_many(body: DraftBody, project: Project) -> CountAnswer:
    """A count, or why there is none."""
    try:
        found = project.drafting.count(body.name, body.definition, everybody=body.everybody)
    except DefinitionError as error:
        return CountAnswer(_why(error, body, project))
    return CountAnswer([], counted(found))


def effects(body: DraftBody, project: Project) -> PreviewAnswer:
    """A preview, or why there is none."""
    try:
        found = project.drafting.preview(body.name, body.definition, MOVERS)
    except DefinitionError as error:
        return PreviewAnswer(_why(error, body, project))
    return PreviewAnswer([], previewed(found))


def written(name: str, body: SaveBody, project: Project) -> Saved:
    """What was saved.

    Raises
    ------
    Refused
        The file was edited meanwhile, or the definition means nothing.
    """
    try:
        return project.drafting.save(
            name, body.definition, note=body.note, author=body.author, edition=body.edition
        )
    except Moved:
        raise EDITED from None
    except DefinitionError:
        raise UNSOUND from None


def _why(error: DefinitionError, body: DraftBody, project: Project) -> list[Mistake]:
    """All that is wrong with a draft; else why it cannot be asked about."""
    return checked(body, project).mistakes or mistakes(error, body.name)


ROUTES: Sequence[HTTPRouteHandler] = (
    vocabulary, values, definition, check, count, preview, save,
)  # fmt: skip

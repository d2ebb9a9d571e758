"""Studies of clusters, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from coterie.errors import CoterieError
from coterie.project import Project
from coterie.server.api import problems
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.problems import Refused
from coterie.server.api.rooms import studies_answers as answers
from coterie.server.api.rooms.explore_views import Picture, picture
from coterie.server.api.rooms.studies_views import (
    Adopt,
    Clusters,
    Decision,
    Reject,
    Rules,
    Studies,
    Study,
)

if TYPE_CHECKING:
    from coterie.discover.studying.study import Study as Found

Made = TypeVar("Made")
UNKNOWN = Refused(404, "unknown_study", "there is no such study, or it is not finished")
UNCLUSTERED = Refused(404, "no_clusters", "no clusters are recommended; name a candidate")
UNDECIDED = Refused(409, "error", "why a decision cannot be kept; nothing was changed")
_ANSWERS = GUARDED | described(problems.MISTAKEN, UNKNOWN)
Candidate = Annotated[
    str, QueryParameter(description="Another clustering than the recommended one: gmm-full-4.")
]
Part = Literal["clusters", "criteria", "profile", "maps", "soundness", "agreement"]


async def every(request: Asked) -> Studies:
    """Every study that is kept."""
    return await api_of(request).reading.ask(answers.every)


async def key(request: Asked, name: str, candidate: str) -> tuple[str, str, answers.Stamp]:
    """What everything told of a study depends on.

    Raises
    ------
    Refused
        There is no such study.
    """
    stamp = await api_of(request).reading.ask(partial(answers.stamp, name))
    if stamp is None:
        raise UNKNOWN
    return name, candidate, stamp


async def told(
    request: Asked, name: str, candidate: str, what: str, work: Callable[[Found], Made]
) -> Made:
    """What a study answers to a question, kept by the name of the question."""
    known, api = await key(request, name, candidate), api_of(request)
    try:
        study = await api.studies.answer(known, partial(answers.read, name, candidate))
    except CoterieError:
        raise UNKNOWN from None
    return await api.pictures.answer((*known, what), lambda _: work(study))


@get(
    "/v1/studies", summary="Every study of clusters, with what came of it", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def studies(request: Asked) -> Response[Studies]:
    """The newest first."""
    return Response(await every(request), headers=FRESH)


@get(
    "/v1/studies/{id:str}", summary="A study: the verdict, its reasons, all that was tried",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def study(request: Asked, id: FromPath[str], candidate: Candidate = "") -> Response[Study]:  # noqa: A002 - as the route names it
    """As of the instant that it studied."""
    known, api = await key(request, id, candidate), api_of(request)
    try:
        found = await api.studies.answer(known, partial(answers.read, id, candidate))
    except CoterieError:
        raise UNKNOWN from None
    return Response(await api.drawing.ask(partial(answers.summary, found)), headers=FRESH)


@get(
    "/v1/studies/{id:str}/clusters", summary="The clusters of a study, a card each",
    guards=[whole], responses=_ANSWERS,
)  # fmt: skip
async def clusters(
    request: Asked,
    id: FromPath[str],  # noqa: A002
    candidate: Candidate = "",
) -> Response[Clusters]:
    """None where no clusters are recommended."""
    found = await told(request, id, candidate, "cards", answers.clusters)
    return Response(found, headers=FRESH)


@get(
    "/v1/studies/{id:str}/rules", summary="The clusters of a study as rules", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def rules(request: Asked, id: FromPath[str], candidate: Candidate = "") -> Response[Rules]:  # noqa: A002
    """With how true they are of people held out."""
    found = await told(request, id, candidate, "rules", answers.rules)
    if found is None:
        raise UNCLUSTERED
    return Response(found, headers=FRESH)


@get(
    "/v1/studies/{id:str}/pictures", summary="Pictures of a study", guards=[whole],
    responses=_ANSWERS,
)  # fmt: skip
async def pictures(
    request: Asked,
    id: FromPath[str],  # noqa: A002
    part: Annotated[Part, QueryParameter(description="What they are about.")] = "criteria",
    candidate: Candidate = "",
) -> Response[list[Picture]]:
    """Numbers and charts; of maps the numbers are of clusters, and a point has no name."""

    def work(found: Found) -> list[Picture]:
        return [picture(*pair) for pair in answers.pictures(part, found)]

    return Response(await told(request, id, candidate, f"{part}.json", work), headers=FRESH)


@post(
    "/v1/studies/{id:str}/adoption", summary="Make the clusters of a study definitions",
    guards=[whole], status_code=200, responses=_ANSWERS | described(UNDECIDED),
)  # fmt: skip
async def adopt(request: Asked, id: FromPath[str], data: JSONBody[Adopt]) -> Response[Decision]:  # noqa: A002
    """Rules that people can edit, or the model itself; live with the engine's next step."""
    return Response(await decided(request, id, partial(answers.adopted, id, data)), headers=FRESH)


@post(
    "/v1/studies/{id:str}/rejection", summary="Note that nothing is to be made of a study",
    guards=[whole], status_code=200, responses=_ANSWERS | described(UNDECIDED),
)  # fmt: skip
async def reject(request: Asked, id: FromPath[str], data: JSONBody[Reject]) -> Response[Decision]:  # noqa: A002
    """It stays, with the decision."""
    return Response(await decided(request, id, partial(answers.rejected, id, data)), headers=FRESH)


async def decided(request: Asked, name: str, work: Callable[[Project], Decision]) -> Decision:
    """A decision that is kept, or why it cannot be."""
    await key(request, name, "")
    try:
        return await api_of(request).computing.ask(work)
    except CoterieError as error:
        raise Refused(409, error.code, _why(error)) from None


def _why(error: CoterieError) -> str:
    said = [error.what]
    said += [f"expected: {error.expected}"] if error.expected else []
    return "; ".join([*said, error.hint] if error.hint else said)


ROUTES: Sequence[HTTPRouteHandler] = (studies, study, clusters, rules, pictures, adopt, reject)

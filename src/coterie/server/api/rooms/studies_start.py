"""Studies that are begun, or gone on with, from a page or a program, as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from coterie.errors import CoterieError
from coterie.project.drafting.mistakes import Mistake
from coterie.server.api import problems
from coterie.server.api.app import FRESH, GUARDED, Asked, api_of, described, whole
from coterie.server.api.problems import MEDIA, Problem, Refused
from coterie.server.api.rooms import studies_answers as answers
from coterie.server.api.rooms import studies_choices as choices
from coterie.server.api.rooms.studies_start_views import Begin, Job, Offer
from coterie.server.studying import Running

BUSY = Refused(409, "study_running", "a study is being made; one at a time, begin another after it")
ABSENT = Refused(404, "unknown_study", "there is no such study")
DONE = Refused(409, "study_finished", "the study is finished; there is nothing to go on with")
UNSOUND = Problem("Unprocessable Entity", 422, "study", "no study was begun; mistakes say why")


class Unsound(Problem, frozen=True, kw_only=True):
    """Why no study was begun, each mistake at its field."""

    mistakes: list[Mistake]


_UNSOUND = {
    422: ResponseSpec(
        Unsound, generate_examples=False, description="Unprocessable Entity", media_type=MEDIA
    )
}


def standing(request: Asked) -> Job:
    """The study that was asked for here last."""
    studying = api_of(request).studying
    job = studying.job
    begin = msgspec.convert({k: v for k, v in job.asked.items() if v is not None}, Begin)
    problem = None if job.problem is None else choices.mistake(job.problem)
    return Job(
        job.state, job.step, job.done, job.total, round(studying.lasted(job), 1), job.study,
        begin, problem, job.resumed,
    )  # fmt: skip


async def offered(request: Asked) -> Offer:
    """What a study can be asked of."""
    return await api_of(request).reading.ask(choices.offered)


@get(
    "/v1/studies/choices", summary="What a study can be begun with", guards=[whole],
    responses=GUARDED,
)  # fmt: skip
async def offer(request: Asked) -> Response[Offer]:
    """Traits with their types, segments, purposes, algorithms, and what is taken by default."""
    return Response(await offered(request), headers=FRESH)


@get(
    "/v1/studies/job", summary="The study that was begun here last", guards=[whole],
    responses=GUARDED,
)  # fmt: skip
async def job(request: Asked) -> Response[Job]:
    """How far it is, or what became of it; a server that starts anew knows of none."""
    return Response(standing(request), headers=FRESH)


@post(
    "/v1/studies/jobs", summary="Begin a study", guards=[whole], status_code=202,
    responses=GUARDED | described(problems.MISTAKEN, BUSY) | _UNSOUND,
)  # fmt: skip
async def begin(request: Asked, data: JSONBody[Begin]) -> Response[Job | Unsound]:
    """It is made in a process of its own; one at a time. Nobody who may not be used is in it."""
    studying = api_of(request).studying
    if studying.job.state == "working":
        raise BUSY
    found = await api_of(request).reading.ask(partial(choices.mistakes, data))
    if found:
        said = Unsound(**msgspec.structs.asdict(UNSOUND), mistakes=found)
        return Response(said, status_code=422, media_type=MEDIA, headers=FRESH)
    await _work(partial(studying.begin, choices.asked(data)))
    return Response(standing(request), headers=FRESH)


@post(
    "/v1/studies/{id:str}/resumption", summary="Go on with a study that was stopped",
    guards=[whole], status_code=202, responses=GUARDED | described(ABSENT, BUSY),
)  # fmt: skip
async def resume(request: Asked, id: FromPath[str]) -> Response[Job]:  # noqa: A002
    """With the people that it began with; the clusterings that were finished are not made again."""
    studying = api_of(request).studying
    done = await api_of(request).reading.ask(partial(answers.is_finished, id))
    if done is None:
        raise ABSENT
    if done:
        raise DONE
    await _work(partial(studying.resume, id))
    return Response(standing(request), headers=FRESH)


async def _work(begin: Callable[[], object]) -> None:
    """Begin a process that makes a study.

    Raises
    ------
    Refused
        One is being made.
    """
    try:
        await asyncio.to_thread(begin)
    except Running:
        raise BUSY from None
    except OSError as error:
        raise CoterieError("no process could be begun", got=error.strerror or "") from None


ROUTES: Sequence[HTTPRouteHandler] = (offer, job, begin, resume)

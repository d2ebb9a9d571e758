"""A study that is begun in a browser: what it is asked with, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from markupsafe import Markup

from coterie.errors import CoterieError
from coterie.server.api.app import Asked, whole
from coterie.server.api.rooms.studies_start import offered, standing
from coterie.server.api.rooms.studies_start_views import Begin, Job, Offer
from coterie.server.pages.shell import number, page
from coterie.server.pages.texts import text

FIELDS = ("traits", "segment", "purpose", "k", "algorithms", "floor")


@get("/studies/new", guards=[whole], include_in_schema=False)
async def new(request: Asked) -> Response[str]:
    """A form; while a study is made, how far it is; what was wrong where one failed."""
    job = standing(request)
    try:
        offer = None if job.state == "working" else await offered(request)
        why = ""
    except CoterieError as error:
        offer, why = None, error.what
    begun = job.asked if job.state == "failed" else Begin()
    return page(
        "study_new.html", "studies", text("studies.new"), job=job, offer=offer, why=why,
        begun=begun, k=_between(begun, offer), wrong=_wrong(job), progress=progress(job),
    )  # fmt: skip


def progress(job: Job) -> Markup:
    """How far a study is, in words."""
    if not job.total:
        return text("studies.step_first", step=job.step or text("studies.beginning"))
    return text(
        "studies.step", step=job.step, done=number(job.done + 1), total=number(job.total)
    )  # fmt: skip


def _between(begun: Begin, offer: Offer | None) -> tuple[int, int]:
    """From how many clusters to how many."""
    ks = begun.k or (offer.k if offer else []) or [2]
    return min(ks), max(ks)


def _wrong(job: Job) -> dict[str, str]:
    """What is wrong at each field; under an empty name what is wrong with the whole."""
    found = job.problem
    if found is None:
        return {}
    parts = [found.what, found.got, found.expected and f"→ {found.expected}", found.hint]
    said = ". ".join(part for part in parts if part)
    return {found.path if found.path in FIELDS else "": said}


ROUTES: Sequence[HTTPRouteHandler] = (new,)

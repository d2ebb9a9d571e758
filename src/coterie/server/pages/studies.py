"""Studies of clusters, as pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import Markup

from coterie.errors import CoterieError
from coterie.server.api.app import Asked, api_of, whole
from coterie.server.api.problems import NOWHERE
from coterie.server.api.rooms import studies_answers as answers
from coterie.server.api.rooms.studies import UNKNOWN, every, key
from coterie.server.api.rooms.studies_start import standing
from coterie.server.api.rooms.studies_views import Card, Line, Rules, Study, Value
from coterie.server.pages.figures import figure
from coterie.server.pages.shell import instant, number, page, plural
from coterie.server.pages.studies_new import progress
from coterie.server.pages.texts import text

if TYPE_CHECKING:
    from coterie.discover.studying.study import Study as Found

PATIENCE = 0.2
"""Seconds after which a page says that a part is still worked on."""
MEASURES = ("silhouette", "stability", "folds", "noise", "smallest")


class Part(NamedTuple):
    """What stands in one part of the page; what the part has no need of is empty."""

    figures: Markup = Markup()
    cards: Sequence[Card] = ()
    rules: Rules | None = None
    problem: str = ""


@get("/studies", guards=[whole], include_in_schema=False)
async def studies(request: Asked) -> Response[str]:
    """Every study."""
    found, job = await every(request), standing(request)
    return page(
        "studies.html", "studies", text("studies.title"), studies=found.studies,
        damaged=found.damaged, job=job, progress=progress(job),
    )  # fmt: skip


@get("/studies/{id:str}", guards=[whole], include_in_schema=False)
async def study(
    request: Asked,
    id: FromPath[str],  # noqa: A002 - as the API's routes have it
    candidate: str = "",
) -> Response[str]:
    """One study: the verdict at once, and the parts as they are done; or how to go on with it."""
    known = await key(request, id, candidate)
    line = await api_of(request).reading.ask(partial(answers.stopped, id))
    if line is not None:
        return _unfinished(request, line)
    found = await _study(request, known)
    parts = {name: await _known(request, known, name) for name in PARTS} if found else {}
    return page(
        "study.html", "studies", text("studies.of", name=id), study=found,
        parts={name: part for name, part in parts.items() if part}, again=_address(id, candidate),
        address=partial(_address, id, candidate), candidates=_candidates(found),
        who=_who(found), measures=_measures(found), measured=MEASURES, shown=_shown,
        percent=_percent, interval=_interval,
    )  # fmt: skip


def _unfinished(request: Asked, line: Line) -> Response[str]:
    """A study that was stopped, or is being made: how far it is, and how to go on."""
    job = standing(request)
    mine = job.study == line.name
    return page(
        "study_stopped.html", "studies", text("studies.of", name=line.name), line=line,
        making=mine and job.state == "working", failed=job.problem if mine else None, job=job,
        again=_address(line.name, ""), progress=progress(job),
    )  # fmt: skip


@get("/studies/{id:str}/{part:str}", guards=[whole], include_in_schema=False)
async def part_of(
    request: Asked,
    id: FromPath[str],  # noqa: A002
    part: FromPath[str],
    candidate: str = "",
) -> Response[str]:
    """One part of a study's page, once it is done."""
    if part not in PARTS:
        raise NOWHERE
    known = await key(request, id, candidate)
    summary = await _study(request, known)
    found = None if summary is None else await _part(request, known, part)
    return page(
        "study_part.html", "studies", text("studies.of", name=id), name=part, study=summary,
        parts={part: found} if found else {}, address=partial(_address, id, candidate),
        whole=_address(id, candidate), percent=_percent, interval=_interval,
    )  # fmt: skip


Key = tuple[str, str, answers.Stamp]


async def _read(request: Asked, known: Key) -> Found | None:
    """The study itself; None while it is read."""
    name, candidate, _ = known
    work = partial(answers.read, name, candidate)
    try:
        return await api_of(request).studies.within(known, work, PATIENCE)
    except CoterieError:
        raise UNKNOWN from None


async def _study(request: Asked, known: Key) -> Study | None:
    """What is said of the study first, with what was decided by now; None while it is read."""
    found = await _read(request, known)
    if found is None:
        return None
    return await api_of(request).pictures.within(
        (*known, await api_of(request).reading.ask(partial(answers.n_decisions, known[0]))),
        partial(answers.summary, found), PATIENCE,
    )  # fmt: skip


async def _part(request: Asked, known: Key, name: str) -> Part | None:
    """One part; None while it is worked on."""
    found = await _read(request, known)
    if found is None:
        return None
    try:
        work = partial(PARTS[name], found)
        return await api_of(request).pictures.within(
            (*known, f"{name}.page"), lambda _: work(), PATIENCE
        )
    except CoterieError as error:
        return Part(problem=error.what)


async def _known(request: Asked, known: Key, name: str) -> Part | None:
    """One part, where it has been done before."""
    if not api_of(request).pictures.known((*known, f"{name}.page")):
        return None
    return await _part(request, known, name)


def _drawn(name: str, found: Found) -> Part:
    return Part(Markup().join(figure(*pair) for pair in answers.pictures(name, found)))


def _clusters(found: Found) -> Part:
    return _drawn("clusters", found)._replace(cards=answers.clusters(found).cards)


def _deciding(found: Found) -> Part:
    return Part(cards=answers.clusters(found).cards)


def _rules(found: Found) -> Part:
    return Part(rules=answers.rules(found))


PARTS: Mapping[str, Callable[[Found], Part]] = {
    **{name: partial(_drawn, name) for name in answers.PARTS},
    "clusters": _clusters, "rules": _rules, "deciding": _deciding,
}  # fmt: skip


def _address(name: str, candidate: str, part: str = "") -> str:
    path = f"/studies/{quote(name, safe='')}" + (f"/{part}" if part else "")
    return f"{path}?{urlencode({'candidate': candidate})}" if candidate else path


def _who(found: Study | None) -> Markup:
    if found is None:
        return Markup()
    who = text(
        "studies.who", people=number(found.people), traits=plural("studies.n_traits",
        len(found.traits)), purpose=found.purpose, as_of=instant(found.as_of, "date"),
    )  # fmt: skip
    left = text("studies.who_left", left=number(found.left_out)) if found.left_out else ""
    return Markup("{} {}").format(who, left)


def _candidates(found: Study | None) -> list[tuple[str, str]]:
    """Those that can be looked at, the recommended one first."""
    each = found.candidates if found else []
    said = [(one.name, one.called) for one in each]
    if found is not None and found.chosen is None:
        return [("", str(text("studies.clusters_none"))), *said]
    return said


def _measures(found: Study | None) -> list[tuple[Markup, Markup, Markup]]:
    """Of the clustering that is looked at: what, how much, and its interval."""
    each = {one.name: one.measures for one in found.candidates} if found else {}
    mine = each.get(found.chosen or "", {}) if found else {}
    return [
        (text(f"studies.{name}"), _shown(name, mine[name]), _between(name, mine[name]))
        for name in MEASURES
        if name in mine
    ]


def _shown(name: str, measure: Value | None) -> Markup:
    if measure is None:
        return number(None)
    return _of(name)(measure.value)


def _of(name: str) -> Callable[[float], Markup]:
    if name == "noise":
        return _percent
    return number if name == "smallest" else partial(number, digits=2)


def _between(name: str, measure: Value) -> Markup:
    return _interval(measure, _of(name))


def _interval(measure: Value, shown: Callable[[float], Markup] | None = None) -> Markup:
    if measure.low == measure.high:
        return Markup()
    shown = shown or partial(number, digits=2)
    return text("studies.between", low=shown(measure.low), high=shown(measure.high))


def _percent(share: float | None) -> Markup:
    return Markup("{} %").format(number(None if share is None else 100 * share, 1))


ROUTES: Sequence[HTTPRouteHandler] = (studies, study, part_of)

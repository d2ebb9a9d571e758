"""What a study can be begun with, and what is wrong with what somebody chose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coterie.errors import CoterieError, UnknownName, WrongType, nearest
from coterie.language.library import Library
from coterie.language.types import Boolean, Decimal, Instant, Integer, Real
from coterie.pictures.crowd import Crowd, group_of
from coterie.pictures.distribution import drawable
from coterie.project import Project
from coterie.project.drafting.mistakes import Mistake
from coterie.project.drafting.vocabulary import word
from coterie.server.api.rooms import explore_questions
from coterie.server.api.rooms.studies_start_views import (
    ALGORITHMS,
    MOST,
    Begin,
    Comparable,
    Offer,
)

_ORDER = (Integer, Decimal, Real, Boolean, Instant)
_FIELDS = {"ks": "k", "algorithms": "algorithms", "floor": "floor"}


def offered(project: Project) -> Offer:
    """What a study can be begun with, by today's definitions.

    Raises
    ------
    CoterieError
        Nothing has been computed yet, the definitions cannot be used, or what studies are made
        with is not installed.
    """
    from coterie.discover.studying.choices import choices

    project.discover  # noqa: B018 - says what is not installed
    project.reload()
    there, usual = explore_questions.choices(project), choices()
    return Offer(
        traits=_comparable(project), segments=there.segments, purposes=there.purposes,
        algorithms=[*ALGORITHMS], k=[*usual.plan.ks], floor=usual.floor,
    )  # fmt: skip


def _comparable(project: Project) -> list[Comparable]:
    """Traits as a study compares them: numbers and truths, then instants, texts, stages."""
    library = project.library
    names = [name for name in (*library.traits, *library.stages) if drawable(project, name)]
    return sorted((_trait(library, name) for name in names), key=lambda one: _rank(library, one))


def _trait(library: Library, name: str) -> Comparable:
    said = library.definition(name).description
    return Comparable(name, word(library.type(name)), said)


def _rank(library: Library, one: Comparable) -> tuple[bool, str]:
    return not isinstance(library.type(one.name), _ORDER), one.name


def asked(begin: Begin) -> dict[str, Any]:
    """What :meth:`coterie.Project.discover` is called with."""
    return {
        "traits": begin.traits, "segment": begin.segment, "purpose": begin.purpose,
        "k": begin.k or None, "algorithms": begin.algorithms or None, "floor": begin.floor,
    }  # fmt: skip


def mistakes(begin: Begin, project: Project) -> list[Mistake]:
    """All that is wrong with what somebody chose, each at its field."""
    project.reload()
    return [*_mistakes(begin, project)]


def _mistakes(begin: Begin, project: Project) -> Iterator[Mistake]:
    for name in begin.traits:
        yield from _of_trait(name, project)
    purpose = begin.purpose
    if begin.segment:
        try:
            group, _ = group_of(project, begin.segment)
            purpose = purpose or project.library.purpose(group)
        except UnknownName as error:
            yield mistake(error, "segment")
    try:
        Crowd(project, None, purpose)
    except CoterieError as error:
        yield mistake(error, "purpose" if error.code == "definition.no_purpose" else "")
    yield from _of_numbers(begin)


def _of_trait(name: str, project: Project) -> Iterator[Mistake]:
    library = project.library
    if name not in library:
        yield mistake(
            UnknownName(f"there is no trait {name!r}", hint=nearest(name, library.traits)), "traits"
        )
    elif not drawable(project, name):
        yield mistake(
            WrongType(
                f"{name!r} is nothing that a study compares", got=str(library.type(name)),
                expected="numbers, truths, instants, stages, and texts that are not personal",
            ), "traits",
        )  # fmt: skip


def _of_numbers(begin: Begin) -> Iterator[Mistake]:
    from coterie.discover.studying.choices import choices

    if max(begin.k, default=2) > MOST:
        yield Mistake("k", "error", f"more than {MOST} clusters are no groups to look at")
        return
    try:
        choices(k=begin.k or None, algorithms=begin.algorithms or None, floor=begin.floor)
    except CoterieError as error:
        yield mistake(error)


def mistake(error: CoterieError, path: str = "") -> Mistake:
    """An error at its field; empty for the whole."""
    place = path or _FIELDS.get(error.where, "")
    return Mistake(place, error.code, error.what, error.got, error.expected, error.hint)

"""What pages of segments rest on, worked out when an answer is published: nobody waits for it.

In pieces, at the desk of what takes long. What each has found is handed to the desk of pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import product

from coterie.errors import UnknownPerson
from coterie.project import Project
from coterie.project.published import Worked
from coterie.server.api.rooms import segment_questions as q
from coterie.server.api.rooms.explore_questions import inside

Piece = Callable[[Project], object]


def pieces(project: Project) -> list[Piece]:
    """What there is to do for the answer published last.

    Raises
    ------
    CoterieError
        There is none, or the definitions that it had mean nothing any more.
    """
    published = project.published
    groups = q.every(published)
    names = [".".join(filter(None, each)) for each in groups]
    shown = (q.shown_traits(published, name.partition(".")[0]) for name in names)
    sorts = dict.fromkeys(trait for some in shown for trait in some)
    return [
        *map(_inside, groups), *_sorted(sorts), *_each(names), *map(_compared, names),
    ]  # fmt: skip


def worked(piece: Piece, project: Project) -> Worked:
    """Do a piece; what is known by it that was not known before."""
    published = project.published
    before = published.worked
    piece(project)
    return published.worked.beyond(before)


def taken(found: Worked, project: Project) -> None:
    """Know what was worked out elsewhere."""
    project.published.take(found)


def _inside(group: tuple[str, str]) -> Piece:
    return lambda project: project.published.everybody.inside(*group)


def met(project: Project) -> None:
    """Somebody looked up: the first who is asked for opens no store and reads no definitions."""
    if project.published.everybody.column("profile"):
        with suppress(UnknownPerson):
            project.persons.one(project.published.everybody.profile(0))


def _each(names: list[str]) -> Iterator[Piece]:
    for question in (q.overlap, q.history, _spread):
        yield from (partial(question, name) for name in names)


def _spread(name: str, project: Project) -> None:
    """The trait that its people are set against everyone by at first."""
    if q.traits(name, project):
        q.spread(name, "", project)


def _sorted(traits: Iterable[str]) -> Iterator[Piece]:
    for trait, descending in product(traits, (False, True)):
        yield partial(_order, trait, descending)


def _order(trait: str, descending: bool, project: Project) -> None:
    project.published.everybody.order(trait, descending=descending)


def _compared(name: str) -> Piece:
    return lambda project: inside(project.published, "", name)

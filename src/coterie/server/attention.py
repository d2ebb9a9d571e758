"""What somebody should look at, as the stores say it."""

from __future__ import annotations

from collections.abc import Iterator

from coterie.errors import CoterieError
from coterie.language.time import from_micros
from coterie.project import Project
from coterie.project.freshness import Sources
from coterie.server.api.rooms.home_views import Attention
from coterie.storage.destinations import Destinations

FAILED = "failed"
"""How the outcome of a schedule begins that went wrong."""


def told(sources: Sources, now: int | None, project: Project) -> list[Attention]:
    """Silent sources, schedules that failed, destinations that are paused.

    Parameters
    ----------
    now : int or None
        The instant that silence is measured by, microseconds UTC; None for the last run's: a
        project of old files is not silent because nobody moved its clock.
    """
    return [*_silent(sources, now, project), *_failed(project), *_paused(project)]


def _silent(sources: Sources, now: int | None, project: Project) -> Iterator[Attention]:
    at = now or project.stores.log.clock() or project.now()
    for each in sources.look(project.stores, at):
        if each.silent(at):
            yield Attention("source", each.source, from_micros(each.last))


def _failed(project: Project) -> Iterator[Attention]:
    try:
        planned = project.schedule().schedules
    except CoterieError:  # the definitions cannot be read now; the engine says so
        return
    for each in planned:
        if each.last is not None and each.last.said.startswith(FAILED):
            at, said = from_micros(each.last.at), each.last.said.removeprefix(f"{FAILED}: ")
            yield Attention("schedule", each.name, at, said=said)


def _paused(project: Project) -> Iterator[Attention]:
    for each in Destinations(project.stores.ledger).every():
        if each.paused_at is not None:
            yield Attention("delivery", each.name, from_micros(each.paused_at), said=each.why)

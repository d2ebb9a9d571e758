"""The stream of a project, taken up where it stood."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from coterie.profiles.flushing import Progress, flush
from coterie.profiles.live.host import Host
from coterie.profiles.live.start import Start
from coterie.profiles.stores import Stores
from coterie.project import folder as folders
from coterie.project.receiving import drained
from coterie.project.running import restored
from coterie.project.streaming.standing import snapshots

if TYPE_CHECKING:
    from coterie.project.project import Project

LIMIT = 2_000
"""Deadlines that a step acts on while the clock goes by itself: some hundredths of a second."""

Begin = Literal["", "empty", "start"]


def path(project: Project) -> Path:
    """The project's write lock."""
    return project.folder / folders.DATA / ".lock"


def caught_up(project: Project, stores: Stores, progress: Progress) -> None:
    """Drain what was acknowledged, bring the lake up to the log, and what was lost of it back."""
    drained(project, stores)
    flush(stores, project.plan, progress)
    restored(project, stores, progress)


def opened(
    project: Project, stores: Stores, begin: Begin, stopping: Callable[[], bool] = lambda: False
) -> Host:
    """The stream out of a snapshot, of history, or before the first event, as a writer.

    Parameters
    ----------
    begin : {"", "empty", "start"}
        ``empty``: before the first event, with nobody there. ``start``: out of history, where the
        clock stands. By default where the stream stood last; else where the clock stands; else
        empty.
    stopping : callable
        Whether somebody wants it to end before it has begun.

    Raises
    ------
    Stopped
        Somebody did: nothing was recorded.
    """
    start = Start(stores, project.questions, snapshots(project), stopping=stopping)
    if begin == "empty":
        return start.empty(project.now())
    if not begin and (found := start.resumed()):
        return found
    if not begin and stores.log.clock() is None:
        return start.empty(project.now())
    return start.out_of_history()

"""The demonstration: a simulated shop in a project of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from coterie.errors import ProjectError
from coterie.language.events import Event
from coterie.language.time import from_micros
from coterie.profiles.flushing import Progress
from coterie.project.folder import create
from coterie.project.project import Project
from coterie.project.settings import FILE
from coterie.simulate import Shop, simulate
from coterie.simulate.parameters import DAY, MONTH_DAYS, ShopParameters

MARK = ".coterie-demo"
SAID = "The demo made this folder, and replaces it when it runs again.\n"
BEHIND = 14
"""Days of a shop that goes on which were followed event by event."""
DAILY = """
# Ranks are learnt anew, and everybody is asked anew, each morning.
[segments.default]
schedule = "0 6 * * *"
"""


class Made(NamedTuple):
    """A demonstration: its project, and the events that arrive after the project's instant."""

    project: Project
    coming: list[Event]


def make(
    folder: Path, *, people: int, months: float, seed: int, progress: Progress, ahead: float = 0
) -> Made:
    """A project with a simulated shop in it, run up to the first instant of 2026.

    A folder that the demo made itself is replaced, any other is refused.

    Parameters
    ----------
    ahead : float
        How many months the shop goes on: what arrives in them is not stored. Where it does, its
        last 14 days are replayed with a run each morning, so that sizes have a past.

    Raises
    ------
    ProjectError
        The folder holds something else; or the shop goes on, and what the stream needs is not
        installed.
    """
    end = ShopParameters().until
    until = end + round(ahead * MONTH_DAYS * DAY)
    shop = simulate(people=people, months=months + ahead, seed=seed, until=until)
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(SAID, "utf-8")
    create(folder, "retail")
    if ahead:
        with (folder / FILE).open("a", encoding="utf-8") as settings:
            settings.write(DAILY)
    project = Project(folder.resolve(), clock=lambda: from_micros(end))
    coming: list[Event] = []
    project.receive(shop.plan(), _arrived(shop, end, coming, progress))
    if ahead:
        _follow(project, end, progress)
    else:
        project.run("now", progress=progress)
    return Made(project, _new(coming, project, end))


def _follow(project: Project, end: int, progress: Progress) -> None:
    """Ask everybody some days before, and replay the days since then as any are replayed."""
    project.run(from_micros(end - BEHIND * DAY), progress=progress)
    project.stream.replay("now", progress=progress)


def _new(coming: list[Event], project: Project, end: int) -> list[Event]:
    """By arrival, without what was delivered before: by another door it would look different."""
    log = project.stores.log
    new = (e for e in coming if e.occurred_at > end or log.event(e.key) is None)
    return sorted(new, key=lambda event: event.received_at)


def _clear(folder: Path) -> None:
    if (folder / MARK).is_file():
        shutil.rmtree(folder)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProjectError(
            "the folder holds something that the demo did not make; nothing was changed",
            where=str(folder), hint="name another folder: coterie demo FOLDER",
        )  # fmt: skip


def _arrived(
    shop: Shop, end: int, coming: list[Event], progress: Progress
) -> Iterator[list[Event]]:
    """The events that arrived by an instant, told as they pass; `coming` gets the others."""
    done = 0
    for batch in shop.events():
        yield [event for event in batch if event.received_at <= end]
        coming += [event for event in batch if event.received_at > end]
        done += len(batch)
        progress("Simulating and storing events", done, 0)

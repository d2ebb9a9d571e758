"""The demonstration: a simulated shop in a project of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from coterie.errors import ProjectError
from coterie.language.events import Event
from coterie.language.time import from_micros
from coterie.profiles.flushing import Progress
from coterie.project.folder import create
from coterie.project.project import Project
from coterie.simulate import Shop, simulate

MARK = ".coterie-demo"
SAID = "The demo made this folder, and replaces it when it runs again.\n"


def make(folder: Path, *, people: int, months: float, seed: int, progress: Progress) -> Project:
    """A project with a simulated shop in it, run up to the shop's last instant.

    A folder that the demo made itself is replaced, any other is refused.

    Raises
    ------
    ProjectError
        The folder holds something else.
    """
    shop = simulate(people=people, months=months, seed=seed)
    _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(SAID, "utf-8")
    create(folder, "retail")
    end = shop.parameters.until
    project = Project(folder.resolve(), clock=lambda: from_micros(end))
    project.receive(shop.plan(), _arriving(shop, progress))
    project.run("now", progress=progress)
    return project


def _clear(folder: Path) -> None:
    if (folder / MARK).is_file():
        shutil.rmtree(folder)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProjectError(
            "the folder holds something that the demo did not make; nothing was changed",
            where=str(folder), hint="name another folder: coterie demo FOLDER",
        )  # fmt: skip


def _arriving(shop: Shop, progress: Progress) -> Iterator[list[Event]]:
    """The shop's events as they arrive, told as they pass."""
    done = 0
    for batch in shop.events():
        yield batch
        done += len(batch)
        progress("Simulating and storing events", done, 0)

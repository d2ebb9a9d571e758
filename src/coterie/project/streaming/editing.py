"""Definitions that are edited while a replay runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from coterie.collect.gate import Gate
from coterie.errors import CoterieError
from coterie.language.library import Library
from coterie.language.load import load
from coterie.profiles.live.terms import meaning
from coterie.profiles.questions import Questions
from coterie.project import folder as folders
from coterie.project.settings import FILE, load_settings

if TYPE_CHECKING:
    from coterie.project.project import Project

Seen = list[tuple[str, int, int]]


class Files:
    """A project's definitions, settings and tracking plan, looked at again and again.

    Parameters
    ----------
    project : Project
    refused : callable
        Told, once each time the files change, why they cannot be used; what is in force stays.
    """

    def __init__(self, project: Project, refused: Callable[[CoterieError], None]) -> None:
        self._project = project
        self._refused = refused
        self._seen: Seen = []

    def edited(self, in_force: Questions) -> Questions | None:
        """Today's definitions, where they mean something else than those in force."""
        seen = self._look()
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            today = self._read()
        except CoterieError as error:
            self._refused(error)
            return None
        same = today.library.hash() == in_force.library.hash()
        return None if same and meaning(today) == meaning(in_force) else today

    def _read(self) -> Questions:
        folder = self._project.folder
        settings = load_settings(folder / FILE)
        plan = self._project.plans.load()
        Gate(plan)  # a pattern or format that cannot be used is told as well
        definitions = load(folder)
        return Questions(Library(definitions, plan, settings.bases, settings.default_purpose))

    def _look(self) -> Seen:
        """Each file's path, time of change and size."""
        folder = self._project.folder
        paths = [folder / FILE, *folder.glob("definitions.*"), *folder.glob("definitions/*")]
        paths += (folder / folders.PLANS).rglob("*")
        return sorted(found for path in paths if (found := _state(path)))


def _state(path: Path) -> tuple[str, int, int] | None:
    try:
        state = path.stat()
    except OSError:  # it is gone since it was listed
        return None
    return str(path), state.st_mtime_ns, state.st_size

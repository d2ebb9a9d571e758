"""What is scheduled on a replay's way, fired as a run fires it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.profiles.live.replay import Once
from coterie.project.schedules.agenda import EVERYTHING, Line, lines, refitted
from coterie.project.schedules.firing import RUNS, Firing

if TYPE_CHECKING:
    from coterie.project.project import Project

MONTHLY = "0 0 1 * *"
"""When models are learnt anew in a project that schedules neither fits nor segments."""


class Scheduled:
    """The schedules of a project, along a clock that a replay moves.

    Parameters
    ----------
    project : Project
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lines = lines(project.settings, project.library)
        if not any(line.kind in RUNS for line in self._lines):
            self._lines.append(Line("segments", EVERYTHING, MONTHLY, project.settings.zone))
        self._known: tuple[int, int | None] | None = None

    def next(self, after: int) -> int | None:
        """The first instant after one at which something is due."""
        known = self._known
        if known is None or not known[0] <= after or (known[1] is not None and after >= known[1]):
            firsts = [at for line in self._lines if (at := next(line.after(after), None))]
            known = self._known = after, min(firsts, default=None)
        return known[1]

    def fire(self, at: int, once: Once) -> None:
        """Imports, then what is learnt and published, then reports."""
        due = [line for line in self._lines if next(line.after(at - 1), None) == at]
        keys = refitted(self._lines, due, self._project.library)
        Firing(self._project, at, due).go(lambda _, wanted: once(wanted), keys, last=False)

"""Firing what is due: imports, then a run, then reports, each as of its exact instant."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coterie.errors import CoterieError, ProjectError
from coterie.language.time import from_micros
from coterie.project import folder as folders
from coterie.project.instants import shown
from coterie.project.schedules.agenda import Line, due, lines, refitted
from coterie.project.schedules.kept import Outcome, keep
from coterie.storage.ledger import Run

if TYPE_CHECKING:
    from coterie.project.project import Project

RUNS = ("fits", "segments")
GRACE = 3_600_000_000
"""An hour: what fires later than that by the machine's clock was missed."""

Once = Callable[[int, Collection[str]], Run]
"""Makes a run as of an instant that learns these fit keys anew."""


def scheduled(
    project: Project, former: int | None, clock: int, once: Once, *, real: bool
) -> tuple[Run, list[str]]:
    """Move the clock from one instant to another through all that is due on the way.

    Parameters
    ----------
    former : int or None
        Where the clock stands; before the first run nothing is due.
    clock : int
        Where it goes; there is a run there, whether one is due or not.
    real : bool
        The clock goes to the real present, so what is due long before it was missed.

    Returns
    -------
    (Run, list of str)
        The last run, and what is worth saying about the way.
    """
    library = project.library
    agenda = lines(project.settings, library)
    fired: list[Firing] = []
    done = None
    for at, now_due in () if former is None else due(agenda, former, clock):
        fired.append(Firing(project, at, now_due))
        found = fired[-1].go(once, refitted(agenda, now_due, library), last=at == clock)
        done = found if at == clock else None
    return done or once(clock, refitted(agenda, [], library)), _said(project, fired, real)


def _said(project: Project, fired: list[Firing], real: bool) -> list[str]:
    said = [sentence for firing in fired for sentence in firing.failed]
    missed = [f for f in fired if real and f.at < project.now() - GRACE]
    for some, what in ((missed, "missed; made up for now"), (fired, "on the way")):
        if some:
            first, last = (shown(f.at, project.settings.tz) for f in (some[0], some[-1]))
            count = sum(len(firing.due) for firing in some)
            return [f"{count} scheduled, {what}, as of {first} to {last}", *said]
    return said


class Firing:
    """What happens at one instant.

    Parameters
    ----------
    project : Project
    at : int
        Microseconds UTC.
    due : list of Line
    """

    def __init__(self, project: Project, at: int, due: list[Line]) -> None:
        self.project = project
        self.at = at
        self.due = due
        self.outcomes: dict[str, Outcome] = {}

    def go(self, once: Once, refit: Collection[str], *, last: bool) -> Run | None:
        """Imports, then the run (at the last instant in any case), then reports."""
        self._import_all()
        done = once(self.at, refit) if last or self._of(*RUNS) else None
        if done is not None:
            for line in self._of(*RUNS):
                self._note(
                    line, f"{done.counts['people']} people, {done.counts['changes']} changes"
                )
        self._report_all()
        keep(self.project.folder / folders.DATA, self.outcomes)
        return done

    @property
    def failed(self) -> list[str]:
        """What went wrong, in sentences."""
        return [
            f"{key} {outcome.said}" for key, outcome in self.outcomes.items()
            if outcome.said.startswith("failed")
        ]  # fmt: skip

    def _import_all(self) -> None:
        for line in self._of("imports"):
            self._try(line, self._import)

    def _report_all(self) -> None:
        for line in self._of("reports"):
            self._try(line, self._report)

    def _of(self, *kinds: str) -> list[Line]:
        return [line for line in self.due if line.kind in kinds]

    def _note(self, line: Line, said: str) -> None:
        self.outcomes[line.key] = Outcome(self.at, self.project.now(), said)

    def _try(self, line: Line, act: Callable[[Line], str]) -> None:
        """One that fails is said and does not keep the others from happening."""
        try:
            self._note(line, act(line))
        except CoterieError as error:
            self._note(line, f"failed: {error.what}")

    def _import(self, line: Line) -> str:
        said = self.project.settings.imports[line.name]
        folder = self.project.folder
        files = sorted(path for path in folder.glob(said.files) if path.is_file())
        if not files:
            return "no file yet"
        mapping = folder / said.mapping
        summary = self.project.import_(files, mapping)
        return f"{len(files)} files, {summary.events.stored} new events"

    def _report(self, line: Line) -> str:
        day = from_micros(self.at).astimezone(ZoneInfo(line.zone)).date().isoformat()
        name = self.project.settings.reports[line.name].out.replace("{date}", day)
        out = self.project.folder / name
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            self.project.pictures.report(out, at=self.at)
        except OSError as error:
            raise ProjectError(f"the report cannot be written: {error.strerror}") from None
        return name

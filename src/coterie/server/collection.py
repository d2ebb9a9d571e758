"""The role that takes events in: the application that answers, and the thread that writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from coterie.errors import CoterieError
from coterie.language.plan import TrackingPlan
from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.importing import collector
from coterie.project.lock import collecting, in_turn
from coterie.server.collecting import Application
from coterie.server.commits import Collect, Commits
from coterie.storage.sources import WriteKeys


class Collection:
    """A project's door for events (a :class:`coterie.server.roles.Role`).

    Parameters
    ----------
    project : Project
    refused : callable
        Told why an edit of the tracking plan cannot be used; the former one stays.
    broken : callable
        Told the failure after which nothing may be promised any more.
    """

    name = "collect"

    def __init__(
        self,
        project: Project,
        refused: Callable[[CoterieError], None],
        broken: Callable[[BaseException], None],
    ) -> None:
        self._project = project
        self._refused = refused
        self._tell = broken
        self._stamp: object = None
        self._plan = project.plan
        self._held = ExitStack()
        self.commits = Commits(self._turn, self._look, self._broken)
        self.application = Application(project.settings.collect, self.commits.put, project.now)

    def start(self) -> None:
        """Be the one collector of the project, and write what comes from here on.

        Raises
        ------
        StoreError
            Another process collects for this project.
        """
        self._held.enter_context(collecting(self._project.folder / folders.DATA / ".lock"))
        self._look()
        self.commits.start()

    @property
    def ready(self) -> bool:
        """Whether events are taken."""
        return self.commits.is_alive() and not self.application.closed

    def stop(self) -> None:
        """Write what was taken, and take nothing more."""
        self.application.closed = True
        if self.commits.is_alive():
            self.commits.finish()
            self.commits.join(self.application.limits.patience)
        self._held.close()

    @contextmanager
    def _turn(self) -> Iterator[Collect]:
        project = self._project
        with in_turn(project.folder / folders.DATA / ".lock"):
            door = collector(project, self._plan)
            yield lambda arrivals: door.collect(arrivals, project.now())
            _ = project.stores  # what was written to a file that is gone meanwhile is lost

    def _look(self) -> None:
        """Learn of write keys and of edits of the tracking plan."""
        self.application.keys = WriteKeys(self._project.stores.ledger).working()
        folder = self._project.folder / folders.PLANS
        stamp = sorted((file.name, _changed(file)) for file in folder.glob("*.toml"))
        if stamp != self._stamp:
            self._stamp = stamp
            self._plan = self._planned()

    def _planned(self) -> TrackingPlan:
        try:
            return self._project.plans.load()
        except CoterieError as error:
            self._refused(error)
            return self._plan

    def _broken(self, failure: BaseException) -> None:
        self.application.closed = True
        self._tell(failure)


def _changed(file: Path) -> tuple[int, int]:
    """What differs once a file was written anew."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size

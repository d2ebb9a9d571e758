"""The role that takes events in: the application that answers, and the thread that keeps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.lock import collecting
from coterie.server.collecting import Application
from coterie.server.commits import Commits, Job
from coterie.server.keys import Keys
from coterie.storage.inbox import SEGMENT_BYTES, Inbox
from coterie.storage.inbox.frames import Row
from coterie.storage.sources import WriteKeys
from coterie.storage.sqlite import Edition

_SEGMENTS = 4
"""In how many segments, at least, a full inbox lies, so that some of it can be forgotten."""


class Collection:
    """A project's door for events (a :class:`coterie.server.roles.Role`).

    Parameters
    ----------
    project : Project
    broken : callable
        Told the failure after which nothing may be promised any more.
    woken : callable
        Told after each commit that requests wait in the inbox; from the thread that commits.
    """

    name = "collect"

    def __init__(
        self, project: Project, broken: Callable[[BaseException], None],
        woken: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._project = project
        self._told = broken
        self._woken = woken
        self._held = ExitStack()
        self._inbox: Inbox | None = None
        self._edition: Edition | None = None
        self._limits = project.settings.collect
        self.application = Application(self._limits, self._put, project.now)
        self.commits = Commits(self._keep, self.application.tell, self._look, self._broken)

    def start(self) -> None:
        """Be the one collector of the project, and keep what comes from here on.

        Raises
        ------
        StoreError
            Another process collects for this project, or its inbox is damaged.
        """
        project = self._project
        data = project.folder / folders.DATA
        self._held.enter_context(collecting(data / ".lock"))
        self._inbox = Inbox(
            data / folders.INBOX, project.pseudonymiser.inbox_key,
            after=project.stores.log.drained(),
            segment_bytes=min(SEGMENT_BYTES, self._limits.inbox_bytes // _SEGMENTS),
        )  # fmt: skip
        self._look()
        self.commits.start()

    @property
    def ready(self) -> bool:
        """Whether events are taken."""
        return self.commits.is_alive() and not self.application.closed

    def stop(self) -> None:
        """Keep what was taken, and take nothing more."""
        self.application.closed = True
        if self.commits.is_alive():
            self.commits.finish()
            self.commits.join(self._limits.patience)
        if self._inbox is not None and not self.commits.is_alive():
            self._inbox.close()
        self._held.close()

    def _put(self, job: Job) -> None:
        self.commits.put(job)

    def _keep(self, rows: list[Row]) -> None:
        assert self._inbox is not None
        self._inbox.append(rows)
        self._woken()

    def _look(self) -> None:
        """Learn of write keys, of how much waits, and whether the data is still there."""
        assert self._inbox is not None
        ledger = self._project.stores.ledger
        if (edition := ledger.edition()) != self._edition:
            working = WriteKeys(ledger).working()
            if working != self.application.keys.working:
                self.application.keys = Keys(working)
            self._edition = edition
        self.application.full = self._inbox.size >= self._limits.inbox_bytes

    def _broken(self, failure: BaseException) -> None:
        self.application.closed = True
        self._told(failure)

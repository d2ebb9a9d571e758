"""The role that keeps everybody current: drains what was accepted, follows, tells destinations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Event, Thread

from coterie.errors import CoterieError
from coterie.project import Project
from coterie.project.receiving import draining
from coterie.project.streaming.live import Live
from coterie.server.roles import ENGINE


class Engine:
    """The stream of a project, in a thread (a :class:`coterie.server.roles.Role`).

    Parameters
    ----------
    project : Project
        Is opened again for each thread.
    refused : callable
        Told why an edit cannot be used; what was in force stays.
    broken : callable
        Told the failure with which the engine ended.
    """

    name = ENGINE

    def __init__(
        self,
        project: Project,
        refused: Callable[[CoterieError], None],
        broken: Callable[[BaseException], None],
    ) -> None:
        self._project = project.again()
        self.live = Live(self._project, drain=draining(self._project), refused=refused)
        self._broken = broken
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=ENGINE, daemon=True)

    def deliveries(self) -> Mapping[str, int]:
        """How many deliveries to destinations there were, by outcome."""
        return {}

    @property
    def ready(self) -> bool:
        """Whether it has caught up with what was there when it began."""
        return self.live.ready

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the step at hand, keep it, publish, and end."""
        self._stopping.set()
        self.live.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._project.close()

    def _run(self) -> None:
        try:
            self.live.run(self._stopping.is_set)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the process ends with it
            self._broken(failure)

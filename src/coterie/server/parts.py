"""The parts of a server, put together as its roles need them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from coterie.errors import CoterieError, DefinitionErrors
from coterie.project import Project
from coterie.server import collection
from coterie.server.adapter import Adapter
from coterie.server.api.app import OPERATIONS, application
from coterie.server.api.guard import Guard
from coterie.server.api.knowing import Api
from coterie.server.api.openapi import ASKED
from coterie.server.door import Door
from coterie.server.engine import Engine
from coterie.server.logs import FilteringBoundLogger, place
from coterie.server.pages.rooms import PAGES, refusal
from coterie.server.roles import API, COLLECT, ENGINE, Role

_MILLI = 1_000


class Parts:
    """What one process has, by its roles.

    Parameters
    ----------
    project : Project
        Is opened again for each role.
    roles : collection of str
        Of `ROLES`.
    guard : Guard
    log : FilteringBoundLogger
    refused : callable
        Told why an edit cannot be used; what was in force stays.
    broken : callable
        Told which role failed, and with what.
    access : bool
        Whether each answer is logged.
    """

    def __init__(
        self, project: Project, roles: Collection[str], guard: Guard, log: FilteringBoundLogger,
        refused: Callable[[CoterieError], None], broken: Callable[[str, BaseException], None],
        *, access: bool,
    ) -> None:  # fmt: skip
        self._log = log
        self._access = access
        self._shown = refused
        self._asked = API in roles
        engine = self._engine(project, broken) if ENGINE in roles else None
        collector = self._collector(project, engine, broken) if COLLECT in roles else None
        self.roles: Sequence[Role] = [role for role in (engine, collector) if role is not None]
        self.api = Api(
            project, None if engine is None else engine.live, self.working, guard,
            lambda error: log.warning("stores unreadable", error=type(error).__name__),
            dict if engine is None else engine.deliveries,
            lambda error: log.error("no answer", error=type(error).__name__, at=place(error)),
            asked=self._asked,
        )  # fmt: skip
        self._application = None if collector is None else collector.application
        self.door = self._door()

    def working(self) -> Mapping[str, bool]:
        """The roles of this process, and whether each does its work."""
        found = {role.name: role.ready for role in self.roles}
        return found | ({API: not self.api.closed} if self._asked else {})

    def close(self) -> None:
        """Take nothing more, and let go whoever follows."""
        self.api.close()
        if self._application is not None:
            self._application.closed = True

    def _engine(self, project: Project, broken: Callable[[str, BaseException], None]) -> Engine:
        return Engine(project, self._refused, partial(broken, ENGINE), self._stepped, self._waits)

    def _waits(self, failure: BaseException) -> None:
        self._log.warning("no room", role=ENGINE, error=type(failure).__name__, at=place(failure))

    def _collector(
        self, project: Project, engine: Engine | None,
        broken: Callable[[str, BaseException], None],
    ) -> collection.Collection:  # fmt: skip
        def woken() -> None:
            if engine is not None:
                engine.live.wake()

        return collection.Collection(project.again(), partial(broken, COLLECT), woken)

    def _door(self) -> Door:
        handlers = (*ASKED, *PAGES) if self._asked else OPERATIONS
        adapter = Adapter(application(self.api, handlers, refusal))
        return Door(
            self._application, self.api, adapter, asked=self._asked, answered=self._answered
        )

    def _refused(self, error: CoterieError) -> None:
        """An edit that cannot be used: an error holds no personal value."""
        every = error.errors if isinstance(error, DefinitionErrors) else ()
        said = {"errors": [each.as_dict() for each in every]} if every else {}
        self._log.warning("edit refused", **error.as_dict(), **said)
        self._shown(error)

    def _stepped(self, seconds: float) -> None:
        self.api.metrics.stepped(seconds)

    def _answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self.api.metrics.answered(method, route, status, seconds)
        if self._access:
            ms = round(seconds * _MILLI, 3)
            self._log.info("answered", method=method, route=route, status=status, ms=ms)

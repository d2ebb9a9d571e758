"""Serving a project: its roles from their start to the last answer."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from coterie.errors import CoterieError, ProjectError, StoreError
from coterie.project import Project
from coterie.server.adapter import Adapter
from coterie.server.api.app import OPERATIONS, application
from coterie.server.api.guard import Guard, loopback
from coterie.server.api.knowing import Api
from coterie.server.api.routes import QUESTIONS
from coterie.server.collection import Collection as Collecting
from coterie.server.door import Door
from coterie.server.engine import Engine
from coterie.server.listening import GRACE, Listening, free
from coterie.server.logs import FilteringBoundLogger, Foreign, logger
from coterie.server.roles import API, COLLECT, ENGINE, ROLES, Role


class Serving:
    """A project, answered for until a signal or a failure ends it.

    Parameters
    ----------
    project : Project
    roles : collection of str
        Of `ROLES`.
    log : FilteringBoundLogger
    access : bool
        Whether each answer is logged.
    guard : Guard
    refused : callable
        Told why an edit cannot be used; what was in force stays.
    """

    def __init__(
        self, project: Project, roles: Collection[str], log: FilteringBoundLogger,
        guard: Guard, refused: Callable[[CoterieError], None], *, access: bool,
    ) -> None:  # fmt: skip
        self.failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._log = log
        self._access = access
        self._said = refused
        self._patience = project.settings.collect.patience
        self._engine = self._engine_of(project) if ENGINE in roles else None
        self._collecting = self._collector_of(project) if COLLECT in roles else None
        self._roles: Sequence[Role] = [r for r in (self._engine, self._collecting) if r is not None]
        live = None if self._engine is None else self._engine.live
        self._api = Api(project, live, self._ready, guard, self._unreadable)
        self._asked = API in roles
        self._door = self._opened()

    def _engine_of(self, project: Project) -> Engine:
        return Engine(project.again(), self._refused, lambda error: self._broken(ENGINE, error))

    def _collector_of(self, project: Project) -> Collecting:
        kept = self._engine.live.wake if self._engine is not None else None
        broken: Callable[[BaseException], None] = lambda error: self._broken(COLLECT, error)
        return Collecting(project.again(), self._refused, broken, kept)

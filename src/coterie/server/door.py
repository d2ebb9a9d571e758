"""The one door: events to the collector, profiles answered at once, everything else to the API."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from coterie.server import answers
from coterie.server.adapter import Adapter, Said
from coterie.server.answers import Answer
from coterie.server.api.app import meant
from coterie.server.api.knowing import Api
from coterie.server.api.problems import FAILED, MEDIA, NO_METHOD, Refused
from coterie.server.api.profiles import BEFORE, ROUTE
from coterie.server.collecting import ADDRESSES, Application

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

METHODS = frozenset({"GET", "POST", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"})
NOWHERE = "(none)"
"""The template of an address that is no route's."""

Answered = Callable[[str, str, int, float], None]
"""Told method, template, status and seconds of each answer."""


class Door:
    """Answers every request of a server (RSGI).

    Parameters
    ----------
    collector : Application or None
        Takes events, where this process does.
    api : Api
    adapter : Adapter
        The API's routes.
    asked : bool
        Whether profiles are answered.
    answered : callable
        Told of each answer by the template of its route, never by its address.
    """

    def __init__(
        self, collector: Application | None, api: Api, adapter: Adapter, *, asked: bool,
        answered: Answered,
    ) -> None:  # fmt: skip
        self.n_open = 0
        self._collector = collector
        self._api = api
        self._adapter = adapter
        self._asked = asked
        self._answered = answered

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        self.n_open += 1
        try:
            path = scope.path
            if self._collector is not None and (address := _address(path)):
                await self._collect(self._collector, address, scope, protocol)
            elif self._asked and path.startswith(BEFORE) and len(path) > len(BEFORE):
                await self._profile(scope, protocol)
            else:
                await self._elsewhere(scope, protocol)
        finally:
            self.n_open -= 1

    async def _collect(
        self, collector: Application, address: str, scope: Scope, protocol: HTTPProtocol
    ) -> None:
        began = perf_counter()
        status = await collector.__rsgi__(scope, protocol)
        self._tell(scope.method, address, status, began)

    async def _profile(self, scope: Scope, protocol: HTTPProtocol) -> None:
        began = perf_counter()
        try:
            status, body, headers = await self._found(scope)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told without its values
            found = meant(error)
            if found is FAILED:
                self._api.unexpected(error)
            status, body, headers = _refusal(found)
        if self._api.closed:
            headers = [*headers, ("connection", "close")]
        protocol.response_bytes(status, headers, body)
        self._tell(scope.method, ROUTE, status, began)

    async def _found(self, scope: Scope) -> Answer:
        caller = self._api.guard.admit(scope.client, scope.headers, scope.authority)
        if scope.method != "GET":
            raise NO_METHOD
        return await self._api.profiles.answer(
            scope.path[len(BEFORE) :], scope.query_string, caller
        )

    async def _elsewhere(self, scope: Scope, protocol: HTTPProtocol) -> None:
        began = perf_counter()

        def told(said: Said) -> None:
            self._tell(scope.method, said.template or NOWHERE, said.status, began)

        await self._adapter(scope, protocol, told)

    def _tell(self, method: str, route: str, status: int, began: float) -> None:
        known = method if method in METHODS else "other"
        self._answered(known, route, status, perf_counter() - began)


def _address(path: str) -> str:
    """The address of the collector that is meant; empty for none."""
    if path in ADDRESSES:
        return path
    path = path.rstrip("/")
    return path if path in ADDRESSES else ""


def _refusal(found: Refused) -> Answer:
    headers = [("content-type", MEDIA), *found.headers.items()]
    if found is NO_METHOD:
        headers.append(("allow", "GET"))
    return answers.Answer(found.problem.status, found.body, headers)

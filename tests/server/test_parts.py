"""What the server says of itself: lines of JSON, figures by template, and nothing of a request."""

from __future__ import annotations

import asyncio
import errno
import io
import json
import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coterie.errors import ProjectError, StoreError
from coterie.server.adapter import Adapter, Said
from coterie.server.api.app import meant, refused
from coterie.server.api.guard import Guard
from coterie.server.api.knowing import Api
from coterie.server.api.problems import FAILED, UNKNOWN, Refused
from coterie.server.desk import MOST, Busy, Desk
from coterie.server.door import Door
from coterie.server.logs import foreign, logger, place
from coterie.server.metrics import Metrics

SECRET = "ann@example.com"


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_what_libraries_log_is_said_without_their_words() -> None:
    """Who warned, and of which kind of error."""
    out = io.StringIO()
    with foreign(logger(out)):
        log = logging.getLogger("granian")
        log.warning("refused %s", SECRET)
        log.info(SECRET)
        try:
            raise ValueError(SECRET)
        except ValueError:
            log.exception(SECRET)
    assert SECRET not in out.getvalue()
    assert [(line["library"], line.get("error")) for line in lines(out)] == [
        ("granian", None), ("granian", "ValueError"),
    ]  # fmt: skip
    assert place(ValueError(SECRET)) == ""


def test_log_that_cannot_be_written_ends_nobody() -> None:
    """Logs may go to the disk that is full; once there is room, they go on."""

    class Full(io.StringIO):
        full = True

        def write(self, text: str) -> int:
            if self.full:
                raise OSError(errno.ENOSPC, "no space")
            return super().write(text)

    out = Full()
    log = logger(out)
    log.info("lost")
    out.full = False
    log.info("kept")
    assert [line["event"] for line in lines(out)] == ["kept"]


def test_errors_become_problems_without_their_words() -> None:
    """What is known keeps its code; whatever else is no more than that it failed."""
    assert meant(UNKNOWN) is UNKNOWN
    assert meant(ValueError(SECRET)) is FAILED
    assert meant(Busy()).problem.status == 503
    for error in (ProjectError(SECRET), StoreError("x", where=SECRET)):
        found = meant(error)
        assert (found.problem.status, found.problem.code) == (503, error.code)
        assert SECRET.encode() not in found.body


def test_metrics_have_a_line_for_each_route_and_status() -> None:
    """Once each, however often they are answered; what is not known is not said."""
    metrics = Metrics(lambda: {"stored": 3, "lag": 0.5, "deliveries_delivered": 2})
    for _ in range(3):
        metrics.answered("GET", "/v1/profiles/{id}", 200, 0.002)
    metrics.changed("vip", "entered")
    metrics.stepped(0.001)
    text = metrics.text().decode()
    for said in (
        'coterie_http_requests_total{method="GET",route="/v1/profiles/{id}",status="200"} 3.0',
        'coterie_http_request_seconds_bucket{le="0.0025",route="/v1/profiles/{id}"} 3.0',
        'coterie_events_total{fate="stored"} 3.0', "coterie_engine_lag_seconds 0.5",
        'coterie_deliveries_total{outcome="delivered"} 2.0',
        'coterie_changes_total{change="entered",segment="vip"} 1.0',
        "coterie_engine_step_seconds_count 1.0",
    ):  # fmt: skip
        assert said in text, said
    assert 'fate="erased"' not in text
    assert "coterie_people" not in text


class Asking:
    """One request as Granian hands it over, and what was answered."""

    client, authority, http_version, scheme = "127.0.0.1:5", None, "1.1", "http"

    def __init__(self, path: str, method: str = "GET", **headers: str) -> None:
        self.path, self.method, self.query_string = path, method, ""
        self.headers = {"host": "localhost"} | headers
        self.said: list[tuple[int, bytes]] = []

    def __aiter__(self) -> Asking:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.said.append((status, body))

    def response_empty(self, status: int, headers: Any) -> None:
        self.said.append((status, b""))


class Failing:
    """Profiles that cannot be read, and an API around them."""

    closed = False

    def __init__(self) -> None:
        self.guard, self.profiles = Guard(), self
        self.failures: list[Exception] = []

    async def answer(self, *said: object) -> None:
        raise ValueError(SECRET)

    def unexpected(self, error: Exception) -> None:
        self.failures.append(error)


@pytest.mark.parametrize("method", ["GET", "TRACE", SECRET])
def test_failure_is_an_answer_and_told_by_template(method: str) -> None:
    """500 without a word of why, counted under its route; a method that is none is `other`."""
    told: list[tuple[str, str, int]] = []
    api, asked = Failing(), Asking(f"/v1/profiles/{SECRET}", method)

    async def adapter(*_: object) -> None:
        raise AssertionError

    door = Door(
        None, cast(Api, api), cast(Adapter, adapter), asked=True,
        answered=lambda method, route, status, _: told.append((method, route, status)),
    )  # fmt: skip
    asyncio.run(door.__rsgi__(cast(Any, asked), cast(Any, asked)))
    ((status, body),) = asked.said
    expected = 500 if method == "GET" else 405
    assert (status, json.loads(body)["status"]) == (expected, expected)
    known = method if method == "GET" else "other"
    assert told == [(known, "/v1/profiles/{id}", expected)]
    assert [type(error) for error in api.failures] == [ValueError] * (method == "GET")
    assert door.n_open == 0


@pytest.mark.parametrize(
    ("error", "is_told"),
    [(StoreError("x", where=SECRET), True), (ValueError(SECRET), True), (UNKNOWN, False),
     (Busy(), False), (ProjectError("nothing has been computed yet"), False)],
)  # fmt: skip
def test_store_that_fails_is_told_to_the_log_beside_what_nobody_expects(
    error: Exception, is_told: bool
) -> None:
    """Whoever asked is told to come again, and whoever serves can find out why."""
    api = Failing()
    app = SimpleNamespace(state=SimpleNamespace(api=api))
    request = SimpleNamespace(app=app, url=SimpleNamespace(path="/v1/people/x"), headers={})
    assert SECRET.encode() not in refused(cast(Any, request), error).content
    assert api.failures == [error] * is_told


def test_adapter_gives_an_application_what_was_asked() -> None:
    """Path, query and headers as ASGI has them, and the end of the connection after the answer."""

    async def app(
        scope: dict[str, Any], receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:  # fmt: skip
        assert (scope["path"], scope["raw_path"]) == ("/a b/é", b"/a%20b/%C3%A9")
        assert (scope["client"], (b"host", b"localhost") in scope["headers"]) == (
            ("127.0.0.1", 5), True,
        )  # fmt: skip
        assert (await receive())["more_body"] is False
        scope["path_template"] = "/a b/{x}"
        await send({"type": "http.response.start", "status": 201, "headers": [(b"a", b"b")]})
        await send({"type": "http.response.body", "body": b"x"})
        assert (await receive())["type"] == "http.disconnect"

    said: list[Said] = []
    asked = Asking("/a b/é")
    asked.client_disconnect = asyncio.Event().wait  # type: ignore[attr-defined]
    asyncio.run(Adapter(app)(cast(Any, asked), cast(Any, asked), said.append))
    assert asked.said == [(201, b"x")]
    assert said == [Said(201, "/a b/{x}")]


def test_more_questions_than_can_wait_are_sent_away() -> None:
    """So that a slow store holds a bounded number of them."""

    class Opened:
        settings = SimpleNamespace(zone="UTC")

        def close(self) -> None: ...

    async def ask() -> int:
        desk = Desk(cast(Any, Opened()))
        gate = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(_: object) -> None:
            asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()

        waiting = [asyncio.create_task(desk.ask(slow)) for _ in range(MOST)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await desk.ask(slow)
        gate.set()
        await asyncio.gather(*waiting)
        await asyncio.to_thread(desk.close)
        return len(waiting)

    assert asyncio.run(ask()) == MOST


def test_refusal_says_what_a_client_may_do() -> None:
    """401 what is missing, 503 when to come again."""
    assert Refused(401, "x").headers["www-authenticate"] == "Bearer"
    assert Refused(503, "x").headers["retry-after"] == "1"

"""One process or several: the same answers, an end that loses nothing, failures that are told."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.project import Project
from coterie.project.folder import create
from coterie.project.receiving import drained
from tests.cli.test_commands import coterie
from tests.server.served import basic, until
from tests.server.whole import Whole, order
from tests.support.ports import free_port

pytestmark = pytest.mark.xdist_group("roles")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """A project with all roles in one process."""
    whole = Whole(tmp_path_factory.mktemp("running"))
    whole.serve().ready()
    yield whole
    assert whole.stop() == [0]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Whole]:
    whole = Whole(tmp_path)
    yield whole
    whole.stop()


def test_roles_start_apart(shop: Whole) -> None:
    """A collector, an engine and an API, each a process: an event passes through all three."""
    collect = shop.serve("--role", "collect")
    engine = shop.serve("--role", "engine").ready()
    api = shop.serve("--role", "api").ready()
    assert collect.get("/ready").json == {"ready": True, "roles": {"collect": True}}
    assert engine.get("/ready").json == {"ready": True, "roles": {"engine": True}}
    for elsewhere in (collect, engine):
        assert elsewhere.get("/v1/profiles/ann").status == 404
        assert elsewhere.get("/v1/status").status == 404
    for elsewhere in (engine, api):
        reply = elsewhere.ask("POST", "/v1/track", b"{}", authorization=basic(shop.key))
        assert reply.status == 404
    assert "/v1/track" not in api.get("/openapi.json").json["paths"]
    shop.send(collect, order(1, "ann", 150))
    until(lambda: b'"change":"entered"' in _first(api.port))
    assert api.get("/v1/profiles/ann").status in (200, 404)  # history has her from the next run on
    assert engine.stop() == 0  # the last answer is published
    until(lambda: api.get("/v1/profiles/ann").status == 200)
    said = api.get("/v1/profiles/ann").json
    assert said["source"] == "history"
    assert set(said["segments"]) == {"vip", "mailed"}
    assert api.get("/v1/profiles/nobody").status == 404
    limited = api.get("/v1/profiles/ann", authorization=f"Bearer {shop.limited}").json
    assert set(limited["segments"]) == {"vip"}
    assert api.get("/v1/status").json["waiting"] == 0
    assert shop.stop() == [0, 0]


def _first(port: int) -> bytes:
    """The beginning of all changes."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=180)
    connection.request("GET", "/v1/changes", headers={"last-event-id": "0"})
    try:
        reply = connection.getresponse()
        return b"".join(reply.readline() for _ in range(5))
    finally:
        connection.close()


def test_stop_loses_nothing(shop: Whole) -> None:
    """SIGTERM while events arrive: all that was acknowledged has its fate, once."""
    process = shop.serve().ready()
    acknowledged: list[str] = []

    def send() -> None:
        for n in range(100_000):
            body = json.dumps(order(n, f"u{n}", 1)).encode()
            try:
                reply = process.ask("POST", "/v1/track", body, authorization=basic(shop.key))
            except OSError:
                return
            if reply.status == 200:
                acknowledged.append(f"m{n}")

    senders = threading.Thread(target=send)
    senders.start()
    until(lambda: len(acknowledged) > 100)
    assert process.stop() == 0
    senders.join()
    assert [line["event"] for line in process.lines][-1] == "stopped"
    with Project(shop.folder) as project:
        with project.writing() as stores:
            drained(project, stores)
        stored = {entry.event.message_id for entry in project.stores.log.read(0, 10**6, "event")}
        assert set(acknowledged) <= stored
        assert project.status().balanced


def test_role_that_fails_ends_the_process(shop: Whole) -> None:
    """An engine that cannot go on is an error and an exit, and not a server that seems to work."""
    process = shop.serve().ready()
    with sqlite3.connect(shop.folder / "data" / "ledger.db") as db:
        db.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
    db.close()
    shop.send(process, order(1, "ann", 150))
    assert process.process.wait(180) == 1
    said = process.log.read_text()
    assert "role failed" in said
    assert "error:" in said
    assert process.stop() == 1


def test_two_of_a_role_are_refused(running: Whole) -> None:
    """One collector and one stream for a project, however they were started."""
    for role in ("collect", "engine"):
        done = coterie("-p", running.folder, "serve", "--role", role, "--port", str(free_port()))
        assert done.exit_code == 1
        assert "already" in done.output


def test_others_are_let_in_by_token_alone(tmp_path: Path) -> None:
    """An address that others reach needs a token, but for events alone."""
    create(tmp_path / "p")
    for options in ((), ("--role", "api"), ("--role", "engine", "--role", "api")):
        where = ("--host", "0.0.0.0", "--port", free_port())
        done = coterie("-p", tmp_path / "p", "serve", *where, *options)
        assert done.exit_code == 1
        assert "coterie tokens add" in done.output
        assert "--role collect" in done.output


def test_token_can_be_asked_for_on_the_machine_as_well(shop: Whole) -> None:
    """Behind a proxy that hides where requests come from; health is told to anybody."""
    process = shop.serve("--role", "api", "--require-token")
    assert process.get("/v1/status").status == 401
    assert process.get("/v1/status", authorization=f"Bearer {shop.token}").status == 200
    assert process.get("/health").json == {"status": "ok"}
    assert process.get("/ready").status == 200


def test_edit_that_cannot_be_used_is_logged(running: Whole) -> None:
    """What, where, and a hint, in a line for programs; what is in force stays."""
    process = running.processes[0]
    before = process.get("/v1/segments").json
    (running.folder / "definitions.py").write_text(
        "from coterie import event, trait\nx = trait(event('Ann called').count())\n"
    )
    until(lambda: any(line["event"] == "edit refused" for line in process.lines))
    (said,) = [line for line in process.lines if line["event"] == "edit refused"]
    assert [each["code"] for each in said["errors"]] == ["definition.unknown_name"]
    assert len(process.lines) == len(process.log.read_text().splitlines())
    assert process.get("/ready").status == 200
    assert process.get("/v1/segments").json == before

"""What the collector answers: to whom, to which addresses, with which status."""

from __future__ import annotations

import gzip
import http.client
import json
import socket

import pytest

from coterie.project import Project
from tests.server.conftest import Open
from tests.server.served import Served, basic, track, until

pytestmark = pytest.mark.xdist_group("http")


@pytest.mark.parametrize("kind", ["track", "page", "screen", "identify", "group", "alias"])
def test_each_kind_has_its_address(served: Served, kind: str) -> None:
    """The address says the type, in full or by its first letter; the body need not."""
    for n, route in enumerate((f"/v1/{kind}", f"/v1/{kind[0]}", f"/v1/{kind}/")):
        body = track(f"{kind}{n}", groupId="g", previousId="p", traits={})
        del body["type"]
        reply = served.post(route, body)
        assert (reply.status, reply.json) == (200, {"success": True})
    assert {f"m{kind}{n}" for n in range(3)} <= set(served.message_ids())
    assert [e.type for e in served.stored() if e.message_id.startswith(f"m{kind}")] == [kind] * 3


@pytest.mark.parametrize("route", ["/v1/batch", "/v1/b", "/v1/import"])
def test_batches_have_theirs(served: Served, route: str) -> None:
    """A batch is a list of messages, each with its type; an empty one is nothing to refuse."""
    body = {"batch": [track(f"{route}{n}") for n in range(3)], "sentAt": "2026-01-02T03:04:06Z"}
    assert served.post(route, body).json == {"success": True}
    assert served.post(route, {"batch": []}).status == 200
    assert {f"m{route}{n}" for n in range(3)} <= set(served.message_ids())


def test_gzip_is_unpacked(served: Served) -> None:
    """A packed body is read like a plain one; one that only says so is not."""
    packed = gzip.compress(json.dumps({"batch": [track("zip")]}).encode())
    assert served.post("/v1/batch", packed, content_encoding="gzip").status == 200
    assert "mzip" in served.message_ids()
    for body in (b"plain", packed[:-3], packed + b"x"):
        assert served.post("/v1/batch", body, content_encoding="gzip").status == 400
    assert served.post("/v1/batch", packed, content_encoding="br").status == 415


def test_gzip_bomb_is_refused(served: Served) -> None:
    """A body that unpacks beyond the limit is refused, however small it came."""
    bomb = gzip.compress(b'{"batch":[' + b" " * 300_000_000 + b"]}", 9)
    assert len(bomb) < 500_000
    assert served.post("/v1/batch", bomb, content_encoding="gzip").status == 413


def test_limits_are_those_of_the_specification(served: Served) -> None:
    """32 KB an event and 500 KB a batch, to the byte; a larger event is refused alone."""

    def body(n: int) -> bytes:
        start = b'{"event":"Looked","messageId":"big%d","userId":"u","properties":{"a":"' % n
        return start + b"x" * (n - len(start) - 3) + b'"}}'

    assert served.post("/v1/track", body(32_768)).status == 200
    assert served.post("/v1/track", body(32_769)).status == 413
    whole = json.dumps({"batch": [track("big")]}).encode()
    assert served.post("/v1/batch", whole.ljust(512_000)).status == 200
    assert served.post("/v1/batch", whole.ljust(512_001)).status == 413
    mixed = {"batch": [track("b1"), track("b2", properties={"a": "x" * 33_000}), track("b3")]}
    reply = served.post("/v1/batch", mixed)
    assert (reply.status, reply.rejected) == (200, [("$.batch[1]", "too_big")])


def test_batch_of_too_many_messages_is_refused(served: Served) -> None:
    """2,500 messages a batch: 500 KB of ones are counted, and nothing of them is kept."""
    before = len(served.message_ids())
    reply = served.post("/v1/batch", b'{"batch":[' + b",".join([b"1"] * 255_000) + b"]}")
    assert (reply.status, reply.json["code"]) == (413, "too_big")
    assert served.post("/v1/batch", {"batch": [{"type": "page"}] * 2_501}).status == 413
    assert len(served.message_ids()) == before


def test_limit_holds_where_no_length_is_said(served: Served) -> None:
    """A body in chunks is counted while it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=180)
    connection.putrequest("POST", "/v1/track")
    connection.putheader("authorization", basic(served.key))
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    for _ in range(9):
        connection.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")
    connection.send(b"0\r\n\r\n")
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[1]", 400),
        (b'"x"', 400),
        (b"\xff\xfe", 400),
        (b"{}", 400),
        (b'{"batch": {}}', 400),
        (b'{"batch": 1}', 400),
        pytest.param(b'{"batch": ' + b"[" * 60_000, 400, id="deep"),
        (b'{"batch": [1, "x", null, []]}', 200),
        (b'{"batch": [{"type": "page", "properties": {"a": NaN}}]}', 200),
        (b'{"batch": [{"type": "page", "properties": {"a": "\\ud800"}}]}', 200),
    ],
)
def test_400_is_for_bodies_without_any_event(served: Served, body: bytes, status: int) -> None:
    """A library never sends again what was answered so; whatever can be told apart is not."""
    reply = served.post("/v1/batch", body)
    assert reply.status == status
    assert ("rejected" in reply.json) == (status == 200)
    assert reply.json.get("code", "unreadable") == "unreadable"


def test_strangers_are_turned_away(served: Served) -> None:
    """Without a write key that works nothing is taken; the key may stand in the body instead."""
    body = track("stranger")
    assert served.post("/v1/track", body, key="nobody").status == 401
    assert served.post("/v1/track", body, key="").status == 401
    assert served.post("/v1/track", body, key="", authorization="Bearer x").status == 401
    assert served.post("/v1/track", body, key="", authorization="Basic %%%").status == 401
    assert served.post("/v1/track", body | {"writeKey": "nobody"}, key="").status == 401
    assert "mstranger" not in served.message_ids()
    assert served.post("/v1/track", body | {"writeKey": served.key}, key="").status == 200
    assert "mstranger" in served.message_ids()


def test_key_that_is_revoked_works_no_more(served: Served) -> None:
    """A server learns of new and of revoked keys while it runs."""
    with Project(served.folder) as project:
        _, key = project.sources.add("app")
        until(lambda: served.post("/v1/track", track("app"), key=key).status == 200)
        (event,) = [e for e in served.stored() if e.message_id == "mapp"]
        assert event.source == "app"
        assert project.sources.revoke("app") == 1
        until(lambda: served.post("/v1/track", track("late"), key=key).status == 401)


def test_other_addresses_and_methods_are_nobodys(served: Served) -> None:
    """A write key opens nothing but the addresses of events."""
    assert served.post("/v1/profiles/1", {}).status == 404
    assert served.post("/", {}).status == 404
    reply = served.post("/v1/track", b"", method="GET")
    assert (reply.status, reply.headers["allow"]) == (405, "POST, OPTIONS")


def test_browsers_may_send_from_any_page(served: Served) -> None:
    """The question before the request is answered, and the answer may be read."""
    asked = served.post("/v1/t", b"", key="", method="OPTIONS")
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert served.post("/v1/t", track("cors")).headers["access-control-allow-origin"] == "*"


def test_health_is_told_to_anybody(served: Served) -> None:
    """Without a key, and without a word of the project."""
    assert served.post("/health", b"", key="", method="GET").json == {"status": "ok"}


def test_slow_sender_is_let_go(opened: Open) -> None:
    """A body that does not come in time is answered 408, and others are served meanwhile."""
    shop = opened("\n[collect]\npatience = 1.0\n").start()
    with socket.create_connection(("127.0.0.1", shop.port), timeout=180) as slow:
        head = f"POST /v1/track HTTP/1.1\r\nhost: x\r\nauthorization: {basic(shop.key)}\r\n"
        slow.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
        assert shop.post("/v1/track", track(1)).status == 200
        assert slow.recv(100).startswith(b"HTTP/1.1 408")
    assert shop.stop() == 0
    assert shop.message_ids() == ["m1"]


def test_more_than_can_wait_is_asked_to_come_again(opened: Open) -> None:
    """429 with a time to come again; nothing of it was taken."""
    shop = opened("\n[collect]\nwaiting_bytes = 10\n").start()
    with socket.create_connection(("127.0.0.1", shop.port), timeout=180) as slow:
        head = f"POST /v1/track HTTP/1.1\r\nhost: x\r\nauthorization: {basic(shop.key)}\r\n"
        slow.sendall(f"{head}content-length: 100\r\n\r\n{'x' * 50}".encode())
        until(lambda: shop.post("/v1/track", track(2)).status == 429)
        reply = shop.post("/v1/track", track(3))
        assert (reply.status, reply.headers["retry-after"]) == (429, "1")
    until(lambda: shop.post("/v1/track", track(4)).status == 200)
    assert shop.stop() == 0
    assert "m3" not in shop.message_ids()


def test_inbox_that_is_full_is_said_and_recovered_from(opened: Open) -> None:
    """429 while too much waits to be stored, and 200 once it was; nothing is lost meanwhile."""
    shop = opened("\n[collect]\ninbox_bytes = 40000\n").start()
    sent = 0

    def taken() -> bool:
        nonlocal sent
        reply = shop.post("/v1/track", track(sent, properties={"a": "x" * 5_000}))
        sent += reply.status == 200
        return reply.status == 200

    until(lambda: not taken())
    assert 0 < sent < 10_000
    assert len(shop.message_ids()) == sent
    until(taken)
    assert shop.stop() == 0
    assert len(shop.message_ids()) == sent
    assert shop.status()["balanced"]


def test_sender_that_hangs_up_harms_nobody(served: Served) -> None:
    """Half a body is nothing, and the next request is answered."""
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", served.port), timeout=180) as gone:
            head = f"POST /v1/track HTTP/1.1\r\nhost: x\r\nauthorization: {basic(served.key)}\r\n"
            gone.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
    assert served.post("/v1/track", track("after")).status == 200
    assert "mafter" in served.message_ids()

"""What is asked over HTTP: who somebody is, who moves, how many there are; and by whom."""

from __future__ import annotations

import functools
import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from coterie.project import Project
from coterie.server.api.openapi import ASKED
from coterie.server.collecting import ADDRESSES
from tests.server.served import PATIENCE, basic, until
from tests.server.whole import Process, Whole, order

pytestmark = pytest.mark.xdist_group("api")

EVENTS = "text/event-stream"
REFUSALS = {401, 403, 405}
IDS = {"{name:str}": "vip", "{id:str}": "ann", "{row:str}": "none"}
OPEN = {"/health", "/ready"}
STREAMS = {path for each in ASKED if each.media_type == EVENTS for path in each.paths}
ROUTES = sorted({
    (method, functools.reduce(lambda said, known: said.replace(*known), IDS.items(), path))
    for handler in ASKED
    for path in handler.paths - OPEN
    for method in handler.http_methods
} | {("GET", "/v1/profiles/ann")})  # fmt: skip
FOR_A_PURPOSE = {
    "/openapi.json", "/metrics", "/v1/changes", "/v1/profiles/ann", "/v1/segments",
    "/v1/segments/vip", "/v1/status",
}  # fmt: skip
"""What a token for one purpose may ask; it is told of this purpose alone."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    whole = Whole(tmp_path_factory.mktemp("api"))
    yield whole
    assert set(whole.stop()) <= {0}


@pytest.fixture(scope="module")
def served(shop: Whole) -> Process:
    """All roles in one process, with the orders of some people."""
    process = shop.serve("--access-log").ready()
    shop.send(process, order(1, "ann", 150), order(2, "bob", 20), order(3, "bob", 30))
    until(lambda: process.get("/v1/profiles/bob").status == 200)
    until(lambda: process.get("/v1/profiles/bob").json["stages"]["loyalty"]["purpose"])
    return process


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


# --- profiles ------------------------------------------------------------------------------------


def test_event_is_seen_in_its_profile(shop: Whole, served: Process) -> None:
    """Accepted, drained, folded, answered: with its traits, segments, stages and permissions."""
    shop.send(served, order("p1", "eve", 99.5), order("p2", "eve", 0.51))
    until(lambda: served.get("/v1/profiles/eve").json.get("traits", {}).get("orders") == 2)
    until(lambda: served.get("/v1/profiles/eve").json["segments"]["vip"]["purpose"])
    said = served.get("/v1/profiles/eve").json
    assert said["source"] == "stream"
    assert said["traits"] == {"orders": 2, "spend": 100.01}
    assert {name: each["may"] for name, each in said["segments"].items()} == {
        "vip": True, "mailed": False,
    }  # fmt: skip
    until(lambda: served.get("/v1/profiles/eve").json["segments"]["vip"]["since"])
    assert said["stages"]["loyalty"] == {"stage": "regular", "purpose": "analytics", "may": True}
    assert said["permissions"] == {"analytics": True, "marketing": False}


def test_person_is_found_by_each_of_their_ids(shop: Whole, served: Process) -> None:
    """The user, a device, and the pseudonym; `kind` says which of them is meant."""
    shop.send(served, order("i1", "ida", 1, anonymousId="phone/1"))
    until(lambda: served.get("/v1/profiles/ida").status == 200)
    person = served.get("/v1/profiles/ida").json["profile"]
    for path in ("ida", "phone%2F1", "phone/1", person, "ida?kind=user", f"{person}?kind=profile",
                 "phone%2F1?kind=anonymous"):  # fmt: skip
        assert served.get(f"/v1/profiles/{path}").json["profile"] == person, path
    for path in ("ida?kind=anonymous", "phone%2F1?kind=user", "ida?kind=profile", "nobody",
                 "x" * 5_000):  # fmt: skip
        assert served.get(f"/v1/profiles/{path}").status == 404, path
    for query in ("kind=x", "kind=", "kind=user&kind=user"):
        assert served.get(f"/v1/profiles/ida?{query}").json["code"] == "mistaken"


def test_purpose_is_shown_audiences_alone(shop: Whole, served: Process) -> None:
    """Law 13: neither traits nor who is in a segment that the purpose may not use."""
    said = served.get("/v1/profiles/ann", **bearer(shop.limited)).json
    assert set(said) == {"profile", "as_of", "offset", "source", "purpose", "segments", "stages"}
    assert (set(said["segments"]), said["stages"]) == ({"vip"}, {"loyalty": "new"})
    every = served.get("/v1/segments", **bearer(shop.limited)).json["segments"]
    assert {each["name"] for each in every} == {"vip", "loyalty"}
    assert not any("holds" in part for each in every for part in (each, *each.get("stages", [])))
    assert served.get("/v1/segments/mailed", **bearer(shop.limited)).status == 404
    assert served.get("/v1/segments/mailed").json["purpose"] == "marketing"


# --- changes -------------------------------------------------------------------------------------


class Stream:
    """A client of server-sent events."""

    def __init__(self, process: Process, path: str = "/v1/changes", **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=PATIENCE)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request("GET", path, headers=sent)
        self.reply = self._connection.getresponse()
        assert self.reply.status == 200
        assert self.reply.getheader("content-type", "").startswith("text/event-stream")

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def events(self, n: int) -> list[dict[str, Any]]:
        """The next changes; signs of life are no reason to wait for them for ever."""
        found: list[dict[str, Any]] = []
        end = time.monotonic() + PATIENCE
        while len(found) < n:
            line = self.reply.readline().decode()
            assert line, "the stream ended"
            assert time.monotonic() < end, f"{len(found)} of {n} changes came: {found}"
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
        return found


def test_changes_are_told_as_they_are_kept(shop: Whole, served: Process) -> None:
    """Whoever listens hears of an event's changes, and can see them in the profile at once."""
    with Stream(served) as stream:
        shop.send(served, order("c1", "cat", 500))
        told = stream.events(3)
        assert {(each["segment"], each["stage"], each["change"]) for each in told} >= {
            ("vip", None, "entered"), ("mailed", None, "entered"), ("loyalty", "new", "entered"),
        }  # fmt: skip
        said = served.get(f"/v1/profiles/{told[0]['profile']}").json
        assert set(said["segments"]) == {"vip", "mailed"}


def test_stream_goes_on_where_a_client_stopped(shop: Whole, served: Process) -> None:
    """By the number of the last change received: nothing is told twice and nothing is missed."""
    with Stream(served, last_event_id="0") as stream:
        first = stream.events(4)
    numbers = [each["id"] for each in first]
    assert numbers == sorted(set(numbers))
    with Stream(served, last_event_id=str(numbers[1])) as stream:
        assert stream.events(2) == first[2:]
    assert served.get("/v1/changes", last_event_id="-1").json["code"] == "mistaken"
    assert served.get("/v1/changes", last_event_id="x").json["code"] == "mistaken"


def test_changes_can_be_of_one_segment_or_person(shop: Whole, served: Process) -> None:
    """A segment, stages, one stage; a person by any of their ids."""
    with Stream(served, "/v1/changes?segment=vip", last_event_id="0") as stream:
        assert {each["segment"] for each in stream.events(1)} == {"vip"}
    with Stream(served, "/v1/changes?segment=loyalty.regular", last_event_id="0") as stream:
        assert {each["stage"] for each in stream.events(1)} == {"regular"}
    bob = served.get("/v1/profiles/bob").json["profile"]
    with Stream(served, "/v1/changes?profile=bob", last_event_id="0") as stream:
        assert {each["profile"] for each in stream.events(2)} == {bob}


def test_purpose_is_told_of_its_audiences_alone(shop: Whole, served: Process) -> None:
    """What is for another purpose, or of whom it may not use, is not in the stream."""
    shop.send(served, order("o1", "oda", 500))
    with Stream(served, last_event_id="0", **bearer(shop.limited)) as stream:
        told = stream.events(5)  # two of ann, one of bob, two of oda or of others before her
    assert {each["segment"] for each in told} == {"vip", "loyalty"}


def test_reader_that_takes_nothing_is_cut_off(shop: Whole, served: Process) -> None:
    """A stalled client holds no more than one page, for no longer than its patience."""
    for n in range(40):
        shop.send(served, *[order(f"s{n}-{i}", f"slow{n}-{i}", 1) for i in range(100)])
    until(lambda: served.get("/v1/profiles/slow39-99").status == 200)
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        stalled.connect(("127.0.0.1", served.port))
        stalled.sendall(b"GET /v1/changes HTTP/1.1\r\nhost: localhost\r\nlast-event-id: 0\r\n\r\n")
        until(lambda: b"coterie_change_streams 1.0" in served.get("/metrics").body)
        until(lambda: b"coterie_change_streams 0.0" in served.get("/metrics").body)
        assert len(_read(stalled)) < 1_500_000


def _read(connection: socket.socket) -> bytes:
    """What is there until the other end closes."""
    connection.settimeout(30)
    found = b""
    try:
        while chunk := connection.recv(65_536):
            found += chunk
    except ConnectionResetError:
        pass
    return found


# --- figures -------------------------------------------------------------------------------------


def test_segments_have_their_size_and_sentence(served: Process) -> None:
    """As of the answer published last, and each by itself."""
    said = served.get("/v1/segments").json
    assert [each["name"] for each in said["segments"]] == ["vip", "mailed", "loyalty"]
    vip, _, loyalty = said["segments"]
    assert vip["english"] == "people whose spend is above 100, for analytics"
    assert [stage["name"] for stage in loyalty["stages"]] == ["regular", "new", "none"]
    assert served.get("/v1/segments/vip").json == vip
    assert served.get("/v1/segments/nothing").json["code"] == "not_found"


def test_status_balances(shop: Whole, served: Process) -> None:
    """Received is stored, duplicate, quarantined and erased; and nothing waits for long."""
    shop.send(served, order("d1", "dan", 1), order("d1", "dan", 1))
    served.ask("POST", "/v1/track", b'{"event": "Order Completed", "messageId": "bad"}',
               authorization=basic(shop.key))  # fmt: skip
    until(lambda: served.get("/v1/status").json["waiting"] == 0)
    said = served.get("/v1/status").json
    fates = ("stored", "duplicate", "quarantined", "erased")
    assert said["received"] == sum(said[fate] for fate in fates)
    assert said["duplicate"] >= 1
    assert said["roles"] == {"engine": True, "collect": True, "api": True}
    with Project(shop.folder) as project:
        assert project.status().received == said["received"]


def test_metrics_count_what_happens(shop: Whole, served: Process) -> None:
    """By route and status, never by address; with the fates, the clock, and the process."""
    served.get("/v1/profiles/ann")
    text = served.get("/metrics").body.decode()
    assert (
        'coterie_http_requests_total{method="GET",route="/v1/profiles/{id}",status="200"}' in text
    )
    assert 'coterie_http_requests_total{method="POST",route="/v1/batch",status="200"}' in text
    for name in (
        'coterie_events_total{fate="stored"}', "coterie_inbox_waiting_requests",
        "coterie_engine_lag_seconds", "coterie_engine_step_seconds_count", "coterie_people",
        'coterie_changes_total{change="entered"', "coterie_http_request_seconds_bucket",
        "process_cpu_seconds_total",
    ):  # fmt: skip
        assert name in text, name
    assert "bob" not in text


def test_nothing_lags_where_nothing_waits(shop: Whole, served: Process) -> None:
    """However long ago the last event was."""
    until(lambda: served.get("/v1/status").json["behind"] == 0)
    assert served.get("/v1/status").json["lag"] == 0


# --- who may ask ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_write_keys_open_no_route_of_the_api(
    shop: Whole, served: Process, method: str, route: str
) -> None:
    """Neither as they are sent with events nor as a token; where nobody asks, the machine may."""
    for said in (basic(shop.key), f"Bearer {shop.key}", "Bearer x", "Basic", "x"):
        assert served.ask(method, route, b"{}", authorization=said).status == 401
    if route not in STREAMS:
        assert served.ask(method, route, b"{}").status not in REFUSALS
        assert served.ask(method, route, b"{}", **bearer(shop.token)).status not in REFUSALS


@pytest.mark.parametrize(("method", "route"), [r for r in ROUTES if r[1] not in FOR_A_PURPOSE])
def test_token_for_a_purpose_opens_nothing_about_everybody(
    shop: Whole, served: Process, method: str, route: str
) -> None:
    """No more than that there is nothing, whatever the route would answer others."""
    reply = served.ask(method, route, b"{}", **bearer(shop.limited))
    assert (reply.status, reply.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("route", sorted(ADDRESSES))
def test_tokens_open_no_route_of_events(shop: Whole, served: Process, route: str) -> None:
    """Neither as a token nor as a write key, in the header or the body."""
    for token in (shop.token, shop.limited):
        for said in (f"Bearer {token}", basic(token)):
            assert served.ask("POST", route, b'{"batch": []}', authorization=said).status == 401
        body = json.dumps({"writeKey": token, "event": "x", "batch": [{"type": "page"}]}).encode()
        assert served.ask("POST", route, body).status == 401


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_pages_of_others_are_not_answered(served: Process, method: str, route: str) -> None:
    """A name that was made to mean this machine, and another origin, are turned away."""
    for headers in (
        {"host": "evil.example"}, {"host": f"evil.example:{served.port}"}, {"host": "10.0.0.1"},
        {"origin": "https://evil.example"}, {"origin": "null"},
        {"origin": f"http://localhost:{served.port + 1}"},
    ):  # fmt: skip
        reply = served.ask(method, route, b"{}", **headers)
        assert (reply.status, reply.json["code"]) == (403, "foreign"), headers
    for headers in ({"x_forwarded_for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}):
        assert served.ask(method, route, b"{}", **headers).status == 401, headers


def test_token_works_from_anywhere_until_it_is_revoked(shop: Whole, served: Process) -> None:
    """Also behind a proxy and under another name; a server knows within a second or so."""
    with Project(shop.folder) as project:
        _, token = project.tokens.add("late")
        asked = bearer(token) | {"host": "shop.example", "x_forwarded_for": "203.0.113.9"}
        until(lambda: served.get("/v1/status", **asked).status == 200)
        project.tokens.revoke("late")
        until(lambda: served.get("/v1/status", **asked).status == 401)


def test_everything_else_is_a_problem(served: Process) -> None:
    """RFC 9457, whatever was asked; methods that a route has not are named."""
    for path in ("/", "/v1", "/v1/profiles", "/v1/profiles/", "/schema", "/v1/segments/"):
        reply = served.get(path)
        if reply.status != 200:
            assert (reply.status, reply.json["status"]) == (404, 404), path
            assert reply.headers["content-type"] == "application/problem+json"
    for path in ("/v1/status", "/v1/profiles/ann"):
        reply = served.ask("POST", path, b"{}")
        assert (reply.status, reply.json["code"]) == (405, "method")
        assert "GET" in reply.headers["allow"]


# --- what is said of people ----------------------------------------------------------------------

PLANTED = "Zaphod.Beeblebrox-42@example.com"


def test_no_personal_value_is_in_logs_metrics_or_the_document(shop: Whole, served: Process) -> None:
    """Planted in every field of requests, whether they are answered or refused."""
    where = PLANTED.replace("@", "%40")
    for path in ("profiles/", "segments/", "changes?profile=", "changes?segment=", "", "x/"):
        if not path.startswith("changes"):
            served.get(f"/v1/{path}{where}")
        served.get(f"/v1/{path}{where}", authorization=f"Bearer {PLANTED}")
        served.get(f"/v1/{path}{where}", host=PLANTED)
    served.get(f"/v1/profiles/ann?kind={where}")
    served.get(f"/v1/status?{where}={where}", referer=PLANTED, user_agent=PLANTED, cookie=PLANTED)
    served.get("/v1/changes", last_event_id=PLANTED)
    message = {"type": PLANTED, "event": PLANTED, "userId": PLANTED, "messageId": PLANTED,
               "properties": {PLANTED: PLANTED}, "context": {"ip": PLANTED}}  # fmt: skip
    for body in (message, {"batch": [message, {**message, "type": "track"}]}, [PLANTED], PLANTED):
        for route in ADDRESSES:
            sent = json.dumps(body).encode()
            served.ask("POST", route, sent, authorization=basic(shop.key))
            served.ask("POST", route, sent, authorization=basic(PLANTED))
    until(lambda: served.get("/v1/status").json["waiting"] == 0)
    held = [served.log.read_bytes()]
    held += [served.get(path).body for path in ("/metrics", "/openapi.json", "/v1/status")]
    for text in held:
        assert text
        for value in (PLANTED, where, "Zaphod", shop.key, shop.token):
            assert value.encode() not in text
    assert any(line["event"] == "answered" for line in served.lines)
    assert {frozenset(line) for line in served.lines if line["event"] == "answered"} == {
        frozenset({"event", "level", "timestamp", "method", "route", "status", "ms"})
    }

"""Whatever a body holds: an honest status, never a 5xx, and every message accounted for."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coterie.collect.draining import Drain
from coterie.language.planfile import load
from coterie.project.settings import Collecting
from coterie.server.collecting import Application
from coterie.server.commits import Job
from coterie.server.keys import Keys
from coterie.storage.balance import balance
from coterie.storage.credentials import hashed
from coterie.storage.inbox import Inbox, Waiting
from coterie.storage.lake import Lake
from tests.server.served import PLAN, Reply, basic, track
from tests.server.test_collector import Door

KEY = "key"
FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


class Direct:
    """The application with an inbox behind it that is drained at once, without a network."""

    def __init__(self, folder: Path) -> None:
        (folder / "plan.toml").write_text(PLAN)
        self.plan = load(folder / "plan.toml")
        self.door = Door(folder, self.plan)
        self.application = Application(Collecting(), self.keep, lambda: self.door.now)
        self.application.keys = Keys({hashed(KEY): "web"})
        self.inbox = Inbox(folder / "inbox", bytes(32))
        self.drain = Drain(Waiting(folder / "inbox", bytes(32)), self.door.collector)
        self.n = 0

    def keep(self, job: Job) -> None:
        self.inbox.append([job.row])
        job.told.set_result(True)

    def post(self, route: str, body: bytes, length: bool = True, **headers: str) -> Reply:
        """What one request is answered, its length said or not."""
        protocol = Protocol(body)
        said = {"authorization": basic(KEY)} | {n.replace("_", "-"): v for n, v in headers.items()}
        if length:
            said["content-length"] = str(len(body))
        scope = SimpleNamespace(path=route, method="POST", headers=said)
        asyncio.run(self.application.__rsgi__(scope, protocol))
        assert protocol.reply is not None
        while self.drain.behind:
            self.drain.drain(self.door.now)
        return protocol.reply

    def goes_on(self) -> None:
        """The next event is stored, and all that ever came is accounted for."""
        self.n += 1
        assert self.post("/v1/track", json.dumps(track(f"on{self.n}")).encode()).json == {
            "success": True
        }
        assert balance(self.door.log, self.door.ledger).holds


class Protocol:
    """A request's body in chunks, and what it is answered."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.reply: Reply | None = None

    async def __call__(self) -> bytes:
        return self.body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.body), 65_536):
            yield self.body[start : start + 65_536]

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.reply = Reply(status, dict(headers), body)

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.reply = Reply(status, dict(headers), b"")


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Direct]:
    found = Direct(tmp_path_factory.mktemp("direct"))
    yield found
    found.inbox.close()
    found.door.log.close()
    found.door.ledger.close()


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(["\0", "\ud800", "2026-01-01T00:00:00Z", "9999-12-31", "1e5", "x" * 300]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=6) | st.sampled_from(["revenue", "a"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
FIELDS = ("type", "event", "messageId", "userId", "anonymousId", "groupId", "previousId", "name",
          "properties", "traits", "context", "timestamp", "sentAt", "integrations")  # fmt: skip
whole = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias"])},
    optional={
        "event": st.sampled_from(["Looked", "Order Completed"]),
        "messageId": st.text(max_size=3),
        "properties": st.dictionaries(st.text(max_size=6), anything, max_size=3),
    },
)
messages = whole | st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6) | anything
mixed = st.builds(lambda a, b: a | b if isinstance(b, dict) else a, whole, messages)
batches = st.lists(whole | mixed | messages, max_size=6)


@FEW
@given(batch=batches, sent_at=anything, context=anything)
def test_each_message_of_a_batch_has_its_fate(
    direct: Direct, batch: list[Any], sent_at: Any, context: Any
) -> None:
    """What cannot be an event is named with its path; nothing is lost, nothing is a 5xx."""
    before = balance(direct.door.log, direct.door.ledger).received
    body = json.dumps({"batch": batch, "sentAt": sent_at, "context": context}).encode()
    reply = direct.post("/v1/batch", body)
    assert reply.status == 200
    paths = [path for path, _ in reply.rejected]
    assert set(paths) <= {f"$.batch[{i}]" for i in range(len(batch))}
    assert len(paths) == len(set(paths))
    assert balance(direct.door.log, direct.door.ledger).received == before + len(batch)
    direct.goes_on()


@FEW
@given(
    start=st.sampled_from(
        [b"", b"{", b'{"batch":[', b'{"batch":[{"type":"track",', b'{"event":"a"']
    ),
    middle=st.binary(max_size=60) | st.builds(lambda m: json.dumps(m).encode(), messages),
    end=st.sampled_from([b"", b"}", b"]}", b"}]}", b"\0", b"NaN}", b'"a":1,"a":2}']),
    route=st.sampled_from(["/v1/track", "/v1/batch", "/v1/alias", "/v1/p"]),
    packed=st.sampled_from(["", "gzip", "cut", "lie"]),
)
def test_any_bytes_are_answered(
    direct: Direct, start: bytes, middle: bytes, end: bytes, route: str, packed: str
) -> None:
    """Malformed, cut off, packed or not: 200 or a 4xx, and the next event is stored."""
    body = start + middle + end
    if packed in ("gzip", "cut"):
        body = gzip.compress(body)[: -1 if packed == "cut" else None]
    reply = direct.post(route, body, **({"content_encoding": "gzip"} if packed else {}))
    assert reply.status in (200, 400, 413)
    direct.goes_on()


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("n", [33, 500, 1_000, 5_000, 60_000])
def test_deep_nesting_is_refused_without_falling(direct: Direct, opening: bytes, n: int) -> None:
    """However deep, and whether it is closed or not."""
    closing = opening.replace(b"[", b"]").replace(b'{"a":', b"}")[::-1]
    inner = opening * n + b"1" + closing * n
    for body in (inner, b'{"batch":[{"type":"page","properties":{"p":' + inner + b"}}]}"):
        for route in ("/v1/page", "/v1/batch"):
            assert direct.post(route, body).status in (200, 400, 413)
    direct.goes_on()


def test_duplicate_keys_mean_the_last(direct: Direct) -> None:
    """As JSON's readers agree on."""
    body = b'{"event":"First","messageId":"dup","event":"Last","userId":"u","userId":"v"}'
    assert direct.post("/v1/track", body).json == {"success": True}
    (event,) = [e for e in direct.door.events() if e.message_id == "dup"]
    assert (event.name, event.user_id) == ("Last", direct.door.pseudonymiser.person("v"))


def test_all_that_was_stored_reaches_the_lake(direct: Direct, tmp_path: Path) -> None:
    """No stored event stops those behind it on the way to the tables."""
    lake = Lake(tmp_path / "lake")
    stored = len(direct.door.events())
    assert lake.flush(direct.door.log, direct.plan) == stored > 10

"""What becomes of a message: its instant, its identity, its fate; without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from coterie.collect.collector import Collector, Refusal
from coterie.collect.gate import REASONS
from coterie.collect.quarantine import Quarantine, Replayed
from coterie.collect.spec import Arrival
from coterie.language.events import Event
from coterie.language.plan import TrackingPlan
from coterie.language.planfile import load
from coterie.language.time import DAY
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.balance import balance
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log
from tests.project.shop import at
from tests.server.served import PLAN, track

NOW = at("2026-03-01T12:00:00Z")
SECOND = 1_000_000


class Door:
    """A collector on stores of its own, and a clock that tests set."""

    def __init__(self, folder: Path, plan: TrackingPlan) -> None:
        self.log, self.ledger = Log(folder / "log.db"), Ledger(folder / "ledger.db")
        self.pseudonymiser = Pseudonymiser(bytes(32))
        self.collector = Collector(self.log, self.ledger, self.pseudonymiser, plan)
        self.now = NOW

    def send(self, *messages: Any, route: str = "batch", **said: Any) -> list[Refusal | None]:
        """Hand in messages, bytes or what becomes JSON, in one batch."""
        arrivals = [
            Arrival(
                "web", each if isinstance(each, bytes) else json.dumps(each).encode(),
                f"$.batch[{i}]", route, self.now, **said,
            )
            for i, each in enumerate(messages)
        ]  # fmt: skip
        fates = self.collector.collect(arrivals, self.now)
        assert balance(self.log, self.ledger).holds
        return fates

    def reason(self, message: Any, **said: Any) -> tuple[str, str] | None:
        """Why one message is refused."""
        (fate,) = self.send(message, **said)
        return None if fate is None else (fate.reason, fate.detail)

    def events(self) -> list[Event]:
        """All that is stored."""
        return [entry.event for entry in self.log.read(0, 10_000)]

    def counts(self) -> tuple[int, int, int, int]:
        """Received, stored, duplicate, quarantined."""
        found = balance(self.log, self.ledger)
        return found.received, found.stored, found.duplicate, found.quarantined


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    (tmp_path / "plan.toml").write_text(PLAN)
    found = Door(tmp_path, load(tmp_path / "plan.toml"))
    yield found
    found.log.close()
    found.ledger.close()


# --- when --------------------------------------------------------------------------------------


def test_senders_clock_is_corrected(door: Door) -> None:
    """A clock that is an hour slow when it sends was an hour slow when it happened."""
    said = {"timestamp": "2026-03-01T10:50:00Z", "sentAt": "2026-03-01T11:00:00Z"}
    assert door.send(track(1, **said)) == [None]
    assert door.events()[0].occurred_at == at("2026-03-01T11:50:00Z")


def test_batch_says_when_it_was_sent_for_all(door: Door) -> None:
    """`sentAt` stands beside the list, and counts for every message of it."""
    messages = [track(n, timestamp="2026-03-01T10:50:00Z") for n in range(2)]
    assert door.send(*messages, sent_at="2026-03-01T11:00:00Z") == [None, None]
    assert {e.occurred_at for e in door.events()} == {at("2026-03-01T11:50:00Z")}


@pytest.mark.parametrize("sent", [None, "soon", 17, ["2026-03-01"]])
def test_instant_without_a_clock_is_taken_as_it_is(door: Door, sent: object) -> None:
    """Where `sentAt` is missing, or no instant, nothing is moved."""
    assert door.send(track(1, timestamp="2026-03-01T10:50:00.25Z", sentAt=sent)) == [None]
    assert door.events()[0].occurred_at == at("2026-03-01T10:50:00.25Z")


def test_message_without_an_instant_happened_when_it_came(door: Door) -> None:
    """The arrival is all that is known of it."""
    assert door.send({"type": "page", "messageId": "p1"}) == [None]
    assert door.events()[0].occurred_at == NOW


@pytest.mark.parametrize(("ahead", "refused"), [(DAY, False), (DAY + SECOND, True)])
def test_future_is_quarantined_from_a_day_on(door: Door, ahead: int, refused: bool) -> None:
    """24 hours ahead is taken, and not a second more."""
    stamp = f"2026-03-02T12:00:0{(ahead - DAY) // SECOND}Z"
    found = door.reason(track(1, timestamp=stamp))
    assert (found and found[0]) == ("future" if refused else None)


# --- once --------------------------------------------------------------------------------------


def test_retry_is_a_duplicate_however_late_it_comes(door: Door) -> None:
    """Another `sentAt`, another arrival and so another corrected instant are the same statement."""
    message = track(1, timestamp="2026-03-01T11:59:58Z")
    for later in (0, 3 * SECOND, 40 * DAY):
        door.now = NOW + later
        sent = "2026-03-01T12:00:00Z" if later else "2026-03-01T11:59:59Z"
        assert door.send(message | {"receivedAt": sent, "writeKey": "k"}, sent_at=sent) == [None]
    assert door.counts() == (3, 1, 2, 0)


def test_same_id_with_another_content_is_quarantined_once(door: Door) -> None:
    """The first stays; the other is a conflict, and when it is sent again a duplicate of that."""
    assert door.reason(track(1)) is None
    for _ in range(2):
        assert door.reason(track(1, properties={"price": 2})) == ("conflict", "messageId")
    assert door.counts() == (3, 1, 1, 1)


def test_same_id_of_another_instant_is_a_conflict(door: Door) -> None:
    """What the sender's clock said is content."""
    assert door.reason(track(1)) is None
    assert door.reason(track(1, timestamp="2026-01-02T03:04:06Z")) == ("conflict", "messageId")


def test_message_without_an_id_gets_one_by_its_content(door: Door) -> None:
    """The same statement of the same instant is one event; of no instant, each time another."""
    timed, untimed = track(1), track(2)
    for message in (timed, untimed):
        del message["messageId"]
    del untimed["timestamp"]
    assert door.send(timed, timed, untimed, untimed) == [None] * 4
    assert door.counts() == (4, 3, 1, 0)


def test_refused_message_that_comes_again_is_counted_once(door: Door) -> None:
    """What is in quarantine already is a duplicate there."""
    for sent in ("2026-03-01", "2026-03-02"):
        assert door.reason(track(1, event=None, sentAt=sent)) == ("missing", "event")
    assert door.counts() == (2, 0, 1, 1)


# --- what --------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Any, tuple[str, str]]] = {
    "no object": (["x"], ("wrong_type", "Expected `object`, got `array`")),
    "no type": ({"event": "x"}, ("missing", "type")),
    "unknown type": (
        {"type": "tracks"},
        ("unknown_type", "type: track, identify, page, screen, group, alias"),
    ),
    "no event": ({"type": "track"}, ("missing", "event")),
    "no group": ({"type": "group"}, ("missing", "groupId")),
    "no previous id": ({"type": "alias", "userId": "u"}, ("missing", "previousId")),
    "id of another type": (
        track(1, userId=[1]),
        ("wrong_type", "userId: Expected `int | str | null`, got `array`"),
    ),
    "properties of another type": (
        track(1, properties=[1]),
        ("wrong_type", "properties: Expected `object | null`, got `array`"),
    ),
    "no instant": (track(1, timestamp="yesterday"), ("bad_instant", "timestamp: ISO 8601")),
    "year 0": (
        track(1, timestamp="0001-01-01", sentAt="9999-01-01T00:00:00Z"),
        ("bad_instant", "timestamp: before the year 1"),
    ),
    "long id": (track(1, userId="u" * 256), ("too_long", "userId: at most 255 characters")),
    "long name": (track(1, event="e" * 256), ("too_long", "event: at most 255 characters")),
    "NUL": (track(1, properties={"a": ["\0"]}), ("nul", "properties")),
    "NUL in an id": (track(1, anonymousId="a\0"), ("nul", "anonymous_id")),
    "endless number": (
        b'{"type":"page","properties":{"n":1e999}}',
        ("too_large", "properties: 300 digits"),
    ),
    "NaN": (track(1, properties={"n": float("nan")}), ("not_a_number", "no JSON object")),
    "half a character": (track(1, properties={"n": "\ud800"}), ("broken_json", "no JSON object")),
    "no UTF-8": (b'{"type":"page","name":"\xff"}', ("broken_json", "no JSON object")),
    "deep": (
        {"type": "page", "properties": {"a": json.loads("[" * 33 + "]" * 33)}},
        ("too_deep", "properties: 32 levels"),
    ),
    "deeper": (
        b'{"type":"page","properties":{"a":' + b"[" * 9_000 + b"]" * 9_000 + b"}}",
        ("too_deep", "32 levels"),
    ),
    "large": (track(1, properties={"a": "x" * 33_000}), ("too_big", "32,768 bytes an event")),
    "against the plan": (
        track(1, event="Order Completed", properties={"revenue": "12"}),
        ("wrong_type", "properties.revenue: decimal(2), not str"),
    ),
    "without what the plan requires": (
        track(1, event="Order Completed"),
        ("missing", "properties.revenue"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_message_says_why_and_harms_no_other(door: Door, case: str) -> None:
    """Reason, path and type are told, never a value; its neighbours are stored; it can be shown."""
    message, (reason, detail) = REFUSED[case]
    before, found, after = door.send(track("a"), message, track("b"))
    assert (before, after) == (None, None)
    assert found is not None
    assert (found.path, found.reason) == ("$.batch[1]", reason)
    assert found.detail == detail or reason == "wrong_type"
    assert reason in REASONS
    assert door.counts() == (3, 2, 0, 1)
    (row,) = door.ledger.quarantined()
    assert (row.source, row.file, row.row, row.reason) == ("web", "/v1/batch", 2, reason)
    assert msgspec.json.decode(door.pseudonymiser.open(row.sealed))["raw"]


def test_planned_amounts_are_exact(door: Door) -> None:
    """19.99 is a decimal, not the nearest binary fraction."""
    order = track(1, event="Order Completed", properties={"revenue": 19.99, "coupon": None})
    assert door.reason(order) is None
    assert str(door.events()[0].properties["revenue"]) == "19.99"


def test_kinds_say_what_the_specification_says(door: Door) -> None:
    """Names, categories and groups stand among the properties; traits are properties."""
    door.send(
        {"type": "page", "name": "Home", "category": "Docs", "properties": {"path": "/"}},
        {"type": "identify", "userId": 7, "traits": {"plan": "pro"}},
        {"type": "group", "groupId": 8, "traits": {"seats": 3}},
        {"type": "screen", "name": "Start"},
    )
    said = [(e.type, e.name, e.properties) for e in door.events()]
    assert said == [
        ("page", "page", {"name": "Home", "category": "Docs", "path": "/"}),
        ("identify", "identify", {"plan": "pro"}),
        ("group", "group", {"groupId": "8", "seats": 3}),
        ("screen", "screen", {"name": "Start"}),
    ]
    assert door.events()[1].user_id == door.pseudonymiser.person("7")


def test_alias_joins_the_former_id_to_the_user(door: Door) -> None:
    """The former id takes the place of the device, by which people are joined."""
    door.send({"type": "alias", "userId": "u", "previousId": "dev", "anonymousId": "other"})
    (event,) = door.events()
    assert event.user_id == door.pseudonymiser.person("u")
    assert event.anonymous_id == door.pseudonymiser.anonymous("dev")


def test_context_of_a_batch_counts_for_each_message(door: Door) -> None:
    """A message's own words come first."""
    door.send(track(1, context={"locale": "de"}), track(2), context=b'{"locale": "en", "a": 1}')
    assert [e.context for e in door.events()] == [
        {"locale": "de", "a": 1},
        {"locale": "en", "a": 1},
    ]


def test_personal_values_are_pseudonyms(door: Door) -> None:
    """Whatever the plan does not know is judged by the name that it stands under."""
    traits = {"name": "Ann Lee", "phone": "+44 1", "address": {"city": "Ulm", "street": "Mill 4"},
              "email": "ann@lee.org", "plan": "pro"}  # fmt: skip
    context = {
        "ip": "10.1.2.3",
        "device": {"id": "D-1", "type": "ios"},
        "traits": traits,
        "library": {"name": "analytics.js"},
        "page": {"url": "https://x/?e=ann@lee.org"},
    }
    door.send(
        track(1, type="identify", traits=traits, context=context),
        track(2, properties={"first_name": "Ann", "name": "Kettle", "product": {"name": "Cup"}}),
    )
    first, second = door.events()
    held = repr((first, second))
    for raw in ("Ann", "+44", "Mill", "lee.org", "10.1.2.3", "D-1", "u1", "u2"):
        assert raw not in held
    assert first.properties["plan"] == "pro"
    assert first.context["library"] == {"name": "analytics.js"}
    assert first.context["device"]["type"] == "ios"
    assert (second.properties["name"], second.properties["product"]) == ("Kettle", {"name": "Cup"})
    assert first.properties["phone"] == door.pseudonymiser.property("contact", "+44 1")


def test_refused_message_knows_whose_it_is(door: Door) -> None:
    """So that an erasure reaches it."""
    door.send({"userId": "ann"}, {"anonymousId": "dev"}, {"userId": 5}, b"{")
    people = {row.person for row in door.ledger.quarantined()}
    p = door.pseudonymiser
    assert people == {p.person("ann"), p.anonymous("dev"), p.person("5"), None}


# --- again -------------------------------------------------------------------------------------


def test_message_can_be_mended_and_collected_again(door: Door, tmp_path: Path) -> None:
    """Exported, edited and given back, it is an event of the instant at which it came."""
    mended, hopeless = {"type": "track", "userId": "ann"}, {"type": "nothing"}
    door.send(mended, hopeless, sent_at="2026-03-01T11:00:00Z", context=b'{"locale": "de"}')
    quarantine = Quarantine(door.ledger, door.pseudonymiser)
    path = tmp_path / "refused.csv"
    assert quarantine.export(path) == 2
    text = path.read_text().replace('""userId""', '""event"": ""Mended"", ""userId""')
    path.write_text(text)
    door.now += DAY
    outcome = quarantine.replay(
        cast(Replayed, None), now=door.now, mended=path, collector=door.collector
    )
    assert (outcome.n_replayed, outcome.n_refused) == (2, 1)
    (event,) = door.events()
    assert (event.name, event.occurred_at, event.context) == ("Mended", NOW, {"locale": "de"})
    assert [row.reason for row in quarantine.list()] == ["unknown_type"]
    assert balance(door.log, door.ledger).holds
    assert door.counts()[1::2] == (1, 1)


def test_message_that_became_due_is_collected_as_it_is(door: Door) -> None:
    """What was in the future leaves the quarantine when it is that no more."""
    message = track(1, timestamp="2026-03-05T12:00:00Z")
    assert door.reason(message) == ("future", "occurred_at: at most 24 hours ahead")
    quarantine = Quarantine(door.ledger, door.pseudonymiser)
    for later, left in ((0, 1), (5 * DAY, 0)):
        quarantine.replay(cast(Replayed, None), now=NOW + later, collector=door.collector)
        assert len(quarantine.list()) == left
        assert balance(door.log, door.ledger).holds
    assert door.events()[0].occurred_at == at("2026-03-05T12:00:00Z")

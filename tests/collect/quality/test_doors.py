"""One meaning at every door: a message, an event of a program, a row of a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coterie.collect.collector import Collector
from coterie.collect.mapping import loads
from coterie.collect.receiver import Receiver
from coterie.collect.spec import Arrival
from coterie.language.events import Event
from coterie.language.plan import Mode, PlannedEvent, Property, TrackingPlan
from coterie.language.planfile import save
from coterie.storage.violations import KEPT, Kind, add, counted
from tests.collect.shop import NOW, Shop

DAY = 86_400_000_000
FILE = """\
customer,when,phone,tier,country
ann,2023-05-01,020 7946 0018,GOLD,Germany
"""
MAPPING = """
source = "crm"
[person]
column = "customer"
[instant]
column = "when"
[event]
name = "Joined"
[properties.phone]
column = "phone"
pii = "contact"
[properties.tier]
column = "tier"
[properties.country]
column = "country"
"""
SAID = {"phone": "020 7946 0018", "tier": "GOLD", "country": "Germany"}


def plan(mode: Mode) -> TrackingPlan:
    return TrackingPlan(mode=mode, events={"Joined": PlannedEvent(properties={
        "phone": Property(type="text", pii="contact", format="phone", region="GB"),
        "tier": Property(type="text", one_of=("gold", "silver")),
        "country": Property(type="text", format="country"),
    })})  # fmt: skip


def sent(shop: Shop, door: str, mode: Mode) -> None:
    """The same fact through a door."""
    if door == "file":
        save(plan(mode), shop.plans.folder / "plan.toml")
        shop.text(FILE, loads(MAPPING))
        return
    if door == "message":
        said: dict[str, Any] = {"type": "track", "event": "Joined", "messageId": "m",
                                "userId": "ann", "properties": SAID}  # fmt: skip
        arrival = Arrival("crm", json.dumps(said).encode(), "$", "track", NOW)
        Collector(shop.log, shop.ledger, shop.pseudonymiser, plan(mode)).collect([arrival], NOW)
        return
    event = Event(source="crm", message_id="m", name="Joined", occurred_at=NOW, received_at=NOW,
                  user_id="ann", properties=SAID)  # fmt: skip
    Receiver(shop.log, shop.ledger, shop.pseudonymiser, plan(mode)).receive([event], NOW)


DOORS = pytest.mark.parametrize("door", ["file", "message", "event"])


@DOORS
def test_what_is_repaired_is_stored_with_its_original(shop: Shop, door: str) -> None:
    """In its canonical form; what is personal is a pseudonym on both sides."""
    sent(shop, door, "coerce")
    (event,) = shop.events()
    hidden = shop.pseudonymiser.property
    assert event.properties == {
        "phone": hidden("contact", "+442079460018"), "tier": "gold", "country": "DE",
    }  # fmt: skip
    assert event.context["coerced"] == {
        "phone": hidden("contact", "020 7946 0018"), "tier": "GOLD", "country": "Germany",
    }  # fmt: skip
    actions = {(kind.path, kind.rule, kind.action): n for kind, n in counted(shop.ledger).items()}
    assert actions == {
        ("properties.phone", "format", "coerced"): 1,
        ("properties.tier", "enumeration", "coerced"): 1,
        ("properties.country", "format", "coerced"): 1,
    }


@DOORS
def test_what_is_enforced_is_quarantined(shop: Shop, door: str) -> None:
    """With reason and path; each broken rule is counted, and no value is."""
    sent(shop, door, "enforce")
    assert shop.events() == []
    (row,) = shop.ledger.quarantined()
    assert (row.reason, row.detail) == ("not_listed", "properties.tier: one of 2 texts")
    assert [(kind.path, kind.action) for kind in counted(shop.ledger)] == [
        ("properties.country", "refused"), ("properties.tier", "refused"),
    ]  # fmt: skip


@DOORS
def test_what_is_observed_is_stored_and_counted(shop: Shop, door: str) -> None:
    """As it came."""
    sent(shop, door, "observe")
    (event,) = shop.events()
    assert event.properties["tier"] == "GOLD"
    assert "coerced" not in event.context
    assert {(kind.source, kind.event, kind.action) for kind in counted(shop.ledger)} == {
        ("crm", "Joined", "observed")
    }


def test_a_file_imported_again_adds_nothing(shop: Shop) -> None:
    """Repaired or not, a fact is known by what its row says; a plan changed meanwhile conflicts."""
    sent(shop, "file", "coerce")
    sent(shop, "file", "coerce")
    assert len(shop.events()) == 1
    sent(shop, "file", "observe")
    assert len(shop.events()) == 1
    assert shop.ledger.reasons() == {"conflict": 1}


def test_counts_are_added_by_day_and_forgotten(shop: Shop) -> None:
    """The newest first; days of a quarter of a year ago go."""
    old, new = (Kind(day, "web", "Paid", "properties.x", "type", "observed") for day in (5, 6))
    add(shop.ledger, {old: 2, new: 1})
    add(shop.ledger, {new: 3})
    add(shop.ledger, {})
    assert counted(shop.ledger) == {new: 4, old: 2}
    assert counted(shop.ledger, since=6, source="web") == {new: 4}
    assert counted(shop.ledger, source="app") == {}
    add(shop.ledger, {new._replace(day=5 + KEPT): 1})
    assert [kind.day for kind in counted(shop.ledger)] == [5 + KEPT, 6]


def test_names_that_senders_make_up_are_not_kept(shop: Shop) -> None:
    """An event that is not planned is counted without its name."""
    strict = TrackingPlan(unknown_events="quarantine")
    door = Receiver(shop.log, shop.ledger, shop.pseudonymiser, strict)
    door.receive([Event(source="web", message_id=str(i), name=f"by jane {i}", occurred_at=0,
                        received_at=0) for i in range(3)], NOW)  # fmt: skip
    assert counted(shop.ledger) == {
        Kind(NOW // DAY, "web", "*", "event", "unknown", "refused"): 3
    }  # fmt: skip

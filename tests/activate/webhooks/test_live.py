"""A cart that somebody leaves behind reaches the outside, by way of a live stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest

from coterie.activate.webhooks.deliverer import Deliverer
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import micros
from coterie.privacy.consent import CONSENT, PLANNED
from coterie.project import Project
from coterie.project.folder import create
from coterie.project.streaming.live import Live
from tests.activate.webhooks.receiver import Receiver

pytestmark = pytest.mark.xdist_group("webhooks live")

ADDED, ORDERED = "Product Added", "Order Completed"
PLAN = TrackingPlan(
    events={
        ADDED: PlannedEvent(properties={"sku": Property(type="text")}),
        ORDERED: PlannedEvent(properties={"revenue": Property(type="decimal", scale=2)}),
        CONSENT: PLANNED,
    }
)
DEFINITIONS = """\
from coterie import event, hours, minutes, segment, trait

added, ordered = event("Product Added"), event("Order Completed")
in_cart = trait(added.count())
hesitant = segment(
    added.without(ordered, within=minutes(30)).any(within=hours(24)),
    purpose="marketing", description="interested but hesitant",
)
"""
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Shop:
    """A project whose clock the test moves, and whose stream runs beside it."""

    def __init__(self, folder: Path) -> None:
        self.now = BEGAN
        self.n = 0
        create(folder)
        (folder / "definitions.py").write_text(DEFINITIONS)
        with (folder / "coterie.toml").open("a") as settings:
            settings.write('\n[webhooks]\nallow = ["127.0.0.0/8"]\nseconds = 2.0\n')
        self.project = Project(folder, clock=lambda: self.now)
        self.project.receive(PLAN, [[]])

    def send(self, name: str, user: str = "ann", **properties: Any) -> None:
        """Somebody does something now."""
        self.n += 1
        at = micros(self.now)
        event = Event(
            source="web", message_id=f"m{self.n}", name=name, occurred_at=at, received_at=at,
            user_id=user, properties=properties,
        )  # fmt: skip
        self.project.receive(PLAN, [[event]])

    def later(self, **passed: float) -> None:
        """Time passes."""
        self.now += timedelta(**passed)

    @contextmanager
    def live(self) -> Iterator[tuple[Live, Deliverer]]:
        """The stream and the deliverer beside it, each in its thread."""
        stop = Flag()
        followed, sent = self.project.again(), self.project.again()
        live = Live(followed)
        stream = Thread(target=live.run, args=(stop.is_set,))
        stream.start()
        until(lambda: live.ready)
        deliverer = sent.destinations.deliverer(live, random=lambda: 0.5)
        live.subscribe(lambda changes: deliverer.wake())
        sending = Thread(target=deliverer.run, args=(stop.is_set,))
        sending.start()
        try:
            yield live, deliverer
        finally:
            stop.set()
            for thread in (sending, stream):
                thread.join(30)
            sent.close()
            followed.close()


def until(true: Callable[[], bool]) -> None:
    """Wait for something that has to come."""
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    yield made
    made.project.close()


def test_a_cart_left_behind_is_told_outside(shop: Shop, receiver: Receiver) -> None:
    """Thirty minutes later a signed message says so; the order takes them out; consent counts."""
    ann = shop.project.pseudonymiser.person("ann")
    _, receiver.secret = shop.project.destinations.add(
        "crm", receiver.url, ["hesitant"], ["in_cart"]
    )
    with shop.live() as (_, deliverer):
        shop.send(CONSENT, purpose="marketing", granted=True, notice="banner")
        shop.send(ADDED, sku="kettle")
        shop.send(ADDED, user="bob", sku="lamp")  # who has allowed nothing
        shop.later(minutes=30, seconds=1)
        until(lambda: len(receiver.messages) == 1)
        shop.later(hours=1)
        shop.send(CONSENT, purpose="marketing", granted=False, notice="settings")
        shop.later(seconds=1)
        until(lambda: len(receiver.messages) == 2)
        shop.later(minutes=5)
        shop.send(CONSENT, purpose="marketing", granted=True, notice="banner")
        shop.later(seconds=1)
        until(lambda: len(receiver.messages) == 3)
        shop.later(hours=24)
        until(lambda: len(receiver.messages) == 4)
        until(lambda: deliverer.counts()["crm"].get("delivered") == 4)
    assert [who for who, _, _ in receiver.told()] == [ann] * 4
    said = [(m["type"].removeprefix("audience."), m["data"]["cause"]) for m in receiver.messages]
    assert said == [
        ("entered", "time"), ("exited", "consent"), ("entered", "consent"), ("exited", "time"),
    ]  # fmt: skip
    first = receiver.messages[0]
    assert first["timestamp"] == "2026-03-01T12:30:00Z"
    assert "interested but hesitant" in first["data"]["definition"]
    assert first["data"]["traits"] == {"in_cart": 1}
    assert receiver.forged == 0


def test_who_was_inside_before_a_destination_began_leaves(shop: Shop, receiver: Receiver) -> None:
    """The audience at the beginning comes from the records and from what people allow."""
    shop.send(CONSENT, purpose="marketing", granted=True)
    shop.send(ADDED)
    shop.send(ADDED, user="bob")
    shop.later(hours=1)
    shop.project.stream.replay("now")
    _, receiver.secret = shop.project.destinations.add("crm", receiver.url, ["hesitant"])
    with shop.live():
        shop.later(hours=24)
        until(lambda: len(receiver.messages) == 1)
    ann = shop.project.pseudonymiser.person("ann")
    assert receiver.told() == [(ann, "audience.exited", "hesitant")]


def test_what_a_run_recorded_while_nothing_was_served_is_told(
    shop: Shop, receiver: Receiver
) -> None:
    """A run's records are not in the outbox, and are sent all the same when somebody serves."""
    shop.send(CONSENT, purpose="marketing", granted=True)
    shop.project.run("now")
    _, receiver.secret = shop.project.destinations.add("crm", receiver.url, ["hesitant"])
    shop.send(ADDED)
    shop.send(ADDED, user="bob")
    shop.later(hours=1)
    shop.project.run("now")
    with shop.live():
        until(lambda: len(receiver.messages) == 1)
        shop.later(hours=24)
        until(lambda: len(receiver.messages) == 2)
    ann = shop.project.pseudonymiser.person("ann")
    assert [(m["type"], m["data"]["cause"], m["data"]["profile"]) for m in receiver.messages] == [
        ("audience.entered", "run", ann), ("audience.exited", "time", ann),
    ]  # fmt: skip


def test_an_edit_of_the_legal_basis_takes_people_out_at_once(
    shop: Shop, receiver: Receiver
) -> None:
    """Under a legitimate interest nobody was asked; under consent they would have to be."""
    settings = shop.project.folder / "coterie.toml"
    consent = settings.read_text()
    basis = '[purposes.marketing]\nbasis = "consent"'
    assert basis in consent
    settings.write_text(consent.replace(basis, basis.replace("consent", "legitimate_interest")))
    shop.project.close()
    shop.project = Project(shop.project.folder, clock=lambda: shop.now)
    _, receiver.secret = shop.project.destinations.add("crm", receiver.url, ["hesitant"])
    shop.send(ADDED)
    with shop.live():
        shop.later(hours=1)
        until(lambda: len(receiver.messages) == 1)
        settings.write_text(consent)
        shop.later(seconds=1)
        until(lambda: len(receiver.messages) == 2)
    assert receiver.messages[1]["type"] == "audience.exited"
    assert receiver.messages[1]["data"]["cause"] == "consent"


def test_an_erasure_leaves_nothing_of_what_was_told(shop: Shop, receiver: Receiver) -> None:
    """The scan of an erasure finds nobody among destinations and deliveries."""
    _, receiver.secret = shop.project.destinations.add("crm", receiver.url, ["hesitant"])
    shop.send(CONSENT, purpose="marketing", granted=True)
    shop.send(ADDED)
    with shop.live():
        shop.later(hours=1)
        until(lambda: len(receiver.messages) == 1)
    shop.project.run("now")
    report = shop.project.erase("ann")
    assert report.proven, report.left
    (row,) = shop.project.destinations.deliveries()
    assert (row.profile, row.fate) == ("", "delivered")

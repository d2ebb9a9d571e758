"""A tiny shop whose events come as events, with devices, and a stream to replay them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import DAY, micros
from coterie.profiles import members, state
from coterie.profiles.live.replay import Manner
from coterie.project import Project
from coterie.project.folder import create
from coterie.project.streaming.reports import ParityReport, ReplayReport
from tests.support.keys import keep_the_same

ORDER, VIEW = "Order Completed", "Page Viewed"
PLAN = TrackingPlan(
    events={
        ORDER: PlannedEvent(
            properties={
                "amount": Property(type="decimal", scale=2),
                "items": Property(type="text"),
            },
        ),
        VIEW: PlannedEvent(properties={"page": Property(type="text")}),
    }
)
DEFINITIONS = """\
from coterie import days, event, hours, population_mean, quantile_rank, segment, stages, trait

order, viewed = event("Order Completed"), event("Page Viewed")
orders = trait(order.count())
spend = trait(order.sum("amount"))
favourite = trait(viewed.top("page"))
last_order_at = trait(order.last_at())
rank = trait(quantile_rank(spend, 3))
usual = trait(population_mean(rank))
active = segment(order.any(within=days(10)))
keen = segment(viewed.count(within=days(7)) >= 2)
best = segment(rank == 3)
hesitant = segment(viewed.without(order, within=hours(12)).any(within=days(2)))
hot = segment(viewed.decayed(half_life=days(3)) > 1.5)
quiet = segment(last_order_at.age() > days(14), purpose="marketing")
mood = stages({"new": orders == 1, "regular": orders > 1}, otherwise="none")
"""
START = datetime(2024, 1, 1, tzinfo=UTC)
PEOPLE = ("ann", "bob", "cas", "dee", "eve", "fay")


def day(n: float) -> datetime:
    """So many days after the shop's first."""
    return START + timedelta(days=n)


def bought(message: str, who: str | None, when: float, amount: str, **given: Any) -> Event:
    """An order; raw identifiers, `when` in days."""
    return _event(message, ORDER, when, {"amount": Decimal(amount)}, user_id=who, **given)


def looked(message: str, who: str | None, when: float, page: str = "home", **given: Any) -> Event:
    """A page view."""
    return _event(message, VIEW, when, {"page": page}, user_id=who, **given)


def _event(message: str, name: str, when: float, properties: Any, **given: Any) -> Event:
    at = micros(day(when))
    return Event(
        source="shop", message_id=message, name=name, occurred_at=at, received_at=at,
        properties=properties, **given,
    )  # fmt: skip


def months(seed: int = 1, n: int = 120, until: float = 60) -> list[Event]:
    """Two months of orders and views, by people and by devices whose owners are told later."""
    random = Random(seed)
    found = []
    for i in range(n):
        who, when = random.choice(PEOPLE), random.uniform(0, until)
        if random.random() < 0.1:  # several at one instant
            when = float(int(when))
        if random.random() < 0.4:
            found.append(bought(f"o{i}", who, when, f"{random.randint(1, 300)}.50"))
        else:
            device = f"phone of {who}" if random.random() < 0.5 else None
            known = None if device and random.random() < 0.5 else who
            page = random.choice(("home", "shoes", "hats"))
            found.append(looked(f"v{i}", known, when, page, anonymous_id=device))
    return found


class Live:
    """A project in a folder, with a clock that tests set."""

    def __init__(self, folder: Path, definitions: str = DEFINITIONS, *, made: bool = False) -> None:
        self.folder = folder / "shop"
        self.now = day(90)
        if not made:
            create(self.folder)
            keep_the_same(self.folder)
            self.define(definitions)
        self.project = Project(self.folder, clock=lambda: self.now)

    @classmethod
    def copied(cls, made: Live, folder: Path) -> Live:
        """The same shop in another folder."""
        made.project.close()
        shutil.copytree(made.folder, folder / "shop")
        return cls(folder, made=True)

    def define(self, definitions: str) -> None:
        """Write other definitions."""
        (self.folder / "definitions.py").write_text(definitions)

    def send(self, events: Iterable[Event]) -> Live:
        """Store events as they come."""
        received = self.project.receive(PLAN, [list(events)])
        assert received.stored == received.received
        return self

    def replay(self, until: float | str = "last", *, batch: int = 7, **given: Any) -> ReplayReport:
        """Replay to a day, in batches of so many events."""
        end = day(until) if isinstance(until, float | int) else until
        manner = Manner(batch=batch, keep=given.pop("keep", 60.0))
        return self.project.stream.replay(end, manner=manner, **given)

    def verified(self) -> ParityReport:
        """The parity of the stream, which has to be whole."""
        found = self.project.stream.verify()
        assert found.equal, (found.strangers, found.differing, found.folded, found.first)
        return found

    def person(self, raw: str) -> str:
        """A pseudonym of a user."""
        return self.project.pseudonymiser.person(raw)

    def members(self) -> set[tuple[str, str, str]]:
        """Every membership that readers see."""
        stores = self.project.stores
        run = stores.ledger.last_run()
        assert run is not None
        return rows(state.read_members(stores.lake, run))

    def folded(self) -> set[tuple[str, str, str]]:
        """Every membership that the change records add up to."""
        return rows(members.folded(self.log()))

    def log(self) -> Any:
        """The change records."""
        return state.read_changes(self.project.stores.lake, self.project.stores.ledger)

    def records(self) -> list[tuple[Any, ...]]:
        """The change records by instant, without where they stand in the log."""
        found = [
            (
                (row["at"] - START) / timedelta(microseconds=1), row["profile"],
                row["change"] == "entered", row["segment"], row["stage"], row["cause"],
                row["version"],
            )
            for row in self.log().to_pylist()
        ]  # fmt: skip
        return sorted(found)

    def causes(self, raw: str, segment: str) -> list[tuple[float, str, str]]:
        """What happened to one person and segment: day, change, cause."""
        return [
            (round((row["at"] - START) / timedelta(days=1), 6), row["change"], row["cause"])
            for row in self.log().to_pylist()
            if row["profile"] == self.person(raw) and row["segment"] == segment
        ]


def rows(table: Any) -> set[tuple[str, str, str]]:
    """A table of memberships as a set."""
    return {tuple(row.values()) for row in table.to_pylist()}


__all__ = ["DAY", "DEFINITIONS", "Live", "bought", "day", "looked", "months"]

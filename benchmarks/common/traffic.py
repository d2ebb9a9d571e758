"""A shop of the retail recipe, and the events of its people as they would come in."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from typing import Any

from common.events import DATA
from coterie.language.events import Event
from coterie.project import Project
from coterie.project.folder import create

SECOND = 1_000_000
DAY = 86_400 * SECOND
MIX = {
    "page": 0.45,
    "Product Viewed": 0.2,
    "Product Added": 0.2,
    "Email Opened": 0.1,
    "Order Completed": 0.05,
}
"""What people do, and how often."""


class Traffic:
    """Events of so many people, one after the other, the same for the same seed.

    Parameters
    ----------
    project : Project
    people : int
    """

    def __init__(self, project: Project, people: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._seed, self._numbers = seed, count()
        name = project.pseudonymiser.person
        self.people = [name(f"shopper-{i}") for i in range(people)]
        self._kinds, self._shares = [*MIX], [*MIX.values()]

    def event(self, at: int, person: int | None = None) -> Event:
        """What somebody does at an instant, microseconds UTC."""
        draw = self._random
        name = draw.choices(self._kinds, self._shares)[0]
        who = self.people[draw.randrange(len(self.people)) if person is None else person]
        return Event(
            source="web", message_id=f"{self._seed}-{next(self._numbers)}", name=name,
            type="page" if name == "page" else "track", occurred_at=at, received_at=at,
            user_id=who, properties=self._properties(name),
        )  # fmt: skip

    def _properties(self, name: str) -> dict[str, Any]:
        match name:
            case "page":
                return {"path": f"/p/{self._random.randrange(500)}", "title": "A page"}
            case "Email Opened":
                return {"campaign_id": f"c{self._random.randrange(20)}"}
            case "Order Completed":
                return {
                    "order_id": f"o{self._random.randrange(10**9)}",
                    "revenue": Decimal(self._random.randrange(500, 20_000)).scaleb(-2),
                    "products": [self._product() for _ in range(self._random.randint(1, 3))],
                }
            case _:
                return self._product()

    def _product(self) -> dict[str, Any]:
        i = self._random.randrange(2_000)
        return {
            "product_id": f"sku-{i}", "category": f"Department {i % 12}", "name": f"Thing {i}",
            "price": Decimal(199 + i % 5_000).scaleb(-2), "quantity": 1 + i % 3,
        }  # fmt: skip


def shop(people: int) -> Path:
    """A shop in which everybody did three things in the last sixty days, made once and kept."""
    folder = DATA / f"shop-{people}"
    if not (folder / "made").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        create(folder / "shop", "retail")
        with Project(folder / "shop") as project:
            _fill(project, people)
            project.run(project.now())
        (folder / "made").touch()
    return folder / "shop"


def copied(people: int, to: Path) -> Path:
    """A copy of that shop."""
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(shop(people), to))


def _fill(project: Project, people: int) -> None:
    with project.writing() as stores:
        traffic, now = Traffic(project, people, 1), project.now()
        past = _past(traffic, people, now)
        while some := [*islice(past, 20_000)]:
            stores.log.append_events(some)


def _past(traffic: Traffic, people: int, now: int) -> Iterator[Event]:
    draw = random.Random(2)
    for i in range(3 * people):
        yield traffic.event(now - draw.randrange(DAY, 60 * DAY), i % people)

"""A shop to import into: the stores of a project, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from coterie.collect.importer import Importer
from coterie.collect.infer import infer
from coterie.collect.mapping import Mapping, loads
from coterie.collect.quarantine import Quarantine
from coterie.collect.summary import Summary
from coterie.language.events import Event
from coterie.language.planfile import PlanStore
from coterie.language.time import micros, parse_instant
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.balance import balance
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log

NOW = micros(parse_instant("2024-01-01"))
ORDERS = """
source = "orders"
[person]
column = "customer"
[instant]
column = "date"
[event]
name = "Order Completed"
[properties.order_id]
column = "order"
[properties.country]
column = "country"
[order]
key = "order_id"
quantity = "quantity"
price = "price"
[order.lines]
"Order Completed" = "Product Purchased"
[order.fields.product_id]
column = "product"
[order.fields.quantity]
column = "quantity"
type = "integer"
[order.fields.price]
column = "price"
type = "decimal"
scale = 2
"""
HEADER = "order,customer,date,product,quantity,price,country\n"
LINE = "1,ann,2023-05-01,pen,2,1.50,UK\n"


def orders() -> Mapping:
    """The mapping of `HEADER`."""
    return loads(ORDERS)


class Shop:
    """A project's stores in one folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._open(folder, PlanStore(folder / "tracking_plan"), Pseudonymiser(bytes(32)))

    @classmethod
    def of(cls, project: Path) -> Shop:
        """The stores of a project."""
        shop = cls.__new__(cls)
        key = Pseudonymiser.load(project / "data/keys/project.key")
        shop._open(project / "data", PlanStore(project / "tracking_plan"), key)
        return shop

    def _open(self, folder: Path, plans: PlanStore, pseudonymiser: Pseudonymiser) -> None:
        self.folder = folder
        self.log = Log(folder / "log.db")
        self.ledger = Ledger(folder / "ledger.db")
        self.pseudonymiser = pseudonymiser
        self.plans = plans
        self.importer = Importer(
            self.log, self.ledger, self.pseudonymiser, self.plans, folder / "scratch"
        )
        self.quarantine = Quarantine(self.ledger, self.pseudonymiser)

    def close(self) -> None:
        """Close the stores."""
        self.log.close()
        self.ledger.close()

    def run(self, *paths: Path, mapping: Mapping | None = None, **more: Any) -> Summary:
        """Import files and check that everything is accounted for."""
        summary = self.importer.run(
            paths, mapping or infer(paths[0]), now=more.pop("now", NOW), **more
        )
        assert summary.balanced
        assert balance(self.log, self.ledger).holds
        assert not list((self.folder / "scratch").iterdir())
        return summary

    def text(self, text: str | bytes, mapping: Mapping | None = None, **more: Any) -> Summary:
        """Import a file with this content."""
        return self.run(self.file(text), mapping=mapping, **more)

    def file(self, text: str | bytes, name: str = "file.csv") -> Path:
        """A file with this content."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def events(self) -> list[Event]:
        """Everything in the log, superseded or not."""
        return [entry.event for entry in self.log.read(0, 10_000_000, "event")]

    def facts(self) -> list[Event]:
        """What holds now: statements that nothing supersedes."""
        events = self.events()
        gone = {event.supersedes for event in events}
        return [event for event in events if event.message_id not in gone]

    def content(self) -> set[bytes]:
        """What the facts say, whatever their ids."""
        encode = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode
        return {
            encode((e.source, e.name, e.occurred_at, e.user_id, e.properties)) for e in self.facts()
        }

    def person(self, raw: str) -> str:
        """Somebody's pseudonym."""
        return self.pseudonymiser.person(raw)

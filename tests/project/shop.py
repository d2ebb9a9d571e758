"""A tiny shop in a project: five people, a dozen facts, and a clock that tests set."""

from __future__ import annotations

import shutil
from pathlib import Path

from coterie.engines.reference import Fact, Value, evaluate
from coterie.language.time import micros, parse_instant
from coterie.profiles import fitting, members, state
from coterie.profiles.stores import Position
from coterie.profiles.timeline import History
from coterie.project import Project
from coterie.project.folder import create

DEFINITIONS = """\
from coterie import days, event, population_mean, quantile_rank, segment, stages, trait

order = event("Order Completed")
orders = trait(order.count())
spend = trait(order.sum("amount"))
last_order_at = trait(order.last_at())
rank = trait(quantile_rank(spend, 3))
usual = trait(population_mean(rank))
bought = segment(order.any(), purpose="marketing", description="Ever ordered")
active = segment(order.any(within=days(30)))
best = segment(rank == 3)
mood = stages({"new": orders == 1, "regular": orders > 1}, otherwise="none")
"""
ORDERS = """\
customer,when,order,amount
ann,2024-01-10T10:00:00Z,a1,10.50
ann,2024-02-10T10:00:00Z,a2,30
bob,2024-01-20T10:00:00Z,b1,20
cas,2024-02-25T10:00:00Z,c1,99.99
dee,2024-02-27T10:00:00Z,d1,5
,2024-02-28T10:00:00Z,x1,7
"""
MORE = """\
customer,when,order,amount
bob,2024-02-15T10:00:00Z,b2,500
eve,2024-02-16T10:00:00Z,e1,1
"""
MAPPING = """\
source = "shop"
id = "order"
[person]
column = "customer"
[instant]
column = "when"
[event]
name = "Order Completed"
[properties.amount]
column = "amount"
type = "decimal"
scale = 2
"""
CONSENTS = """\
customer,when,purpose,granted
ann,2024-01-11T00:00:00Z,marketing,true
bob,2024-01-21T00:00:00Z,marketing,true
bob,2024-02-01T00:00:00Z,marketing,false
"""
CONSENTS_MAPPING = """\
source = "consents"
[person]
column = "customer"
[instant]
column = "when"
[event]
name = "Consent Updated"
[properties.purpose]
column = "purpose"
[properties.granted]
column = "granted"
type = "boolean"
"""
NOW = "2024-03-01T00:00:00Z"


def at(text: str) -> int:
    """An instant in microseconds UTC."""
    return micros(parse_instant(text))


class Shop:
    """A project in a folder, and a clock that only tests move."""

    def __init__(self, folder: Path, definitions: str = DEFINITIONS, zone: str = "UTC") -> None:
        self.folder = folder / "shop"
        create(self.folder, zone=zone)
        self.now = parse_instant(NOW)
        self.define(definitions)
        self.project = self.open()

    @classmethod
    def copied(cls, made: Path, folder: Path) -> Shop:
        """The same shop in another folder."""
        shutil.copytree(made, folder)
        shop = cls.__new__(cls)
        shop.folder = folder / "shop"
        shop.now = parse_instant(NOW)
        shop.project = shop.open()
        return shop

    def open(self) -> Project:
        """The project, opened once more."""
        return Project(self.folder, clock=lambda: self.now)

    def define(self, definitions: str) -> None:
        """Write other definitions."""
        (self.folder / "definitions.py").write_text(definitions)

    def imported(self, rows: str = ORDERS, mapping: str = MAPPING, name: str = "orders") -> Shop:
        """Import rows through a mapping."""
        file, meant = self.folder.parent / f"{name}.csv", self.folder.parent / f"{name}.toml"
        file.write_text(rows)
        meant.write_text(mapping)
        summary = self.project.import_([file], meant)
        assert summary.balanced
        return self

    def consented(self) -> Shop:
        """Import who allowed marketing."""
        return self.imported(CONSENTS, CONSENTS_MAPPING, "consents")

    def person(self, raw: str) -> str:
        """A pseudonym."""
        return self.project.pseudonymiser.person(raw)

    def members(self) -> set[tuple[str, str, str]]:
        """Every membership of the last run, as readers see it."""
        stores = self.project.stores
        run = stores.ledger.last_run()
        if run is None:
            return set()
        return rows(state.read_members(stores.lake, run))

    def folded(self) -> set[tuple[str, str, str]]:
        """Every membership that the change records add up to."""
        stores = self.project.stores
        return rows(members.folded(state.read_changes(stores.lake, stores.ledger)))

    def changes(self) -> list[tuple[str, str, str]]:
        """The change records, without whose they are: name, change, cause."""
        stores = self.project.stores
        log = state.read_changes(stores.lake, stores.ledger).to_pylist()
        return [
            (f"{row['segment']}.{row['stage']}".rstrip("."), row["change"], row["cause"])
            for row in log
        ]

    def history(self, raw: str) -> list[Fact]:
        """Everything known of a person."""
        history = History(self.project.stores.lake, self.person(raw), self.project.plan)
        return history.facts()

    def reference(self, raw: str, position: Position) -> dict[str, Value]:
        """What the plain-Python engine says of a person, by the fits that the project keeps."""
        questions = self.project.questions
        fits = fitting.stored(self.project.stores.ledger, position.offset)
        return evaluate(questions.asked, questions.names, self.history(raw), *position, fits)


def rows(table: object) -> set[tuple[str, str, str]]:
    """A table of memberships as a set."""
    return {tuple(row.values()) for row in table.to_pylist()}  # type: ignore[attr-defined]

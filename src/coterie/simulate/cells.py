"""A cell of a thousand people, drawn from the seed alone, and cells put together in a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from coterie.simulate.arrivals import Deliveries, deliver
from coterie.simulate.columns import REFERS_TO_ORDER, Columns, Kind, joined
from coterie.simulate.letters import draw_letters
from coterie.simulate.orders import Orders, draw_orders
from coterie.simulate.parameters import ShopParameters
from coterie.simulate.people import People, draw_people
from coterie.simulate.scripts import play, refunds, upgrades
from coterie.simulate.visits import draw_visits

Table = TypeVar("Table", People, Orders)


@dataclass(frozen=True)
class Cell:
    """People with their orders and the deliveries of all their events, in order of arrival."""

    people: People
    orders: Orders
    deliveries: Deliveries


def draw_cell(wanted: ShopParameters, number: int) -> Cell:
    """One cell: it depends on the parameters and its number, on no other cell."""
    people = draw_people(wanted, number)
    orders = draw_orders(wanted, people, number)
    consents, letters = draw_letters(wanted, people, number)
    clicks = letters[(letters.kind == Kind.CLICKED) & (letters.occurred_at <= wanted.until)]
    visits = draw_visits(wanted, people, orders, clicks, number)
    events = [
        play(wanted, people, orders, visits, number), upgrades(people),
        refunds(orders), consents, letters,
    ]  # fmt: skip
    return Cell(people, orders, deliver(wanted, people, joined(events), number))


def merge(cells: Sequence[Cell]) -> Cell:
    """Cells as one, their deliveries in order of arrival."""
    n_people = _offsets([len(cell.people) for cell in cells])
    n_orders = _offsets([len(cell.orders) for cell in cells])
    n_lines = _offsets([len(cell.orders.lines_cents) for cell in cells])
    orders = [
        replace(cell.orders, row=cell.orders.row + person, line=cell.orders.line + line)
        for cell, person, line in zip(cells, n_people, n_lines, strict=True)
    ]
    moved = [
        _moved(cell.deliveries.event, person, order)
        for cell, person, order in zip(cells, n_people, n_orders, strict=True)
    ]
    return Cell(
        _stacked([cell.people for cell in cells]),
        _stacked(orders),
        _merged([cell.deliveries for cell in cells], moved),
    )


def _moved(event: Columns, person: int, order: int) -> Columns:
    refers = np.isin(event.kind, REFERS_TO_ORDER) & (event.item >= 0)
    return replace(event, row=event.row + person, item=event.item + np.where(refers, order, 0))


def _merged(deliveries: Sequence[Deliveries], events: Sequence[Columns]) -> Deliveries:
    received, message, again, late = (
        np.concatenate([getattr(each, name) for each in deliveries])
        for name in ("received_at", "message", "again", "late")
    )
    order = np.lexsort((again, message, received))
    return Deliveries(
        joined(events)[order], received[order], message[order], again[order], late[order]
    )


def _stacked(tables: Sequence[Table]) -> Table:
    names = [field.name for field in fields(tables[0])]
    return type(tables[0])(
        **{name: np.concatenate([getattr(table, name) for table in tables]) for name in names}
    )


def _offsets(sizes: Sequence[int]) -> list[int]:
    return [sum(sizes[:i]) for i in range(len(sizes))]

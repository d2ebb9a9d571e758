"""From columns to events: the only loop over single events, a few microseconds each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import numpy as np

from coterie.language.events import Event
from coterie.language.events import Kind as EventType
from coterie.simulate import catalogue
from coterie.simulate.arrays import Ints, scramble
from coterie.simulate.catalogue import CATEGORIES, CURRENCY, PRODUCTS
from coterie.simulate.cells import Cell
from coterie.simulate.columns import FROM_MAIL, Kind
from coterie.simulate.scripts import CART_PAGE, HOME_PAGE

BATCH = 5_000

Properties = dict[str, Any]
Maker = Callable[[int, int, int, int], Properties]

EVENT_NAMES = {
    Kind.IDENTIFY: "identify", Kind.PAGE: "page", Kind.VIEWED: "Product Viewed",
    Kind.ADDED: "Product Added", Kind.REMOVED: "Product Removed",
    Kind.CHECKOUT: "Checkout Started", Kind.ORDER: "Order Completed",
    Kind.REFUND: "Order Refunded", Kind.DELIVERED: "Email Delivered",
    Kind.OPENED: "Email Opened", Kind.CLICKED: "Email Link Clicked",
    Kind.CONSENT: "Consent Updated",
}  # fmt: skip


def user_id(number: int) -> str:
    """The raw identifier of the person of this number."""
    return f"shopper-{number:07d}"


def money(cents: int) -> Decimal:
    """Cents as an exact amount with two digits after the point."""
    return Decimal(cents).scaleb(-2)


def render(cell: Cell, seed: int) -> Iterator[list[Event]]:
    """The events of the deliveries, in their order, in batches of `BATCH`."""
    made = _makers(cell)
    forms = [_form(kind, made[kind]) for kind in Kind]
    users = [user_id(number) for number in cell.people.number.tolist()]
    devices = _device_ids(cell, seed)
    contexts: list[Properties] = [{"device": {"type": name}} for name in catalogue.DEVICES]
    event = cell.deliveries.event
    arrays = (
        event.kind, event.row, event.device, event.known, event.occurred_at, event.item,
        event.quantity, event.cents, cell.deliveries.received_at, cell.deliveries.message,
    )  # fmt: skip
    for start in range(0, len(event), BATCH):
        rows = zip(*(array[start : start + BATCH].tolist() for array in arrays), strict=True)
        batch = []
        for kind, row, device, known, occurred, item, quantity, cents, received, message in rows:
            name, type_, source, make = forms[kind]
            batch.append(
                Event(
                    source=source,
                    message_id=f"{message:016x}",
                    name=name,
                    type=type_,
                    occurred_at=occurred,
                    received_at=received,
                    user_id=users[row] if known else None,
                    anonymous_id=None if device < 0 else devices[row * 4 + device],
                    properties=make(row, item, quantity, cents),
                    context={} if device < 0 else dict(contexts[(row + device) % 4]),
                )
            )
        yield batch


def device_ids(numbers: Ints, seed: int) -> list[str]:
    """The anonymous identifiers of devices, from ``person * 16 + device``."""
    return [f"{word:016x}" for word in scramble(numbers, seed + 2).tolist()]


def _device_ids(cell: Cell, seed: int) -> list[str]:
    numbers = cell.people.number[:, None] * 16 + np.arange(4)
    return device_ids(numbers.ravel(), seed)


def _form(kind: Kind, make: Maker) -> tuple[str, EventType, str, Maker]:
    types: dict[Kind, EventType] = {Kind.IDENTIFY: "identify", Kind.PAGE: "page"}
    source = catalogue.MAIL if kind in FROM_MAIL else catalogue.WEB
    return EVENT_NAMES[kind], types.get(kind, "track"), source, make


def _makers(cell: Cell) -> dict[Kind, Maker]:
    """For every kind, what makes its properties of ``(row, item, quantity, cents)``."""
    order, checkout, refund = _order_makers(cell)
    return {
        Kind.IDENTIFY: _identify_maker(cell), Kind.PAGE: _page, Kind.VIEWED: _viewed,
        Kind.ADDED: _carted, Kind.REMOVED: _carted, Kind.CHECKOUT: checkout, Kind.ORDER: order,
        Kind.REFUND: refund, Kind.DELIVERED: _letter, Kind.OPENED: _letter,
        Kind.CLICKED: _clicked, Kind.CONSENT: _consent,
    }  # fmt: skip


def _identify_maker(cell: Cell) -> Maker:
    people = cell.people
    numbers = people.number.tolist()
    firsts = [catalogue.FIRST_NAMES[i] for i in people.first_name.tolist()]
    lasts = [catalogue.LAST_NAMES[i] for i in people.last_name.tolist()]
    countries = [catalogue.COUNTRIES[i] for i in people.country.tolist()]

    def identify(row: int, item: int, quantity: int, cents: int) -> Properties:
        first, last = firsts[row], lasts[row]
        return {
            "email": f"{first}.{last}.{numbers[row]}@example.com".lower(),
            "first_name": first,
            "last_name": last,
            "country": countries[row],
            "plan": catalogue.PLANS[item],
        }

    return identify


def _order_makers(cell: Cell) -> tuple[Maker, Maker, Maker]:
    orders = cell.orders
    ids = [f"o-{word:016x}" for word in orders.number.tolist()]
    revenue, coupon = orders.cents.tolist(), orders.coupon.tolist()
    line, n_lines = orders.line.tolist(), orders.n_lines.tolist()
    product, each = orders.lines_product.tolist(), orders.lines_quantity.tolist()
    price = orders.lines_cents.tolist()

    def completed(row: int, item: int, quantity: int, cents: int) -> Properties:
        lines = range(line[item], line[item] + n_lines[item])
        made = {
            "order_id": ids[item],
            "revenue": money(revenue[item]),
            "currency": CURRENCY,
            "products": [_carted(row, product[i], each[i], price[i]) for i in lines],
        }
        if coupon[item] >= 0:
            made["coupon"] = catalogue.COUPONS[coupon[item]]
        return made

    def checkout(row: int, item: int, quantity: int, cents: int) -> Properties:
        made = {"value": money(cents), "currency": CURRENCY, "quantity": quantity}
        return made if item < 0 else {"order_id": ids[item], **made}

    def refund(row: int, item: int, quantity: int, cents: int) -> Properties:
        return {"order_id": ids[item], "revenue": money(cents), "currency": CURRENCY}

    return completed, checkout, refund


def _page(row: int, item: int, quantity: int, cents: int) -> Properties:
    if item == HOME_PAGE:
        return {"title": "Home", "path": "/"}
    if item == CART_PAGE:
        return {"title": "Cart", "path": "/cart"}
    category = CATEGORIES[item]
    return {"title": category, "path": f"/{category.lower()}", "category": category}


def _viewed(row: int, item: int, quantity: int, cents: int) -> Properties:
    product = PRODUCTS[item]
    return {
        "product_id": product.product_id,
        "category": product.category,
        "name": product.name,
        "price": money(cents),
        "currency": CURRENCY,
    }


def _carted(row: int, item: int, quantity: int, cents: int) -> Properties:
    product = PRODUCTS[item]
    return {
        "product_id": product.product_id,
        "category": product.category,
        "name": product.name,
        "quantity": quantity,
        "price": money(cents),
    }


def _letter(row: int, item: int, quantity: int, cents: int) -> Properties:
    return {"campaign_id": f"newsletter-{item}", "subject": "What is new in the shop"}


def _clicked(row: int, item: int, quantity: int, cents: int) -> Properties:
    return {**_letter(row, item, 0, 0), "link": f"/{CATEGORIES[quantity].lower()}"}


def _consent(row: int, item: int, quantity: int, cents: int) -> Properties:
    return {"purpose": "marketing", "granted": item == 1, "notice": catalogue.NOTICE}

"""The tracking plan of the simulated shop: every event and property, and what each may be for."""

from __future__ import annotations

from coterie.language.plan import Declared, PiiClass, PlannedEvent, Property, TrackingPlan
from coterie.simulate.catalogue import CURRENCY

LINE_EVENT = "Product Purchased"
"""The event that each item of an order's `products` becomes."""

_OWNERS = {"shop": "web team", "orders": "order desk", "mail": "newsletter team"}


def tracking_plan() -> TrackingPlan:
    """The plan that every simulated event fits."""
    plan = TrackingPlan(
        version=1, events={**_people(), **_browsing(), **_carts(), **_orders(), **_letters()}
    )
    plan.validate()
    return plan


def _property(
    type_: Declared,
    description: str,
    *,
    scale: int = 0,
    unit: str = "",
    pii: PiiClass = "none",
    required: bool = True,
    owner: str = "shop",
) -> Property:
    return Property(
        type=type_, scale=scale, unit=unit, pii=pii, required=required, description=description,
        purpose="analytics", owner=_OWNERS[owner],
    )  # fmt: skip


def _event(
    description: str, properties: dict[str, Property], *, owner: str = "shop"
) -> PlannedEvent:
    return PlannedEvent(
        properties=properties, description=description, purpose="analytics", owner=_OWNERS[owner]
    )


def _amount(description: str) -> Property:
    return _property("decimal", description, scale=2, unit=CURRENCY)


def _text(description: str, *, pii: PiiClass = "none", required: bool = True) -> Property:
    return _property("text", description, pii=pii, required=required)


_CURRENCY = _text("ISO 4217 code of every amount of the event")
_ORDER_ID = _text("The order's number")
_QUANTITY = _property("integer", "How many pieces", unit="pieces")


def _product(*, quantity: bool) -> dict[str, Property]:
    described = {
        "product_id": _text("Stock number of the product"),
        "category": _text("Department that sells the product"),
        "name": _text("Name of the product"),
        "price": _amount("Price of one piece"),
    }
    return {**described, "quantity": _QUANTITY} if quantity else described


def _people() -> dict[str, PlannedEvent]:
    return {
        "identify": _event(
            "A person says who they are, on a device's first visit or by taking a plan",
            {
                "email": _text("Address that letters go to", pii="contact"),
                "first_name": _text("First name", pii="identifier"),
                "last_name": _text("Last name", pii="identifier"),
                "country": _text("ISO 3166 code of where goods are sent"),
                "plan": _text("free, or plus for members who pay"),
            },
        ),
        "Consent Updated": _event(
            "A person allows a use of their data, or withdraws it",
            {
                "purpose": _text("The use that is meant"),
                "granted": _property("boolean", "Whether the use is allowed from now on"),
                "notice": _text("The version of the notice that was shown"),
            },
        ),
    }


def _browsing() -> dict[str, PlannedEvent]:
    return {
        "page": _event(
            "A page was seen",
            {
                "title": _text("Title of the page"),
                "path": _text("Path of the page on the site"),
                "category": _text("Department, on a department's page", required=False),
            },
        ),
        "Product Viewed": _event(
            "A product's page was seen", {**_product(quantity=False), "currency": _CURRENCY}
        ),
    }


def _carts() -> dict[str, PlannedEvent]:
    return {
        "Product Added": _event("A product was put in the cart", _product(quantity=True)),
        "Product Removed": _event("A product was taken out of the cart", _product(quantity=True)),
        "Checkout Started": _event(
            "The cart was taken to the checkout",
            {
                "order_id": _text("Number of the order that came of it", required=False),
                "value": _amount("Worth of the cart"),
                "quantity": _QUANTITY,
                "currency": _CURRENCY,
            },
        ),
    }


def _orders() -> dict[str, PlannedEvent]:
    completed = PlannedEvent(
        properties={
            "order_id": _ORDER_ID,
            "revenue": _amount("What was paid for the goods: the sum of the lines"),
            "currency": _CURRENCY,
            "coupon": _text("Code of the coupon used", required=False),
        },
        explode={"products": LINE_EVENT},
        inherit=("order_id", "currency"),
        description="An order was paid; its products become line events",
        purpose="analytics",
        owner=_OWNERS["orders"],
    )
    refund = {
        "order_id": _text("Number of the order given back, whole or in part"),
        "revenue": _amount("What was paid back, as a negative amount"),
        "currency": _CURRENCY,
    }
    line = {"order_id": _ORDER_ID, "currency": _CURRENCY, **_product(quantity=True)}
    return {
        "Order Completed": completed,
        LINE_EVENT: _event("One line of a paid order", line, owner="orders"),
        "Order Refunded": _event("Money was given back", refund, owner="orders"),
    }


def _letters() -> dict[str, PlannedEvent]:
    letter = {
        "campaign_id": _text("The letter's number"),
        "subject": _text("The letter's subject line"),
    }
    link = {"link": _text("Path of the page that the link leads to")}
    return {
        "Email Delivered": _event("A letter reached the mailbox", letter, owner="mail"),
        "Email Opened": _event("A letter was opened", letter, owner="mail"),
        "Email Link Clicked": _event(
            "A link in a letter was followed", {**letter, **link}, owner="mail"
        ),
    }

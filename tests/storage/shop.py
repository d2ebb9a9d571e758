"""A small shop: its plan and its events, for the tests of the stores."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.types import Type
from coterie.storage.lake import Lake

EVER = 2**62
"""An offset after all others."""

ORDER, LINE, VIEW = "Order Completed", "Order Line", "Product Viewed"

PLAN = TrackingPlan(
    events={
        ORDER: PlannedEvent(
            properties={
                "revenue": Property(type="decimal", scale=2),
                "items": Property(type="integer"),
                "weight": Property(type="real"),
                "gift": Property(type="boolean"),
                "ship_at": Property(type="instant"),
                "currency": Property(type="text"),
            },
            explode={"products": LINE},
            inherit=("currency",),
        ),
        LINE: PlannedEvent(
            properties={
                "sku": Property(type="text"),
                "price": Property(type="decimal", scale=2),
                "currency": Property(type="text"),
            }
        ),
        VIEW: PlannedEvent(properties={"sku": Property(type="text")}),
    }
)


def made(message: str, name: str = VIEW, at: int = 0, **given: Any) -> Event:
    """An event of the shop, received a second after it occurred."""
    values: dict[str, Any] = {"source": "shop", "received_at": at + 1_000_000, **given}
    return Event(message_id=message, name=name, occurred_at=at, **values)


def order(message: str, user: str | None, *prices: str, at: int = 0, **given: Any) -> Event:
    """An order with one line for each price."""
    lines = [{"sku": f"s{i}", "price": Decimal(price)} for i, price in enumerate(prices)]
    properties = {
        "revenue": sum(map(Decimal, prices), Decimal()),
        "items": len(prices),
        "currency": "GBP",
        "products": lines,
    }
    return made(message, ORDER, at, user_id=user, properties=properties, **given)


def scanned(lake: Lake, name: str, kinds: Mapping[str, Type], offset: int = EVER) -> pa.Table:
    """The rows of a scan by offset and key."""
    with duckdb.connect() as con:
        query = lake.scan(con, name, kinds, offset)
        return con.sql(f'FROM ({query}) ORDER BY "offset", "key"').to_arrow_table()


def profiles(lake: Lake, name: str = VIEW, offset: int = EVER) -> dict[int, str]:
    """Whose each row is, by offset."""
    rows = scanned(lake, name, {}, offset)
    return dict(zip(rows["offset"].to_pylist(), rows["profile"].to_pylist(), strict=True))

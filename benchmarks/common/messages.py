"""Messages of a shop's website as Segment's library for browsers sends them, in batches."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

from coterie.language.plan import PlannedEvent, Property, TrackingPlan

NAMES = {"Product Viewed": 0.45, "Product Added": 0.2, "Order Completed": 0.05,
         "Email Opened": 0.1, "page": 0.2}  # fmt: skip
"""What people do, and how often."""

_TEXTS = ("product_id", "sku", "category", "name", "brand", "currency")
PROPERTIES = {name: Property(type="text") for name in _TEXTS} | {
    "price": Property(type="decimal", scale=2),
    "quantity": Property(type="integer"),
    "position": Property(type="integer"),
}
PLAN = TrackingPlan(events={name: PlannedEvent(properties=dict(PROPERTIES)) for name in NAMES})
SENT_AT = "2026-03-28T10:00:00.000Z"
_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 "
    "Safari/537.36"
)


def bodies(n: int, people: int, each: int = 100, seed: int = 1) -> Iterator[bytes]:
    """Bodies of batches of so many messages, `n` in all: 760 bytes a message."""
    draw = random.Random(seed)
    for start in range(0, n, each):
        batch = [_message(draw, people) for _ in range(start, min(start + each, n))]
        said = {"batch": batch, "sentAt": SENT_AT}
        yield json.dumps(said, separators=(",", ":")).encode()


def _message(draw: random.Random, people: int) -> dict[str, Any]:
    (name,) = draw.choices(list(NAMES), list(NAMES.values()))
    person, product = draw.randrange(people), draw.randrange(5_000)
    at = (
        f"2026-03-{draw.randrange(1, 28):02}T{draw.randrange(24):02}:{draw.randrange(60):02}:"
        f"{draw.randrange(60):02}.{draw.randrange(1_000):03}Z"
    )
    called = {"type": "track", "event": name}
    if name == "page":
        called = {"type": "page", "name": "Home"}
    return {
        **called,
        "userId": f"user-{person}", "anonymousId": f"anon-{person}-device",
        "messageId": f"ajs-next-{uuid.UUID(int=draw.getrandbits(128))}",
        "timestamp": at, "originalTimestamp": at,
        "context": {
            "library": {"name": "analytics.js", "version": "next-1.70.0"},
            "page": {"path": f"/products/{product}", "url": "https://shop.example/products/1",
                     "title": "A thing", "referrer": ""},
            "userAgent": _AGENT, "locale": "en-US", "timezone": "Europe/London",
            "ip": f"10.{person % 256}.{person // 256 % 256}.{person // 65_536}",
        },
        "properties": {
            "product_id": f"p{product}", "sku": f"S-{product}",
            "category": draw.choice(["games", "books", "toys", "food"]), "name": "A thing",
            "brand": "acme", "price": round(draw.random() * 100, 2),
            "quantity": draw.randrange(1, 5), "currency": "EUR", "position": draw.randrange(40),
        },
        "integrations": {},
    }  # fmt: skip

"""Trying a destination out: one message that says nothing of anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from coterie.activate.webhooks.addresses import Addresses
from coterie.activate.webhooks.connecting import Transport
from coterie.activate.webhooks.messages import message_id, trial
from coterie.activate.webhooks.sending import Answer, client, post
from coterie.activate.webhooks.signing import headers
from coterie.storage.destinations import Destination

SECONDS = 15.0


class Sealed(Protocol):
    """What opens that which is kept encrypted."""

    def open(self, sealed: bytes) -> bytes:
        """The bytes that were sealed."""


def tried(to: Destination, sealed: Sealed, allow: Sequence[str], now: int, number: str) -> Answer:
    """Send a message of the type ``coterie.test``, and return the answer.

    Parameters
    ----------
    number : str
        Makes its id another than that of every other.
    """
    said = trial(to.name, now).decode()
    secret = sealed.open(to.secret).decode()
    signed = headers(message_id(to.id, to.added_at, f"t{number}"), now, said, [secret])

    async def sent() -> Answer:
        async with client(Transport(Addresses(allow)), SECONDS) as through:
            return await post(through, to.url, signed, said, SECONDS, now)

    return asyncio.run(sent())

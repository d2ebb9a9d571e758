"""Events as the messages that a Segment library sends."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie.language.events import Event
from coterie.language.time import iso

_JSON = msgspec.json.Encoder(decimal_format="number")


def message(event: Event) -> dict[str, Any]:
    """An event with raw identifiers in the Segment specification's words.

    Examples
    --------
    >>> seen = Event(source="web", message_id="m1", name="page", type="page", occurred_at=0,
    ...              received_at=0, user_id="ann")
    >>> message(seen)["timestamp"], message(seen)["userId"]
    ('1970-01-01T00:00:00Z', 'ann')
    """
    said = {
        "type": event.type,
        "event": event.name if event.type == "track" else None,
        "messageId": event.message_id,
        "timestamp": iso(event.occurred_at),
        "userId": event.user_id,
        "anonymousId": event.anonymous_id,
        "traits" if event.type == "identify" else "properties": event.properties,
        "context": event.context,
    }
    return {name: value for name, value in said.items() if value is not None}


def batch(events: list[Event], sent_at: int) -> bytes:
    """The body of a request to ``/v1/batch``.

    Parameters
    ----------
    sent_at : int
        By the sender's clock, microseconds UTC.
    """
    return _JSON.encode({"batch": [message(event) for event in events], "sentAt": iso(sent_at)})

"""What a message says: one change of one audience, as JSON."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import msgspec

from coterie.language.time import iso

TEST = "coterie.test"
"""The type of a message that only tries a destination out."""

_JSON = msgspec.json.Encoder(decimal_format="number")


class Change(NamedTuple):
    """Somebody enters or leaves.

    Parameters
    ----------
    record : str
        Which change record it is: its number in the outbox, a run's, or a permission's.
    change : str
        ``entered`` or ``exited``.
    at : int
        Microseconds UTC.
    cause, reason : str
        ``event`` and the event's name; ``time`` and the definition that changed by time alone;
        ``consent``, ``merge``, ``edit`` …
    """

    record: str
    profile: str
    segment: str
    stage: str
    change: str
    at: int
    version: int
    cause: str
    reason: str


def message_id(destination: int, added_at: int, record: str) -> str:
    """The id of a message: the same for every attempt, and of nobody else's.

    Examples
    --------
    >>> message_id(1, 0, "o7") == message_id(1, 0, "o7"), message_id(1, 0, "o7")[:4]
    (True, 'msg_')
    """
    said = f"{destination}.{added_at}.{record}".encode()
    return f"msg_{hashlib.blake2b(said, digest_size=16).hexdigest()}"


def body(
    change: Change, sequence: int, purpose: str, definition: str, traits: dict[str, Any]
) -> bytes:
    """The JSON of a change.

    Parameters
    ----------
    sequence : int
        Which message of its destination this is: 1, 2, 3 …
    definition : str
        The segment in English.
    traits : dict
        Those that the destination asked for, as ``coterie profile --json`` shows them; none of a
        person who may not be used.
    """
    at = iso(change.at)
    data = {
        "segment": change.segment,
        "stage": change.stage or None,
        "profile": change.profile,
        "at": at,
        "cause": change.cause,
        "reason": because(change),
        "definition": definition,
        "version": change.version,
        "purpose": purpose,
        "sequence": sequence,
        "traits": traits,
    }
    return _JSON.encode({"type": f"audience.{change.change}", "timestamp": at, "data": data})


def trial(name: str, at: int) -> bytes:
    """The JSON of a message that tries a destination out."""
    data = {"destination": name}
    return _JSON.encode({"type": TEST, "timestamp": iso(at), "data": data})


def because(change: Change) -> str:
    """Why somebody entered or left, in English.

    Examples
    --------
    >>> because(Change("o1", "p", "vip", "", "entered", 0, 1, "event", "Order Completed"))
    "'Order Completed' occurred"
    """
    said = _CAUSES.get(change.cause, change.cause)
    if change.cause == "event":
        return f"{change.reason!r} occurred" if change.reason else said
    if change.cause == "time" and change.reason:
        return f"{said}: {change.reason}"
    return said


_CAUSES = {
    "event": "an event occurred",
    "time": "time passed",
    "run": "a run found it",
    "late": "an event came late",
    "merge": "two profiles became one",
    "split": "a profile was parted",
    "edit": "the definitions changed",
    "refit": "a model was learnt anew",
    "start": "history says so",
    "erase": "facts were erased",
    "consent": "the person's permission changed",
}

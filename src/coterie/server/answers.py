"""What the collector answers: statuses, bodies and headers."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from coterie.collect.collector import Refusal

Headers = list[tuple[str, str]]

_ANYBODY = ("access-control-allow-origin", "*")
_JSON = ("content-type", "application/json")
_AGAIN = ("retry-after", "1")
_READABLE = ("access-control-expose-headers", "retry-after")


class Answer(NamedTuple):
    """A status with a body."""

    status: int
    body: bytes = b""
    headers: Headers = []  # noqa: RUF012 - never changed


class Accepted(msgspec.Struct, omit_defaults=True):
    """A request is on disk; `rejected` names what of it cannot be an event by its shape."""

    success: bool
    rejected: list[Refusal] = []


class Turned(msgspec.Struct):
    """A request of which nothing was taken, and why."""

    success: bool
    code: str
    message: str


def accepted(rejected: list[Refusal]) -> Answer:
    """The request is on disk; what of it cannot be an event by its shape is named."""
    return Answer(200, msgspec.json.encode(Accepted(True, rejected)), [_ANYBODY, _JSON])


ACCEPTED = accepted([])


def refused(status: int, code: str, message: str) -> Answer:
    """Nothing was taken, and why; 429 and 5xx say when to come again."""
    again = [_AGAIN, _READABLE] if status == 429 or status >= 500 else []
    body = msgspec.json.encode(Turned(False, code, message))
    return Answer(status, body, [_ANYBODY, _JSON, *again])


UNREADABLE = refused(400, "unreadable", "no event can be read: the body is no JSON object")
NO_BATCH = refused(400, "unreadable", "no event can be read: the body has no list `batch`")
NO_GZIP = refused(400, "unreadable", "no event can be read: the body is not gzip as it says")
STRANGER = refused(401, "unauthorized", "no write key that works")
NOWHERE = refused(404, "not_found", "there is nothing here")
NO_METHOD = Answer(405, b"", [_ANYBODY, ("allow", "POST, OPTIONS")])
SLOW = refused(408, "too_slow", "the body did not arrive in time")
TOO_BIG = refused(413, "too_big", "the body is larger than its limit")
TOO_MANY = refused(413, "too_big", "the batch has more messages than its limit")
NO_ENCODING = refused(415, "encoding", "a body is plain or gzip")
CROWDED = refused(429, "too_many", "too many events wait")
UNPROMISED = refused(503, "unavailable", "nothing can be promised now; come again")
_PREFLIGHT: Headers = [
    _ANYBODY,
    ("access-control-allow-methods", "POST, OPTIONS"),
    ("access-control-max-age", "86400"),
]
_NAMES = re.compile(r"[\w-]+(?: *, *[\w-]+)*", re.ASCII)
_MOST_NAMES = 1_000


def preflight(asked: str | None) -> Answer:
    """What a browser asks before it sends: any page may, with whatever headers its library adds.

    Parameters
    ----------
    asked : str, optional
        The names of those headers, as the browser gives them.
    """
    known = asked is not None and len(asked) <= _MOST_NAMES and _NAMES.fullmatch(asked)
    names = asked if known and asked else "authorization, content-encoding, content-type"
    return Answer(204, b"", [*_PREFLIGHT, ("access-control-allow-headers", names)])

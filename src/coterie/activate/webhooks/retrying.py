"""When a message is tried again: the schedule that Standard Webhooks recommends, with jitter."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

from coterie.language.time import micros

SECOND = 1_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND

DELAYS = (
    5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR,
    24 * HOUR,
)  # fmt: skip
"""Microseconds between one attempt and the next; after the last of them a delivery has failed."""

JITTER = 0.2
LONGEST = 24 * HOUR


def next_attempt(attempts: int, at: int, random: float, wait: int = 0) -> int | None:
    """When to try again after an attempt that failed, microseconds UTC; None for never.

    Parameters
    ----------
    attempts : int
        How many there were, this one too.
    at : int
        When this one ended.
    random : float
        In [0, 1): up to a fifth is added to the delay, so that what failed together does not come
        back together.
    wait : int
        Microseconds that the receiver asked for; it is waited for as long, a day at most.

    Examples
    --------
    >>> next_attempt(1, 0, 0.0), next_attempt(2, 0, 0.5), next_attempt(10, 0, 0.0)
    (5000000, 330000000, None)
    """
    if attempts > len(DELAYS):
        return None
    delay = int(DELAYS[attempts - 1] * (1 + JITTER * random))
    return at + max(delay, min(wait, LONGEST))


def asked_to_wait(header: str, now: int) -> int:
    """Microseconds that a Retry-After header asks for; 0 where it says nothing (RFC 9110, 10.2.3).

    Examples
    --------
    >>> asked_to_wait("120", 0), asked_to_wait("Thu, 01 Jan 1970 00:01:00 GMT", 0)
    (120000000, 60000000)
    """
    said = header.strip()
    if said.isascii() and said.isdigit():
        return min(int(said[:12]) * SECOND, LONGEST)
    try:
        when = parsedate_to_datetime(said)
        instant = micros(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, TypeError, OverflowError):
        return 0
    return min(max(0, instant - now), LONGEST)

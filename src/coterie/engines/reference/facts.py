"""Facts: the events of one profile as the engines see them."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

Value = int | float | str | bool | list[Any] | None
"""A value inside engines: units, microseconds, real, text, truth, list; None is unknown."""

ORDER = attrgetter("at", "key")
"""The order of a person's events and of what is selected of them."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """One event of one profile.

    Parameters
    ----------
    key : bytes
        The 128-bit key of law 4, the tie-breaker among simultaneous events.
    name : str
        The event's name in the tracking plan.
    at : int
        `occurred_at`, microseconds UTC.
    offset : int
        Log offset.
    retired : int or None
        Log offset of the event that superseded this one.
    values : dict
        Property -> value; integers and decimals in units at the plan's scale. A property that is
        absent is null.
    """

    key: bytes
    name: str
    at: int
    offset: int
    retired: int | None = None
    values: dict[str, Any] = {}


def visible(history: Iterable[Fact], offset: int, t: int) -> list[Fact]:
    """The facts that a position sees, in the order ``(at, key)``.

    Examples
    --------
    >>> facts = [Fact(b"b", "x", at=5, offset=1, retired=3), Fact(b"a", "x", at=5, offset=2)]
    >>> [fact.key for fact in visible(facts, offset=2, t=5)]
    [b'a', b'b']
    >>> [fact.key for fact in visible(facts, offset=3, t=5)]
    [b'a']
    """
    seen = [
        fact for fact in history
        if fact.offset <= offset and fact.at <= t
        and (fact.retired is None or fact.retired > offset)
    ]  # fmt: skip
    return sorted(seen, key=ORDER)

"""A fact that grows: what is stored already, joined with what a file adds to it.

The lines of an order are a multiset, and of two statements of one order each line counts as
often as in the one that has it more often. This makes importing a file again, or two files that
overlap, in any order, the same as importing the whole once. Two equal lines that are cut apart
into two files cannot be told from an overlap; they count once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import msgspec

from coterie.collect.mapper import Way
from coterie.collect.mapping import Order
from coterie.collect.values import plain
from coterie.language.events import Event, event_key
from coterie.storage import payload

# Lines need no other canonical form: the mapper gives exact numbers in their shortest form.
_encode = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode
Find = Callable[[bytes], Event | None]


def identity(way: Way, event: Event, key: str) -> str:
    """The message id of a fact's first statement, made of pseudonymised content only.

    Parameters
    ----------
    key : str
        What names the fact: the order's key, the file's own id, the purpose of a consent.
    """
    person = event.user_id or event.anonymous_id or ""
    if way == "named":
        return key
    if way == "grows":
        return f"{_safe(event.name)}/{_safe(key)}"
    if way == "latest":
        return "/".join(filter(None, (_safe(event.name), _safe(key), person)))
    said = msgspec.structs.replace(event, message_id="", received_at=0)
    return payload.fingerprint(said, payload.encode(said)).hex()


def numbered(first: str, number: int) -> str:
    """The message id of the `number`-th statement of a fact, from 1."""
    return first if number == 1 else f"{first}/{number}"


def latest(find: Find, source: str, first: str) -> tuple[Event | None, int]:
    """The newest stored statement of a fact, and how many there are."""
    found, number = None, 0
    while (event := find(event_key(source, numbered(first, number + 1)))) is not None:
        found, number = event, number + 1
    return found, number


def chosen(find: Find, event: Event, first: str) -> tuple[Event | None, int, str]:
    """The newest statement of this person's order, its number, and the first one's id.

    An order that names several people is one fact for each: the first keeps the order's own id,
    and another's has their pseudonym after it. Lines that name nobody join the first.
    """
    own = f"{first}/of/{event.user_id}"
    if event.user_id is not None:
        stored, number = latest(find, event.source, own)
        if stored is not None:
            return stored, number, own
    stored, number = latest(find, event.source, first)
    if (
        stored is not None
        and None not in (people := {stored.user_id, event.user_id})
        and (len(people) > 1)
    ):
        return None, 0, own
    return stored, number, first


def revise(
    find: Find, event: Event, first: str, order: Order | None, stated: Collection[str]
) -> Event:
    """The statement to append: `event` itself when new, a grown one, or the stored one again.

    Parameters
    ----------
    event : Event
        Pseudonymised, without a message id.
    first : str
        Its :func:`identity`.
    order : Order or None
        Of a fact that grows line by line; otherwise the newest declaration replaces.
    stated : collection of str
        The properties that a declaration speaks of: empty ones are gone, others stay.
    """
    stored, number, first = (
        chosen(find, event, first) if order else (*latest(find, event.source, first), first)
    )
    if stored is None:
        return msgspec.structs.replace(event, message_id=first)
    merged = union(stored, event, order) if order else newest(stored, event, stated)
    if _content(merged) == _content(stored):
        return stored
    return msgspec.structs.replace(
        merged, message_id=numbered(first, number + 1), supersedes=stored.message_id
    )


def newest(stored: Event, event: Event, stated: Collection[str]) -> Event:
    """The newest declaration, with what it does not speak of as it was."""
    kept = {name: value for name, value in stored.properties.items() if name not in stated}
    return msgspec.structs.replace(event, properties=kept | event.properties)


def union(stored: Event, event: Event, order: Order) -> Event:
    """Two statements of one order as one: it took place at the earlier instant."""
    lines = joined(stored.properties.get(order.array, []), event.properties[order.array])
    own = agreed([_own(stored, order), _own(event, order)])
    return msgspec.structs.replace(
        event,
        occurred_at=min(stored.occurred_at, event.occurred_at),
        user_id=stored.user_id or event.user_id,
        anonymous_id=stored.anonymous_id or event.anonymous_id,
        properties=with_lines(own, lines, order),
    )


def joined(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The multiset union: each line as often as in the statement that has it more often."""
    texts: dict[bytes, dict[str, Any]] = {}
    counts: Counter[bytes] = Counter()
    for lines in (one, other):
        keyed = [(_encode(line), line) for line in lines]
        texts.update(keyed)
        counts |= Counter(key for key, _ in keyed)
    return [texts[key] for key in counts.elements()]


def agreed(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """The order's own properties; where statements differ the least value in JSON's order.

    A column that differs within an order belongs to its lines; the least of its values is the
    choice that does not depend on which file came first.
    """
    found: dict[str, Any] = {}
    for values in statements:
        for name, value in values.items():
            if name not in found or _encode(value) < _encode(found[name]):
                found[name] = value
    return found


def with_lines(own: dict[str, Any], lines: list[dict[str, Any]], order: Order) -> dict[str, Any]:
    """The properties of an order with these lines, in one canonical order, and their total."""
    ordered = sorted(lines, key=lambda line: _encode(line))
    values = own | {order.array: ordered}
    amounts = [Decimal(line[order.revenue]) for line in lines if order.revenue in line]
    if amounts:
        values[order.revenue] = plain(sum(amounts, Decimal(0)))
    return values


def _own(event: Event, order: Order) -> dict[str, Any]:
    computed = {order.array, order.revenue} if _totals(event, order) else {order.array}
    return {name: v for name, v in event.properties.items() if name not in computed}


def _totals(event: Event, order: Order) -> bool:
    return any(order.revenue in line for line in event.properties.get(order.array, ()))


def _content(event: Event) -> tuple[Any, ...]:
    return event.occurred_at, event.user_id, event.anonymous_id, event.properties


def _safe(text: str) -> str:
    return quote(text, safe=" :.,+-_")

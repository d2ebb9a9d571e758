"""From logged events to rows by event name: nested arrays become line events."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from coterie.language.events import Event, event_key, event_keys
from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.storage import columns

HEAD = pa.schema(
    [
        ("offset", pa.int64()),
        ("key", pa.binary(16)),
        ("fact", pa.binary(16)),
        ("message_id", pa.string()),
        ("source", pa.string()),
        ("type", pa.string()),
        ("user", pa.string()),
        ("anonymous", pa.string()),
        ("person", pa.string()),
        ("occurred_at", pa.timestamp("us", "UTC")),
        ("received_at", pa.timestamp("us", "UTC")),
        ("supersedes", pa.binary(16)),
        ("extra", pa.string()),
    ]
)
"""The columns every event has. `person` is the user, or the anonymous id where there is none."""

UNFIT = pa.field("unfit", pa.string())
"""A column of events that say something in another type than planned: that, as a JSON object."""

_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_UNPLANNED = PlannedEvent()


def row_schema(names: Sequence[str]) -> pa.Schema:
    """The types of a row's columns, by their names alone."""
    known = {field.name: field.type for field in (*HEAD, UNFIT)}
    families = columns.FAMILIES
    return pa.schema(
        [
            (name, known[name] if name in known else families[name.rpartition(":")[2]])
            for name in names
        ]
    )


def folder(name: str) -> str:
    """A folder name for an event name: short, readable and safe on every file system.

    Examples
    --------
    >>> folder("Order Completed")
    'order-completed-e3326e3b'
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    mark = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{slug}-{mark}" if slug else mark


class _Waiting(NamedTuple):
    """Rows that are no columns yet; `facts` are the keys of the events that they are of."""

    offsets: list[int]
    events: list[Event]
    messages: list[str]
    keys: list[bytes]
    facts: list[bytes]
    said: list[Mapping[str, Any]]


class Rows:
    """Rows of one event name, column by column."""

    def __init__(self, name: str, planned: PlannedEvent) -> None:
        self.name = name
        self.explodes = bool(planned.explode)
        self._planned = planned
        self._head: list[list[Any]] = [[] for _ in HEAD]
        self._unfit: dict[int, dict[str, Any]] = {}
        self._properties = {p: list[Any]() for p in planned.properties if p not in planned.explode}
        self._waiting = _Waiting([], [], [], [], [], [])

    def add(self, offset: int, event: Event, fact: bytes, line: Line) -> None:
        """An event, or a line of it; `fact` is the event's own key."""
        _, message, key, properties = line
        row = offset, event, message, key, fact, properties
        for column, value in zip(self._waiting, row, strict=True):
            column.append(value)  # type: ignore[attr-defined]

    def add_many(self, offsets: Sequence[int], events: Sequence[Event]) -> None:
        """Events that have no lines."""
        messages = [event.message_id for event in events]
        sources = {event.source for event in events}
        if len(sources) == 1:
            keys = event_keys(sources.pop(), messages)
        else:
            keys = [event_key(event.source, event.message_id) for event in events]
        rows = offsets, events, messages, keys, keys, [event.properties for event in events]
        for column, values in zip(self._waiting, rows, strict=True):
            column.extend(values)  # type: ignore[attr-defined]

    def settle(self) -> None:
        """Make columns of the rows that wait: while they are few, memory gives them quickly."""
        waiting, self._waiting = self._waiting, _Waiting([], [], [], [], [], [])
        shapes = set(map(tuple, waiting.said))
        self._note_unfit(waiting.said)
        for column, more in zip(self._head, self._heads(waiting, shapes), strict=True):
            column.extend(more)
        values = _columns(waiting.said, shapes)
        for name, column in self._properties.items():
            column.extend(values(name))

    def table(self) -> pa.Table:
        """The rows as typed columns; a property that no row has is left out.

        A value of another type than planned is null in its property's column and stands in
        :data:`UNFIT`.
        """
        self.settle()
        data = {f.name: pa.array(v, f.type) for f, v in zip(HEAD, self._head, strict=True)}
        for name, values in self._properties.items():
            declared = self._planned.properties[name]
            made, odd = columns.fitting(values, declared, f"{self.name}.{name}")
            for i in odd:
                self._unfit.setdefault(i, {})[name] = values[i]
            if made.null_count < len(made):
                data[columns.physical(name, columns.family(declared))] = made
        if self._unfit:
            texts = [_text(self._unfit.get(i)) for i in range(len(self._head[0]))]
            data[UNFIT.name] = pa.array(texts, UNFIT.type)
        return pa.table(data)

    def _heads(
        self, waiting: _Waiting, shapes: Collection[tuple[str, ...]]
    ) -> Iterator[Sequence[Any]]:
        """The columns of :data:`HEAD`, in order."""
        events = waiting.events
        users = [event.user_id for event in events]
        devices = [event.anonymous_id for event in events]
        pairs = zip(users, devices, strict=True)
        yield from (waiting.offsets, waiting.keys, waiting.facts, waiting.messages)
        yield [event.source for event in events]
        yield [event.type for event in events]
        yield from (users, devices)
        yield [device if user is None else user for user, device in pairs]
        yield [event.occurred_at for event in events]
        yield [event.received_at for event in events]
        yield [
            None if event.supersedes is None else event_key(event.source, event.supersedes)
            for event in events
        ]
        yield self._extra(waiting.said, shapes)

    def _extra(
        self, said: Sequence[Mapping[str, Any]], shapes: Collection[tuple[str, ...]]
    ) -> list[str | None]:
        """Of each row what the plan does not name, as a JSON object."""
        known = {*self._properties, *self._planned.explode}
        if all(map(known.issuperset, shapes)):
            return [None] * len(said)
        return [
            _text({name: value for name, value in properties.items() if name not in known})
            for properties in said
        ]

    def _note_unfit(self, said: Sequence[Mapping[str, Any]]) -> None:
        """Keep what should be an array of lines and is none."""
        for array in self._planned.explode:
            for i, properties in enumerate(said, len(self._head[0])):
                if not _lists(properties.get(array)):
                    self._unfit.setdefault(i, {})[array] = properties[array]


def _columns(
    said: Sequence[Mapping[str, Any]], shapes: Collection[tuple[str, ...]]
) -> Callable[[str], Iterable[Any]]:
    """What gives the values of a property."""
    if len(shapes) == 1:
        (names,) = shapes
        columns = zip(*[properties.values() for properties in said], strict=True)
        found = dict(zip(names, columns, strict=True))
        return lambda name: found.get(name) or [None] * len(said)
    return lambda name: [properties.get(name) for properties in said]


def _text(values: Mapping[str, Any] | None) -> str | None:
    """Values as a JSON object; None where there are none."""
    return _JSON.encode(values).decode() if values else None


class Exploder:
    """Gathers events into rows by name, under one tracking plan."""

    def __init__(self, plan: TrackingPlan) -> None:
        self._plan = plan
        self._rows: dict[str, Rows] = {}

    def add(self, event: Event, offset: int) -> None:
        """Add an event, and its line events where the plan explodes one of its arrays."""
        fact = event.key
        for line in exploded(event, self._plan):
            self._of(line[0]).add(offset, event, fact, line)

    def add_many(self, events: Sequence[Event], offsets: Sequence[int]) -> None:
        """Add events: what :meth:`add` does with each, in less time."""
        places: dict[str, list[int]] = {}
        for i, event in enumerate(events):
            places.setdefault(event.name, []).append(i)
        for name, those in places.items():
            rows = self._of(name)
            if rows.explodes:
                for i in those:
                    self.add(events[i], offsets[i])
            else:
                rows.add_many([offsets[i] for i in those], [events[i] for i in those])
        for rows in self._rows.values():
            rows.settle()

    def _of(self, name: str) -> Rows:
        rows = self._rows.get(name)
        if rows is None:
            planned = self._plan.events.get(name, _UNPLANNED)
            rows = self._rows[name] = Rows(name, planned)
        return rows

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """The rows of each event name; every event added is in exactly one."""
        for name in sorted(self._rows):
            yield name, self._rows[name].table()


Line = tuple[str, str, bytes, Mapping[str, Any]]
"""Event name, message id, key and properties of an event, or of a line of one."""


def exploded(event: Event, plan: TrackingPlan) -> Iterator[Line]:
    """An event, and after it the lines of its arrays that the plan makes events of their own."""
    yield from _exploded(event.name, event.source, event.message_id, event.properties, plan)


def folds(name: str, plan: TrackingPlan) -> set[str]:
    """An event name, and those of the lines that the plan makes of its events."""
    found, new = set[str](), {name}
    while new:
        found |= new
        planned = [plan.events.get(each, _UNPLANNED) for each in new]
        new = {line for each in planned for line in each.explode.values()} - found
    return found


def _exploded(
    name: str, source: str, message: str, properties: Mapping[str, Any], plan: TrackingPlan
) -> Iterator[Line]:
    yield name, message, event_key(source, message), properties
    planned = plan.events.get(name, _UNPLANNED)
    if planned.explode:
        for i, (line, values) in enumerate(_lines(name, planned, properties)):
            yield from _exploded(line, source, f"{message}#{i}", values, plan)


def _lines(
    name: str, planned: PlannedEvent, properties: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The line events of an event, numbered through all its arrays in the plan's order."""
    inherited = {p: properties[p] for p in planned.inherit if p in properties}
    for array, line in planned.explode.items():
        items = properties.get(array)
        if items and _lists(items):
            yield from ((line, inherited | item) for item in items)


def _lists(items: Any) -> bool:
    """Whether an array can be exploded: a list of objects, or nothing."""
    return items is None or (
        isinstance(items, list | tuple) and all(type(item) is dict for item in items)
    )

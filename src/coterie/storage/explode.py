"""From logged events to rows by event name: nested arrays become line events."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from coterie.language.events import Event, event_key
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


class Rows:
    """Rows of one event name, column by column."""

    def __init__(self, name: str, planned: PlannedEvent) -> None:
        self.name = name
        self.explodes = bool(planned.explode)
        self._planned = planned
        self._head: list[tuple[Any, ...]] = []
        self._unfit: dict[int, dict[str, Any]] = {}
        self._properties = {p: list[Any]() for p in planned.properties if p not in planned.explode}

    def add(self, head: tuple[Any, ...], properties: Mapping[str, Any]) -> None:
        """One row: the head without `extra`, and the properties, planned or not."""
        found = 0
        for name, values in self._properties.items():
            values.append(properties.get(name))
            found += name in properties
        for array in self._planned.explode:
            if array in properties and not _lists(properties[array]):
                self._unfit.setdefault(len(self._head), {})[array] = properties[array]
        self._head.append((*head, self._extra(properties) if found < len(properties) else None))

    def _extra(self, properties: Mapping[str, Any]) -> str | None:
        planned, exploded = self._properties, self._planned.explode
        rest = {p: v for p, v in properties.items() if p not in planned and p not in exploded}
        return _JSON.encode(rest).decode() if rest else None

    def table(self) -> pa.Table:
        """The rows as typed columns; a property that no row has is left out.

        A value of another type than planned is null in its property's column and stands in
        :data:`UNFIT`.
        """
        heads = zip(*self._head, strict=True)
        data = {f.name: pa.array(v, f.type) for f, v in zip(HEAD, heads, strict=True)}
        for name, values in self._properties.items():
            declared = self._planned.properties[name]
            made, odd = columns.fitting(values, declared, f"{self.name}.{name}")
            for i in odd:
                self._unfit.setdefault(i, {})[name] = values[i]
            if made.null_count < len(made):
                data[columns.physical(name, columns.family(declared))] = made
        if self._unfit:
            said = [self._unfit.get(i) for i in range(len(self._head))]
            texts = [None if one is None else _JSON.encode(one).decode() for one in said]
            data[UNFIT.name] = pa.array(texts, UNFIT.type)
        return pa.table(data)


class Exploder:
    """Gathers events into rows by name, under one tracking plan."""

    def __init__(self, plan: TrackingPlan) -> None:
        self._plan = plan
        self._rows: dict[str, Rows] = {}

    def add(self, event: Event, offset: int) -> None:
        """Add an event, and its line events where the plan explodes one of its arrays."""
        superseded, user, device = event.supersedes, event.user_id, event.anonymous_id
        shared = (
            event.type, user, device, device if user is None else user, event.occurred_at,
            event.received_at,
            None if superseded is None else event_key(event.source, superseded),
        )  # fmt: skip
        fact, source, name = event.key, event.source, event.name
        rows = self._rows.get(name) or self._of(name)
        if not rows.explodes:
            rows.add((offset, fact, fact, event.message_id, source, *shared), event.properties)
            return
        for name, message, key, properties in exploded(event, self._plan):
            rows = self._rows.get(name) or self._of(name)
            rows.add((offset, key, fact, message, source, *shared), properties)

    def _of(self, name: str) -> Rows:
        rows = self._rows[name] = Rows(name, self._plan.events.get(name, _UNPLANNED))
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

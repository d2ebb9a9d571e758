"""The events of some people out of all the lake's files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import repeat
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.plan import PlannedEvent, TrackingPlan
from coterie.storage.columns import families_of, physical, quoted
from coterie.storage.payload import canonical
from coterie.storage.reading import read

SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("at", pa.int64()),
        ("received_at", pa.int64()),
        ("offset", pa.int64()),
        ("retired", pa.int64()),
        ("key", pa.binary()),
        ("fact", pa.binary()),
        ("message_id", pa.string()),
        ("source", pa.string()),
        ("type", pa.string()),
        ("user", pa.string()),
        ("anonymous", pa.string()),
        ("supersedes", pa.binary()),
        ("properties", pa.string()),
    ]
)
"""The columns of a history; instants are microseconds UTC."""

OF_MANY = pa.schema([("profile", pa.string()), *SCHEMA])
"""The columns of several histories."""

WANTED = pa.schema([("profile", pa.string()), ("person", pa.string())])
"""Whose rows are looked for: each profile with its own pseudonym and those of its devices."""

_HEAD = {
    "profile": "w.profile",
    "at": 'epoch_us(e.occurred_at) AS "at"',
    "received_at": "epoch_us(e.received_at) AS received_at",
}
_MADE = ("name", "retired", "properties")
_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_READ = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_UNPLANNED = PlannedEvent()
_ORDER = [(name, "ascending") for name in ("profile", "at", "key")]


def histories(
    con: duckdb.DuckDBPyConnection,
    files: Mapping[str, Sequence[str]],
    present: Mapping[str, Collection[str]],
    plan: TrackingPlan,
    *,
    wanted: pa.Table,
    columns: Sequence[str],
) -> pa.Table:
    """The events of some profiles by profile, instant and key, nothing of it ``retired`` yet.

    Parameters
    ----------
    files : mapping of str to sequence of str
        Event name -> the Parquet files that may hold rows of these people.
    present : mapping of str to collection of str
        Event name -> the columns that at least one of its files has.
    wanted : pyarrow.Table
        Of the schema `WANTED`.
    columns : sequence of str
        Those of `OF_MANY` to give; ``profile``, ``at`` and ``key`` are among them.
    """
    schema = pa.schema([OF_MANY.field(name) for name in columns])

    def rows(name: str) -> pa.Table:
        planned = plan.events.get(name, _UNPLANNED)
        values = _columns(present[name], planned) if "properties" in columns else []
        with con.cursor() as cursor:
            cursor.register("coterie_wanted", wanted)
            found = cursor.sql(_query(files[name], columns, values)).to_arrow_table()
        return _named(found, name, planned, schema)

    with ThreadPoolExecutor() as pool:  # a name has few rows: side by side they use every core
        parts = [schema.empty_table(), *pool.map(rows, files)]
    return pa.concat_tables(parts).sort_by(_ORDER)


def ended(rows: pa.Table, retired: pa.Table | None) -> pa.Table:
    """The rows with the offset that ``retired`` each fact, null where it stands.

    Parameters
    ----------
    retired : pyarrow.Table, optional
        Superseded facts: ``fact`` and the offset that ``retired`` it.
    """
    if retired is None or not retired.num_rows:
        return rows
    known = retired["fact"].combine_chunks().cast(pa.binary())
    found = pc.index_in(rows["fact"], value_set=known)
    ends = retired["retired"].combine_chunks().take(found.combine_chunks())
    return rows.set_column(rows.schema.get_field_index("retired"), "retired", ends)


def _query(files: Sequence[str], columns: Sequence[str], values: Sequence[str]) -> str:
    head = [_HEAD.get(name, f"e.{quoted(name)}") for name in columns if name not in _MADE]
    said = ["e.extra", *map(_selected, values)] if "properties" in columns else []
    return (
        f"SELECT {', '.join([*head, *said])} "  # noqa: S608 - quoted
        f"FROM {read(files)} AS e JOIN coterie_wanted AS w ON w.person = e.person "
        'WHERE coalesce(e."user", w.profile) = w.profile'
    )


def _selected(column: str) -> str:
    named = f"e.{quoted(column)}"
    return f"epoch_us({named}) AS {quoted(column)}" if column.endswith(":instant") else named


def _columns(present: Collection[str], planned: PlannedEvent) -> list[str]:
    return [
        column
        for name, declared in planned.properties.items()
        for family in families_of(declared.kind)
        if (column := physical(name, family)) in present
    ]


def _named(found: pa.Table, name: str, planned: PlannedEvent, schema: pa.Schema) -> pa.Table:
    n = found.num_rows
    made = {"name": lambda: pa.repeat(pa.scalar(name), n), "retired": lambda: pa.nulls(n),
            "properties": lambda: pa.array(_properties(found, planned), pa.string())}  # fmt: skip
    columns = [made[key]() if key in made else found[key] for key in schema.names]
    return pa.table(columns, names=schema.names).cast(schema)


def _properties(found: pa.Table, planned: PlannedEvent) -> Iterator[str]:
    """What each row says, as JSON: planned properties, and others as they came."""
    names = list(planned.properties)
    values = [_values(found, prop, planned) for prop in names]
    rows = zip(*values, strict=True) if values else repeat((), found.num_rows)
    for said, extra in zip(rows, found["extra"].to_pylist(), strict=True):
        known = {p: v for p, v in zip(names, said, strict=True) if v is not None}
        if extra:
            rest = _READ.decode(extra)
            known |= {prop: value for prop, value in rest.items() if prop not in planned.properties}
        yield _JSON.encode(canonical(known)).decode()


def _values(found: pa.Table, name: str, planned: PlannedEvent) -> list[Any]:
    """A property's values, of whichever family each row has one."""
    families = families_of(planned.properties[name].kind)
    held = [column for f in families if (column := physical(name, f)) in found.column_names]
    if not held:
        return [None] * found.num_rows
    values: list[Any] = found[held[0]].to_pylist()
    for column in held[1:]:
        others = found[column].to_pylist()
        values = [a if a is not None else b for a, b in zip(values, others, strict=True)]
    return values

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
from coterie.storage.footers import Footers
from coterie.storage.identities import Identities
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

_WANTED = pa.schema([("profile", pa.string()), ("person", pa.string())])
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
    footers: Footers,
    identities: Identities,
    plan: TrackingPlan,
    *,
    profiles: Collection[str],
    columns: Collection[str],
    span: tuple[int, int] | None = None,
    most: int | None = None,
) -> pa.Table:
    """The events of some profiles by profile, instant and key.

    Parameters
    ----------
    files : mapping of str to sequence of str
        Event name -> all its Parquet files.
    columns : collection of str
        Those of `OF_MANY` to give beside ``profile``, ``at`` and ``key``.
    span : (int, int), optional
        Only of these instants and those between them, microseconds UTC.
    most : int, optional
        So many of each name are enough, whichever they are.
    """
    rule = (
        "" if span is None else f" AND epoch_us(e.occurred_at) BETWEEN {span[0]:d} AND {span[1]:d}"
    )
    rule += "" if most is None else f" LIMIT {most:d}"
    shown = _ordered({*columns, "profile", "at", "key"})
    ends = "retired" in shown and identities.supersedes()
    read = _ordered({*shown, "fact"}) if ends else shown
    schema = pa.schema([OF_MANY.field(name) for name in read])
    wanted = _wanted(profiles, identities)
    people = wanted["person"].unique().to_pylist()
    held = {name: footers.holding(every, people) for name, every in files.items()}

    def rows(name: str) -> pa.Table:
        return _rows(con, held[name], footers, wanted, name, plan.events.get(name), schema, rule)

    with ThreadPoolExecutor() as pool:  # a name has few rows: side by side they use every core
        found = pool.map(rows, [name for name, some in held.items() if some])
        every = pa.concat_tables([schema.empty_table(), *found]).sort_by(_ORDER)
    if ends:
        every = _ended(every, identities.retired(2**62, every["fact"]))
    return every.select(shown)


def told(tables: Mapping[str, pa.Table], plan: TrackingPlan) -> pa.Table:
    """Rows that no file has yet, by event name, as :func:`histories` tells those of files.

    Returns
    -------
    pyarrow.Table
        Of the schema `SCHEMA`, in no order.
    """
    found = [SCHEMA.empty_table()]
    for name, table in tables.items():
        rows = pa.table({**_numbered(table), "at": table["occurred_at"].cast(pa.int64())})
        found.append(_named(rows, name, plan.events.get(name, _UNPLANNED), SCHEMA))
    return pa.concat_tables(found)


def _numbered(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """The columns of rows, their instants as microseconds."""
    kinds = {name: table[name].type for name in table.column_names}
    return {
        name: table[name].cast(pa.int64()) if pa.types.is_timestamp(kind) else table[name]
        for name, kind in kinds.items()
    }


def _ordered(columns: Collection[str]) -> list[str]:
    """These columns in their usual order."""
    return [name for name in OF_MANY.names if name in columns]


def _wanted(profiles: Collection[str], identities: Identities) -> pa.Table:
    """Each profile with the pseudonyms that its rows lie under: its own, and its devices'."""
    own = pa.table([pa.array(sorted({*profiles}), pa.string())] * 2, schema=_WANTED)
    devices = identities.devices(profiles)
    return pa.concat_tables([own, devices.rename_columns(_WANTED.names)])


def _ended(rows: pa.Table, retired: pa.Table | None) -> pa.Table:
    """The rows with the offset that ``retired`` each fact, null where it stands."""
    if retired is None or not retired.num_rows:
        return rows
    known = retired["fact"].combine_chunks().cast(pa.binary())
    found = pc.index_in(rows["fact"], value_set=known)
    ends = retired["retired"].combine_chunks().take(found.combine_chunks())
    return rows.set_column(rows.schema.get_field_index("retired"), "retired", ends)


def _rows(
    con: duckdb.DuckDBPyConnection, files: Sequence[str], footers: Footers, wanted: pa.Table,
    name: str, planned: PlannedEvent | None, schema: pa.Schema, rule: str,
) -> pa.Table:  # fmt: skip
    """The rows of one event name."""
    planned = planned or _UNPLANNED
    values = _columns(footers.columns(files), planned) if "properties" in schema.names else []
    with con.cursor() as cursor:
        cursor.register("coterie_wanted", wanted)
        found = cursor.sql(_query(files, schema.names, values) + rule).to_arrow_table()
    return _named(found, name, planned, schema)


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

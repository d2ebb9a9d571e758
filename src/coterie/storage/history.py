"""One person's events out of all the lake's files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.language.plan import TrackingPlan
from coterie.storage.columns import families_of, literal, physical, quoted
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

_JSON = msgspec.json.Encoder(decimal_format="number", order="deterministic")
_READ = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def history(
    con: duckdb.DuckDBPyConnection,
    files: Mapping[str, str],
    present: Collection[str],
    plan: TrackingPlan,
    *,
    profile: str,
    people: Collection[str],
    retired: pa.Table | None,
) -> pa.Table:
    """The events of a profile by instant and key.

    Parameters
    ----------
    files : mapping of str to str
        Each Parquet file with the event name whose rows it holds.
    profile, people : str, collection of str
        The profile, and it with its anonymous ids.
    retired : pyarrow.Table, optional
        Superseded facts: ``fact`` and the offset that ``retired`` it.
    """
    if not files:
        return SCHEMA.empty_table()
    wanted = [*SCHEMA.names[5:-1], "extra", "filename", *_columns(present, plan)]
    columns = ", ".join(map(_selected, wanted))
    found = con.cursor().sql(_query(files, columns, people, profile)).to_arrow_table()
    ends = _ends(found["fact"], retired)
    rows = [_row(row, files[row["filename"]], plan, ends) for row in found.to_pylist()]
    return pa.Table.from_pylist(rows, SCHEMA)


def _selected(column: str) -> str:
    named = f"e.{quoted(column)}"
    return f"epoch_us({named}) AS {quoted(column)}" if column.endswith(":instant") else named


def _query(files: Collection[str], columns: str, people: Collection[str], profile: str) -> str:
    among = ", ".join(literal(person) for person in sorted(people))
    user = literal(profile)
    return (
        'SELECT epoch_us(e.occurred_at) AS "at", epoch_us(e.received_at) AS received_at, '  # noqa: S608 - quoted
        f'e."offset", {columns} FROM {read(sorted(files))} AS e '
        f'WHERE e.person IN ({among}) AND coalesce(e."user", {user}) = {user} '
        "ORDER BY e.occurred_at, e.key"
    )


def _ends(facts: pa.ChunkedArray, retired: pa.Table | None) -> dict[bytes, int]:
    if retired is None:
        return {}
    mine = retired.filter(pc.is_in(retired["fact"], value_set=facts.cast(pa.binary(16))))
    return dict(zip(mine["fact"].to_pylist(), mine["retired"].to_pylist(), strict=True))


def _columns(present: Collection[str], plan: TrackingPlan) -> list[str]:
    candidates = {
        physical(name, family): None
        for _, name, declared in plan.properties()
        for family in families_of(declared.kind)
    }
    return [column for column in candidates if column in present]


def _row(
    row: dict[str, Any], name: str, plan: TrackingPlan, ends: Mapping[bytes, int]
) -> dict[str, Any]:
    planned = plan.events[name].properties if name in plan.events else {}
    extra = _READ.decode(row["extra"]) if row["extra"] else {}
    properties = {prop: value for prop, value in extra.items() if prop not in planned}
    for prop, declared in planned.items():
        for family in families_of(declared.kind):
            value = row.get(physical(prop, family))
            if value is not None:
                properties[prop] = value
                break
    return {
        **row,
        "name": name,
        "retired": ends.get(row["fact"]),
        "properties": _JSON.encode(canonical(properties)).decode(),
    }

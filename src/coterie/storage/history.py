"""One person's events out of all the lake's files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from coterie.language.plan import TrackingPlan
from coterie.storage.columns import families_of, literal, physical, quoted
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
    people: Collection[str],
    profile: str,
    superseded: str | None,
) -> pa.Table:
    """The events of a profile by instant and key.

    Parameters
    ----------
    files : mapping of str to str
        Each Parquet file with the event name whose rows it holds.
    people : collection of str
        The profile and its anonymous ids.
    """
    if not files:
        return SCHEMA.empty_table()
    query = _query(files, present, plan, people, profile, superseded)
    found = con.sql(query).to_arrow_table()
    rows = [_row(row, files[row["filename"]], plan) for row in found.to_pylist()]
    return pa.Table.from_pylist(rows, SCHEMA)


def _query(
    files: Mapping[str, str],
    present: Collection[str],
    plan: TrackingPlan,
    people: Collection[str],
    profile: str,
    superseded: str | None,
) -> str:
    wanted = [*SCHEMA.names[5:-1], "extra", "filename", *_columns(present, plan)]
    columns = ", ".join(f"e.{quoted(name)}" for name in wanted)
    listed = ", ".join(literal(person) for person in sorted(people))
    return (
        f"SELECT epoch_us(e.occurred_at) AS at, epoch_us(e.received_at) AS received_at, "  # noqa: S608 - quoted
        f'e."offset", {"s.retired" if superseded else "NULL"} AS retired, {columns} '
        f"FROM {read(sorted(files))} AS e "
        + (f"LEFT JOIN {superseded} AS s ON s.fact = e.fact " if superseded else "")
        + f'WHERE e.person IN ({listed}) AND coalesce(e."user", {literal(profile)}) = '
        f"{literal(profile)} ORDER BY at, e.key"
    )


def _columns(present: Collection[str], plan: TrackingPlan) -> list[str]:
    candidates = {
        physical(name, family): None
        for _, name, declared in plan.properties()
        for family in families_of(declared.kind)
    }
    return [column for column in candidates if column in present]


def _row(row: dict[str, Any], name: str, plan: TrackingPlan) -> dict[str, Any]:
    properties = _READ.decode(row["extra"]) if row["extra"] else {}
    planned = plan.events[name].properties if name in plan.events else {}
    for prop, declared in planned.items():
        for family in families_of(declared.kind):
            value = row.get(physical(prop, family))
            if value is not None:
                properties[prop] = value
                break
    return {**row, "name": name, "properties": _JSON.encode(properties).decode()}

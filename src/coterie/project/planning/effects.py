"""Asking the lake what a new plan would refuse of what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import msgspec

from coterie.collect.quality.rules import Rule, rule
from coterie.language.compatibility import PlanChange
from coterie.language.plan import Property, TrackingPlan
from coterie.language.time import from_micros
from coterie.language.types import Instant, Type, is_exact_number, scale_of
from coterie.project.planning.reports import Effect
from coterie.storage.columns import literal
from coterie.storage.lake import Lake

ASKED = ("type", "required", "narrower", "added", "personal data")
"""Kinds of change after which a stored value may be refused."""

_READ = msgspec.json.Decoder(float_hook=Decimal)


def effects(
    lake: Lake, old: TrackingPlan, new: TrackingPlan, changes: Iterable[PlanChange], since: int
) -> list[Effect]:
    """Where stored events would be refused, property by property.

    Parameters
    ----------
    since : int
        Microseconds UTC: events after it are looked at.

    Notes
    -----
    What is stored as a pseudonym cannot be judged any more, and is left out; so are events of
    nobody. Repairs count as accepted.
    """
    names = {one.where for one in changes if one.change in ASKED}
    wanted = [each for each in new.properties() if f"{each[0]}.{each[1]}" in names]
    held = set(lake.names())
    with lake.connect() as con:
        found = [
            _effect(lake, con, old, rule(prop, declared, new.mode_of(event, prop), event), event,
                    since)
            for event, prop, declared in wanted
            if event in held and declared.pii == "none"
        ]  # fmt: skip
    return [effect for effect in found if effect.refused]


def _effect(
    lake: Lake, con: duckdb.DuckDBPyConnection, old: TrackingPlan, new: Rule, event: str, since: int
) -> Effect:
    planned = old.events[event].properties.get(new.name) if event in old.events else None
    if planned is not None and planned.pii != "none":
        return Effect(f"{event}.{new.name}", 0, 0)
    values = _typed if planned is not None else _untyped
    refused = total = 0
    for value, n in values(lake, con, event, new.name, planned, since):
        total += n
        refused += n * _refuses(new, value)
    return Effect(f"{event}.{new.name}", refused, total)


def _refuses(new: Rule, value: Any) -> bool:
    if value is None:
        return new.required and new.mode != "observe"
    if not new.check(value) or new.mode == "observe":
        return False
    made = new.mended(value) if new.mode == "coerce" else None
    return made is None or bool(new.check(made))


def _typed(
    lake: Lake, con: duckdb.DuckDBPyConnection, event: str, name: str, planned: Property | None,
    since: int,
) -> Iterator[tuple[Any, int]]:  # fmt: skip
    """Each stored value of a planned property, as an event would say it, and how often."""
    assert planned is not None
    kind = planned.kind
    rows = lake.scan(con, event, {name: kind}, lake.offset(), rename=lambda prop: "value")
    query = f'SELECT value, count(*) FROM ({rows}) WHERE "at" > {since:d} AND retired IS NULL'  # noqa: S608 - the lake's own SQL
    for value, n in con.execute(f"{query} GROUP BY value").fetchall():
        yield _said(value, kind), n


def _untyped(
    lake: Lake, con: duckdb.DuckDBPyConnection, event: str, name: str, planned: Property | None,
    since: int,
) -> Iterator[tuple[Any, int]]:  # fmt: skip
    """Each value of a property that was not planned when it was stored, and how often."""
    rows = con.read_parquet(lake.files(event), union_by_name=True).filter("person IS NOT NULL")
    path = '$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    found = rows.filter(f"epoch_us(occurred_at) > {since:d}").aggregate(
        f"json_extract(extra, {literal(path)}) AS value, count(*) AS n"
    )
    for value, n in found.fetchall():
        yield None if value is None else _READ.decode(value), n


def _said(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if isinstance(kind, Instant):
        return from_micros(value).isoformat()
    scale = scale_of(kind)
    return Decimal(value).scaleb(-scale) if is_exact_number(kind) and scale else value

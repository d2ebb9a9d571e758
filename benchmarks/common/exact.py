"""Memberships that change records add up to, beside those that the reference engine computes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from common.clicks import Batch
from coterie.engines.fits import Fits
from coterie.engines.reference import Fact, evaluate
from coterie.engines.sql.sources import column
from coterie.language.library import Library


def check(
    library: Library,
    changes: pa.Table,
    batches: Iterable[Batch],
    sample: set[str],
    instants: Sequence[int],
) -> int:
    """How many memberships of some people were compared at instants; one that differs ends it."""
    histories, records = _histories(batches, sample), _records(changes, sample)
    compared = 0
    for who, facts in histories.items():
        for t in instants:
            known = [fact for fact in facts if fact.at <= t]
            wanted = _reference(library, known, t) if known else set()
            found = _added_up(records[who], t)
            if found != wanted:
                raise SystemExit(f"the stream and the reference differ at {t}: nothing is kept")
            compared += len(library.segments)
    return compared


def _histories(batches: Iterable[Batch], sample: set[str]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    wanted = pa.array(sorted(sample))
    for batch in batches:
        for name, table in batch.tables.items():
            for row in table.filter(pc.is_in(table["profile"], value_set=wanted)).to_pylist():
                found[row["profile"]].append(_fact(name, row))
    return {
        who: sorted(facts, key=lambda fact: (fact.at, fact.key)) for who, facts in found.items()
    }


def _fact(name: str, row: dict[str, object]) -> Fact:
    values = {each: row.get(column(each)) for each in ("category", "revenue")}
    return Fact(key=row["key"], name=name, at=row["at"], offset=1, retired=None, values=values)  # type: ignore[arg-type]


def _records(changes: pa.Table, sample: set[str]) -> dict[str, list[tuple[int, str, bool]]]:
    found: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
    mine = changes.filter(pc.is_in(changes["profile"], value_set=pa.array(sorted(sample))))
    mine = mine.set_column(mine.schema.get_field_index("at"), "at", mine["at"].cast(pa.int64()))
    for row in mine.to_pylist():
        found[row["profile"]].append((row["at"], row["segment"], row["change"] == "entered"))
    return found


def _added_up(records: list[tuple[int, str, bool]], t: int) -> set[str]:
    inside: set[str] = set()
    for at, name, enters in records:
        if at <= t:
            (inside.add if enters else inside.discard)(name)
    return inside


def _reference(library: Library, facts: list[Fact], t: int) -> set[str]:
    row = evaluate(library, library.segments, facts, 1, t, Fits())
    return {name for name in library.segments if row[name] is True}

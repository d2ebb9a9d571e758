"""Memberships that change records add up to, beside those that the reference engine computes."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from multiprocessing import get_context
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from common.clicks import Batch
from coterie.engines.fits import Fits
from coterie.engines.reference import Fact, evaluate
from coterie.engines.sql.sources import column
from coterie.language.library import Library

SHARE = 200
"""People whose memberships a process compares at once."""

Records = list[tuple[int, str, bool]]


class Person(NamedTuple):
    """One who is looked at: what they did, what the stream told of them, and the instants asked."""

    facts: list[Fact]
    records: Records
    instants: list[int]


def check(
    library: Library, changes: pa.Table, batches: Iterable[Batch], sample: set[str], ends: list[int]
) -> int:
    """How many memberships of some people were compared; one that differs ends it.

    Each person is asked about at the instants `ends`, at as many by chance before the last of them,
    and at as many of their own changes, with the microsecond before each.
    """
    histories, records = _histories(batches, sample), _records(changes, sample)
    people = [
        Person(facts, records[who], _instants(who, records[who], ends))
        for who, facts in sorted(histories.items())
    ]
    asked = [(library, people[at : at + SHARE]) for at in range(0, len(people), SHARE)]
    with get_context("fork").Pool() as pool:
        return sum(pool.imap_unordered(_compared, asked))


def _instants(who: str, records: Records, ends: list[int]) -> list[int]:
    drawn = random.Random(who)
    chance = [drawn.randint(2 * ends[0] - ends[1], ends[-1]) for _ in ends]
    told = sorted({at for at, _, _ in records if at <= ends[-1]})
    own = drawn.sample(told, min(len(ends), len(told)))
    return [*ends, *chance, *own, *(at - 1 for at in own)]


def _compared(asked: tuple[Library, list[Person]]) -> int:
    library, people = asked
    compared = 0
    for facts, records, instants in people:
        for t in instants:
            known = [fact for fact in facts if fact.at <= t]
            wanted = _reference(library, known, t) if known else set()
            if _added_up(records, t) != wanted:
                raise RuntimeError(f"the stream and the reference differ at {t}: nothing is kept")
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


def _records(changes: pa.Table, sample: set[str]) -> dict[str, Records]:
    found: dict[str, Records] = defaultdict(list)
    mine = changes.filter(pc.is_in(changes["profile"], value_set=pa.array(sorted(sample))))
    mine = mine.set_column(mine.schema.get_field_index("at"), "at", mine["at"].cast(pa.int64()))
    for row in mine.to_pylist():
        found[row["profile"]].append((row["at"], row["segment"], row["change"] == "entered"))
    return found


def _added_up(records: Records, t: int) -> set[str]:
    inside: set[str] = set()
    for at, name, enters in records:
        if at <= t:
            (inside.add if enters else inside.discard)(name)
    return inside


def _reference(library: Library, facts: list[Fact], t: int) -> set[str]:
    row = evaluate(library, library.segments, facts, 1, t, Fits())
    return {name for name in library.segments if row[name] is True}

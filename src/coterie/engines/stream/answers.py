"""What an engine knows at its clock: values, memberships, a hash of all, and sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.stream import layout as y
from coterie.engines.stream import rebuilding, values
from coterie.engines.stream.batches import Words

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine

MEMBERS = pa.schema([(name, pa.string()) for name in ("profile", "segment", "stage")])


def seen(engine: StreamEngine, i: int) -> Words:
    """The numbers of the people of a partition who had an event by the clock."""
    part = engine.parts[i]
    return np.flatnonzero(part.row(y.SEEN) & y.APPLIED) if part.n_people else np.zeros(0, np.int64)


def read(engine: StreamEngine, names: Sequence[str], profiles: Sequence[str] | None) -> pa.Table:
    """The values of definitions, of everyone or of those asked in their order."""
    engine.records.now = ("", engine.offset)
    if profiles is None:
        chosen = {i: seen(engine, i) for i in range(len(engine.parts))}
    else:
        chosen = engine.people.by_partition(profiles)
    kinds = [(name, values.arrow_type(engine.library.type(name))) for name in names]
    schema = pa.schema([("profile", pa.string()), *kinds])
    tables = [_of(engine, i, people, names) for i, people in chosen.items()]
    found = pa.concat_tables([schema.empty_table(), *tables]).combine_chunks()
    if profiles is None:
        return found.sort_by("profile")
    at = pc.index_in(pa.array(profiles, pa.string()), value_set=found["profile"])
    return found.take(at.drop_null())


def _of(engine: StreamEngine, i: int, people: Words, names: Sequence[str]) -> pa.Table:
    part = engine.parts[i]
    if len(names):
        rebuilding.refuse_cold(part, people, "read")
    part.force(people, engine.clock)
    people = people[part.memory[part.rows[people] + y.SEEN] & y.APPLIED != 0]
    registers = np.array([engine.program.results[name] for name in names], np.int64)
    found = part.answer(people, registers, engine.clock)
    columns = {"profile": engine.people.named(i, people)}
    for k, name in enumerate(names):
        kind = engine.library.type(name)
        columns[name] = values.column(found[:, k], kind, engine.texts, part.memory)
    return pa.table(columns)


def members(engine: StreamEngine) -> pa.Table:
    """Every membership, by profile, segment and stage."""
    tables = [MEMBERS.empty_table()]
    for i, part in enumerate(engine.parts):
        people = seen(engine, i)
        if not len(people):
            continue
        words, names = part.bits(people), engine.people.named(i, people)
        for b, (segment, stage) in enumerate(engine.program.outputs):
            w, k = divmod(b, y.PER_WORD)
            inside = names.filter(pa.array((words[:, w] >> k & 1).astype(bool)))
            fixed = [pa.repeat(pa.scalar(text), len(inside)) for text in (segment, stage)]
            tables.append(pa.table([inside, *fixed], schema=MEMBERS))
    return pa.concat_tables(tables).sort_by([(name, "ascending") for name in MEMBERS.names])


def digest(engine: StreamEngine) -> str:
    """A hash of values, memberships, the position, and the events that wait."""
    whole = hashlib.blake2b(digest_size=16)
    for table in (engine.read(engine.library.names), engine.members()):
        for column in table.columns:
            whole.update(repr([_rounded(x) for x in column.to_pylist()]).encode())
    whole.update(repr((engine.clock, engine.offset, _waiting(engine))).encode())
    return whole.hexdigest()


def _rounded(value: Any) -> Any:
    return float(f"{value:.9e}") if isinstance(value, float) else value


def _waiting(engine: StreamEngine) -> list[tuple[Any, ...]]:
    """Who waits for which event."""
    found: list[tuple[Any, ...]] = []
    for i, part in enumerate(engine.parts):
        names = engine.people.named(i, part.waiting[:, y.E_PERSON]).to_pylist()
        keys = part.waiting[:, [y.E_AT, y.E_HIGH, y.E_LOW]].tolist()
        found += [(name, *key) for name, key in zip(names, keys, strict=True)]
    return sorted(found)


def sizes(engine: StreamEngine) -> dict[str, int]:
    """The bytes of the state, and how many there are of what.

    Returns
    -------
    dict of str to int
        ``people``; ``bytes`` of all, names and texts included, and ``bytes_per_person``; the
        ``budget``: bytes that one person's windows, sets and waits may take, and how many are
        ``cold``, as they took more and are read from history when they are due; events ``waiting``
        for the clock, people with a deadline ``due``, distinct ``texts``.
    """
    n = sum(len(seen(engine, i)) for i in range(len(engine.parts)))
    held = sum(part.nbytes for part in engine.parts) + engine.texts.nbytes + engine.people.nbytes
    return {
        "people": n,
        "bytes": held,
        "bytes_per_person": held // n if n else 0,
        "budget": engine.budget,
        "cold": sum(len(part.cold()) for part in engine.parts),
        "waiting": sum(part.n_waiting for part in engine.parts),
        "due": sum(int((part.row(y.DUE) != y.FOREVER).sum()) for part in engine.parts),
        "texts": len(engine.texts),
    }

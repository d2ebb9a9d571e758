"""Going on with other definitions: what is unchanged keeps its state, the rest is folded anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.fits import Fits
from coterie.engines.stream import batches, rebuilding
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words
from coterie.engines.stream.compiler import compile_
from coterie.engines.stream.parameters import parameters
from coterie.engines.stream.partition import Partition
from coterie.engines.stream.program import OTHER, Block, Program
from coterie.language import nodes as n
from coterie.language.library import Library
from coterie.language.types import Type

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine


def needs(engine: StreamEngine, library: Library) -> dict[str, dict[str, Type]]:
    """The event names whose whole history an edit wants, with properties and their types."""
    program = _program(engine, library)
    names = {name for block in _new(engine.program, program) for name in block.names}
    return {name: dict(program.kinds[name]) for name in sorted(names)}


def edit(
    engine: StreamEngine,
    library: Library,
    histories: Mapping[str, pa.Table],
    fits: Fits,
    offset: int,
) -> None:
    """Replace the program of an engine (see :meth:`StreamEngine.edit`)."""
    old, program = engine.program, _program(engine, library)
    wanted = set(needs(engine, library))
    engine.library, engine.program, engine.fits, engine.offset = library, program, fits, offset
    engine.records.now = ("edit", offset)
    past, later = _split(engine, histories, wanted), _later(engine, histories, wanted)
    for i, part in enumerate(engine.parts):
        rebuilding.refuse_cold(part, engine.people.present(i), "edit")
        active = parameters(program, fits, offset, engine.clock)
        made = engine.partition(active)
        made.enroll(part.n_people)
        _fold(made, [b.leaf for b in _new(old, program) if b.leaf >= 0], past[i], engine.clock)
        _graft(part, made, _kept(old, program))
        _leave(engine, i, part, old, program)
        _carry(part, made, old, program)
        made.wait(_still(part.waiting, later[i], program, wanted))
        made.wait(later[i])
        engine.parts[i] = made
    for i, part in enumerate(engine.parts):
        part.settle(engine.people.present(i), engine.clock)


def reached(engine: StreamEngine) -> dict[str, int]:
    """Of how many people something reached the aggregates of each definition live.

    Whoever's state has come out of history since then is not among them.
    """
    program, library = engine.program, engine.library
    found = {}
    for name in library.order:
        below = sorted({program.leaves[x] for x in leaves(library, name) if x in program.leaves})
        found[name] = sum(int(_lived(part, below).sum()) for part in engine.parts)
    return found


def _lived(part: Partition, below: list[int]) -> npt.NDArray[np.bool_]:
    """Of whom any of these leaves was reached live."""
    found = np.zeros(part.n_people, bool)
    for word in {leaf // y.PER_WORD for leaf in below}:
        mask = sum(1 << leaf % y.PER_WORD for leaf in below if leaf // y.PER_WORD == word)
        found |= part.memory[part.lived(word)] & mask != 0
    return found


def leaves(library: Library, name: str) -> set[n.Aggregate]:
    """The aggregates that a definition rests on, through references."""
    found: set[n.Aggregate] = set()
    for node in n.walk(library.lowered[name]):
        if isinstance(node, n.Aggregate):
            found.add(node)
        elif isinstance(node, n.Ref):
            found |= leaves(library, node.name)
    return found


# --- what is new ---------------------------------------------------------------------------------


def _program(engine: StreamEngine, library: Library) -> Program:
    return compile_(library, engine.texts, engine.program.events)


def _new(old: Program, program: Program) -> list[Block]:
    known = {(block.key, block.width) for block in old.blocks}
    return [block for block in program.blocks if (block.key, block.width) not in known]


def _kept(old: Program, program: Program) -> list[tuple[Block, Block]]:
    """The states that both programs have, the old one's first."""
    known = {(block.key, block.width): block for block in old.blocks}
    pairs = ((known.get((block.key, block.width)), block) for block in program.blocks)
    return [(before, block) for before, block in pairs if before is not None]


# --- histories -----------------------------------------------------------------------------------


def _split(
    engine: StreamEngine, histories: Mapping[str, pa.Table], wanted: set[str]
) -> list[list[Words]]:
    """The past events of each partition."""
    return _read(engine, histories, wanted, pc.less_equal)


def _later(
    engine: StreamEngine, histories: Mapping[str, pa.Table], wanted: set[str]
) -> list[Words]:
    """The events of each partition that the clock has not reached."""
    none = np.zeros((0, batches.stride(engine.program)), np.int64)
    found = _read(engine, histories, wanted, pc.greater)
    return [np.concatenate([none, *parts]) for parts in found]


def _read(
    engine: StreamEngine, histories: Mapping[str, pa.Table], wanted: set[str], when: Any
) -> list[list[Words]]:
    found: list[list[Words]] = [[] for _ in engine.parts]
    for name in sorted(wanted & histories.keys()):
        events = histories[name]
        for i, rows in engine.rows(name, events.filter(when(events["at"], engine.clock))):
            found[i].append(rows)
    return found


def _fold(made: Partition, fresh: list[int], past: list[Words], clock: int) -> None:
    """Fold histories into new leaves alone, and let the waits be over that are."""
    at, n = int(made.memory[y.LEAVES]), int(made.memory[y.N_LEAVES])
    table = made.memory[at : at + n * y.LEAF].copy()
    for i, leaf in enumerate(fresh):
        row = table[leaf * y.LEAF : (leaf + 1) * y.LEAF]
        made.memory[at + i * y.LEAF : at + (i + 1) * y.LEAF] = row
    made.memory[y.N_LEAVES] = len(fresh)
    made.memory[y.PARTLY] = 1
    if past:
        made.fold(np.concatenate(past))
    made.ripen(clock)
    made.memory[at : at + n * y.LEAF] = table
    made.memory[y.N_LEAVES] = n
    made.memory[y.PARTLY] = 0


def _graft(part: Partition, made: Partition, kept: list[tuple[Block, Block]]) -> None:
    """Copy the states that go on."""
    plan = [len(kept)]
    for before, block in kept:
        chunks = [at - block.offset for at in block.chunks]
        plan += [before.offset, block.offset, block.width, len(chunks), *chunks]
    made.graft(part, np.array(plan, np.int64))


# --- memberships, counters and what waits -------------------------------------------------------


def _leave(engine: StreamEngine, i: int, part: Partition, old: Program, program: Program) -> None:
    """Everybody leaves the segments and stages that are no more."""
    people = np.arange(part.n_people)
    words = part.bits(people)
    for b, output in enumerate(old.outputs):
        if output in program.outputs:
            continue
        w, k = divmod(b, y.PER_WORD)
        inside = people[(words[:, w] >> k & 1).astype(bool)]
        rows = np.zeros((len(inside), y.RECORD), np.int64)
        rows[:, y.R_PERSON], rows[:, y.R_BIT] = inside, b
        rows[:, y.R_AT], rows[:, y.R_CAUSE], rows[:, y.R_REASON] = engine.clock, y.BY_HOST, -1
        if len(rows):
            engine.records.add(rows, engine.people.named(i, inside), old, i)


def _carry(part: Partition, made: Partition, old: Program, program: Program) -> None:
    """Take along memberships, and what was reached live."""
    people = np.arange(part.n_people)
    before, rows = part.bits(people), made.rows[people]
    for b, output in enumerate(program.outputs):
        if output in old.outputs:
            w, k = divmod(old.outputs.index(output), y.PER_WORD)
            to, shift = divmod(b, y.PER_WORD)
            made.memory[rows + y.BITS + to] |= (before[:, w] >> k & 1) << shift
    for was, block in _kept(old, program):
        if block.leaf >= 0:
            to, shift = divmod(block.leaf, y.PER_WORD)
            made.memory[made.lived(to)] |= _lived(part, [was.leaf]).astype(np.int64) << shift


def _still(waiting: Words, later: Words, program: Program, wanted: set[str]) -> Words:
    """The waiting events that histories do not give anew, as the program lays them out.

    One that no definition read waits without its name: it is known by whose, when and its key.
    """
    numbers = [list(program.events).index(name) for name in wanted]
    again = np.isin(waiting[:, y.E_NAME], numbers)
    nameless = waiting[:, y.E_NAME] == list(program.events).index(OTHER)
    again[nameless] = np.isin(_ids(waiting[nameless]), _ids(later))
    kept = waiting[~again]
    wider = np.zeros((len(kept), later.shape[1]), np.int64)
    wider[:, : kept.shape[1]] = kept
    return wider


def _ids(rows: Words) -> Words:
    columns = rows[:, [y.E_PERSON, y.E_AT, y.E_HIGH, y.E_LOW]]
    return np.ascontiguousarray(columns).view([(name, np.int64) for name in "abcd"]).reshape(-1)

"""An engine as bytes and back: state, not meaning, which the definitions have."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words, stride
from coterie.engines.stream.compiler import compile_
from coterie.engines.stream.parameters import parameters
from coterie.engines.stream.partition import Partition
from coterie.engines.stream.people import People
from coterie.engines.stream.program import Program
from coterie.engines.stream.records import Records
from coterie.engines.stream.texts import Texts
from coterie.errors import StoreError
from coterie.language.library import Library

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine

FORMAT = 2


class _Part(msgspec.Struct):
    memory: bytes
    rows: bytes
    wheel: bytes
    waiting: bytes
    n_people: int
    names: list[str | None]


class _Saved(msgspec.Struct):
    format: int
    program: str
    definitions: str
    clock: int
    offset: int
    cells: dict[str, dict[str, int]]
    texts: bytes
    stale: dict[str, str]
    ticks: list[tuple[int, int]]
    parts: list[_Part]


def save(engine: StreamEngine) -> bytes:
    """All state of an engine whose records were taken."""
    saved = _Saved(
        format=FORMAT,
        program=_mark(engine.program),
        definitions=engine.library.hash(),
        clock=engine.clock,
        offset=engine.offset,
        cells=engine.program.events,
        texts=engine.texts.save(),
        stale=dict(engine._stale),
        ticks=engine.records.ticks,
        parts=[_part(engine, i) for i in range(len(engine.parts))],
    )
    return msgspec.msgpack.encode(saved)


def _part(engine: StreamEngine, i: int) -> _Part:
    part = engine.parts[i]
    return _Part(
        memory=part.memory[: int(part.memory[y.TOP])].tobytes(),
        rows=part.rows.tobytes(),
        wheel=part.wheel.tobytes(),
        waiting=part.waiting.tobytes(),
        n_people=part.n_people,
        names=engine.people.saved(i).to_pylist(),
    )


def load(cls: Any, saved: bytes, library: Library, fits: Fits, budget: int) -> StreamEngine:
    """The engine that was saved."""
    found = _decoded(saved)
    if found.definitions != library.hash():
        raise _foreign("a state of other definitions")
    engine: StreamEngine = cls.__new__(cls)
    engine.library, engine.clock, engine.offset = library, found.clock, found.offset
    engine.fits, engine.budget = fits, budget
    engine.texts = Texts.load(found.texts)
    engine.program = compile_(library, engine.texts, found.cells)
    if _mark(engine.program) != found.program:
        raise _foreign("a state laid out by another version")
    engine.people = People.of([pa.array(part.names, pa.string()) for part in found.parts])
    engine.records = Records(found.ticks)
    engine.set_up(found.stale)
    for i, kept in enumerate(found.parts):
        part = engine.partition(np.zeros(1, np.int64))
        _fill(part, kept, parameters(engine.program, fits, found.offset, found.clock))
        engine.parts[i] = part
    return engine


def _decoded(saved: bytes) -> _Saved:
    try:
        found = msgspec.msgpack.decode(saved, type=_Saved)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _foreign("bytes that are none") from None
    if found.format != FORMAT:
        raise _foreign(f"format {found.format}")
    return found


def _fill(part: Partition, kept: _Part, active: Words) -> None:
    part.memory = _words(kept.memory, more=4096)
    part.rows, part.wheel = _words(kept.rows), _words(kept.wheel)
    part.n_people = kept.n_people
    part.ready(active)
    part.wait(_words(kept.waiting).reshape(-1, stride(part.program)))


def _words(kept: bytes, more: int = 0) -> Words:
    return np.concatenate([np.frombuffer(kept, np.int64), np.zeros(more, np.int64)])


def _mark(program: Program) -> str:
    """A hash of the program's words: states fit programs that are equal."""
    return hashlib.blake2b(program.words.tobytes(), digest_size=16).hexdigest()


def _foreign(got: str) -> StoreError:
    return StoreError(
        "this is no state of the stream that can go on", where="snapshot", got=got,
        expected="a state saved by this version for these definitions",
        hint="the state is built from history instead",
    )  # fmt: skip

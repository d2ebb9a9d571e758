"""An engine as bytes and back: state, not meaning, which the definitions have."""

from __future__ import annotations

import hashlib
from copy import copy
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from coterie.engines.fits import Fits
from coterie.engines.stream import layout as y
from coterie.engines.stream.batches import Words, stride
from coterie.engines.stream.compiler import compile_
from coterie.engines.stream.intake import Intake
from coterie.engines.stream.parameters import parameters
from coterie.engines.stream.partition import Partition
from coterie.engines.stream.people import People
from coterie.engines.stream.program import Program
from coterie.engines.stream.records import Records
from coterie.engines.stream.texts import Texts
from coterie.engines.stream.threads import Threads
from coterie.errors import StoreError
from coterie.language.library import Library

if TYPE_CHECKING:
    from coterie.engines.stream.engine import StreamEngine

FORMAT = 4
_GROWTH = 1.1
"""How much a state may grow between making room for a copy and copying it."""


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


Piece = bytes | memoryview


def room(engine: StreamEngine) -> list[Words]:
    """Memory for a copy of an engine that grows meanwhile, which the system has given already.

    Pages that are written to for the first time take ten times as long.
    """
    rooms = [np.empty(int(int(part.memory[y.TOP]) * _GROWTH), np.int64) for part in engine.parts]
    for words in rooms:
        words.fill(0)
    return rooms


def frozen(engine: StreamEngine, rooms: list[Words]) -> StreamEngine:
    """A copy to be saved and measured while the engine goes on; copying is all that holds it up.

    Parameters
    ----------
    rooms : list of arrays of int64
        Of :func:`room`.
    """
    people = engine.people.frozen()  # whatever was fed is with the partitions now
    copied = copy(engine)
    copied.records, copied._people = Records(engine.records.ticks), people
    copied.texts = engine.texts.frozen()
    copied._stale, copied._intake = dict(engine._stale), Intake()
    copied._threads = Threads(1)
    copied._parts = [
        part.frozen(copied.texts, copied.taken, words)
        for part, words in zip(engine._parts, rooms, strict=True)
    ]
    return copied


def save(engine: StreamEngine) -> bytes:
    """All state of an engine whose records were taken."""
    return b"".join(pieces(engine))


def pieces(engine: StreamEngine) -> list[Piece]:
    """The same in pieces, of which the large ones are the engine's own memory."""
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
        parts=[],
    )
    found: list[Piece] = [_PACK(saved)[: -len(_NOTHING)], _ARRAY + _length(len(engine.parts))]
    for i, part in enumerate(engine.parts):
        found += _part(part, engine.people.saved(i).to_pylist())
    return found


_PACK = msgspec.msgpack.Encoder().encode
_NOTHING = b"\x90"
_ARRAY, _MAP, _BINARY = b"\xdd", b"\xdf", b"\xc6"
"""An empty array, and what MessagePack begins an array, a map and bytes with, of any length."""


def _length(n: int) -> bytes:
    return n.to_bytes(4, "big")


def _part(part: Partition, names: list[str | None]) -> list[Piece]:
    arrays = {
        "memory": part.memory[: int(part.memory[y.TOP])],
        "rows": part.rows,
        "wheel": part.wheel,
        "waiting": np.ascontiguousarray(part.waiting).reshape(-1),
    }
    found: list[Piece] = [_MAP + _length(len(arrays) + 2)]
    for name, words in arrays.items():
        found += [_PACK(name) + _BINARY + _length(words.nbytes), words.data.cast("B")]
    return [*found, _PACK("n_people"), _PACK(part.n_people), _PACK("names"), _PACK(names)]


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
    engine._people = People.of([pa.array(part.names, pa.string()) for part in found.parts])
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

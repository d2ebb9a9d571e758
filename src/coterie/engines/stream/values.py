"""From registers back to values: units, reals, texts, truths and lists as Arrow columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from coterie.engines.stream.batches import Words
from coterie.engines.stream.texts import Texts
from coterie.language.types import Boolean, Enumerated, ListOf, Real, Text, Type


def column(found: Words, kind: Type, texts: Texts, memory: Words) -> pa.Array:
    """One register of many people as a column in the engine's units.

    Parameters
    ----------
    found : array of int64, shape (people, 2)
        Values and whether they are known.
    memory : array of int64
        Where lists lie.
    """
    if isinstance(kind, ListOf):
        return _lists(found, kind, texts, memory)
    values, unknown = np.ascontiguousarray(found[:, 0]), found[:, 1] == 0
    if isinstance(kind, Text | Enumerated):
        return texts.take(np.where(unknown, -1, values))
    if isinstance(kind, Real):
        return pa.array(values.view(np.float64), pa.float64(), mask=unknown)
    if isinstance(kind, Boolean):
        return pa.array(values == 1, pa.bool_(), mask=unknown)
    return pa.array(values, pa.int64(), mask=unknown)


def arrow_type(kind: Type) -> pa.DataType:
    """The Arrow type of a value in units.

    Examples
    --------
    >>> str(arrow_type(ListOf(Text())))
    'list<item: string>'
    """
    match kind:
        case Real():
            return pa.float64()
        case Boolean():
            return pa.bool_()
        case Text() | Enumerated():
            return pa.string()
        case ListOf(of):
            return pa.list_(arrow_type(of))
        case _:
            return pa.int64()


def _lists(found: Words, kind: ListOf, texts: Texts, memory: Words) -> pa.Array:
    lengths = [int(memory[at]) if known else 0 for at, known in found]
    parts = [memory[at + 1 : at + 1 + n] for (at, _), n in zip(found, lengths, strict=True)]
    flat = np.concatenate([*parts, np.zeros(0, np.int64)])
    pairs = np.stack([flat, np.ones_like(flat)], axis=1)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]), pa.int32())
    items = column(pairs, kind.of, texts, memory)
    return pa.ListArray.from_arrays(offsets, items, mask=pa.array(found[:, 1] == 0))

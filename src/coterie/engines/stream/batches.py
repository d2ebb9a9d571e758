"""From Arrow to the words that kernels read: events as rows of one array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from coterie.engines.sql.sources import column
from coterie.engines.stream import layout as y
from coterie.engines.stream.compiled import COMPILED
from coterie.engines.stream.program import OTHER, Program
from coterie.engines.stream.sorting import arrange
from coterie.engines.stream.texts import Texts
from coterie.language.types import Boolean, Real, Text, Type

Words = Any
"""A NumPy array of int64."""

FEW = 1_000
"""Rows that are sorted faster than everybody is counted."""
_SIGN = np.uint64(1 << 63)


def stride(program: Program) -> int:
    """The words of an event."""
    return y.EVENT + 2 * program.cells


def events(program: Program, texts: Texts, name: str, table: pa.Table, people: Words) -> Words:
    """The events of one name as rows of words, in the order given.

    Parameters
    ----------
    table : pyarrow.Table
        ``at`` (microseconds UTC), ``key`` (16 bytes), and a column for each property that the
        program reads, in units.
    people : array of int64
        Whose each event is, by number.
    """
    rows = np.zeros((table.num_rows, stride(program)), np.int64)
    rows[:, y.E_PERSON] = people
    rows[:, y.E_AT] = table["at"].to_numpy()
    rows[:, y.E_HIGH], rows[:, y.E_LOW] = keys(table["key"])
    rows[:, y.E_NAME] = list(program.events).index(name if name in program.events else OTHER)
    for prop, kind in program.kinds.get(name, {}).items():
        values = table[column(prop)]
        at = y.EVENT + 2 * program.events[name][prop]
        rows[:, at] = words(values, kind, texts)
        rows[:, at + 1] = pc.is_valid(values).to_numpy()
    return rows


def keys(column_: pa.ChunkedArray) -> tuple[Words, Words]:
    """The halves of 128-bit keys as signed integers that order as the bytes do."""
    whole = column_.cast(pa.binary(16)).combine_chunks()
    buffer = whole.buffers()[1]
    if buffer is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    halves = np.frombuffer(buffer, ">u8").reshape(-1, 2)[whole.offset : whole.offset + len(whole)]
    high, low = ((halves[:, i].astype(np.uint64) ^ _SIGN).view(np.int64) for i in (0, 1))
    return high, low


def words(values: pa.ChunkedArray, kind: Type, texts: Texts) -> Words:
    """Values as 64 bits: units, the bits of reals, codes of texts; anything for a null."""
    if isinstance(kind, Text):
        return texts.codes(values)
    if isinstance(kind, Real):
        reals = values.cast(pa.float64()).fill_null(0.0).to_numpy() + 0.0  # no negative zero
        return reals.view(np.int64)
    if isinstance(kind, Boolean):
        values = values.cast(pa.int8())
    return values.cast(pa.int64()).fill_null(0).to_numpy()


def in_order(rows: Words) -> Words:
    """Events by person, instant and key."""
    if not COMPILED or len(rows) < FEW:
        halves = rows[:, y.E_LOW], rows[:, y.E_HIGH]
        return rows[np.lexsort((*halves, rows[:, y.E_AT], rows[:, y.E_PERSON]))]
    people = int(rows[:, y.E_PERSON].max()) + 1
    places: Words = np.empty(2 * len(rows) + people + 1, np.int64)
    flat: Words = np.ascontiguousarray(rows).reshape(-1)
    arrange(flat, rows.shape[1], len(rows), people, places)
    return rows[places[: len(rows)]]

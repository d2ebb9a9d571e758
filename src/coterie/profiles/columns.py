"""Columns for people: what engines answer in units, as decimals, instants and text in Arrow."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from coterie.language.types import (
    Boolean,
    Decimal,
    Enumerated,
    Instant,
    Integer,
    ListOf,
    Real,
    Text,
    Type,
)  # fmt: skip

DIGITS = 19
"""What 64 bits of units need."""


def arrow_type(kind: Type) -> pa.DataType:
    """The Arrow type of a value.

    Examples
    --------
    >>> str(arrow_type(Decimal(2))), str(arrow_type(Instant()))
    ('decimal128(19, 2)', 'timestamp[us, tz=UTC]')
    """
    match kind:
        case Decimal(scale):
            return pa.decimal128(DIGITS, scale)
        case Integer():
            return pa.int64()
        case Real():
            return pa.float64()
        case Text() | Enumerated():
            return pa.string()
        case Boolean():
            return pa.bool_()
        case Instant():
            return pa.timestamp("us", "UTC")
        case ListOf(of):
            return pa.list_(arrow_type(of))
    raise AssertionError(kind)


def column(units: pa.ChunkedArray | pa.Array, kind: Type) -> pa.Array:
    """An engine's column as values: exact, and without looking at them one by one.

    Examples
    --------
    >>> column(pa.array([1050, None]), Decimal(2)).to_pylist()
    [Decimal('10.50'), None]
    """
    whole = units.combine_chunks() if isinstance(units, pa.ChunkedArray) else units
    if isinstance(kind, ListOf):
        return _list(whole, kind)
    if isinstance(kind, Decimal):
        return _as_decimal(whole.cast(pa.decimal128(DIGITS, 0)), kind.scale)
    return whole.cast(arrow_type(kind))


def _as_decimal(units: pa.Array, scale: int) -> pa.Array:
    """The same digits with the point elsewhere: only the type changes."""
    kind = pa.decimal128(DIGITS, scale)
    return pa.Array.from_buffers(kind, len(units), units.buffers(), offset=units.offset)


def _list(lists: pa.Array, kind: ListOf) -> pa.Array:
    if pa.types.is_null(lists.type):
        return lists.cast(arrow_type(kind))
    if lists.offset:  # Arrow cannot give a slice another content
        lists = lists.take(pa.array(range(len(lists))))
    flat = column(lists.values, kind.of)
    return pa.ListArray.from_arrays(lists.offsets, flat, mask=lists.is_null())


def table(units: pa.Table, kinds: Mapping[str, Type]) -> pa.Table:
    """The columns named in `kinds` as values; the others stay as they are."""
    made = {
        name: column(units[name], kinds[name]) if name in kinds else units[name]
        for name in units.column_names
    }
    return pa.table(made)

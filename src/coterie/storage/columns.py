"""Typed columns: how a property's JSON values become one Parquet column, and back in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from coterie.errors import StoreError
from coterie.language import types
from coterie.language.plan import Property

FAMILIES: dict[str, pa.DataType] = {
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 6),
    "real": pa.float64(),
    "text": pa.string(),
    "boolean": pa.bool_(),
    "instant": pa.timestamp("us", "UTC"),
}
"""The physical type of each family; one property may have columns of several, by plan version."""

_FITTING: dict[str, frozenset[type]] = {
    "integer": frozenset({int, type(None)}),
    "decimal": frozenset({int, Decimal, type(None)}),
    "real": frozenset({int, float, Decimal, type(None)}),
    "text": frozenset({str, type(None)}),
    "boolean": frozenset({bool, type(None)}),
    "instant": frozenset({int, str, type(None)}),
}
_FORBIDDEN = frozenset(" ,;{}()\n\t=%:~`\"'\\/.")
DIGITS = 6
"""Digits that a decimal is kept with after the point."""
LARGEST = 2**40
"""Units of a decimal that is kept, on either side of zero."""
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - one name on every Python


def family(declared: Property) -> str:
    """The family that values of a planned property are kept in.

    A decimal without digits after the point is kept as an integer.
    """
    if declared.type == "decimal" and declared.scale == 0:
        return "integer"
    return declared.type


def physical(name: str, family: str) -> str:
    """The column that keeps a property's values of one family.

    Characters that Delta or a reader of it may refuse are percent-encoded. As columns are
    compared without case by most readers, a name with capitals ends in a mark of its own.

    Examples
    --------
    >>> physical("unit price", "decimal")
    'unit%20price:decimal'
    >>> physical("SKU", "text") == physical("Sku", "text")
    False
    """
    safe = "".join(_escaped(c) if c in _FORBIDDEN or not c.isprintable() else c for c in name)
    if name != name.casefold():
        safe += "~" + hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
    return f"{safe}:{family}"


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def array(values: Sequence[Any], declared: Property, where: str) -> pa.Array:
    """The values of one property as a typed column.

    Parameters
    ----------
    values : sequence
        JSON values, None where an event has none.
    where : str
        ``event.property``, for the error.

    Raises
    ------
    StoreError
        A value does not fit the type; which value is not said.
    """
    kind = family(declared)
    found = set(map(type, values))
    if not found <= _FITTING[kind]:
        raise _unfit(where, declared, found - _FITTING[kind])
    try:
        made = _MAKERS.get(kind, _plain)(values, found, FAMILIES[kind])
    except (pa.ArrowException, OverflowError, ValueError):
        raise _unfit(where, declared, found) from None
    if kind == "decimal" and not _bounded(made, declared.scale):
        raise _unfit(where, declared, found)
    return made


def fitting(values: Sequence[Any], declared: Property, where: str) -> tuple[pa.Array, list[int]]:
    """The values as a typed column, null where one does not fit, and where those are.

    What the tracking plan lets through although it is of another type is kept elsewhere
    (:class:`coterie.storage.explode.Rows`), and is unknown to every definition.
    """
    try:
        return array(values, declared, where), []
    except StoreError:
        odd = [i for i, value in enumerate(values) if not fits(value, declared)]
        kept = list(values)
        for i in odd:
            kept[i] = None
        return array(kept, declared, where), odd


def fits(value: Any, declared: Property) -> bool:
    """Whether a column of this property can hold a value."""
    try:
        array([value], declared, "")
    except StoreError:
        return False
    return True


def _plain(values: Sequence[Any], found: Collection[type], kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind)


def _reals(values: Sequence[Any], found: Collection[type], kind: pa.DataType) -> pa.Array:
    if not {Decimal, int}.isdisjoint(found):
        values = [None if value is None else float(value) for value in values]
    return pa.array(values, kind)


def _instants(values: Sequence[Any], found: Collection[type], kind: pa.DataType) -> pa.Array:
    if str in found:
        values = [microseconds(value) if type(value) is str else value for value in values]
    return pa.array(values, pa.int64()).cast(kind)


def microseconds(text: str) -> int:
    """Microseconds UTC of an ISO 8601 instant with its zone; a ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


_MAKERS: dict[str, Callable[[Sequence[Any], Collection[type], pa.DataType], pa.Array]] = {
    "real": _reals,
    "instant": _instants,
}


def _bounded(column: pa.Array, scale: int) -> bool:
    """Whether no value has more than 2^40 units or more digits than its scale."""
    extremes = pc.min_max(column).as_py()
    if extremes["min"] is None:
        return True
    limit = Decimal(LARGEST).scaleb(-scale)
    return bool(-limit <= extremes["min"] and extremes["max"] <= limit)


def _unfit(where: str, declared: Property, found: Collection[type]) -> StoreError:
    return StoreError(
        "a stored value does not fit the type that the tracking plan declares",
        where=where,
        got=" or ".join(sorted(kind.__name__ for kind in found)),
        expected=str(declared.kind),
        hint="the plan and the log disagree: was the plan edited by hand?",
    )


def families_of(kind: types.Type) -> tuple[str, ...]:
    """The families whose columns may hold values of a type, the likeliest first."""
    if isinstance(kind, types.Decimal) and kind.scale:
        return ("decimal", "integer")
    if isinstance(kind, types.Decimal | types.Integer):
        return ("integer", "decimal")
    if isinstance(kind, types.Real):
        return ("real", "decimal", "integer")
    return (str(kind),)


def expression(name: str, kind: types.Type, present: Collection[str]) -> str:
    """SQL for a property's value as engines take it, from the columns that are there.

    Integers and decimals become a BIGINT count of units, instants BIGINT microseconds UTC.
    """
    parts = [
        _value(quoted(column), family, kind)
        for family in families_of(kind)
        if (column := physical(name, family)) in present
    ]
    if not parts:
        return f"CAST(NULL AS {sql_type(kind)})"
    return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"


def sql_type(kind: types.Type) -> str:
    """DuckDB's type of a property's value in a scan."""
    names = {types.Real: "DOUBLE", types.Text: "VARCHAR", types.Boolean: "BOOLEAN"}
    return names.get(type(kind), "BIGINT")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _value(column: str, family: str, kind: types.Type) -> str:
    scale = types.scale_of(kind)
    if isinstance(kind, types.Real):
        return column if family == "real" else f"CAST({column} AS DOUBLE)"
    if family == "decimal":
        return _units(column, scale)
    if family == "integer":
        return f"({column} * {10**scale})" if scale else column
    return f"epoch_us({column})" if family == "instant" else column


def _units(column: str, scale: int) -> str:
    """Units of a DECIMAL(18, 6), in two steps so that 2^40 of them never overflow 18 digits."""
    if scale > 3:
        column, scale = f"{column} * 1000", scale - 3
        return f"CAST(CAST({column} AS DECIMAL(18, {scale})) * {10**scale} AS BIGINT)"
    if scale == 0:
        return f"CAST({column} AS BIGINT)"
    return f"CAST(CAST({column} AS DECIMAL(18, {scale})) * {10**scale} AS BIGINT)"

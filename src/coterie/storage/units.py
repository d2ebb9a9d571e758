"""One property's JSON value as engines take it, without the lake on the way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from coterie.language import types
from coterie.language.plan import Property
from coterie.storage import columns

Unit = int | float | str | bool | None
Reader = Callable[[Any], Unit]
_ONE = Decimal(1)


def reader(declared: Property, kind: types.Type) -> Reader:
    """From a property's values as events hold them to what a scan of the lake says of them.

    Parameters
    ----------
    declared : Property
        What the tracking plan says of the property.
    kind : Type
        What the definitions take it for; where the plan keeps it otherwise, it is unknown.

    Returns
    -------
    callable
        Integers and decimals become units, instants microseconds UTC; None stays None, and so is
        a value that does not fit the declared type, which the lake keeps apart.

    Examples
    --------
    >>> price = reader(Property(type="decimal", scale=2), types.Decimal(2))
    >>> price(Decimal("1.5")), price(3), price(None)
    (150, 300, None)
    """
    family = columns.family(declared)
    if family not in columns.families_of(kind):
        return lambda value: None
    made = {
        "integer": _integers,
        "decimal": _decimals,
        "real": _reals,
        "text": _texts,
        "boolean": _booleans,
        "instant": _instants,
    }
    return made[family](kind, declared)


def _integers(kind: types.Type, declared: Property) -> Reader:
    by = 10 ** types.scale_of(kind)

    def read(value: Any) -> Unit:
        if type(value) is not int or not -(2**63) <= value < 2**63:
            return None
        return float(value) if isinstance(kind, types.Real) else value * by

    return read


def _decimals(kind: types.Type, declared: Property) -> Reader:
    scale, limit = types.scale_of(kind), columns.LARGEST

    def read(value: Any) -> Unit:
        if type(value) is int:
            amount = Decimal(value)
        elif type(value) is Decimal and value.is_finite():
            amount = value
        else:
            return None
        exponent = amount.as_tuple().exponent
        if not -limit <= amount.scaleb(declared.scale) <= limit or (
            isinstance(exponent, int) and exponent < -columns.DIGITS
        ):
            return None
        if isinstance(kind, types.Real):
            return float(amount)
        return int(amount.scaleb(scale).quantize(_ONE, ROUND_HALF_UP))

    return read


def _reals(kind: types.Type, declared: Property) -> Reader:
    return lambda value: float(value) if type(value) in (float, int, Decimal) else None


def _texts(kind: types.Type, declared: Property) -> Reader:
    return lambda value: value if type(value) is str else None


def _booleans(kind: types.Type, declared: Property) -> Reader:
    return lambda value: value if type(value) is bool else None


def _instants(kind: types.Type, declared: Property) -> Reader:
    def read(value: Any) -> Unit:
        if type(value) is int:
            return value if -(2**63) <= value < 2**63 else None
        try:
            return columns.microseconds(value) if type(value) is str else None
        except (ValueError, OverflowError):
            return None

    return read

"""Values of one unit in another: by Pint; a currency is its code of ISO 4217, and no other."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from coterie.collect.quality.formats import currencies
from coterie.collect.quality.installed import library
from coterie.collect.values import digits, plain, rounded
from coterie.language.plan import Property

Convert = Callable[[Decimal, str], Decimal | None]
"""A number and its unit, to the number in the plan's unit; None where it cannot be."""

_SHAPE = re.compile(r"[^\W\d_]+(?:_[^\W\d_]+)*(?:\^?[23])?(?: ?[/*] ?[^\W\d_]+(?:\^?[23])?){0,3}")
_LONGEST = 40
_MEMO = 1 << 14


def converter(declared: Property, where: str) -> Convert:
    """What brings values into a property's unit, remembering each pair of value and unit.

    Notes
    -----
    A decimal is rounded to its scale, half away from zero; a conversion to a whole number that
    is none cannot be done. A plan's unit that is neither a currency nor known to Pint
    (``pieces``) is converted from nothing but itself.

    Raises
    ------
    PlanError
        What it needs is not installed.

    Examples
    --------
    >>> convert = converter(Property(type="decimal", scale=3, unit="kg"), "Parcel Sent.weight")
    >>> convert(Decimal(2), "lb"), convert(Decimal(2), "kg"), convert(Decimal(2), "litre")
    (Decimal('0.907'), Decimal('2'), None)
    """
    unit = declared.unit
    money = unit in currencies(where)
    if not money:
        library("pint", where, f"unit = {unit!r}")
    registry = None if money else _registry()

    @lru_cache(maxsize=_MEMO)
    def convert(value: Decimal, told: str) -> Decimal | None:
        bare = told.strip()
        if bare == unit or (money and bare.upper() == unit):
            return value
        return None if registry is None else _converted(registry, value, bare, declared)

    return convert


@lru_cache(maxsize=1)
def _registry() -> Any:
    return library("pint", "", "a unit").UnitRegistry(non_int_type=Decimal)


def _converted(registry: Any, value: Decimal, told: str, declared: Property) -> Decimal | None:
    """The value by Pint, which is asked about plain names of units alone."""
    if not all(len(one) <= _LONGEST and _SHAPE.fullmatch(one) for one in (told, declared.unit)):
        return None
    pint = library("pint", "", "a unit")
    try:
        made = registry.Quantity(value, told).to(declared.unit).magnitude
    except (pint.PintError, AttributeError, ArithmeticError, TypeError, ValueError):
        return None
    made = Decimal(made)
    return _kept(made, declared) if made.is_finite() and made.adjusted() < 18 else None


def _kept(made: Decimal, declared: Property) -> Decimal | None:
    if declared.type == "real":
        return plain(Decimal(repr(float(made))))
    scale = declared.scale if declared.type == "decimal" else 0
    if declared.type == "integer" and digits(plain(made)):
        return None
    return rounded(made, scale)

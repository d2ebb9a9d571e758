"""Whether a value is of its declared type: the first look at every property of every event."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import Any

from coterie.collect.values import digits
from coterie.language.numbers import MAX_PROPERTY
from coterie.language.plan import Property
from coterie.storage.columns import microseconds

Check = Callable[[Any], str]
"""Why a value is not as declared, one of the gate's reasons; nothing where it is."""

LIMITS = frozenset({"too_large", "too_precise", "not_a_number", "nul"})
"""What no mode lets through: a store could not keep it, a sum would overflow or not be exact."""

_BROADEST = 300
"""Digits before the point of a real: 64 bits hold 308."""


def checks(declared: Property) -> Check:
    """The check of a property's type.

    Examples
    --------
    >>> check = checks(Property(type="decimal", scale=2))
    >>> check(Decimal("19.99")), check(Decimal("0.125")), check("19.99")
    ('', 'too_precise', 'wrong_type')
    """
    if declared.type in ("integer", "decimal"):
        return _exact(declared)
    return _OTHERS[declared.type]


def _exact(declared: Property) -> Check:
    least, most = -declared.scale, MAX_PROPERTY // 10**declared.scale

    def check(value: Any) -> str:
        kind = type(value)
        if kind is int:
            if -most <= value <= most:
                return ""
        elif kind is Decimal:
            exponent = value.as_tuple().exponent
            if type(exponent) is int and least <= exponent and -most <= value <= most:
                return ""
        return _number(value, declared)

    return check


def _number(value: Any, declared: Property) -> str:
    """The whole rule, for what is near its edges or written unusually."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "wrong_type"
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return "not_a_number"
    if exact.adjusted() > 18 or abs(exact) > Decimal(MAX_PROPERTY).scaleb(-declared.scale):
        return "too_large"
    if digits(exact.normalize()) > declared.scale:
        return "wrong_type" if declared.type == "integer" else "too_precise"
    return ""


def _real(value: Any) -> str:
    if type(value) is float:
        return "" if isfinite(value) else "not_a_number"
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "wrong_type"
    exact = Decimal(value)
    if not exact.is_finite():
        return "not_a_number"
    return "too_large" if exact.adjusted() > _BROADEST else ""


def _boolean(value: Any) -> str:
    return "" if isinstance(value, bool) else "wrong_type"


def text(value: Any) -> str:
    """Whether a value is text that a store can keep."""
    if type(value) is not str:
        return "wrong_type"
    return "nul" if "\0" in value else ""


def single(value: Any) -> str:
    """Whether a value is one, and no list or object of several."""
    return "wrong_type" if isinstance(value, dict | list) else ""


def _instant(value: Any) -> str:
    if reason := text(value):
        return reason
    try:
        microseconds(value)
    except (ValueError, OverflowError):
        return "bad_instant"
    return ""


_OTHERS: dict[str, Check] = {
    "real": _real, "boolean": _boolean, "text": text, "instant": _instant,
}  # fmt: skip

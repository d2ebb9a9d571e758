"""Values as people write them in YAML, and as engines hold them."""

from __future__ import annotations

import math
from decimal import Decimal as Amount
from typing import Any
from zoneinfo import ZoneInfo

from coterie.engines.reference import Value
from coterie.errors import ProjectError, UnknownName, WrongType, nearest
from coterie.language.numbers import fits
from coterie.language.time import from_micros
from coterie.language.types import (
    Boolean,
    Decimal,
    Enumerated,
    Instant,
    Integer,
    ListOf,
    Real,
    Type,
    scale_of,
)
from coterie.language.values import plain
from coterie.project import instants

CLOSE = 1e-6
"""Reals of which people write the digits they see are equal when this close, relatively."""


def meant(said: Any, kind: Type, zone: ZoneInfo) -> Value:
    """What a value of a YAML file means to an engine.

    Parameters
    ----------
    said : object
        None, or a number, truth, text or list; an instant is ISO 8601 text, a clock of `zone`
        where it names no offset.

    Raises
    ------
    WrongType
        It is no value of this type.
    UnknownName
        It is none of the stages.

    Examples
    --------
    >>> utc = ZoneInfo("UTC")
    >>> meant(Amount("10.5"), Decimal(2), utc), meant("1970-01-01", Instant(), utc)
    (1050, 0)
    """
    if said is None:
        return None
    match kind:
        case Integer() | Decimal() if _is_number(said):
            return _units(Amount(said), kind)
        case Real() if _is_number(said):
            return float(said)
        case Boolean() if isinstance(said, bool):
            return said
        case Instant() if isinstance(said, str):
            return _instant(said, zone)
        case Enumerated(options) if isinstance(said, str):
            return _option(said, options)
        case ListOf(of) if isinstance(said, list):
            return [meant(item, of, zone) for item in said]
    if isinstance(said, str) and str(kind) == "text":
        return said
    raise WrongType("not a value of this type", got=_type(said), expected=_expected(kind))


def same(expected: Value, got: Value) -> bool:
    """Whether an engine says what is expected; reals to about six digits."""
    if isinstance(expected, float) and isinstance(got, float):
        return math.isclose(expected, got, rel_tol=CLOSE, abs_tol=1e-12)
    return type(expected) is type(got) and expected == got


def written(value: Value, kind: Type, zone: ZoneInfo) -> str:
    """An engine's value as it could stand in the file.

    Examples
    --------
    >>> written(1050, Decimal(2), ZoneInfo("UTC")), written(None, Decimal(2), ZoneInfo("UTC"))
    ('10.50', 'null')
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case list() if isinstance(kind, ListOf):
            return f"[{', '.join(written(item, kind.of, zone) for item in value)}]"
        case int() if isinstance(kind, Instant):
            return from_micros(value).astimezone(zone).isoformat()
        case float():
            return f"{value:.7g}"
    return str(plain(value, kind))


def _is_number(said: Any) -> bool:
    return isinstance(said, int | Amount) and not isinstance(said, bool)


def _units(said: Amount, kind: Type) -> int:
    units = said.scaleb(scale_of(kind)) if said.is_finite() and said.adjusted() < 30 else None
    if units is None or units != units.to_integral_value() or fits(int(units)) is None:
        raise WrongType("the number has other digits", got=_digits(said), expected=str(kind))
    return int(units)


def _digits(said: Amount) -> str:
    exponent = said.normalize().as_tuple().exponent
    after = max(0, -exponent) if isinstance(exponent, int) else 0
    return f"{after} digits after the point"


def _instant(said: str, zone: ZoneInfo) -> int:
    try:
        return instants.parse(said, zone)
    except ProjectError as error:
        raise WrongType(error.what, got="text", expected=error.expected) from None


def _option(said: str, options: tuple[str, ...]) -> str:
    if said not in options:
        raise UnknownName(f"no stage is named {said!r}", hint=nearest(said, options))
    return said


def _type(said: Any) -> str:
    names = {bool: "truth", int: "whole number", Amount: "number", str: "text", list: "list"}
    return names.get(type(said), "mapping")


def _expected(kind: Type) -> str:
    match kind:
        case Boolean():
            return "true, false or null"
        case Instant():
            return "an instant, as in 2011-12-10T09:30+01:00"
        case _:
            return str(kind)

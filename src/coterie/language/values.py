"""Values for people: what engines hold in units, as numbers, instants and text."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal as Amount
from typing import Any

from coterie.language.time import from_micros, iso
from coterie.language.types import Decimal, Instant, ListOf, Real, Type

Plain = int | float | Amount | datetime | str | bool | list[Any] | None


def plain(value: Any, kind: Type) -> Plain:
    """An engine's value as a Python value: decimals as `Decimal`, instants as aware UTC datetimes.

    Examples
    --------
    >>> plain(1050, Decimal(2)), plain(0, Instant()).year, plain(None, Decimal(2))
    (Decimal('10.50'), 1970, None)
    """
    if value is None:
        return None
    match kind:
        case Decimal(scale):
            return Amount(int(value)).scaleb(-scale)
        case Instant():
            return from_micros(value)
        case ListOf(of):
            return [plain(item, of) for item in value]
        case _:
            return value  # type: ignore[no-any-return]


def shown(value: Any, kind: Type) -> str:
    """An engine's value as a short text; unknown is said so.

    Examples
    --------
    >>> shown(1050, Decimal(2)), shown(None, Decimal(2)), shown(True, None)
    ('10.50', 'unknown', 'yes')
    """
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case list() if isinstance(kind, ListOf):
            return ", ".join(shown(item, kind.of) for item in value)
    match kind:
        case Instant():
            return iso(value)
        case Real():
            return f"{value:.6g}"
        case _:
            return str(plain(value, kind))

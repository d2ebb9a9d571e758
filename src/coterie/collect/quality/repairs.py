"""Repairs that need no guess: a value as its property declares it, or nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from coterie.collect import values
from coterie.language.plan import Property
from coterie.language.properties import NUMBERS

_FIGURES = re.compile(r"[+-]?(?=[.,]?\d)\d*(?:[.,]\d+)*")
_UNSURE = re.compile(r"[+-]?\d{1,3},\d{3}")
_LONGEST = 40


def repaired(value: Any, declared: Property) -> Any:
    """The value in its declared type, trimmed, in the spelling of its list; None for none.

    Notes
    -----
    Numbers are read out of text with either sign for the decimals, but ``1,234`` is left alone: it
    is a thousand to some and one to others. True and false are read from the words that an import
    reads them from. A number becomes a text as it is written.

    Examples
    --------
    >>> price = Property(type="decimal", scale=2)
    >>> repaired("19,99", price), repaired("1.234,50", price), repaired("1,234", price)
    (Decimal('19.99'), Decimal('1234.5'), None)
    >>> repaired(" GOLD", Property(type="text", one_of=("gold", "silver")))
    'gold'
    """
    if declared.type in NUMBERS:
        return _number(value)
    if declared.type == "boolean":
        return _boolean(value)
    said = _text(value)
    if said is None or declared.type == "instant":
        return said
    return _listed(said, declared.one_of)


def _number(value: Any) -> Decimal | int | None:
    if type(value) in (int, Decimal):
        return value  # type: ignore[no-any-return]
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    bare = value.strip()
    if not bare.isascii() or not _FIGURES.fullmatch(bare) or _UNSURE.fullmatch(bare):
        return None
    try:
        found = values.number(bare, _sign(bare))
    except values.Refused:
        return None
    return found if values.digits(found) else int(found)


def _sign(text: str) -> str:
    """Which sign stands before the decimals: the last one, unless it stands there repeatedly."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return "," if text.rfind(",") > text.rfind(".") else "."
    return "," if points > 1 or commas == 1 else "."


def _boolean(value: Any) -> bool | None:
    if type(value) is int and value in (0, 1):
        return bool(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    try:
        return values.boolean(value.strip())
    except values.Refused:
        return None


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    exact = Decimal(value)
    return f"{exact:f}" if exact.is_finite() and abs(exact.adjusted()) < _LONGEST else None


def _listed(text: str, one_of: tuple[str, ...]) -> str:
    """The listed text that this one is but for case, where it is one."""
    alike = [one for one in one_of if one.casefold() == text.casefold()]
    return alike[0] if len(alike) == 1 and text not in one_of else text

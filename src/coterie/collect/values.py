"""Text cells become typed values, exactly, or are refused with a reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from coterie.language.numbers import MAX_PROPERTY
from coterie.language.time import iso, micros

MEMO = 20_000
"""Distinct texts remembered per column; beyond that the memory is emptied and starts again."""

TRUE = frozenset({"true", "yes", "y", "t", "1", "on", "1.0"})
FALSE = frozenset({"false", "no", "n", "f", "0", "off", "0.0"})
NOT_NUMBERS = frozenset({"nan", "inf", "infinity", "-inf", "-infinity", "+inf", "#n/a", "#num!"})

_MONEY = re.compile(r"[\s$£€¥₹]|\b[A-Z]{3}\b")
_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[.']\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?")
_WHOLE = re.compile(r"(-?\d+)\.0+")


class Refused(Exception):
    """A value that cannot be what its column is: a stable reason, and what was expected."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def whole(text: str) -> str:
    """An identifier that a spreadsheet turned into a number, as it was.

    Examples
    --------
    >>> whole("17850.0"), whole("17850"), whole("A1.0")
    ('17850', '17850', 'A1.0')
    """
    found = _WHOLE.fullmatch(text)
    return found[1] if found else text


def number(text: str, decimal: str = ".") -> Decimal:
    """An exact number out of text: money signs, thousands and accounting minus are understood.

    Raises
    ------
    Refused
        ``not_a_number`` for NaN and infinities, ``wrong_type`` for anything else.

    Examples
    --------
    >>> number("$90,000 "), number("(1.50)"), number("1.234,50", ",")
    (Decimal('90000'), Decimal('-1.5'), Decimal('1234.5'))
    """
    bare = _MONEY.sub("", text)
    if bare.lower() in NOT_NUMBERS:
        raise Refused("not_a_number", "a number")
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    if bare.endswith("-"):
        bare = "-" + bare[:-1]
    if not any(c.isdigit() for c in bare) or not (
        (_COMMA if decimal == "," else _POINT).fullmatch(bare)
    ):
        raise Refused("wrong_type", f"a number with decimal {decimal!r}")
    thousands = ".'" if decimal == "," else ","
    for sign in thousands:
        bare = bare.replace(sign, "")
    return plain(Decimal(bare.replace(",", ".")))


def plain(value: Decimal) -> Decimal:
    """The same number with no trailing zeros and no exponent, so that equal is identical."""
    if value == 0:
        return Decimal(0)
    if value.adjusted() > 40:
        raise Refused("too_large", "at most 2**40 units")
    shorter = value.normalize()
    exponent = shorter.as_tuple().exponent
    return shorter.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else shorter


def digits(value: Decimal) -> int:
    """Digits after the point of a plain number."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(value: Decimal, scale: int) -> Decimal:
    """The value with at most `scale` digits after the point, half away from zero."""
    return plain(value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP))


def within_limit(value: Decimal | int, scale: int) -> None:
    """Refuse a number beyond ±2**40 units of its scale (law 10)."""
    if abs(Decimal(value)) > Decimal(MAX_PROPERTY).scaleb(-scale):
        raise Refused("too_large", f"at most 2**40 units of scale {scale}")


def amount(scale: int, decimal: str = ".", rounds: bool = False) -> Callable[[str], Decimal]:
    """A reader of decimals with at most `scale` digits; more are refused, or rounded if asked."""

    def read(text: str) -> Decimal:
        value = number(text, decimal)
        if digits(value) > scale:
            if not rounds:
                raise Refused("too_precise", f"at most {scale} digits after the point")
            value = rounded(value, scale)
        within_limit(value, scale)
        return value

    return read


def integer(decimal: str = ".") -> Callable[[str], int]:
    """A reader of whole numbers (``6.0`` is 6)."""

    def read(text: str) -> int:
        value = number(text, decimal)
        if digits(value):
            raise Refused("wrong_type", "a whole number")
        within_limit(value, 0)
        return int(value)

    return read


def real(text: str) -> Decimal:
    """A finite 64-bit real, as the shortest decimal that names it."""
    try:
        value = float(text)
    except ValueError:
        raise Refused("wrong_type", "a real number") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise Refused("not_a_number", "a finite number")
    return plain(Decimal(repr(value)))


def boolean(text: str) -> bool:
    """Yes or no, in the usual spellings."""
    word = text.lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise Refused("wrong_type", "yes or no")


def instant(formats: tuple[str, ...], zone: str) -> Callable[[str], int]:
    """A reader of instants as microseconds UTC; the first of `formats` that fits is taken.

    A format is ``iso``, ``epoch_s``, ``epoch_ms``, ``epoch_us`` or a :meth:`strptime` pattern.
    A text without an offset is a wall clock of `zone`; of an hour that a clock change repeats
    the first is meant, and an hour that it skips keeps the offset from before.
    """
    here = ZoneInfo(zone)
    units = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}

    def one(text: str, form: str) -> int:
        if form in units:
            return int(Decimal(text) * units[form])
        value = datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
        return micros((value if value.tzinfo else value.replace(tzinfo=here)).astimezone(UTC))

    def read(text: str) -> int:
        for form in formats:
            try:
                return one(text, form)
            except (ValueError, InvalidOperation, OverflowError):
                continue
        raise Refused("bad_instant", " or ".join(formats))

    return read


def moment(formats: tuple[str, ...], zone: str) -> Callable[[str], str]:
    """A reader of instant properties, which are ISO 8601 text in an event."""
    read = instant(formats, zone)
    return lambda text: iso(read(text))


def text(value: str) -> str:
    """Text as it is."""
    return value


def remembering(read: Callable[[str], Any]) -> Callable[[str | None], Any]:
    """The same reader, remembering what it said of each text; of none it says None."""
    known: dict[str | None, Any] = {None: None}

    def remembered(value: str | None) -> Any:
        try:
            return known[value]
        except KeyError:
            assert value is not None
            if len(known) >= MEMO:
                known.clear()
                known[None] = None
            known[value] = answer = read(value)
            return answer

    return remembered

"""The types of values: what a property, a trait or an expression can be.

Everything but a real number is exact. Inside engines an integer and a decimal are
64-bit counts of units (a decimal of scale 2 counts hundredths), and an instant is 64-bit
microseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

import msgspec

MAX_SCALE = 6
"""The most digits after the point that a decimal keeps (division and means use all of them)."""


class Integer(msgspec.Struct, frozen=True, tag="integer", tag_field="type"):
    """A whole number of 64 bits."""

    def __str__(self) -> str:
        return "integer"


class Decimal(msgspec.Struct, frozen=True, tag="decimal", tag_field="type"):
    """An exact number with `scale` digits after the point, held as a 64-bit count of units."""

    scale: int

    def __str__(self) -> str:
        return f"decimal({self.scale})"


class Real(msgspec.Struct, frozen=True, tag="real", tag_field="type"):
    """A 64-bit floating-point number; never compared with ``==``.

    A `decaying` one changes continuously with time, so it may only be named as a trait or
    compared with a constant (its crossing instant then has a closed form).
    """

    decaying: bool = False

    def __str__(self) -> str:
        return "decaying real" if self.decaying else "real"


class Text(msgspec.Struct, frozen=True, tag="text", tag_field="type"):
    """Unicode text without U+0000, compared by code point."""

    def __str__(self) -> str:
        return "text"


class Boolean(msgspec.Struct, frozen=True, tag="boolean", tag_field="type"):
    """True, false or unknown."""

    def __str__(self) -> str:
        return "boolean"


class Instant(msgspec.Struct, frozen=True, tag="instant", tag_field="type"):
    """A moment: microseconds since 1970-01-01 UTC."""

    def __str__(self) -> str:
        return "instant"


class Duration(msgspec.Struct, frozen=True, tag="duration", tag_field="type"):
    """A length of time in microseconds; an `aging` one grows with the clock."""

    aging: bool = False

    def __str__(self) -> str:
        return "age" if self.aging else "duration"


class Enumerated(msgspec.Struct, frozen=True, tag="enumerated", tag_field="type"):
    """One of the named stages; `ordered` ones (tiers) compare by rank, lowest first."""

    options: tuple[str, ...]
    ordered: bool = False

    def __str__(self) -> str:
        return f"{'tier' if self.ordered else 'stage'} of {', '.join(self.options)}"


Scalar = Integer | Decimal | Real | Text | Boolean | Instant | Duration | Enumerated


class ListOf(msgspec.Struct, frozen=True, tag="list", tag_field="type"):
    """A list of values of one type, most recent first."""

    of: Integer | Decimal | Text | Boolean | Instant

    def __str__(self) -> str:
        return f"list of {self.of}"


Type = Integer | Decimal | Real | Text | Boolean | Instant | Duration | Enumerated | ListOf


def is_exact_number(kind: Type) -> bool:
    """Whether values of this type are counted exactly (integer or decimal)."""
    return isinstance(kind, Integer | Decimal)


def is_number(kind: Type) -> bool:
    """Whether values of this type can be added (a decaying real cannot)."""
    return is_exact_number(kind) or kind == Real()


def scale_of(kind: Type) -> int:
    """Digits after the point of an exact number: an integer has none."""
    return kind.scale if isinstance(kind, Decimal) else 0

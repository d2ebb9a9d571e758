"""Exact arithmetic on units, the law for every engine (law 10).

A value of scale `s` is an integer count of ``10**-s``. Results that do not fit 64 bits are
unknown (`None`), and so is a division by zero; rounding is half away from zero.
"""

from __future__ import annotations

from decimal import Decimal

from coterie.errors import WrongType
from coterie.language.types import MAX_SCALE

LIMIT = 2**63
MAX_PROPERTY = 2**40
"""Property values beyond this many units are quarantined, so that no sum overflows."""


def exact(value: Decimal) -> Decimal:
    """The same number in its one form: no trailing zeros, no exponent, no negative zero.

    Raises
    ------
    WrongType
        For NaN and infinities, and for numbers far beyond 64 bits.

    Examples
    --------
    >>> exact(Decimal("1.50")), exact(Decimal("1e3")), exact(Decimal("-0.0"))
    (Decimal('1.5'), Decimal('1000'), Decimal('0'))
    """
    if not value.is_finite():
        raise WrongType("NaN and infinities are no values", got=str(value))
    if not value:
        return Decimal(0)
    if abs(value.adjusted()) > 60:
        raise WrongType(
            "a constant has too many digits",
            got=f"about 1e{value.adjusted()}",
            expected=f"at most {MAX_SCALE} after the point, and 64 bits in all",
        )
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def fits(units: int) -> int | None:
    """The value, or `None` where it needs more than 64 bits."""
    return units if -LIMIT <= units < LIMIT else None


def divide_half_away(a: int, b: int) -> int:
    """``a / b`` rounded half away from zero, for ``b != 0``.

    Examples
    --------
    >>> [divide_half_away(n, 2) for n in (-3, -1, 1, 3)]
    [-2, -1, 1, 2]
    """
    quotient, rest = divmod(abs(a), abs(b))
    rounded = quotient + (2 * rest >= abs(b))
    return rounded if (a < 0) == (b < 0) else -rounded


def rescale(units: int, old: int, new: int) -> int:
    """The same value at another scale; fewer digits round half away from zero."""
    return units * 10 ** (new - old) if new >= old else divide_half_away(units, 10 ** (old - new))


def add(a: int, scale_a: int, b: int, scale_b: int) -> int | None:
    """The sum, at the larger scale."""
    scale = max(scale_a, scale_b)
    return fits(rescale(a, scale_a, scale) + rescale(b, scale_b, scale))


def multiply(a: int, scale_a: int, b: int, scale_b: int) -> int | None:
    """The product, at the sum of the scales but at most 6 (rounded once)."""
    return fits(rescale(a * b, scale_a + scale_b, min(scale_a + scale_b, MAX_SCALE)))


def divide(a: int, scale_a: int, b: int, scale_b: int) -> int | None:
    """The quotient at scale 6; unknown where `b` is zero.

    Examples
    --------
    >>> divide(10, 0, 3, 0), divide(-5, 1, 1, 0), divide(1, 0, 0, 0)
    (3333333, -500000, None)
    """
    if b == 0:
        return None
    return fits(divide_half_away(a * 10 ** (MAX_SCALE + scale_b), b * 10**scale_a))

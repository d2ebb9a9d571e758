"""The arithmetic of `wide` in Python's own integers, which have no end."""

from __future__ import annotations

import struct

from coterie.language.numbers import LIMIT, divide_half_away

HALF = 32
_REAL = struct.Struct("<d")
_UNITS = struct.Struct("<q")


def _known(units: int) -> tuple[bool, int]:
    return (True, units) if -LIMIT <= units < LIMIT else (False, 0)


def product(a: int, b: int, down: int) -> tuple[bool, int]:
    """``a * b / down``, half away from zero."""
    return _known(a * b if down == 1 else divide_half_away(a * b, down))


def quotient(a: int, up: int, b: int, under: int) -> tuple[bool, int]:
    """``(a * up) / (b * under)``, half away from zero; unknown where `b` is 0."""
    return _known(divide_half_away(a * up, b * under)) if b else (False, 0)


def combined(a: int, up_a: int, b: int, up_b: int) -> tuple[bool, int]:
    """``a * up_a + b * up_b``."""
    return _known(a * up_a + b * up_b)


def ordered(a: int, up_a: int, b: int, up_b: int) -> int:
    """-1, 0 or 1, as ``a * up_a`` is less than, equal to or greater than ``b * up_b``."""
    left, right = a * up_a, b * up_b
    return (left > right) - (left < right)


def mean_of(hi: int, lo: int, up: int, n: int) -> tuple[bool, int]:
    """``(hi * 2**32 + lo) * up / n``, half away from zero."""
    return _known(divide_half_away(((hi << HALF) + lo) * up, n))


def fitted(hi: int, lo: int) -> tuple[bool, int]:
    """``hi * 2**32 + lo``."""
    return _known((hi << HALF) + lo)


def bits(x: float) -> int:
    """The 64 bits of a real, as an integer; negative zero is zero."""
    return int(_UNITS.unpack(_REAL.pack(x + 0.0))[0])


def real(i: int) -> float:
    """The real of these 64 bits."""
    return float(_REAL.unpack(_UNITS.pack(i))[0])

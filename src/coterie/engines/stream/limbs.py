"""The arithmetic of `wide` in machine words: numbers of up to 128 bits as pairs of words.

Where the result surely fits (a real product says so within one part in 2**50), plain 64-bit
operations do; only beyond that are there pairs. Signed pairs are ``hi * 2**32 + lo``, unsigned
ones ``high * 2**64 + low``. A `numpy.uint64` never meets an integer of another kind here, since
Numba would make a real of both.
"""

from __future__ import annotations

import numpy as np

from coterie.engines.stream.compiled import compiled

U = np.uint64
HALF, MASK = 32, 0xFFFFFFFF
SAFE = 9.2e18  # less than 2**63 by more than the rounding of a product of reals
NO, ONE, TOP = U(0), U(1), U(63)
U_HALF, U_MASK, U_LIMIT = U(HALF), U(MASK), U(2**63)


@compiled
def _halved(a: int, b: int) -> tuple[bool, int]:
    """``a / b`` half away from zero, for ``|a|`` and ``b > 0`` below `SAFE`."""
    size = abs(a)
    whole = size // b
    rest = size - whole * b
    if rest >= b - rest:
        whole += 1
    return True, whole if a >= 0 else -whole


@compiled
def _size(a: int) -> U:
    """``|a|``, also of ``-2**63``."""
    return U(a) if a >= 0 else NO - U(a)


@compiled
def _times(a: U, b: U) -> tuple[U, U]:
    """The 128 bits of a product."""
    a_high, a_low, b_high, b_low = a >> U_HALF, a & U_MASK, b >> U_HALF, b & U_MASK
    low = a_low * b_low
    cross = a_high * b_low + (low >> U_HALF)
    other = a_low * b_high + (cross & U_MASK)
    high = a_high * b_high + (cross >> U_HALF) + (other >> U_HALF)
    return high, (other << U_HALF) | (low & U_MASK)


@compiled
def _divided(high: U, low: U, d_high: U, d_low: U, negative: bool) -> tuple[bool, int]:
    """A quotient of 128 bits by up to 127, half away from zero, with its sign; bit by bit."""
    if d_high == NO and high >= d_low:
        return False, 0
    rest_high, rest, size = NO, high, NO
    for _ in range(64):
        rest_high = (rest_high << ONE) | (rest >> TOP)
        rest = (rest << ONE) | (low >> TOP)
        low = low << ONE
        size = size << ONE
        if rest_high > d_high or (rest_high == d_high and rest >= d_low):
            rest_high = rest_high - d_high - (ONE if rest < d_low else NO)
            rest = rest - d_low
            size = size | ONE
    if size > U_LIMIT:
        return False, 0
    rest_high = (rest_high << ONE) | (rest >> TOP)
    rest = rest << ONE
    if rest_high > d_high or (rest_high == d_high and rest >= d_low):
        size = size + ONE
    if size < U_LIMIT:
        whole = int(np.int64(size))
        return True, -whole if negative else whole
    known = negative and size == U_LIMIT
    return known, -(2**63) if known else 0


@compiled
def product(a: int, b: int, down: int) -> tuple[bool, int]:
    """As in `whole`."""
    if abs(float(a) * float(b)) < SAFE:
        return _halved(a * b, down) if down != 1 else (True, a * b)
    high, low = _times(_size(a), _size(b))
    return _divided(high, low, NO, U(down), (a < 0) != (b < 0))


@compiled
def quotient(a: int, up: int, b: int, under: int) -> tuple[bool, int]:
    """As in `whole`."""
    if b == 0:
        return False, 0
    if abs(float(a) * float(up)) < SAFE and abs(float(b) * float(under)) < SAFE:
        return _halved(a * up if b > 0 else -a * up, abs(b * under))
    high, low = _times(_size(a), U(up))
    d_high, d_low = _times(_size(b), U(under))
    return _divided(high, low, d_high, d_low, (a < 0) != (b < 0))


@compiled
def _pair(a: int, up_a: int, b: int, up_b: int) -> tuple[int, int]:
    """``a * up_a + b * up_b`` as a signed pair."""
    low = (a & MASK) * up_a + (b & MASK) * up_b
    return (a >> HALF) * up_a + (b >> HALF) * up_b + (low >> HALF), low & MASK


@compiled
def combined(a: int, up_a: int, b: int, up_b: int) -> tuple[bool, int]:
    """As in `whole`."""
    hi, lo = _pair(a, up_a, b, up_b)
    return fitted(hi, lo)


@compiled
def ordered(a: int, up_a: int, b: int, up_b: int) -> int:
    """As in `whole`."""
    hi, lo = _pair(a, up_a, b, -up_b)
    if hi < 0:
        return -1
    return 1 if hi > 0 or lo > 0 else 0


@compiled
def mean_of(hi: int, lo: int, up: int, n: int) -> tuple[bool, int]:
    """As in `whole`."""
    if abs((float(hi) * 4294967296.0 + float(lo)) * float(up)) < SAFE:
        return _halved(((hi << HALF) + lo) * up, n)
    high, low = U(hi >> HALF), (U(hi) << U_HALF) | U(lo)
    if hi < 0:
        low = NO - low
        high = NO - high - (ONE if low != NO else NO)
    carry, low = _times(low, U(up))
    return _divided(high * U(up) + carry, low, NO, U(n), hi < 0)


@compiled
def fitted(hi: int, lo: int) -> tuple[bool, int]:
    """As in `whole`."""
    known = -(2**31) <= hi < 2**31
    return known, (hi << HALF) + lo if known else 0


@compiled
def bits(x: float) -> int:
    """As in `whole`."""
    return int(np.float64(x + 0.0).view(np.int64))


@compiled
def real(i: int) -> float:
    """As in `whole`."""
    return float(np.int64(i).view(np.float64))

"""Arithmetic in machine words is that of the law, also where it needs more than one word."""

from __future__ import annotations

import math
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coterie.engines.stream import limbs, whole, wide
from coterie.engines.stream.compiled import COMPILED, kernel
from coterie.language import numbers

needs_numba = pytest.mark.skipif(not COMPILED, reason="kernels are not compiled here")

ENDS = [0, 1, 5, 777, 10**6, 2**31, 2**32, 2**33, 10**12, 2**40, 2**52, 2**53, 10**18, 2**62, 2**63]
SCALES = st.integers(0, numbers.MAX_SCALE)
FACTORS = SCALES.map(lambda scale: 10**scale)


def signed(size: int) -> int:
    """Within 64 bits, at the end that is nearest."""
    return max(-(2**63), min(2**63 - 1, size))


words = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-20, 20),
    st.builds(
        lambda end, sign, off, down: signed(sign * end // down + off),
        st.sampled_from(ENDS),
        st.sampled_from((-1, 1)),
        st.integers(-3, 3),
        st.sampled_from((1, 2, 3, 10, 10**6, 10**12)),
    ),
)
halves = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from((0, 1, 2**31, 2**32 - 2, 2**32 - 1)))


def answer(units: int | None) -> tuple[bool, int]:
    return (False, 0) if units is None else (True, units)


def rounded(a: int, b: int) -> tuple[bool, int]:
    return answer(numbers.fits(numbers.divide_half_away(a, b)))


def callable_limbs() -> Any:
    """The functions of `limbs` as kernels, which Python can call."""
    if not COMPILED:
        return limbs
    names = wide.__all__
    return SimpleNamespace(**{name: kernel(getattr(limbs, name).py_func) for name in names})


LIMBS = callable_limbs()


def ways() -> list[Any]:
    return [
        pytest.param(whole, id="whole"),
        pytest.param(LIMBS, id="limbs", marks=needs_numba),
    ]


@pytest.mark.parametrize("way", ways())
@given(a=words, b=words, left=SCALES, right=SCALES)
@example(a=-(2**63), b=-1, left=0, right=0)
@example(a=-(2**63), b=10**6, left=6, right=6)
def test_products_are_those_of_the_law(
    way: ModuleType, a: int, b: int, left: int, right: int
) -> None:
    """The product at the sum of the scales, at most 6, and unknown beyond 64 bits."""
    down = 10 ** max(0, left + right - numbers.MAX_SCALE)
    assert way.product(a, b, down) == answer(numbers.multiply(a, left, b, right))


@pytest.mark.parametrize("way", ways())
@given(a=words, b=words, left=SCALES, right=SCALES)
@example(a=-(2**63), b=-(2**63), left=6, right=6)
@example(a=-(2**63), b=1, left=6, right=0)
def test_quotients_are_those_of_the_law(
    way: ModuleType, a: int, b: int, left: int, right: int
) -> None:
    """The quotient at scale 6, unknown by zero and beyond 64 bits."""
    up, under = 10 ** (numbers.MAX_SCALE + right), 10**left
    assert way.quotient(a, up, b, under) == answer(numbers.divide(a, left, b, right))


@pytest.mark.parametrize("way", ways())
@given(a=words, b=words, left=SCALES, right=SCALES, sign=st.sampled_from((-1, 1)))
def test_sums_and_differences_are_those_of_the_law(
    way: ModuleType, a: int, b: int, left: int, right: int, sign: int
) -> None:
    """The sum at the larger scale; a difference does not depend on what is negated first."""
    scale = max(left, right)
    found = way.combined(a, 10 ** (scale - left), b, sign * 10 ** (scale - right))
    assert found == answer(numbers.add(a, left, sign * b, right))


@pytest.mark.parametrize("way", ways())
@given(
    a=words,
    b=words,
    up_a=st.integers(-(10**6), 10**6),
    up_b=st.integers(-(10**6), 10**6),
)
def test_order_is_that_of_the_exact_values(
    way: ModuleType, a: int, b: int, up_a: int, up_b: int
) -> None:
    """Whatever the factors, and however far beyond 64 bits the two values are."""
    left, right = a * up_a, b * up_b
    assert way.ordered(a, up_a, b, up_b) == (left > right) - (left < right)
    assert way.combined(a, up_a, b, up_b) == answer(numbers.fits(left + right))


@pytest.mark.parametrize("way", ways())
@given(a=words, up=FACTORS, off=st.integers(-1, 1))
def test_values_at_two_scales_compare_equal_only_where_they_are(
    way: ModuleType, a: int, up: int, off: int
) -> None:
    """Neighbours at the finer scale are told apart."""
    coarse = signed(a // up)
    fine = signed(coarse * up + off)
    assert way.ordered(coarse, up, fine, 1) == (coarse * up > fine) - (coarse * up < fine)


@pytest.mark.parametrize("way", ways())
@given(hi=words, lo=halves, up=FACTORS, n=words.map(lambda n: max(1, abs(n))).map(signed))
@example(hi=-(2**63), lo=0, up=10**6, n=2**62)
@example(hi=-(2**31), lo=0, up=1, n=1)
@example(hi=2**31, lo=0, up=1, n=1)
@example(hi=-1, lo=2**32 - 1, up=1, n=2)
def test_means_are_rounded_from_the_exact_total(
    way: ModuleType, hi: int, lo: int, up: int, n: int
) -> None:
    """A total may be far beyond 64 bits where its mean is not."""
    assert way.mean_of(hi, lo, up, n) == rounded((hi * 2**32 + lo) * up, n)


@pytest.mark.parametrize("way", ways())
@given(
    value=words,
    n=st.integers(1, 2**31),
    rest=st.integers(-(10**6), 10**6),
)
def test_means_of_equal_values_are_that_value(
    way: ModuleType, value: int, n: int, rest: int
) -> None:
    """Up to the ends of 64 bits, and to the half that rounds away from zero."""
    total = value * n + rest
    assert way.mean_of(total >> 32, total & (2**32 - 1), 1, n) == rounded(total, n)


@pytest.mark.parametrize("way", ways())
@given(hi=words, lo=halves)
@example(hi=2**31, lo=0)
@example(hi=2**31 - 1, lo=2**32 - 1)
@example(hi=-(2**31), lo=0)
@example(hi=-(2**31) - 1, lo=2**32 - 1)
def test_totals_are_known_within_64_bits(way: ModuleType, hi: int, lo: int) -> None:
    """A total of two halves, and not known where it does not fit."""
    assert way.fitted(hi, lo) == answer(numbers.fits(hi * 2**32 + lo))


@pytest.mark.parametrize("way", ways())
@given(x=st.floats(allow_nan=False))
@example(x=-0.0)
def test_reals_come_back_from_their_bits(way: ModuleType, x: float) -> None:
    """All but the sign of zero, which equal values must not differ by."""
    back = way.real(way.bits(x))
    assert back == x
    assert math.copysign(1, back) == (math.copysign(1, x) if x else 1)
    assert way.bits(x) == whole.bits(x)


def test_kernels_take_the_way_that_was_chosen() -> None:
    """`wide` is one of the two, whole."""
    way = limbs if COMPILED else whole
    assert all(getattr(wide, name) is getattr(way, name) for name in wide.__all__)


@needs_numba
def test_machine_words_stay_integers() -> None:
    """No mixture of signed and unsigned words made a real of an exact number."""

    @kernel
    def every(a: int, b: int) -> tuple[tuple[bool, int], ...]:
        return (
            limbs.product(a, b, 1),
            limbs.quotient(a, 1, b, 1),
            limbs.combined(a, 1, b, 1),
            limbs.mean_of(a, b, 1, 1),
            limbs.fitted(a, b),
        )

    assert every(2**53 + 1, 1) == (
        (True, 2**53 + 1),
        (True, 2**53 + 1),
        (True, 2**53 + 2),
        (False, 0),
        (False, 0),
    )
    (signature,) = every.nopython_signatures  # type: ignore[attr-defined]
    assert str(signature.return_type) == "UniTuple(Tuple(bool, int64) x 5)"

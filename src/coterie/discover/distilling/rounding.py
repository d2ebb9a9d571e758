"""Thresholds that people can read: the roundest number that divides the same people."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from itertools import product

import numpy as np

from coterie.discover.prepared import Reals
from coterie.language.types import MAX_SCALE

SLACK = 0.005
"""The part of the people at a threshold who may change sides for a rounder number."""


def readable(values: Reals, threshold: float) -> Decimal:
    """The roundest number near a threshold, with at most 6 digits after the point.

    Parameters
    ----------
    values : (n,) float64
        Of the people whom the threshold divides; none is unknown, and some lie on each side.
    threshold : float
        Smaller or equal values lie on the left.

    Returns
    -------
    Decimal
        For the question ``value < threshold``. At most `SLACK` of the people change sides.

    Examples
    --------
    >>> readable(np.array([1.0, 2.0, 4.0, 80.0]), 41.7)
    Decimal('50')
    >>> readable(np.array([0.0, 1.0, 2.0]), 1.5)
    Decimal('2')
    """
    ranked = np.sort(values)
    n_left = int(np.searchsorted(ranked, threshold, side="right"))
    slack = int(len(ranked) * SLACK)
    low = ranked[max(0, n_left - 1 - slack)]
    high = ranked[min(len(ranked) - 1, n_left + slack)]
    return roundest(float(low), float(high), threshold)


def roundest(low: float, high: float, near: float) -> Decimal:
    """The number in ``(low, high]`` with the fewest digits, of several the one nearest to `near`.

    Examples
    --------
    >>> roundest(93.2, 112.8, 101.0), roundest(0.21, 0.27, 0.24), roundest(-3, 4, 1)
    (Decimal('100'), Decimal('0.25'), Decimal('0'))
    """
    lowest, highest, wanted = (Decimal(repr(float(x))) for x in (low, high, near))
    if lowest < 0 <= highest:
        return Decimal(0)
    for exponent, digit in product(range(_magnitude(highest, lowest), -MAX_SCALE - 1, -1), "152"):
        step = Decimal(digit).scaleb(exponent if digit == "1" else exponent - 1)
        found = _multiple(lowest, highest, wanted, step)
        if found is not None and -found.normalize().as_tuple().exponent <= MAX_SCALE:  # type: ignore[operator]
            return _plain(found)
    return _plain(highest.quantize(Decimal(1).scaleb(-MAX_SCALE), ROUND_CEILING))


def _magnitude(*bounds: Decimal) -> int:
    return max(bound.adjusted() for bound in bounds if bound) + 1


def _multiple(low: Decimal, high: Decimal, near: Decimal, step: Decimal) -> Decimal | None:
    nearest = (near / step).to_integral_value() * step
    inside = [x for x in (nearest, nearest - step, nearest + step) if low < x <= high]
    return min(inside, key=lambda x: abs(x - near), default=None)


def _plain(number: Decimal) -> Decimal:
    return Decimal(f"{number.normalize():f}")

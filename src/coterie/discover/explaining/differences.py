"""What makes a cluster itself: by which features its people differ from the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coterie.discover.candidates import Candidate
from coterie.discover.prepared import Feature, Prepared, Reals


@dataclass(frozen=True)
class Difference:
    """How far one feature's mean in a cluster lies from that of everybody else.

    Parameters
    ----------
    feature : str
        Such as ``spend`` or ``favourite is Gifts``.
    column : str
        The trait it is made of.
    category : str or None
        The value that a text is held against.
    of : str
        ``value``, or ``unknown`` where it is about who has none.
    value : float
        In pooled standard deviations, above 0 where the cluster has more.
    """

    feature: str
    column: str
    category: str | None
    of: str
    value: float


def differences(prepared: Prepared, candidate: Candidate) -> tuple[tuple[Difference, ...], ...]:
    """For each cluster every feature, the largest difference first.

    Notes
    -----
    Features as they were prepared, before components: filled, clipped and bent, so that a few
    huge values do not hide a difference. The standardised difference is Cohen's d with the mean
    of both variances (Austin, "Using the standardized difference to compare the prevalence of a
    binary variable", 2009): from 0.2 it is called small, from 0.8 large. Where neither side
    varies, the deviation of everybody stands for the pooled one.

    Examples
    --------
    >>> standardised(np.array([[3.0], [5.0], [1.0], [3.0]]), np.array([True, True, False, False]))
    array([1.41421356])
    """
    return tuple(
        _ranked(prepared.features, standardised(prepared.standardised, candidate.labels == i))
        for i in range(candidate.k)
    )


def standardised(values: Reals, inside: NDArray[np.bool_]) -> Reals:
    """The standardised difference of each column between some rows and the others.

    Parameters
    ----------
    values : (n, p) float64
    inside : (n,) bool

    Returns
    -------
    (p,) float64
        0 where one side has nobody or nothing varies.
    """
    if inside.all() or not inside.any():
        return np.zeros(values.shape[1])
    one, other = values[inside], values[~inside]
    pooled = np.sqrt((_variance(one) + _variance(other)) / 2)
    spread = np.where(pooled > 0, pooled, values.std(axis=0))
    gap: Reals = one.mean(axis=0) - other.mean(axis=0)
    return np.divide(gap, spread, out=np.zeros_like(gap), where=spread > 0)


def _variance(values: Reals) -> Reals:
    found: Reals = values.var(axis=0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1])
    return found


def _ranked(features: tuple[Feature, ...], values: Reals) -> tuple[Difference, ...]:
    return tuple(sorted(_each(features, values), key=lambda found: -abs(found.value)))


def _each(features: tuple[Feature, ...], values: Reals) -> Iterator[Difference]:
    for each, value in zip(features, values.tolist(), strict=True):
        yield Difference(each.name, each.column, each.category, each.of, value)

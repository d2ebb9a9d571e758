"""The tests behind proposals: whether groups are alike, and whether one is below the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from coterie.discover.prepared import Reals

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Test:
    """One test and what it came to.

    Parameters
    ----------
    name : str
        Of the test, with its source.
    effect : float
        What was found, in the test's own measure.
    p : float
        The chance of finding this or more where the test's hypothesis is not true.
    adjusted : float
        The same, corrected for how many tests were made.
    """

    name: str
    effect: float
    p: float
    adjusted: float

    __test__ = False


@dataclass(frozen=True)
class Moments:
    """What equivalence is tested with: of each group and feature the mean and variance.

    Parameters
    ----------
    people : (g,) int64
    means, variances : (g, p) float64
    """

    people: NDArray[np.int64]
    means: Reals
    variances: Reals


def moments(values: Reals, groups: Sequence[Flags]) -> Moments:
    """Of each group, of at least 2 people, the mean and variance of each column."""
    parts = [values[group] for group in groups]
    return Moments(
        np.array([len(part) for part in parts], dtype=np.int64),
        np.array([part.mean(axis=0) for part in parts]),
        np.array([part.var(axis=0, ddof=1) for part in parts]),
    )


def alike(found: Moments, i: int, j: int, margin: float) -> tuple[float, float]:
    """Whether two groups are the same in every feature, but for differences that do not matter.

    Parameters
    ----------
    margin : float
        The largest difference of means that does not matter, in the features' own units.

    Returns
    -------
    float, float
        The largest difference that was seen, and p of the hypothesis that some difference is as
        large as `margin` or larger.

    Notes
    -----
    Two one-sided Welch tests a feature (Schuirmann, 1987); the largest p of all features is that
    of all together (intersection-union; Berger, 1982), so nothing is corrected within a pair.
    Groups that are small are not found alike: they may differ, and nobody could see it.
    """
    gap = np.abs(found.means[i] - found.means[j])
    a, b = found.variances[i] / found.people[i], found.variances[j] / found.people[j]
    error = np.sqrt(a + b)
    moving = error > 0
    if not moving.any() or (gap[~moving] >= margin).any():
        return float(gap.max(initial=0.0)), float((gap >= margin).any())
    a, b, error = a[moving], b[moving], error[moving]
    freedom = (a + b) ** 2 / (a**2 / (found.people[i] - 1) + b**2 / (found.people[j] - 1))
    p = stats.t.sf((margin - gap[moving]) / error, freedom)
    return float(gap.max()), float(p.max())


def below(outcome: Reals, inside: Flags) -> tuple[float, float]:
    """Whether a group's outcome lies below that of everybody else.

    Parameters
    ----------
    outcome : (n,) float64
        A number, or 1 and 0 of a truth; unknown is NaN, and left out.

    Returns
    -------
    float, float
        The chance that one of the group has more than one of the rest, ties by halves (0.5 where
        they are the same); and p of the hypothesis that the group has no less.

    Notes
    -----
    Mann and Whitney's test (1947), which a few large orders do not decide.
    """
    known = ~np.isnan(outcome)
    one, rest = outcome[inside & known], outcome[~inside & known]
    if not len(one) or not len(rest):
        return 0.5, 1.0
    found = stats.mannwhitneyu(one, rest, alternative="less", method="asymptotic")
    p = float(found.pvalue)
    return float(found.statistic) / (len(one) * len(rest)), p if np.isfinite(p) else 1.0


def adjusted(ps: Sequence[float]) -> list[float]:
    """The p of several tests, corrected for their number, whatever depends on what.

    Notes
    -----
    Of the hypotheses refused below a level, so many are refused wrongly at most, on average
    (false discovery rate; Benjamini and Yekutieli, 2001).

    Examples
    --------
    >>> [round(p, 4) for p in adjusted([0.01, 0.5])], adjusted([])
    ([0.03, 0.75], [])
    """
    if not ps:
        return []
    return [float(p) for p in stats.false_discovery_control(list(ps), method="by")]

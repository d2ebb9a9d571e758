"""Values far from the others: where the usual ones end, and whose values together are unusual."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import IsolationForest

from coterie.discover.prepared import Reals
from coterie.discover.preparing.recipe import Outliers

DEFAULTS = {"robust-z": 3.5, "iqr": 3.0, "isolation-forest": 0.01}
"""Robust z (Iglewicz and Hoaglin 1993), quartile ranges ("far out" in Tukey 1977), share."""
FENCED = ("robust-z", "iqr")
"""Ways that look at one column and have limits."""
SINGLE = 1e30
"""Trees hold values in single precision; a value beyond is far out by any standard."""
TO_SIGMA = 1.482602218505602
"""A normal distribution's standard deviation in median absolute deviations."""


def limits(values: Reals, method: Outliers, limit: float | None) -> tuple[float, float]:
    """Where the usual values of a column end, both ends included.

    Parameters
    ----------
    values : (n,) float64
        NaN where unknown.
    limit : float or None
        In robust z or quartile ranges; None is the default of `DEFAULTS`.

    Notes
    -----
    Where more than half of the values are one, both measures of spread are 0. Then the values that
    differ from it are judged among themselves, and the one is within.

    Examples
    --------
    >>> low, high = limits(np.array([1.0, 2, 3, 4, 5, 900]), "robust-z", None)
    >>> round(low, 3), round(high, 3)
    (-4.284, 11.284)
    """
    known = values[~np.isnan(values)]
    if method not in FENCED or not known.size:
        return -np.inf, np.inf
    reach = DEFAULTS[method] if limit is None else limit
    low, high = _fences(known, method, reach)
    if low < high:
        return low, high
    others = known[known != low]
    if not others.size:
        return low, low
    lower, upper = _fences(others, method, reach)
    return min(low, lower), max(low, upper)


def ends(values: Reals, share: float) -> tuple[float, float]:
    """The two quantiles beyond which a share of the known values lies, half of it on each side."""
    low, high = np.nanquantile(values, (share / 2, 1 - share / 2))
    return float(low), float(high)


def _fences(values: Reals, method: str, reach: float) -> tuple[float, float]:
    if method == "iqr":
        first, third = np.percentile(values, (25, 75))
        return float(first - reach * (third - first)), float(third + reach * (third - first))
    middle = float(np.median(values))
    spread = TO_SIGMA * float(np.median(np.abs(values - middle)))
    return middle - reach * spread, middle + reach * spread


def isolated(matrix: Reals, share: float | None, seed: int) -> NDArray[np.bool_]:
    """The people whose values together are unusual, by an isolation forest (Liu et al. 2008).

    Parameters
    ----------
    matrix : (n, p) float64
        Standardised, with every unknown filled.
    share : float or None
        Of the people; None is 0.01.
    """
    forest = IsolationForest(
        contamination=DEFAULTS["isolation-forest"] if share is None else share, random_state=seed
    )
    single = np.clip(matrix, -SINGLE, SINGLE)
    return np.asarray(forest.fit_predict(single) == -1)

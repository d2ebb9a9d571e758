"""Curves that straighten skewed columns, and the one that does it best."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import stats
from sklearn.preprocessing import PowerTransformer

from coterie.discover.prepared import Reals
from coterie.discover.preparing import outliers
from coterie.discover.preparing.recipe import Curve, Outliers

SIMPLER = 0.25
"""How much skewness log1p may leave beyond Yeo-Johnson: a logarithm can be explained."""
SAMPLED = 100_000
"""Values by which a curve is chosen; the evenly spaced ones of more."""


def skewness(values: Reals) -> float:
    """The third standardised moment of the known values; 0 where they are one.

    Examples
    --------
    >>> round(skewness(np.array([1.0, 1, 1, 9, np.nan])), 3), skewness(np.array([2.0, 2.0]))
    (1.155, 0.0)
    """
    known = values[~np.isnan(values)]
    if known.size < 3:
        return 0.0
    centred = known - known.mean()
    scale = float(np.abs(centred).max())
    if scale <= 1e-12 * float(np.abs(known).max()):
        return 0.0
    centred = centred / scale  # so that neither power overflows
    squares = centred * centred
    return float(np.mean(squares * centred) / np.mean(squares) ** 1.5)


def chosen(values: Reals, curve: Curve, skewed: float) -> str:
    """The curve of a column: ``""``, ``log1p`` or ``yeo-johnson``.

    Parameters
    ----------
    values : (n,) float64
        NaN where unknown.
    curve : str
        What is asked; ``log1p`` of values below 0 becomes ``yeo-johnson``.
    skewed : float
        From which absolute skewness ``auto`` bends.
    """
    known = values[~np.isnan(values)]
    if curve == "none" or known.size < 3:
        return ""
    low = float(known.min())
    if curve == "log1p":
        return "log1p" if low >= 0 else "yeo-johnson"
    if curve == "yeo-johnson":
        return "yeo-johnson"
    known = _some(known)
    left = {"": abs(skewness(known))}
    if left[""] <= skewed:
        return ""
    bent, _ = stats.yeojohnson(known)
    left["yeo-johnson"] = abs(skewness(np.asarray(bent)))
    if low >= 0:
        left["log1p"] = abs(skewness(np.log1p(known))) - SIMPLER
    return min(left, key=lambda name: left[name])


def _some(known: Reals) -> Reals:
    return known[:: max(1, known.size // SAMPLED)]


def bent(values: Reals, curve: str, bend: float) -> Reals:
    """Values after a curve; Yeo and Johnson (2000) with lambda `bend`.

    Examples
    --------
    >>> bent(np.array([0.0, 3.0]), "yeo-johnson", 1.0).tolist()
    [0.0, 3.0]
    """
    match curve:
        case "log1p":
            return np.asarray(np.log1p(values))
        case "yeo-johnson":
            return np.asarray(stats.yeojohnson(values, lmbda=bend))
    return values


def unbent_limits(
    values: Reals, curve: str, method: Outliers, limit: float | None
) -> tuple[float, float]:
    """Where usual values end, judged after a curve and said before it; infinite where nowhere."""
    known = values[~np.isnan(values)]
    if not curve or method not in outliers.FENCED:
        return outliers.limits(known, method, limit)
    if curve == "log1p":
        low, high = outliers.limits(np.asarray(np.log1p(known)), method, limit)
        with np.errstate(over="ignore"):
            return float(np.expm1(low)), float(np.expm1(high))
    power = PowerTransformer(standardize=False).fit(_some(known)[:, None])
    ends = outliers.limits(power.transform(known[:, None]).ravel(), method, limit)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # beyond the curve's last value is no limit
        low, high = power.inverse_transform(np.array(ends)[:, None]).ravel()
    return float(low) if np.isfinite(low) else -np.inf, float(high) if np.isfinite(high) else np.inf

"""Fitted parameters applied to one profile; what they mean says :mod:`coterie.engines.models`."""

from __future__ import annotations

import math
from typing import Any

from coterie.engines.models import Input, inputs
from coterie.engines.reference.aggregates import total
from coterie.engines.reference.facts import Value

Known = list[float]


def rank(value: Value, parameters: dict[str, Any]) -> Value:
    """1 + the number of edges below the value; unknown without edges."""
    edges = parameters["edges"]
    return 1 + sum(edge < value for edge in edges) if edges and value is not None else None


def cluster(values: list[float | None], parameters: dict[str, Any]) -> int | None:
    """The index of the cluster with the greatest score; ties go to the lowest.

    Parameters
    ----------
    values : list of float or None
        An unknown input without a fill makes the cluster unknown, and so does one too far from
        every centroid.
    parameters : dict
    """
    found = scores(values, parameters)
    finite = [score for score in found if score is not None]
    return found.index(max(finite)) if finite else None


def scores(values: list[float | None], parameters: dict[str, Any]) -> list[float | None]:
    """The score of each cluster; none of any where an input is unknown."""
    known = prepared(values, parameters)
    if known is None:
        return []
    x = _components(known, parameters)
    if None in x:
        return []
    count = len(parameters["centroids"])
    shapes = parameters.get("shapes") or [None] * count
    offsets = parameters.get("offsets") or [0.0] * count
    places = zip(parameters["centroids"], shapes, offsets, strict=True)
    return [_score([value or 0.0 for value in x], *place) for place in places]


def densities(values: list[float | None], parameters: dict[str, Any]) -> list[float]:
    """The logarithm of each cluster's density where the inputs lie, up to one constant.

    Unlike scores these are of the size of the distances that they tell apart. A density of 0 is
    left out.
    """
    known = prepared(values, parameters)
    found = [score for score in scores(values, parameters) if score is not None]
    if known is None or parameters.get("shapes"):
        return found
    x = _components(known, parameters)
    shared = total(a * a / 2 for a in x if a is not None)
    return [] if shared is None else [score - shared for score in found]


def _components(known: Known, parameters: dict[str, Any]) -> list[float | None]:
    components = parameters.get("components")
    if not components:
        return [*known]
    centre = parameters.get("centre") or [0.0] * len(known)
    apart = [x - c for x, c in zip(known, centre, strict=True)]
    return [_product(weights, apart) for weights in components]


def _score(
    x: Known, centroid: Known, shape: list[Known] | None, offset: float
) -> float | None:  # fmt: skip
    if shape is None:
        return total([offset, *(a * c for a, c in zip(x, centroid, strict=True)),
                      *(-c * c / 2 for c in centroid)])  # fmt: skip
    apart = [a - c for a, c in zip(x, centroid, strict=True)]
    along = [_product(column, apart) for column in zip(*shape, strict=True)]
    if None in along:
        return None
    return total([offset, *(-y * y / 2 for y in along if y is not None)])


def _product(a: Any, b: Any) -> float | None:
    return total(x * y for x, y in zip(a, b, strict=True))


def predicted(values: list[float | None], parameters: dict[str, Any]) -> float | None:
    """Intercept plus weighted inputs, through the link (``identity`` or ``logistic``)."""
    known = prepared(values, parameters)
    if known is None:
        return None
    terms = zip(known, parameters["coefficients"], strict=True)
    score = total([parameters["intercept"], *(x * c for x, c in terms)])
    return logistic(score) if score is not None and parameters["link"] == "logistic" else score


def logistic(score: float) -> float:
    """``1 / (1 + exp(-score))``, without overflow."""
    return 1 / (1 + math.exp(-score)) if score > -700 else 0.0


def prepared(values: list[float | None], parameters: dict[str, Any]) -> Known | None:
    """Each input filled, bounded, bent and scaled, or None where one is unknown or not finite."""
    steps = zip(values, inputs(parameters), strict=True)
    found = [_prepared(x, step) for x, step in steps]
    known = [x for x in found if x is not None and math.isfinite(x)]
    return known if len(known) == len(found) else None


def _prepared(x: float | None, step: Input) -> float | None:
    x = step.fill if x is None else x
    if x is None or not step.scale:
        return None
    x = _bent(min(max(x, step.low), step.high), step.curve, step.bend)
    return None if x is None else (x - step.mean) / step.scale


def _bent(x: float, curve: str, bend: float) -> float | None:
    if curve == "log1p":
        return math.log1p(x) if x > -1 else None
    return yeo_johnson(x, bend) if curve else x


def yeo_johnson(x: float, bend: float) -> float | None:
    """The power transformation of a number of either sign; None beyond 64 bits.

    References
    ----------
    Yeo and Johnson (2000), A new family of power transformations to improve normality or
    symmetry, Biometrika 87.

    Examples
    --------
    >>> yeo_johnson(3.0, 0.5), yeo_johnson(-3.0, 1.0)
    (2.0, -3.0)
    """
    sign, power = (1, bend) if x >= 0 else (-1, 2 - bend)
    if power == 0:
        return sign * math.log1p(abs(x))
    try:
        return float(sign * ((1 + abs(x)) ** power - 1) / power)
    except OverflowError:
        return None

"""Fitted parameters applied to one profile."""

from __future__ import annotations

import math
from typing import Any

from coterie.engines.reference.aggregates import total
from coterie.engines.reference.facts import Value


def rank(value: Value, parameters: dict[str, Any]) -> Value:
    """1 + the number of edges below the value; unknown without edges."""
    edges = parameters["edges"]
    return 1 + sum(edge < value for edge in edges) if edges and value is not None else None


def nearest_centroid(inputs: list[float | None], parameters: dict[str, Any]) -> int | None:
    """The index of the nearest centroid in standardised space; ties go to the lowest.

    Parameters
    ----------
    inputs : list of float or None
        An unknown input makes the cluster unknown, and so does one too far from every centroid.
    parameters : dict
        ``mean`` and ``scale`` of each input and ``centroids`` (one list an index).
    """
    known = standardised(inputs, parameters)
    if known is None:
        return None
    distances = [
        total((x - c) * (x - c) for x, c in zip(known, centroid, strict=True))
        for centroid in parameters["centroids"]
    ]
    finite = [distance for distance in distances if distance is not None]
    return distances.index(min(finite)) if finite else None


def predicted(inputs: list[float | None], parameters: dict[str, Any]) -> float | None:
    """Intercept plus weighted inputs, through the link (``identity`` or ``logistic``)."""
    known = standardised(inputs, parameters)
    if known is None:
        return None
    terms = zip(known, parameters["coefficients"], strict=True)
    score = total([parameters["intercept"], *(x * c for x, c in terms)])
    return logistic(score) if score is not None and parameters["link"] == "logistic" else score


def logistic(score: float) -> float:
    """``1 / (1 + exp(-score))``, without overflow."""
    return 1 / (1 + math.exp(-score)) if score > -700 else 0.0


def standardised(inputs: list[float | None], parameters: dict[str, Any]) -> list[float] | None:
    """``(x - mean) / scale`` of each input, or None where one is unknown or not finite."""
    known = [x for x in inputs if x is not None]
    if len(known) < len(inputs):
        return None
    scaled = zip(known, parameters["mean"], parameters["scale"], strict=True)
    found = [(x - mean) / scale if scale else math.inf for x, mean, scale in scaled]
    return found if all(map(math.isfinite, found)) else None

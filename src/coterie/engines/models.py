"""The parameters of models: how inputs are prepared, and how clusters score them.

A version (:class:`coterie.engines.fits.Fit`) of a cluster model holds

================ ==================================================================================
``mean, scale``  of each input: it becomes ``(x - mean) / scale``; a scale is not 0
``fill``         what an unknown input becomes; null where it stays unknown
``low, high``    what smaller and larger inputs become; null for no bound
``curve``        ``""``, ``"log1p"`` or ``"yeo-johnson"``, applied before scaling
``lambda``       of Yeo-Johnson
``components``   d lists of p weights of the prepared inputs: ``x = components @ (s - centre)``
``centre``       p numbers; 0 by default
``centroids``    k lists of d numbers
``shapes``       k matrices (d by d), Cholesky factors of precisions; unit matrices by default
``offsets``      k numbers, 0 by default
================ ==================================================================================

All but ``mean``, ``scale`` and ``centroids`` may be left out. The cluster is the j with the
greatest ``offsets[j] - |(x - centroids[j]) @ shapes[j]|**2 / 2``, the lowest of several; without
shapes that is the nearest centroid, and the half square of `x`, which all share, is left out.

A prediction's version holds ``intercept``, ``coefficients`` and ``link`` (``identity`` or
``logistic``) beside what prepares its inputs.

Inputs are read as reals, truths as 1 and 0, and prepared in this order: filled, bounded, bent,
scaled. The result is unknown where an input stays unknown, and where one is beyond 64 bits or, with
``log1p``, at -1 or below.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coterie.errors import WrongType

MOST = 1e100
"""The largest number a parameter may be, so that none of what they are multiplied to overflows."""
NEAR = 1e-6
CURVES = ("", "log1p", "yeo-johnson")
PREPARING = ("mean", "scale", "fill", "low", "high", "curve", "lambda")
PLACING = ("components", "centre", "centroids", "shapes", "offsets")

Reals = NDArray[np.float64]


class Input(NamedTuple):
    """How one input is prepared."""

    mean: float
    scale: float
    fill: float | None
    low: float
    high: float
    curve: str
    bend: float


class Scoring(NamedTuple):
    """Clusters as weighted sums of the prepared inputs.

    Parameters
    ----------
    rows : (k * m, p + 1) array
        Weights, the constant last: m rows for each cluster, one after the other.
    offsets : (k,) array
        The score of a cluster is the value of its one row; where `squared`, its offset less half
        of the sum of its rows' squares.
    squared : bool
    """

    rows: Reals
    offsets: Reals
    squared: bool


def inputs(parameters: dict[str, Any]) -> list[Input]:
    """How each input of a model is prepared.

    Examples
    --------
    >>> inputs({"mean": [2.0], "scale": [4.0], "fill": [1.0]})
    [Input(mean=2.0, scale=4.0, fill=1.0, low=-inf, high=inf, curve='', bend=1.0)]
    """
    count = len(parameters["mean"])

    def each(key: str, default: Any) -> list[Any]:
        given = parameters.get(key) or [None] * count
        return [default if value is None else value for value in given]

    columns = (
        parameters["mean"], parameters["scale"], each("fill", None), each("low", -math.inf),
        each("high", math.inf), each("curve", ""), map(_exactly, each("lambda", 1.0)),
    )  # fmt: skip
    return [Input(*row) for row in zip(*columns, strict=True)]


def _exactly(bend: float) -> float:
    """A lambda so near to where its curve is a logarithm that powers lose their digits, as there.

    Examples
    --------
    >>> _exactly(1e-9), _exactly(2 - 1e-9), _exactly(0.5)
    (0.0, 2.0, 0.5)
    """
    return next((end for end in (0.0, 2.0) if abs(bend - end) < NEAR), bend)


def scoring(parameters: dict[str, Any]) -> Scoring:
    """A cluster model's components, centroids and shapes, multiplied out.

    Examples
    --------
    >>> rows, offsets, squared = scoring({"mean": [0.0], "centroids": [[1.0], [3.0]]})
    >>> rows.tolist(), squared
    ([[1.0, -0.5], [3.0, -4.5]], False)
    """
    centroids = np.array(parameters["centroids"], np.float64)
    offsets = np.array(parameters.get("offsets") or np.zeros(len(centroids)), np.float64)
    if not parameters.get("shapes"):
        constants = offsets - np.einsum("kd,kd->k", centroids, centroids) / 2
        return Scoring(_over_inputs(centroids, constants, parameters), offsets, False)
    factors = np.array(parameters["shapes"], np.float64).transpose(0, 2, 1)
    constants = -np.einsum("krd,kd->kr", factors, centroids).ravel()
    weights = factors.reshape(-1, factors.shape[2])
    return Scoring(_over_inputs(weights, constants, parameters), offsets, True)


def _over_inputs(weights: Reals, constants: Reals, parameters: dict[str, Any]) -> Reals:
    """Weights of components as weights of inputs, with their constants."""
    if parameters.get("components"):
        weights = weights @ np.array(parameters["components"], np.float64)
        constants = constants - weights @ np.array(_centre(parameters), np.float64)
    return np.column_stack([weights, constants])


def _centre(parameters: dict[str, Any]) -> list[float]:
    return parameters.get("centre") or [0.0] * len(parameters["mean"])


def check_clusters(parameters: dict[str, Any], count: int) -> None:
    """Refuse what are no parameters of a cluster model of so many inputs.

    Raises
    ------
    WrongType
        A list has another length, a number is not finite, a scale is 0, or a key is unknown.
    """
    for key in ("mean", "scale", "centroids"):
        if not parameters.get(key):
            raise _wrong("the model lacks parameters", key, "nothing", "numbers")
    if unknown := sorted({*parameters} - {*PREPARING, *PLACING}):
        raise _wrong("a model has no such parameter", unknown[0], unknown[0], "another")
    for key in PREPARING:
        _check_inputs(key, parameters.get(key) or [None] * count, count)
    if 0 in parameters["scale"] or None in (*parameters["scale"], *parameters["mean"]):
        raise _wrong("each input needs a mean and a scale", "scale", "0 or nothing", "a number")
    _check_places(parameters, count)


def _check_inputs(key: str, given: list[Any], count: int) -> None:
    if len(given) != count:
        raise _wrong("a parameter for each input", key, len(given), count)
    known = [value for value in given if value is not None]
    if key == "curve":
        wrong = next((value for value in known if value not in CURVES), None)
        if wrong is not None:
            raise _wrong("no such curve", key, wrong, "log1p, yeo-johnson or nothing")
    else:
        _check_sizes(key, np.array(known, np.float64))


def _check_places(parameters: dict[str, Any], count: int) -> None:
    components = parameters.get("components")
    d, k = len(components) if components else count, len(parameters["centroids"])
    shapes = {
        "components": (d, count), "centre": (count,), "centroids": (k, d), "shapes": (k, d, d),
        "offsets": (k,),
    }  # fmt: skip
    for key, wanted in shapes.items():
        if parameters.get(key):
            _check_array(key, parameters[key], wanted)


def _check_array(key: str, given: Any, wanted: tuple[int, ...]) -> None:
    try:
        array = np.array(given, np.float64)
    except (TypeError, ValueError):
        raise _wrong("a parameter is no array of numbers", key, "other", wanted) from None
    if array.shape != wanted:
        raise _wrong("a parameter has another shape", key, array.shape, wanted)
    _check_sizes(key, array)


def _check_sizes(key: str, array: Reals) -> None:
    if not (np.abs(array) <= MOST).all():
        raise _wrong("a parameter is too large", key, "more", f"at most {MOST:g}")


def _wrong(what: str, key: str, got: object, expected: object) -> WrongType:
    return WrongType(what, where=key, got=str(got), expected=str(expected))

"""A clustering as the parameters of a model that every engine applies to one person at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from coterie.discover.candidates import NOISE, Candidate
from coterie.discover.clustering.fitting import assign as nearest
from coterie.discover.crowd import Column
from coterie.discover.prepared import Feature, Prepared
from coterie.discover.preparing.applying import applied
from coterie.engines.models import check_clusters
from coterie.errors import CoterieError

Labels = NDArray[np.int32]
DISTIL = "adopt its rules instead: they tell the clusters by the traits themselves"


def parameters(prepared: Prepared, candidate: Candidate) -> dict[str, Any]:
    """What :mod:`coterie.engines.models` needs to give one person a cluster.

    Parameters
    ----------
    prepared : Prepared
        Its features are the model's inputs, in their order.
    candidate : Candidate

    Raises
    ------
    CoterieError
        Unknowns are filled by other people's values, or the algorithm cannot place one more
        person.

    Notes
    -----
    Whoever the algorithm called noise is in the nearest cluster live. What says nothing, such as
    bounds where there are none, is left out.
    """
    _check(prepared, candidate)
    assert candidate.shape is not None
    made: dict[str, Any] = {
        "mean": [float(feature.mean) for feature in prepared.features],
        "scale": [float(feature.scale) for feature in prepared.features],
        **_preparing(prepared.features),
        "centroids": candidate.shape.centres.tolist(),
    }
    arrays = {
        "components": prepared.components,
        "centre": prepared.centre,
        "shapes": candidate.shape.shapes,
        "offsets": candidate.shape.offsets,
    }
    made |= {key: array.tolist() for key, array in arrays.items() if array is not None}
    check_clusters(made, len(prepared.features))
    return made


def _preparing(features: Sequence[Feature]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "fill": [_plain(feature.fill) for feature in features],
        "low": [_plain(feature.low) for feature in features],
        "high": [_plain(feature.high) for feature in features],
        "curve": [feature.curve or None for feature in features],
        "lambda": [_plain(f.bend) if f.curve == "yeo-johnson" else None for f in features],
    }
    return {key: values for key, values in columns.items() if {*values} != {None}}


def _plain(value: float | None) -> float | None:
    return None if value is None else float(value)


def _check(prepared: Prepared, candidate: Candidate) -> None:
    if not prepared.rowwise:
        raise CoterieError(
            "this model cannot live: it fills unknown values by those of similar people",
            where=candidate.name, hint=f"fill by a median, or {DISTIL}",
        )  # fmt: skip
    if candidate.shape is None:
        raise CoterieError(
            "this model cannot live: its algorithm has no way to place one more person",
            where=candidate.name, hint=DISTIL,
        )  # fmt: skip


def assign(
    prepared: Prepared,
    candidate: Candidate,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    at: int,
) -> Labels:
    """The cluster of each row of a crowd's frame, as the model gives it live.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the traits that the study read.
    columns : sequence of Column
        What they are.
    at : int
        The clock that ages are counted to, microseconds UTC.

    Returns
    -------
    (n,) int32
        -1 where an input is unknown and not filled.
    """
    _check(prepared, candidate)
    assert candidate.shape is not None
    points = applied(prepared.features, frame, columns, at)
    known = np.isfinite(points).all(axis=1)
    inside = points[known]
    if prepared.components is not None:
        centre = 0.0 if prepared.centre is None else prepared.centre
        inside = (inside - centre) @ prepared.components.T
    found = np.full(len(frame), NOISE, np.int32)
    found[known] = nearest(candidate.shape, inside)
    return found


def fidelity(prepared: Prepared, candidate: Candidate) -> float:
    """The part of the people with a cluster whom the model gives that cluster live.

    Less than 1 where an algorithm, such as Ward's, finds clusters in another way than it places
    one more person.
    """
    _check(prepared, candidate)
    assert candidate.shape is not None
    told = candidate.labels != NOISE
    same = nearest(candidate.shape, prepared.matrix[told]) == candidate.labels[told]
    return float(np.mean(same)) if told.any() else 0.0
